//! New addresses that wait for their code.

use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use uuid::Uuid;

use super::email_codes::TRIES;

/// A new address.
pub struct New<'a> {
    /// Whose.
    pub account: Uuid,
    /// As it was typed.
    pub email: &'a str,
    /// As it is compared.
    pub email_key: &'a str,
    /// The HMAC of the code.
    pub code_hash: &'a [u8],
    /// Now.
    pub now: OffsetDateTime,
    /// Until when the code is good.
    pub expires_at: OffsetDateTime,
}

/// What a try found.
pub struct Attempt {
    /// The address as it was typed.
    pub email: String,
    /// The address as it is compared.
    pub email_key: String,
    /// Whether the code was the one that was sent.
    pub right: bool,
    /// Until when it is good.
    pub expires_at: OffsetDateTime,
}

/// Replaces the account's waiting address.
pub async fn put(db: &mut PgConnection, new: &New<'_>) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into email_changes
             (account_id, email, email_key, code_hash, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (account_id) do update set email = $2, email_key = $3, code_hash = $4,
             created_at = $5, expires_at = $6, tries = 0",
        new.account,
        new.email,
        new.email_key,
        new.code_hash,
        new.now,
        new.expires_at
    )
    .execute(db)
    .await
    .map(drop)
}

/// The address that waits, as it is compared.
pub async fn waiting(db: impl PgExecutor<'_>, account: Uuid) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "select email_key from email_changes where account_id = $1",
        account
    )
    .fetch_optional(db)
    .await
}

/// Counts a try and compares, in one statement; `None` when no address waits or its tries are used
/// up.
pub async fn attempt(
    db: impl PgExecutor<'_>,
    account: Uuid,
    hash: &[u8],
) -> sqlx::Result<Option<Attempt>> {
    sqlx::query_as!(
        Attempt,
        r#"update email_changes set tries = tries + 1 where account_id = $1 and tries < $3
           returning email, email_key, code_hash = $2 as "right!", expires_at"#,
        account,
        hash,
        TRIES
    )
    .fetch_optional(db)
    .await
}

/// Uses the code up; false when another request was faster.
pub async fn consume(db: &mut PgConnection, account: Uuid, hash: &[u8]) -> sqlx::Result<bool> {
    sqlx::query!(
        "delete from email_changes where account_id = $1 and code_hash = $2",
        account,
        hash
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}
