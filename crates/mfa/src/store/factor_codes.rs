//! Codes that were mailed to bind a factor.

use sqlx::PgExecutor;
use time::OffsetDateTime;
use uuid::Uuid;

use super::challenges::{Attempt, TRIES};

/// Keeps the code of a pending factor.
pub async fn insert(
    db: impl PgExecutor<'_>,
    factor: Uuid,
    hash: &[u8],
    expires_at: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into factor_codes (factor_id, code_hash, expires_at) values ($1, $2, $3)",
        factor,
        hash,
        expires_at
    )
    .execute(db)
    .await
    .map(drop)
}

/// Counts a try and compares, in one statement; `None` when the tries are used up.
pub async fn attempt(
    db: impl PgExecutor<'_>,
    factor: Uuid,
    hash: &[u8],
) -> sqlx::Result<Option<Attempt>> {
    sqlx::query_as!(
        Attempt,
        r#"update factor_codes set tries = tries + 1 where factor_id = $1 and tries < $3
           returning code_hash = $2 as "right!", expires_at as "expires_at!""#,
        factor,
        hash,
        TRIES
    )
    .fetch_optional(db)
    .await
}
