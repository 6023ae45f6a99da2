//! Answers with time-based codes, judged in batches by one SQL function.

use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

/// One answer to a challenge.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The application.
    pub app: Uuid,
    /// Whose challenge it is.
    pub account: Uuid,
    /// The challenge.
    pub challenge: Uuid,
    /// The factor whose code was given and the code's time step; `None` when none fits.
    pub fitting: Option<(Uuid, u64)>,
    /// A digest of the client's address, for the failures.
    pub address: [u8; 16],
    /// The client's address, for the audit trail.
    pub client: Option<String>,
    /// The request, for the audit trail.
    pub request: Option<String>,
}

/// What became of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The code was right and new: the challenge is answered.
    Accepted,
    /// The code fits no factor; it was charged.
    Wrong,
    /// The code was right once before.
    CodeUsed,
    /// The challenge was answered before, or is over.
    ChallengeUsed,
    /// The address is locked until then.
    Locked(Option<OffsetDateTime>),
    /// The account's failures are used up.
    Exhausted(Option<OffsetDateTime>),
}

/// The account's budget: failures before an address is locked, and over all addresses.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// The failure that starts the locks of an address.
    pub free: i32,
    /// Consecutive failures over all addresses.
    pub most: i32,
}

/// Judges answers in one commit; the outcomes are in the order of the answers.
///
/// # Errors
/// When the database fails: then nothing was charged, accepted or written.
pub async fn settle(
    pool: &PgPool,
    answers: &[Answer],
    budget: Budget,
    now: OffsetDateTime,
) -> sqlx::Result<Vec<Outcome>> {
    fn column<'a, T>(answers: &'a [Answer], field: impl Fn(&'a Answer) -> T) -> Vec<T> {
        answers.iter().map(field).collect()
    }
    let steps = column(answers, |one| {
        one.fitting.map(|(_, step)| step.cast_signed())
    });
    let rows = sqlx::query!(
        r#"select place as "place!", outcome as "outcome!", until
           from settle_codes($1, $2, $3, $4, $5, $6, $7::uuid[], $8::bigint[], $9,
               $10::text[], $11::text[])"#,
        now,
        budget.free,
        budget.most,
        &column(answers, |one| one.app),
        &column(answers, |one| one.account),
        &column(answers, |one| one.challenge),
        &column(answers, |one| one.fitting.map(|(factor, _)| factor)) as &[Option<Uuid>],
        &steps as &[Option<i64>],
        &column(answers, |one| one.address.to_vec()),
        &column(answers, |one| one.client.as_deref()) as &[Option<&str>],
        &column(answers, |one| one.request.as_deref()) as &[Option<&str>],
    )
    .fetch_all(pool)
    .await?;
    let mut outcomes = vec![None; answers.len()];
    for row in rows {
        let outcome = match &*row.outcome {
            "ok" => Outcome::Accepted,
            "invalid-code" => Outcome::Wrong,
            "code-used" => Outcome::CodeUsed,
            "challenge-used" => Outcome::ChallengeUsed,
            "locked" => Outcome::Locked(row.until),
            "exhausted" => Outcome::Exhausted(row.until),
            _ => continue,
        };
        let place = usize::try_from(row.place - 1).unwrap_or(usize::MAX);
        if let Some(slot) = outcomes.get_mut(place) {
            *slot = Some(outcome);
        }
    }
    let complete: Option<Vec<_>> = outcomes.into_iter().collect();
    complete.ok_or_else(|| sqlx::Error::Protocol("settle_codes lost an answer".to_owned()))
}
