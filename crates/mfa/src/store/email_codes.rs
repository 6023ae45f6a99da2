//! The code that proves an account's address.

use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use uuid::Uuid;

/// Tries that one code takes, the right one included.
pub const TRIES: i16 = 10;

/// What a try found.
pub struct Attempt {
    /// Whether the code was the one that was sent.
    pub right: bool,
    /// Whether it was used before.
    pub used: bool,
    /// Until when it is good.
    pub expires_at: OffsetDateTime,
}

/// Replaces the account's code.
pub async fn put(
    db: &mut PgConnection,
    account: Uuid,
    hash: &[u8],
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into email_codes (account_id, code_hash, created_at, expires_at)
         values ($1, $2, $3, $4)
         on conflict (account_id) do update set code_hash = $2, created_at = $3, expires_at = $4,
             tries = 0, used_at = null",
        account,
        hash,
        now,
        expires_at
    )
    .execute(db)
    .await
    .map(drop)
}

/// Counts a try and compares, in one statement; `None` when no code is there or its tries are
/// used up.
pub async fn attempt(
    db: impl PgExecutor<'_>,
    account: Uuid,
    hash: &[u8],
) -> sqlx::Result<Option<Attempt>> {
    sqlx::query_as!(
        Attempt,
        r#"update email_codes set tries = tries + 1 where account_id = $1 and tries < $3
           returning code_hash = $2 as "right!", used_at is not null as "used!", expires_at"#,
        account,
        hash,
        TRIES
    )
    .fetch_optional(db)
    .await
}

/// Uses the code up; false when another request was faster.
pub async fn consume(
    db: &mut PgConnection,
    account: Uuid,
    hash: &[u8],
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    sqlx::query!(
        "update email_codes set used_at = $3
         where account_id = $1 and code_hash = $2 and used_at is null and expires_at > $3",
        account,
        hash,
        now
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}
