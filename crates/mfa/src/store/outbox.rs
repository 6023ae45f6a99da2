//! Mails, messages and events that wait to be sent.

use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

/// The kind of the messages that applications send in their own words.
pub const NOTIFICATION: &str = "notification";

/// A mail or message to queue.
pub struct New<'a> {
    /// The row.
    pub id: Uuid,
    /// The application it is sent for.
    pub app: Uuid,
    /// `email`, `telegram`: the way out.
    pub channel: &'a str,
    /// What it says, for metrics.
    pub kind: &'a str,
    /// Sealed.
    pub payload: &'a [u8],
    /// Pointless after this.
    pub expires_at: OffsetDateTime,
    /// Now.
    pub now: OffsetDateTime,
}

/// What this worker has to send within its lease.
pub struct Claimed {
    /// The row.
    pub id: Uuid,
    /// The application it is sent for.
    pub app_id: Uuid,
    /// The way out.
    pub channel: String,
    /// What it says, for metrics.
    pub kind: String,
    /// Sealed.
    pub payload: Option<Vec<u8>>,
    /// The endpoint, and what it is told.
    pub webhook_id: Option<Uuid>,
    /// An event holds no secret.
    pub event: Option<serde_json::Value>,
    /// Attempts, this one included.
    pub attempts: i16,
    /// Pointless after this.
    pub expires_at: OffsetDateTime,
}

/// Queues a mail as part of a transaction.
pub async fn insert(db: &mut PgConnection, new: &New<'_>) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into outbox (id, app_id, channel, kind, payload, next_at, expires_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $6)",
        new.id,
        new.app,
        new.channel,
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

/// Leases what is due first on a way out, or on any, for a minute: a worker that dies leaves it to
/// the next one.
pub async fn claim(
    pool: &PgPool,
    channel: Option<&str>,
    now: OffsetDateTime,
) -> sqlx::Result<Option<Claimed>> {
    sqlx::query_as!(
        Claimed,
        "update outbox set state = 'sending', attempts = attempts + 1,
             next_at = $1::timestamptz + interval '1 minute'
         where id = (
             select id from outbox where state in ('queued', 'sending') and next_at <= $1
                 and ($2::text is null or channel = $2)
             order by next_at limit 1 for update skip locked)
         returning id, app_id, channel, kind, payload, webhook_id, event, attempts, expires_at",
        now,
        channel
    )
    .fetch_optional(pool)
    .await
}

/// Ends a mail as sent; its content is erased.
pub async fn sent(pool: &PgPool, id: Uuid, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "update outbox set state = 'sent', error = null, finished_at = $2, payload = null
         where id = $1",
        id,
        now
    )
    .execute(pool)
    .await
    .map(drop)
}

/// Ends a mail as a dead letter; its content is erased.
pub async fn bury(
    pool: &PgPool,
    id: Uuid,
    reason: &str,
    error: &str,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update outbox set state = 'dead', reason = $2, error = $3, finished_at = $4, payload = null
         where id = $1",
        id,
        reason,
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

/// How far a message of an application's own is.
pub struct Status {
    /// The way out.
    pub channel: String,
    /// `queued`, `sending`, `sent`, `dead`.
    pub state: String,
    /// Attempts so far.
    pub attempts: i16,
    /// The class of the fault that ended it.
    pub reason: Option<String>,
    /// When it was queued.
    pub created_at: OffsetDateTime,
    /// When it was sent or given up.
    pub finished_at: Option<OffsetDateTime>,
}

/// The status of a message that an application queued in its own words.
pub async fn status(pool: &PgPool, app: Uuid, id: Uuid) -> sqlx::Result<Option<Status>> {
    sqlx::query_as!(
        Status,
        "select channel, state, attempts, reason, created_at, finished_at from outbox
         where app_id = $1 and id = $2 and kind = $3",
        app,
        id,
        NOTIFICATION
    )
    .fetch_optional(pool)
    .await
}

/// What waits on one way out.
pub struct Depth {
    /// The way out.
    pub channel: String,
    /// How many.
    pub waiting: i64,
    /// When the oldest of them was queued.
    pub oldest: OffsetDateTime,
}

/// What waits, by way out; those with nothing are left out.
pub async fn depths(pool: &PgPool) -> sqlx::Result<Vec<Depth>> {
    sqlx::query_as!(
        Depth,
        r#"select channel, count(*) as "waiting!", min(created_at) as "oldest!" from outbox
           where state in ('queued', 'sending') group by channel"#
    )
    .fetch_all(pool)
    .await
}
