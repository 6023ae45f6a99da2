//! Histories that people keep for themselves, sealed.

use protocol::{rest::archive::ArchiveRoom, socket::ArchiveEntry};
use sqlx::{PgConnection, PgExecutor, PgPool, Result, query, query_scalar};
use uuid::Uuid;

use super::{StoredRoomKind, users};

/// How far a person could read a room: behind the first place and up to the second, whatever devices
/// they had and however often they left. `None` for somebody who never was in it.
pub async fn readable(
    db: impl PgExecutor<'_>,
    user: Uuid,
    room: Uuid,
) -> Result<Option<(i64, i64)>> {
    let row = query!(
        r#"select x.first_seq as first, max(coalesce(m.left_seq, r.seq)) as "last!"
           from room_users x join rooms r using (room_id) join members m using (room_id, user_id)
           where x.room_id = $1 and x.user_id = $2 group by x.first_seq"#,
        room,
        user
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| (row.first, row.last)))
}

/// What came of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upload {
    /// So many entries were stored.
    Stored(u64),
    /// They do not fit into the quota.
    Full,
    /// The person has switched the archive off.
    Off,
}

/// Stores entries of one room.
pub async fn store(
    db: &mut PgConnection,
    user: Uuid,
    room: Uuid,
    (seqs, blobs): (&[i64], &[&[u8]]),
    replace: bool,
    quota: i64,
) -> Result<Upload> {
    let person = query!(
        "select archive_bytes, archives from users where user_id = $1 for no key update",
        user
    )
    .fetch_one(&mut *db)
    .await?;
    if !person.archives {
        return Ok(Upload::Off);
    }
    let before = query_scalar!(
        r#"select coalesce(sum(octet_length(blob)), 0) as "bytes!" from archive
           where user_id = $1 and room_id = $2 and seq = any($3)"#,
        user,
        room,
        seqs
    )
    .fetch_one(&mut *db)
    .await?;
    let stored = query!(
        "insert into archive (user_id, room_id, seq, blob)
         select $1, $2, t.seq, t.blob from unnest($3::bigint[], $4::bytea[]) as t(seq, blob)
         on conflict (user_id, room_id, seq) do update
         set blob = excluded.blob, stored_at = now() where $5",
        user,
        room,
        seqs,
        blobs as &[&[u8]],
        replace
    )
    .execute(&mut *db)
    .await?
    .rows_affected();
    let after = query_scalar!(
        r#"select coalesce(sum(octet_length(blob)), 0) as "bytes!" from archive
           where user_id = $1 and room_id = $2 and seq = any($3)"#,
        user,
        room,
        seqs
    )
    .fetch_one(&mut *db)
    .await?;
    let holds = person.archive_bytes - before + after;
    if holds > quota && after > before {
        return Ok(Upload::Full);
    }
    query!(
        "update users set archive_bytes = $2 where user_id = $1",
        user,
        holds
    )
    .execute(db)
    .await?;
    Ok(Upload::Stored(stored))
}

/// The rooms that a person keeps something of, whether they are in them, have left them, or they
/// are gone.
pub async fn rooms(db: impl PgExecutor<'_>, user: Uuid) -> Result<Vec<ArchiveRoom>> {
    let rows = query!(
        r#"select k.room_id as "room_id!", k.entries as "entries!", k.last_seq as "last_seq!",
             r.kind as "kind?: StoredRoomKind",
             case when r.direct_a = $1 then r.direct_b else r.direct_a end as "peer?"
           from (
             select room_id, count(*) as entries, max(seq) as last_seq
             from archive where user_id = $1 group by room_id
           ) k
           left join lateral (select * from rooms x where x.room_id = k.room_id limit 1) r on true
           order by k.room_id"#,
        user
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| ArchiveRoom {
            room_id: row.room_id.into(),
            kind: row.kind.map(Into::into),
            peer: row.peer.map(Into::into),
            entries: row.entries.max(0) as u64,
            last_seq: row.last_seq.max(0) as u64,
        })
        .collect())
}

