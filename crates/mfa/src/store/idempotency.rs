//! Replies to requests with an `Idempotency-Key`.

use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

/// A request that was made before with the same key.
pub struct Earlier {
    /// The HMAC of what was asked.
    pub request_hash: Vec<u8>,
    /// The reply's status; none while the request is running.
    pub status: Option<i16>,
    /// The reply's body, sealed.
    pub reply: Option<Vec<u8>>,
}

/// Claims a key until `lease_end`; false when it was used before and has not expired.
pub async fn claim(
    pool: &PgPool,
    app: Uuid,
    key: &str,
    hash: &[u8],
    now: OffsetDateTime,
    lease_end: OffsetDateTime,
) -> sqlx::Result<bool> {
    sqlx::query!(
        "insert into idempotency as i (app_id, key, request_hash, created_at, expires_at)
         values ($1, $2, $3, $4, $5)
         on conflict (app_id, key) do update set
             request_hash = $3, status = null, reply = null, created_at = $4, expires_at = $5
         where i.expires_at <= $4",
        app,
        key,
        hash,
        now,
        lease_end
    )
    .execute(pool)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// What was asked and answered with a key.
pub async fn find(pool: &PgPool, app: Uuid, key: &str) -> sqlx::Result<Option<Earlier>> {
    sqlx::query_as!(
        Earlier,
        "select request_hash, status, reply from idempotency where app_id = $1 and key = $2",
        app,
        key
    )
    .fetch_optional(pool)
    .await
}

/// Keeps the reply until `expires_at`.
pub async fn keep(
    pool: &PgPool,
    app: Uuid,
    key: &str,
    status: i16,
    reply: &[u8],
    expires_at: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update idempotency set status = $3, reply = $4, expires_at = $5
         where app_id = $1 and key = $2",
        app,
        key,
        status,
        reply,
        expires_at
    )
    .execute(pool)
    .await
    .map(drop)
}

/// Gives a key back: its request came to nothing.
pub async fn release(pool: &PgPool, app: Uuid, key: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from idempotency where app_id = $1 and key = $2",
        app,
        key
    )
    .execute(pool)
    .await
    .map(drop)
}
