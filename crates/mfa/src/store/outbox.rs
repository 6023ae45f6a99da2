//! Mails that wait to be sent.

use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

/// A mail to queue.
pub struct New<'a> {
    /// The row.
    pub id: Uuid,
    /// The application it is sent for.
    pub app: Uuid,
    /// What it says, for metrics.
    pub kind: &'a str,
    /// Sealed.
    pub payload: &'a [u8],
    /// Pointless after this.
    pub expires_at: OffsetDateTime,
    /// Now.
    pub now: OffsetDateTime,
}

/// A mail that this worker has to send within its lease.
pub struct Claimed {
    /// The row.
    pub id: Uuid,
    /// The application it is sent for.
    pub app_id: Uuid,
    /// What it says, for metrics.
    pub kind: String,
    /// Sealed.
    pub payload: Option<Vec<u8>>,
    /// Attempts, this one included.
    pub attempts: i16,
    /// Pointless after this.
    pub expires_at: OffsetDateTime,
}

/// Queues a mail as part of a transaction.
pub async fn insert(db: &mut PgConnection, new: &New<'_>) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into outbox (id, app_id, kind, payload, next_at, expires_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $5)",
        new.id,
        new.app,
        new.kind,
        new.payload,
        new.now,
        new.expires_at
    )
    .execute(db)
    .await
    .map(drop)
}

/// Writes down a mail that is never sent: a request for nobody costs what one for somebody costs.
pub async fn insert_for_nobody(
    db: &mut PgConnection,
    app: Uuid,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into outbox (id, app_id, kind, state, next_at, expires_at, created_at, finished_at)
         values ($1, $2, 'nobody', 'dead', $3, $3, $3, $3)",
        Uuid::now_v7(),
        app,
        now
    )
    .execute(db)
    .await
    .map(drop)
}

/// Leases the mail that is due first, for a minute: a worker that dies leaves it to the next one.
pub async fn claim(pool: &PgPool, now: OffsetDateTime) -> sqlx::Result<Option<Claimed>> {
    sqlx::query_as!(
        Claimed,
        "update outbox set state = 'sending', attempts = attempts + 1,
             next_at = $1::timestamptz + interval '1 minute'
         where id = (
             select id from outbox where state in ('queued', 'sending') and next_at <= $1
             order by next_at limit 1 for update skip locked)
         returning id, app_id, kind, payload, attempts, expires_at",
        now
    )
    .fetch_optional(pool)
    .await
}

/// Ends a mail as `sent` or `dead`; its content is erased.
pub async fn finish(
    pool: &PgPool,
    id: Uuid,
    state: &str,
    error: Option<&str>,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update outbox set state = $2, error = $3, finished_at = $4, payload = null where id = $1",
        id,
        state,
        error,
        now
    )
    .execute(pool)
    .await
    .map(drop)
}

/// Gives a mail back for another attempt.
pub async fn retry(
    pool: &PgPool,
    id: Uuid,
    next_at: OffsetDateTime,
    error: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update outbox set state = 'queued', next_at = $2, error = $3 where id = $1",
        id,
        next_at,
        error
    )
    .execute(pool)
    .await
    .map(drop)
}

/// How many mails wait.
pub async fn depth(pool: &PgPool) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "depth!" from outbox where state in ('queued', 'sending')"#
    )
    .fetch_one(pool)
    .await
}
