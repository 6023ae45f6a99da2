//! Second factors.

use std::collections::HashMap;

use sqlx::{PgConnection, PgExecutor, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::totp::Parameters;

/// One factor. Its secret is sealed.
#[derive(Clone)]
pub struct Factor {
    /// The factor.
    pub id: Uuid,
    /// `totp`, …
    pub kind: String,
    /// What its owner calls it.
    pub label: String,
    /// Sealed.
    pub secret: Vec<u8>,
    /// `SHA1`, …; TOTP factors only, as are the next two.
    pub algorithm: Option<String>,
    /// Digits of a code.
    pub digits: Option<i16>,
    /// Seconds of a code.
    pub period: Option<i16>,
    /// When it was added.
    pub created_at: OffsetDateTime,
    /// When it vanishes; pending factors only.
    pub expires_at: Option<OffsetDateTime>,
    /// When its first code was given.
    pub activated_at: Option<OffsetDateTime>,
    /// When it last opened something.
    pub last_used_at: Option<OffsetDateTime>,
    /// When the way to the person was found closed, as long as it is.
    pub unreachable_at: Option<OffsetDateTime>,
}

/// A new, pending factor.
pub struct New<'a> {
    /// The factor.
    pub id: Uuid,
    /// The account.
    pub account: Uuid,
    /// `totp`, …
    pub kind: &'a str,
    /// What its owner calls it.
    pub label: &'a str,
    /// Sealed.
    pub secret: &'a [u8],
    /// How codes are computed; TOTP factors only.
    pub parameters: Option<Parameters>,
    /// Now.
    pub now: OffsetDateTime,
    /// When it vanishes unless it is activated.
    pub expires_at: OffsetDateTime,
}

impl Factor {
    /// How the codes of a TOTP factor are computed.
    pub fn parameters(&self) -> Option<Parameters> {
        Parameters::of_row(self.algorithm.as_deref()?, self.digits?, self.period?)
    }
}

/// Adds a pending factor.
pub async fn insert(db: impl PgExecutor<'_>, new: &New<'_>) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into factors (id, account_id, kind, label, secret, created_at, expires_at,
             algorithm, digits, period)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        new.id,
        new.account,
        new.kind,
        new.label,
        new.secret,
        new.now,
        new.expires_at,
        new.parameters.map(Parameters::algorithm_name),
        new.parameters
            .map(|parameters| i16::from(parameters.digits)),
        new.parameters
            .and_then(|parameters| i16::try_from(parameters.period).ok())
    )
    .execute(db)
    .await
    .map(drop)
}

/// All factors of an account that are active or may still become it, oldest first.
pub async fn list(
    db: impl PgExecutor<'_>,
    account: Uuid,
    now: OffsetDateTime,
) -> sqlx::Result<Vec<Factor>> {
    sqlx::query_as!(
        Factor,
        "select id, kind, label, secret, algorithm, digits, period, created_at, expires_at,
             activated_at, last_used_at, unreachable_at
         from factors where account_id = $1 and (expires_at is null or expires_at > $2)
         order by created_at, id",
        account,
        now
    )
    .fetch_all(db)
    .await
}

/// The same of several accounts, in their order.
pub async fn list_all(
    pool: &PgPool,
    accounts: &[Uuid],
    now: OffsetDateTime,
) -> sqlx::Result<Vec<Vec<Factor>>> {
    let rows = sqlx::query!(
        "select account_id, id, kind, label, secret, algorithm, digits, period, created_at,
             expires_at, activated_at, last_used_at, unreachable_at
         from factors where account_id = any($1) and (expires_at is null or expires_at > $2)
         order by created_at, id",
        accounts,
        now
    )
    .fetch_all(pool)
    .await?;
    let mut found: HashMap<Uuid, Vec<Factor>> = HashMap::new();
    for row in rows {
        found.entry(row.account_id).or_default().push(Factor {
            id: row.id,
            kind: row.kind,
            label: row.label,
            secret: row.secret,
            algorithm: row.algorithm,
            digits: row.digits,
            period: row.period,
            created_at: row.created_at,
            expires_at: row.expires_at,
            activated_at: row.activated_at,
            last_used_at: row.last_used_at,
            unreachable_at: row.unreachable_at,
        });
    }
    let one = |account| found.get(account).cloned().unwrap_or_default();
    Ok(accounts.iter().map(one).collect())
}

/// Whether an account has an active factor.
pub async fn any_active(db: impl PgExecutor<'_>, account: Uuid) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from factors
               where account_id = $1 and activated_at is not null) as "any!""#,
        account
    )
    .fetch_one(db)
    .await
}

/// Whether an account has an active factor other than its own mailbox.
pub async fn any_beside_mail(db: impl PgExecutor<'_>, account: Uuid) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from factors where account_id = $1
               and activated_at is not null and kind <> 'email') as "any!""#,
        account
    )
    .fetch_one(db)
    .await
}

/// Activates a pending factor and takes its first time step; false when it is active or gone.
pub async fn activate(
    db: &mut PgConnection,
    id: Uuid,
    step: i64,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    sqlx::query!(
        "update factors set activated_at = $3, expires_at = null, last_step = $2, last_used_at = $3
         where id = $1 and activated_at is null and expires_at > $3",
        id,
        step,
        now
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// Notes that the factors of a kind opened something.
pub async fn touch_kind(
    db: impl PgExecutor<'_>,
    account: Uuid,
    kind: &str,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update factors set last_used_at = $3
         where account_id = $1 and kind = $2 and activated_at is not null
             and unreachable_at is null",
        account,
        kind,
        now
    )
    .execute(db)
    .await
    .map(drop)
}

/// Replaces the sealed secret of a pending factor.
pub async fn set_secret(db: &mut PgConnection, id: Uuid, sealed: &[u8]) -> sqlx::Result<()> {
    sqlx::query!(
        "update factors set secret = $2 where id = $1 and activated_at is null",
        id,
        sealed
    )
    .execute(db)
    .await
    .map(drop)
}

/// Marks a factor whose messages are not taken; false when it is known to be so, or gone.
pub async fn lose(db: impl PgExecutor<'_>, id: Uuid, now: OffsetDateTime) -> sqlx::Result<bool> {
    sqlx::query!(
        "update factors set unreachable_at = $2 where id = $1 and unreachable_at is null",
        id,
        now
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// Gives a factor another label.
pub async fn rename(db: impl PgExecutor<'_>, id: Uuid, label: &str) -> sqlx::Result<()> {
    sqlx::query!("update factors set label = $2 where id = $1", id, label)
        .execute(db)
        .await
        .map(drop)
}

/// Removes all factors of an account.
pub async fn delete_all(db: impl PgExecutor<'_>, account: Uuid) -> sqlx::Result<()> {
    sqlx::query!("delete from factors where account_id = $1", account)
        .execute(db)
        .await
        .map(drop)
}

/// Removes a factor; false when it is gone already.
pub async fn delete(db: &mut PgConnection, id: Uuid) -> sqlx::Result<bool> {
    sqlx::query!("delete from factors where id = $1", id)
        .execute(db)
        .await
        .map(|done| done.rows_affected() == 1)
}
