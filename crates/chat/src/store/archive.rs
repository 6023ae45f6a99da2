//! Histories that people keep for themselves, sealed.

use protocol::{rest::archive::ArchiveRoom, socket::ArchiveEntry};
use sqlx::{PgConnection, PgExecutor, PgPool, Result, query, query_scalar};
use uuid::Uuid;

use super::{StoredRoomKind, users};

/// What came of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upload {
    /// So many entries were stored.
    Stored(u64),
    /// They do not fit into the quota.
    Full,
    /// The person has switched the archive off, or is gone.
    Off,
    /// The person could not read one of the places, or the room is of two who have parted.
    Unreadable,
}

/// Stores entries of one room: behind the first place that the person could read and up to the last,
/// whatever devices they had and however often they left. Unless all are stored, roll back.
///
/// Who parts drops the archive of what the two said, and holds the person's row for it as is done
/// here. Whether they have parted is asked by the statement that writes, so that what was on its way
/// does not come behind the drop.
pub async fn store(
    db: &mut PgConnection,
    user: Uuid,
    room: Uuid,
    (seqs, blobs): (&[i64], &[&[u8]]),
    replace: bool,
    quota: i64,
) -> Result<Upload> {
    let person = query!(
        r#"select archive_bytes, archives and deleted_at is null as "archives!" from users
           where user_id = $1 for no key update"#,
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
    let put = query!(
        r#"with readable as (
             select x.first_seq as first, max(coalesce(m.left_seq, r.seq)) as last
             from room_users x join rooms r using (room_id) join members m using (room_id, user_id)
             where x.room_id = $2 and x.user_id = $1
               and (r.kind <> 'direct' or exists (select from contacts c
                      where c.user_a = r.direct_a and c.user_b = r.direct_b))
             group by x.first_seq
           ),
           entries as (
             select t.seq, t.blob from unnest($3::bigint[], $4::bytea[]) as t(seq, blob)
             join readable r on t.seq > r.first and t.seq <= r.last
           ),
           put as (
             insert into archive (user_id, room_id, seq, blob)
             select $1, $2, e.seq, e.blob from entries e
             on conflict (user_id, room_id, seq) do update
             set blob = excluded.blob, stored_at = now() where $5
             returning seq
           )
           select exists (select from readable) as "room!",
             (select count(*) from entries) as "readable!", (select count(*) from put) as "stored!""#,
        user,
        room,
        seqs,
        blobs as &[&[u8]],
        replace
    )
    .fetch_one(&mut *db)
    .await?;
    if !put.room || put.readable < seqs.len() as i64 {
        return Ok(Upload::Unreadable);
    }
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
    Ok(Upload::Stored(put.stored.max(0) as u64))
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
    use service::testing::{TestDatabase, somebody_waits};

    use super::*;
    use crate::{
        MIGRATOR,
        store::{contacts, rooms},
    };

    async fn people(pool: &PgPool) -> (Uuid, Uuid) {
        let (ann, bo) = (Uuid::now_v7(), Uuid::now_v7());
        for (user, name) in [(ann, "ann"), (bo, "ben")] {
            query("insert into users (user_id, username, look, email) values ($1, $2, $2, 'x')")
                .bind(user)
                .bind(name)
                .execute(pool)
                .await
                .unwrap();
            query(
                "insert into devices (device_id, user_id, name, credential)
                 values ($1, $1, '', '')",
            )
            .bind(user)
            .execute(pool)
            .await
            .unwrap();
        }
        (ann, bo)
    }

    /// A room of both, with places up to the fifth: a direct one, or else a group.
    async fn room(pool: &PgPool, (ann, bo): (Uuid, Uuid), direct: bool) -> Uuid {
        let room = Uuid::now_v7();
        let kind = match direct {
            true => StoredRoomKind::Direct,
            false => StoredRoomKind::Group,
        };
        let two = direct.then_some((ann, bo));
        rooms::add(pool, room, kind, ann, two).await.unwrap();
        query("update rooms set seq = 5 where room_id = $1")
            .bind(room)
            .execute(pool)
            .await
            .unwrap();
        for user in [ann, bo] {
            query("insert into room_users (room_id, user_id) values ($1, $2)")
                .bind(room)
                .bind(user)
                .execute(pool)
                .await
                .unwrap();
            query(
                "insert into members (room_id, device_id, user_id, joined_seq, acked_seq)
                 values ($1, $2, $2, 0, 0)",
            )
            .bind(room)
            .bind(user)
            .execute(pool)
            .await
            .unwrap();
        }
        room
    }

    async fn held(pool: &PgPool, user: Uuid) -> i64 {
        query_scalar("select archive_bytes from users where user_id = $1")
            .bind(user)
            .fetch_one(pool)
            .await
            .unwrap()
    }

    async fn keep(db: &mut PgConnection, user: Uuid, room: Uuid, seqs: &[i64]) -> Upload {
        let blobs = vec![&b"x"[..]; seqs.len()];
        let stored = store(db, user, room, (seqs, &blobs), false, 6).await;
        stored.unwrap()
    }

    #[tokio::test]
    async fn what_is_kept_is_dropped_bit_by_bit_and_counted() {
        let database = TestDatabase::new(&MIGRATOR).await;
        let pool = &database.pool;
        let two = people(pool).await;
        let (ann, bo) = two;
        let (one, other) = (room(pool, two, false).await, room(pool, two, false).await);
        let mut db = pool.acquire().await.unwrap();
        for user in [ann, bo] {
            for room in [one, other] {
                let kept = keep(&mut db, user, room, &[2, 3, 4]).await;
                assert_eq!(kept, Upload::Stored(3));
            }
        }
        for (room, limit, gone, left) in [
            (Some(one), 2, 2, 4),
            (Some(one), 2, 1, 3),
            (Some(one), 2, 0, 3),
            (None, 3, 3, 0),
            (None, 3, 0, 0),
        ] {
            assert_eq!(forget(pool, ann, room, limit).await.unwrap(), gone);
            assert_eq!(held(pool, ann).await, left);
        }
        assert_eq!(held(pool, bo).await, 6);
        assert_eq!(rooms(pool, bo).await.unwrap().len(), 2);
    }

    /// What `contacts_remove` does, as far as it matters here.
    async fn part(db: &mut PgConnection, me: Uuid, other: Uuid) {
        assert!(contacts::remove(&mut *db, me, other).await.unwrap());
        rooms::close_direct(db, me, other).await.unwrap();
        forget_direct(db, me, other).await.unwrap();
    }

    #[tokio::test]
    async fn what_is_on_its_way_when_two_people_part_does_not_come_behind_the_drop() {
        let database = TestDatabase::new(&MIGRATOR).await;
        let pool = &database.pool;
        let two = people(pool).await;
        let (ann, bo) = two;
        contacts::add(pool, ann, bo).await.unwrap();
        let (direct, group) = (room(pool, two, true).await, room(pool, two, false).await);

        // The drop is first: the upload waits for it, and finds that they have parted.
        let mut parting = pool.begin().await.unwrap();
        part(&mut parting, ann, bo).await;
        let upload = async {
            let mut db = pool.begin().await.unwrap();
            let kept = keep(&mut db, ann, direct, &[2, 3]).await;
            db.rollback().await.unwrap();
            kept
        };
        let drop = async {
            somebody_waits(pool).await;
            parting.commit().await.unwrap();
        };
        let (kept, ()) = tokio::join!(upload, drop);
        assert_eq!(kept, Upload::Unreadable);
        assert_eq!(held(pool, ann).await, 0);

        // The upload is first: the drop waits for it, and takes it along.
        contacts::add(pool, ann, bo).await.unwrap();
        let mut uploading = pool.begin().await.unwrap();
        let kept = keep(&mut uploading, ann, direct, &[2, 3]).await;
        assert_eq!(kept, Upload::Stored(2));
        let drop = async {
            let mut db = pool.begin().await.unwrap();
            part(&mut db, ann, bo).await;
            db.commit().await.unwrap();
        };
        let upload = async {
            somebody_waits(pool).await;
            uploading.commit().await.unwrap();
        };
        tokio::join!(drop, upload);
        assert_eq!(rooms(pool, ann).await.unwrap().len(), 0);
        assert_eq!(held(pool, ann).await, 0);

        // What they have in common is theirs.
        let mut db = pool.acquire().await.unwrap();
        assert_eq!(keep(&mut db, ann, group, &[2]).await, Upload::Stored(1));
        assert_eq!(keep(&mut db, ann, group, &[6]).await, Upload::Unreadable);
        assert_eq!(
            keep(&mut db, ann, Uuid::now_v7(), &[]).await,
            Upload::Unreadable
        );
    }
}
