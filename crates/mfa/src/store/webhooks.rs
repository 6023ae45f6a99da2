//! Endpoints of applications that get events.

use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

/// An endpoint as the operator sees it.
#[derive(Debug, serde::Serialize)]
pub struct Webhook {
    /// The endpoint.
    pub id: Uuid,
    /// Where events go.
    pub url: String,
    /// Which ones; empty: all.
    pub events: Vec<String>,
    /// How often its secret was made anew, from 1.
    pub version: i32,
    /// Until when the secret before signs too.
    #[serde(with = "time::serde::rfc3339::option")]
    pub former_until: Option<OffsetDateTime>,
}

/// Adds an endpoint to an application; false when there is no such application.
pub async fn insert(
    pool: &PgPool,
    client_id: &str,
    id: Uuid,
    url: &str,
    events: &[String],
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    sqlx::query!(
        "insert into webhooks (id, app_id, url, events, created_at)
         select $2, a.id, $3, $4, $5 from apps a where a.client_id = $1",
        client_id,
        id,
        url,
        events,
        now
    )
    .execute(pool)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// The endpoints of an application, oldest first.
pub async fn list(pool: &PgPool, client_id: &str) -> sqlx::Result<Vec<Webhook>> {
    sqlx::query_as!(
        Webhook,
        "select w.id, w.url, w.events, w.version, w.former_until
         from webhooks w join apps a on a.id = w.app_id
         where a.client_id = $1 order by w.created_at, w.id",
        client_id
    )
    .fetch_all(pool)
    .await
}

/// One endpoint.
pub async fn by_id(pool: &PgPool, id: Uuid) -> sqlx::Result<Option<Webhook>> {
    sqlx::query_as!(
        Webhook,
        "select id, url, events, version, former_until from webhooks where id = $1",
        id
    )
    .fetch_optional(pool)
    .await
}

/// Makes the next secret the one that counts; the former one signs too until a time. Returns the
/// new version.
pub async fn rotate(pool: &PgPool, id: Uuid, until: OffsetDateTime) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        "update webhooks set version = version + 1, former_until = $2 where id = $1
         returning version",
        id,
        until
    )
    .fetch_optional(pool)
    .await
}

/// Removes an endpoint and what waits for it; false when there is none.
pub async fn remove(pool: &PgPool, id: Uuid) -> sqlx::Result<bool> {
    sqlx::query!("delete from webhooks where id = $1", id)
        .execute(pool)
        .await
        .map(|done| done.rows_affected() == 1)
}
