//! The nodes on this database: their leases, who is online at which, and what they tell each other.

use sqlx::{PgExecutor, PgPool, Result, query, query_scalar};
use uuid::Uuid;

/// The channel of PostgreSQL's notifications; the trigger on `sessions` names it too.
pub const CHANNEL: &str = "snug";

/// Renews a node's lease; `false` when it had run out and others may have taken it for gone.
pub async fn renew(
    db: impl PgExecutor<'_>,
    node: Uuid,
    seconds: i32,
    connections: i64,
) -> Result<bool> {
    let renewed = query_scalar!(
        r#"insert into nodes (node_id, lease_until, connections)
           values ($1, now() + make_interval(secs => $2::int), $3)
           on conflict (node_id) do update
           set lease_until = excluded.lease_until, connections = excluded.connections
           returning xmax <> 0 as "renewed!""#,
        node,
        seconds,
        connections
    )
    .fetch_one(db)
    .await?;
    Ok(renewed)
}

/// Removes nodes whose lease has run out; returns who was online there and nowhere else. Each is
/// returned to one caller.
pub async fn bury(pool: &PgPool) -> Result<Vec<Uuid>> {
    let mut db = pool.begin().await?;
    let gone = query_scalar!("delete from nodes where lease_until < now() returning node_id")
        .fetch_all(&mut *db)
        .await?;
    let left = query_scalar!(
        "delete from presence where node_id = any($1) returning user_id",
        &gone
    )
    .fetch_all(&mut *db)
    .await?;
    db.commit().await?;
    if left.is_empty() {
        return Ok(left);
    }
    let online = online(pool, &left).await?;
    Ok(left
        .into_iter()
        .filter(|user| !online.contains(user))
        .collect())
}

/// Whether other nodes are alive.
pub async fn are_others(db: impl PgExecutor<'_>, node: Uuid) -> Result<bool> {
    query_scalar!(
        r#"select exists (select from nodes
             where node_id <> $1 and lease_until > now()) as "others!""#,
        node
    )
    .fetch_one(db)
    .await
}

/// Sockets at other nodes, as they said last.
pub async fn connections_elsewhere(db: impl PgExecutor<'_>, node: Uuid) -> Result<i64> {
    query_scalar!(
        r#"select coalesce(sum(connections), 0)::bigint as "count!" from nodes
           where node_id <> $1 and lease_until > now()"#,
        node
    )
    .fetch_one(db)
    .await
}

/// Notes that people are online at a node.
pub async fn arrive(db: impl PgExecutor<'_>, node: Uuid, users: &[Uuid]) -> Result<()> {
    query!(
        "insert into presence (user_id, node_id) select t.id, $1 from unnest($2::uuid[]) as t(id)
         on conflict do nothing",
        node,
        users
    )
    .execute(db)
    .await
    .map(|_| ())
}

/// Who of these people was online at another node before they came to this one. Asked after
/// [`arrive`], so that of two nodes at once at least one is the first.
pub async fn came_from_elsewhere(
    db: impl PgExecutor<'_>,
    node: Uuid,
    users: &[Uuid],
) -> Result<Vec<Uuid>> {
    query_scalar!(
        "select distinct p.user_id from presence p join nodes n using (node_id)
           join presence m on m.user_id = p.user_id and m.node_id = $1
         where p.user_id = any($2) and p.node_id <> $1 and n.lease_until > now()
           and (p.since, p.node_id) < (m.since, m.node_id)",
        node,
        users
    )
    .fetch_all(db)
    .await
}

/// Notes that people are not online at a node any more.
pub async fn leave(db: impl PgExecutor<'_>, node: Uuid, users: &[Uuid]) -> Result<()> {
    query!(
        "delete from presence where user_id = any($2) and node_id = $1",
        node,
        users
    )
    .execute(db)
    .await
    .map(|_| ())
}

/// Which of these people are online at any node.
pub async fn online(db: impl PgExecutor<'_>, users: &[Uuid]) -> Result<Vec<Uuid>> {
    query_scalar!(
        "select distinct p.user_id from presence p join nodes n using (node_id)
         where p.user_id = any($1) and n.lease_until > now()",
        users
    )
    .fetch_all(db)
    .await
}

