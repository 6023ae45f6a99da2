//! How far devices and people have come in their rooms.

use sqlx::{PgExecutor, Result, query, query_as, query_scalar};
use uuid::Uuid;

/// What a device's cursor did.
#[derive(Clone, Debug)]
pub struct Advanced {
    /// 0 done, 1 no member, 2 beyond the end.
    pub code: i16,
    /// Whose device it is.
    pub user_id: Option<Uuid>,
    /// When the person came further by it: they had everything up to here.
    pub low: Option<i64>,
}

/// Moves cursors forward and drops what every entitled device has; an answer for each, in order.
pub async fn advance(
    db: impl PgExecutor<'_>,
    rooms: &[Uuid],
    devices: &[Uuid],
    seqs: &[i64],
) -> Result<Vec<Advanced>> {
    query_as!(
        Advanced,
        r#"select code as "code!", user_id as "user_id?", low as "low?"
           from move_cursors($1, $2, $3) order by ord"#,
        rooms,
        devices,
        seqs
    )
    .fetch_all(db)
    .await
}

/// Drops what only those devices of a person lacked that are due to be removed from these rooms.
/// Once in a transaction, after the locks of rooms and members: others wait for it.
pub async fn drop_behind(db: impl PgExecutor<'_>, rooms: &[Uuid], user: Uuid) -> Result<()> {
    query!("select drop_behind($1, $2)", rooms, user)
        .execute(db)
        .await
        .map(|_| ())
}

/// Moves a person's read mark forward; when it moved, tells from where. They read nothing up to
/// `joined`.
pub async fn mark_read(
    db: impl PgExecutor<'_>,
    room: Uuid,
    user: Uuid,
    joined: i64,
    seq: i64,
) -> Result<Option<i64>> {
    query_scalar!(
        r#"with before as (
             select read_seq from room_users where room_id = $1 and user_id = $2
             for no key update
           )
           update room_users u set read_seq = $4, moved_at = clock_timestamp() from before b
           where u.room_id = $1 and u.user_id = $2 and b.read_seq < $4
           returning greatest(b.read_seq, $3) as "low!""#,
        room,
        user,
        joined,
        seq
    )
    .fetch_optional(db)
    .await
}

/// Who wrote messages in each of these rooms behind `low` and up to `high`.
pub async fn writers(
    db: impl PgExecutor<'_>,
    rooms: &[Uuid],
    lows: &[i64],
    highs: &[i64],
) -> Result<Vec<Vec<Uuid>>> {
    query_scalar!(
        r#"select array(select distinct m.sender_user from messages m
             where m.room_id = t.room_id and m.seq > t.low and m.seq <= t.high
               and m.kind = 'application') as "writers!"
           from unnest($1::uuid[], $2::bigint[], $3::bigint[])
             with ordinality as t(room_id, low, high, ord)
           order by t.ord"#,
        rooms,
        lows,
        highs
    )
    .fetch_all(db)
    .await
}

/// How far a person has come in a room, as the others may know it.
#[derive(Clone, Copy, Debug)]
pub struct MovedMark {
    /// The room.
    pub room_id: Uuid,
    /// The person.
    pub user_id: Uuid,
    /// Delivered up to here.
    pub delivered_seq: i64,
    /// Read up to here; 0 when they do not tell.
    pub read_seq: i64,
}

/// The marks in these rooms that moved within so many seconds.
pub async fn marks_moved(
    db: impl PgExecutor<'_>,
    rooms: &[Uuid],
    seconds: f64,
) -> Result<Vec<MovedMark>> {
    query_as!(
        MovedMark,
        r#"select x.room_id, x.user_id, x.delivered_seq,
             case when u.shows_read then x.read_seq else 0 end as "read_seq!"
           from room_users x join users u using (user_id)
           where x.room_id = any($1)
             and x.moved_at > clock_timestamp() - make_interval(secs => $2)"#,
        rooms,
        seconds
    )
    .fetch_all(db)
    .await
}

/// Whether a person lets others see what they have read.
pub async fn shows_read(db: impl PgExecutor<'_>, user: Uuid) -> Result<bool> {
    let shows = query_scalar!("select shows_read from users where user_id = $1", user)
        .fetch_optional(db)
        .await?;
    Ok(shows.unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use service::testing::TestDatabase;
    use sqlx::query;

    use super::*;
    use crate::MIGRATOR;

    #[tokio::test]
    async fn who_wrote_is_found_in_the_rows() {
        let database = TestDatabase::new(&MIGRATOR).await;
        let pool = &database.pool;
        let (room, ana, bo) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
        query(
            "insert into rooms (room_id, kind, epoch, seq, creator_device)
             values ($1, 'group', 1, 5, $1)",
        )
        .bind(room)
        .execute(pool)
        .await
        .unwrap();
        let rows = [
            (1, ana, "commit"),
            (2, ana, "application"),
            (3, bo, "application"),
            (4, ana, "application"),
            (5, bo, "commit"),
        ];
        for (seq, writer, kind) in rows {
            query(
                "insert into messages
                   (room_id, seq, epoch, kind, sender_user, sender_device, client_id)
                 values ($1, $2, $2, $4::message_kind, $3, $3, gen_random_uuid())",
            )
            .bind(room)
            .bind(seq)
            .bind(writer)
            .bind(kind)
            .execute(pool)
            .await
            .unwrap();
        }
        let rooms = [room, room, Uuid::now_v7(), room];
        let found = writers(pool, &rooms, &[2, 1, 0, 4], &[3, 4, 9, 9]);
        let mut found = found.await.unwrap();
        found[1].sort_unstable();
        let both = vec![ana.min(bo), ana.max(bo)];
        assert_eq!(found, [vec![bo], both, vec![], vec![]]);
    }
}
