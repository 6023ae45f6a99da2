//! Pending checks of a second factor.

use std::collections::HashMap;

use sqlx::{PgConnection, PgExecutor, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

use super::accounts::Account;

/// Tries that one sent code takes, the right one included.
pub const TRIES: i16 = 10;

/// One challenge.
#[derive(Clone)]
pub struct Challenge {
    /// The challenge.
    pub id: Uuid,
    /// What for.
    pub purpose: String,
    /// What it is bound to.
    pub context: Option<String>,
    /// Whether the password was given before.
    pub password: bool,
    /// The browser that asks, when the application said.
    pub browser: Option<Vec<u8>>,
    /// Until when it can be answered.
    pub expires_at: OffsetDateTime,
    /// When it was answered.
    pub completed_at: Option<OffsetDateTime>,
}

/// A new challenge.
pub struct New<'a> {
    /// The challenge.
    pub id: Uuid,
    /// Its application.
    pub app: Uuid,
    /// Whose factor is asked for.
    pub account: Uuid,
    /// What for.
    pub purpose: &'a str,
    /// What it is bound to.
    pub context: Option<&'a str>,
    /// Whether the password was given before.
    pub password: bool,
    /// The browser that asks, when the application said.
    pub browser: Option<&'a [u8]>,
    /// Now.
    pub now: OffsetDateTime,
    /// Until when it can be answered.
    pub expires_at: OffsetDateTime,
}

/// How a code is sent.
pub struct Sent<'a> {
    /// The code's HMAC.
    pub hash: &'a [u8],
    /// `email`, `telegram`: the answer's method has to be the same.
    pub method: &'a str,
    /// Until when it is good.
    pub expires_at: OffsetDateTime,
}

/// What a try of a sent code found.
pub struct Attempt {
    /// Whether the code was the one that was sent.
    pub right: bool,
    /// Until when it is good.
    pub expires_at: OffsetDateTime,
}

/// Makes a challenge.
pub async fn insert(db: impl PgExecutor<'_>, new: &New<'_>) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into challenges
             (id, app_id, account_id, purpose, context, password, created_at, expires_at, browser)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        new.id,
        new.app,
        new.account,
        new.purpose,
        new.context,
        new.password,
        new.now,
        new.expires_at,
        new.browser
    )
    .execute(db)
    .await
    .map(drop)
}

/// Challenges of applications (application, challenge) and their accounts, in that order; `None` for
/// those that are not there or belong to another application.
pub async fn find(
    pool: &PgPool,
    all: &[(Uuid, Uuid)],
) -> sqlx::Result<Vec<Option<(Challenge, Account)>>> {
    let (apps, ids): (Vec<Uuid>, Vec<Uuid>) = all.iter().copied().unzip();
    let rows = sqlx::query!(
        "select c.id as challenge, c.purpose, c.context, c.password, c.browser,
             c.expires_at as challenge_expires_at, c.completed_at as answered_at, a.*
         from challenges c join accounts a on a.id = c.account_id and a.app_id = c.app_id
         where (c.app_id, c.id) in (select * from unnest($1::uuid[], $2::uuid[]))",
        &apps,
        &ids
    )
    .fetch_all(pool)
    .await?;
    let found: HashMap<(Uuid, Uuid), (Challenge, Account)> = rows
        .into_iter()
        .map(|row| {
            let challenge = Challenge {
                id: row.challenge,
                purpose: row.purpose,
                context: row.context,
                password: row.password,
                browser: row.browser,
                expires_at: row.challenge_expires_at,
                completed_at: row.answered_at,
            };
            let account = Account {
                id: row.id,
                app_id: row.app_id,
                email: row.email,
                email_key: row.email_key,
                email_verified_at: row.email_verified_at,
                username: row.username,
                name: row.name,
                language: row.language,
                password_hash: row.password_hash,
                factor_required: row.factor_required,
                created_at: row.created_at,
                completed_at: row.completed_at,
                expires_at: row.expires_at,
            };
            ((account.app_id, challenge.id), (challenge, account))
        })
        .collect();
    Ok(all.iter().map(|key| found.get(key).cloned()).collect())
}

/// The account's newest challenge that a code was sent for and that is still open, and by which
/// way it was sent.
pub async fn newest_sent(
    db: impl PgExecutor<'_>,
    account: Uuid,
    now: OffsetDateTime,
) -> sqlx::Result<Option<(Uuid, String)>> {
    let row = sqlx::query!(
        "select id, code_method from challenges
         where account_id = $1 and completed_at is null and expires_at > $2
             and code_hash is not null
         order by created_at desc, id desc limit 1",
        account,
        now
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| (row.id, row.code_method)))
}

/// Sets the code that was sent; tries of an older code stay counted.
pub async fn set_code(db: &mut PgConnection, id: Uuid, sent: &Sent<'_>) -> sqlx::Result<bool> {
    sqlx::query!(
        "update challenges set code_hash = $2, code_expires_at = $3, code_method = $4
         where id = $1 and completed_at is null",
        id,
        sent.hash,
        sent.expires_at,
        sent.method
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// Counts a try of the sent code and compares, in one statement; `None` when none was sent or the
/// tries are used up.
pub async fn attempt_code(
    db: impl PgExecutor<'_>,
    id: Uuid,
    hash: &[u8],
    method: &str,
) -> sqlx::Result<Option<Attempt>> {
    sqlx::query_as!(
        Attempt,
        r#"update challenges set code_tries = code_tries + 1
           where id = $1 and code_hash is not null and code_method = $4 and code_tries < $3
           returning code_hash = $2 as "right!", code_expires_at as "expires_at!""#,
        id,
        hash,
        TRIES,
        method
    )
    .fetch_optional(db)
    .await
}

/// Ends every open challenge of an account: what they stand on is void.
pub async fn void(db: impl PgExecutor<'_>, account: Uuid, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "update challenges set expires_at = $2
         where account_id = $1 and completed_at is null and expires_at > $2",
        account,
        now
    )
    .execute(db)
    .await
    .map(drop)
}

/// Answers the challenge, once; false when it was answered or is over.
pub async fn complete(db: &mut PgConnection, id: Uuid, now: OffsetDateTime) -> sqlx::Result<bool> {
    sqlx::query!(
        "update challenges set completed_at = $2
         where id = $1 and completed_at is null and expires_at > $2",
        id,
        now
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}
