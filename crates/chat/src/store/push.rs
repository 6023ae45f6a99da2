//! Web Push subscriptions, and the server's own key for them.

use protocol::limits;
use sqlx::{PgExecutor, Result, query, query_as, query_scalar};
use uuid::Uuid;

/// Where somebody can be woken.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// Of the endpoint.
    pub endpoint_hash: Vec<u8>,
    /// The push service's URL.
    pub endpoint: String,
    /// Whose it is.
    pub user_id: Uuid,
}

/// Stores a subscription of a session; a repeat moves it there. `false` when the person has too
/// many.
pub async fn add(
    db: impl PgExecutor<'_>,
    hash: &[u8],
    endpoint: &str,
    user: Uuid,
    session: Uuid,
) -> Result<bool> {
    let done = query!(
        "insert into push_subscriptions (endpoint_hash, endpoint, user_id, session_id)
         select $1, $2, $3, $4 where (select count(*) from push_subscriptions
           where user_id = $3 and endpoint_hash <> $1) < $5
         on conflict (endpoint_hash) do update
         set user_id = excluded.user_id, session_id = excluded.session_id",
        hash,
        endpoint,
        user,
        session,
        limits::PUSH_SUBSCRIPTIONS as i64
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Removes a subscription, of one person or whose ever it is; tells whether there was one.
pub async fn remove(db: impl PgExecutor<'_>, hash: &[u8], user: Option<Uuid>) -> Result<bool> {
    let done = query!(
        "delete from push_subscriptions
         where endpoint_hash = $1 and ($2::uuid is null or user_id = $2)",
        hash,
        user
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Whether anybody has a subscription.
pub async fn any(db: impl PgExecutor<'_>) -> Result<bool> {
    query_scalar!(r#"select exists (select from push_subscriptions) as "any!""#)
        .fetch_one(db)
        .await
}

/// The subscriptions of the people of these rooms whose sessions are open.
pub async fn of_rooms(db: impl PgExecutor<'_>, rooms: &[Uuid]) -> Result<Vec<Subscription>> {
    query_as!(
        Subscription,
        "select p.endpoint_hash, p.endpoint, p.user_id
         from push_subscriptions p join sessions s using (session_id)
         where s.ended_at is null and s.expires_at > now() and p.user_id in (
           select m.user_id from members m
           where m.room_id = any($1) and m.left_seq is null and not m.removal_due)",
        rooms
    )
    .fetch_all(db)
    .await
}

/// The server's key of this name, which `made` becomes when there is none.
pub async fn key(db: impl PgExecutor<'_>, name: &str, made: &[u8]) -> Result<Vec<u8>> {
    query_scalar!(
        "insert into server_keys (name, value) values ($1, $2)
         on conflict (name) do update set name = excluded.name returning value",
        name,
        made
    )
    .fetch_one(db)
    .await
}
