//! Passwords that are being replaced, of accounts and of nobody.

use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use uuid::Uuid;

/// Tries that one code takes, the right one included.
pub const TRIES: i16 = 10;

/// One reset.
pub struct Reset {
    /// The reset.
    pub id: Uuid,
    /// Whose password; nobody's when absent.
    pub account_id: Option<Uuid>,
    /// Whose failures are counted.
    pub subject: Vec<u8>,
    /// Until when the next step can be made.
    pub expires_at: OffsetDateTime,
    /// When the code was given.
    pub proved_at: Option<OffsetDateTime>,
    /// When the password was set.
    pub completed_at: Option<OffsetDateTime>,
}

/// A new reset.
pub struct New<'a> {
    /// The reset.
    pub id: Uuid,
    /// The application.
    pub app: Uuid,
    /// Whose password; nobody's when absent.
    pub account: Option<Uuid>,
    /// Whose failures are counted.
    pub subject: &'a [u8],
    /// The HMAC of the code.
    pub code_hash: &'a [u8],
    /// Now.
    pub now: OffsetDateTime,
    /// Until when the code is good.
    pub expires_at: OffsetDateTime,
}

/// Makes a reset.
pub async fn insert(db: impl PgExecutor<'_>, new: &New<'_>) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into password_resets
             (id, app_id, account_id, subject, code_hash, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        new.id,
        new.app,
        new.account,
        new.subject,
        new.code_hash,
        new.now,
        new.expires_at
    )
    .execute(db)
    .await
    .map(drop)
}

/// A reset of an application.
pub async fn by_id(db: impl PgExecutor<'_>, app: Uuid, id: Uuid) -> sqlx::Result<Option<Reset>> {
    sqlx::query_as!(
        Reset,
        "select id, account_id, subject, expires_at, proved_at, completed_at
         from password_resets where app_id = $1 and id = $2",
        app,
        id
    )
    .fetch_optional(db)
    .await
}

/// Counts a try of the code and compares, in one statement; false also when the tries are used up.
pub async fn attempt(db: impl PgExecutor<'_>, id: Uuid, hash: &[u8]) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"update password_resets set tries = tries + 1 where id = $1 and tries < $3
           returning code_hash = $2 and account_id is not null as "right!""#,
        id,
        hash,
        TRIES
    )
    .fetch_optional(db)
    .await
    .map(|right| right.unwrap_or(false))
}

/// Uses the code up; false when another request was faster or its time is over.
pub async fn prove(
    db: &mut PgConnection,
    id: Uuid,
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> sqlx::Result<bool> {
    sqlx::query!(
        "update password_resets set proved_at = $2, expires_at = $3
         where id = $1 and proved_at is null and expires_at > $2",
        id,
        now,
        expires_at
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// Ends a reset by a new password, once.
pub async fn complete(db: &mut PgConnection, id: Uuid, now: OffsetDateTime) -> sqlx::Result<bool> {
    sqlx::query!(
        "update password_resets set completed_at = $2
         where id = $1 and completed_at is null and proved_at is not null and expires_at > $2",
        id,
        now
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// Ends every open reset of an account.
pub async fn void(db: impl PgExecutor<'_>, account: Uuid, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "update password_resets set expires_at = $2
         where account_id = $1 and completed_at is null and expires_at > $2",
        account,
        now
    )
    .execute(db)
    .await
    .map(drop)
}