/// Drops at most `limit` entries that a person keeps, of one room or of all. Tells how many.
pub async fn forget(pool: &PgPool, user: Uuid, room: Option<Uuid>, limit: i64) -> Result<u64> {
    let mut db = pool.begin().await?;
    // The row first, as an upload does: neither waits for the other's entries.
    users::lock(&mut *db, user).await?;
    // Between two ids, so that the index knows the room whatever the plan.
    let gone = query!(
        r#"with gone as (
             delete from archive where ctid = any(array(
               select ctid from archive
               where user_id = $1
                 and room_id >= coalesce($2, '00000000-0000-0000-0000-000000000000'::uuid)
                 and room_id <= coalesce($2, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)
               limit $3))
             returning octet_length(blob) as bytes
           )
           select count(*) as "entries!", coalesce(sum(bytes), 0) as "bytes!" from gone"#,
        user,
        room,
        limit
    )
    .fetch_one(&mut *db)
    .await?;
    query!(
        "update users set archive_bytes = archive_bytes - $2 where user_id = $1",
        user,
        gone.bytes
    )
    .execute(&mut *db)
    .await?;
    db.commit().await?;
    Ok(gone.entries.max(0) as u64)
}

/// The last entries of a room before a place, in rising order.
pub async fn before(
    db: impl PgExecutor<'_>,
    user: Uuid,
    room: Uuid,
    before: i64,
    limit: i64,
) -> Result<Vec<ArchiveEntry>> {
    let rows = query!(
        "select seq, blob from archive
         where user_id = $1 and room_id = $2 and seq < $3 order by seq desc limit $4",
        user,
        room,
        before,
        limit
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .rev()
        .map(|row| ArchiveEntry {
            seq: row.seq.max(0) as u64,
            blob: row.blob.into(),
        })
        .collect())
}

/// Drops what a person kept of all direct rooms with another.
pub async fn forget_direct(db: &mut PgConnection, user: Uuid, other: Uuid) -> Result<()> {
    let (a, b) = super::pair(user, other);
    // As an upload does.
    users::lock(&mut *db, user).await?;
    query!(
        "with gone as (
           delete from archive where user_id = $1 and room_id in (
             select room_id from rooms where direct_a = $2 and direct_b = $3 and kind = 'direct')
           returning octet_length(blob) as bytes
         )
         update users set archive_bytes = archive_bytes - (select sum(bytes) from gone)
         where user_id = $1 and exists (select from gone)",
        user,
        a,
        b
    )
    .execute(db)
    .await
    .map(|_| ())
}

#[cfg(test)]
mod tests {
    use service::testing::TestDatabase;

    use super::*;
    use crate::MIGRATOR;

    #[tokio::test]
    async fn what_is_kept_is_dropped_bit_by_bit_and_counted() {
        let database = TestDatabase::new(&MIGRATOR).await;
        let pool = &database.pool;
        let (ann, bo) = (Uuid::now_v7(), Uuid::now_v7());
        let (one, other) = (Uuid::now_v7(), Uuid::now_v7());
        for (user, name) in [(ann, "ann"), (bo, "ben")] {
            query("insert into users (user_id, username, look, email) values ($1, $2, $2, 'x')")
                .bind(user)
                .bind(name)
                .execute(pool)
                .await
                .unwrap();
            for room in [one, other] {
                let mut db = pool.acquire().await.unwrap();
                let entries = (&[2, 3, 4][..], &[&b"x"[..]; 3][..]);
                let stored = store(&mut db, user, room, entries, false, 6).await;
                assert_eq!(stored.unwrap(), Upload::Stored(3));
            }
        }
        let held = async |user: Uuid| -> i64 {
            query_scalar("select archive_bytes from users where user_id = $1")
                .bind(user)
                .fetch_one(pool)
                .await
                .unwrap()
        };
        for (room, limit, gone, left) in [
            (Some(one), 2, 2, 4),
            (Some(one), 2, 1, 3),
            (Some(one), 2, 0, 3),
            (None, 3, 3, 0),
            (None, 3, 0, 0),
        ] {
            assert_eq!(forget(pool, ann, room, limit).await.unwrap(), gone);
            assert_eq!(held(ann).await, left);
        }
        assert_eq!(held(bo).await, 6);
        assert_eq!(rooms(pool, bo).await.unwrap().len(), 2);
    }
}