/// Makes a socket the newest of its device, before all that claimed it earlier.
pub async fn claim(db: impl PgExecutor<'_>, device: Uuid) -> Result<i64> {
    query_scalar!(
        "update devices set socket = nextval('socket_claims') where device_id = $1
         returning socket",
        device
    )
    .fetch_one(db)
    .await
}

/// Takes the turn to ask in a room for so many seconds; `false` when another node has it.
pub async fn take_removal_turn(db: impl PgExecutor<'_>, room: Uuid, seconds: i32) -> Result<bool> {
    let done = query!(
        "insert into removal_turns as t (room_id, until)
         values ($1, now() + make_interval(secs => $2::int))
         on conflict (room_id) do update set until = excluded.until where t.until <= now()",
        room,
        seconds
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Nobody has to be asked in a room any more.
pub async fn end_removal_turns(db: impl PgExecutor<'_>, room: Uuid) -> Result<()> {
    query!("delete from removal_turns where room_id = $1", room)
        .execute(db)
        .await
        .map(|_| ())
}

/// Tells every node that listens; within a transaction, when that commits.
pub async fn notify(db: impl PgExecutor<'_>, notices: &[String]) -> Result<()> {
    query!(
        "select pg_notify($1, t.notice) from unnest($2::text[]) as t(notice)",
        CHANNEL,
        notices
    )
    .fetch_all(db)
    .await
    .map(|_| ())
}

#[cfg(test)]
mod tests {
    use service::testing::TestDatabase;

    use super::*;
    use crate::MIGRATOR;

    #[tokio::test]
    async fn who_was_at_a_node_that_is_gone_is_told_once_unless_they_are_elsewhere() {
        let database = TestDatabase::new(&MIGRATOR).await;
        let pool = &database.pool;
        let (old, new) = (Uuid::now_v7(), Uuid::now_v7());
        let (ana, bo) = (Uuid::now_v7(), Uuid::now_v7());
        assert!(!renew(pool, old, 30, 2).await.unwrap(), "the first time");
        assert!(renew(pool, old, 30, 2).await.unwrap());
        renew(pool, new, 30, 1).await.unwrap();
        assert!(are_others(pool, new).await.unwrap());
        assert_eq!(connections_elsewhere(pool, new).await.unwrap(), 2);

        arrive(pool, old, &[ana, bo]).await.unwrap();
        let both = [ana, bo];
        let elsewhere = came_from_elsewhere(pool, old, &both).await;
        assert!(elsewhere.unwrap().is_empty());
        arrive(pool, new, &[bo]).await.unwrap();
        let elsewhere = came_from_elsewhere(pool, new, &both).await;
        assert_eq!(elsewhere.unwrap(), [bo]);
        let elsewhere = came_from_elsewhere(pool, old, &both).await;
        assert!(elsewhere.unwrap().is_empty());
        assert!(bury(pool).await.unwrap().is_empty());

        renew(pool, old, 0, 2).await.unwrap();
        assert_eq!(online(pool, &[ana, bo]).await.unwrap(), [bo]);
        assert_eq!(bury(pool).await.unwrap(), [ana]);
        assert!(bury(pool).await.unwrap().is_empty());
        assert!(!are_others(pool, new).await.unwrap());
        assert!(!renew(pool, old, 30, 2).await.unwrap(), "it was buried");
        leave(pool, new, &[bo]).await.unwrap();
        assert!(online(pool, &[ana, bo]).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn one_node_at_a_time_asks_in_a_room() {
        let database = TestDatabase::new(&MIGRATOR).await;
        let (pool, room) = (&database.pool, Uuid::now_v7());
        assert!(take_removal_turn(pool, room, 60).await.unwrap());
        assert!(!take_removal_turn(pool, room, 60).await.unwrap());
        end_removal_turns(pool, room).await.unwrap();
        assert!(take_removal_turn(pool, room, 0).await.unwrap());
        assert!(take_removal_turn(pool, room, 60).await.unwrap());
    }
}
