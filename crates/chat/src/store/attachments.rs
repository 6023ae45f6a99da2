//! Encrypted files: whose they are and where they belong. The bytes lie in the object store.

use sqlx::{PgExecutor, Result, query, query_as, query_scalar};
use time::OffsetDateTime;
use uuid::Uuid;

/// A file that is stored whole.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// The room that it belongs to.
    pub room_id: Uuid,
    /// In bytes.
    pub size: i64,
    /// Of the ciphertext.
    pub sha256: Vec<u8>,
}

/// Notes that an upload begins, so that a broken one is found and removed. Tells how many bytes
/// its owner has stored.
pub async fn begin(db: impl PgExecutor<'_>, attachment: Uuid, owner: Uuid) -> Result<i64> {
    query_scalar!(
        "with begun as (
           insert into attachments (attachment_id, owner) values ($1, $2)
         )
         select attachment_bytes from users where user_id = $2",
        attachment,
        owner
    )
    .fetch_one(db)
    .await
}

/// An upload is whole. `false` when it would take its owner over the quota, was swept, or its room
/// has closed meanwhile: a room that closes takes its files along, and meets this one or is met.
pub async fn complete(
    db: impl PgExecutor<'_>,
    attachment: Uuid,
    room: Uuid,
    size: i64,
    sha256: &[u8],
    quota: i64,
) -> Result<bool> {
    let done = query!(
        "with open as (
           select room_id from rooms where room_id = $2 and closed_at is null for share
         ), counted as (
           update users u set attachment_bytes = u.attachment_bytes + $3
           from attachments a, open
           where a.attachment_id = $1 and a.stored_at is null and u.user_id = a.owner
             and u.attachment_bytes + $3 <= $5
           returning a.attachment_id
         )
         update attachments a set room_id = $2, size = $3, sha256 = $4, stored_at = now()
         from counted c where a.attachment_id = c.attachment_id",
        attachment,
        room,
        size,
        sha256,
        quota
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// A whole file.
pub async fn find(db: impl PgExecutor<'_>, attachment: Uuid) -> Result<Option<Attachment>> {
    query_as!(
        Attachment,
        r#"select room_id as "room_id!", size, sha256 as "sha256!" from attachments
           where attachment_id = $1 and stored_at is not null and room_id is not null"#,
        attachment
    )
    .fetch_optional(db)
    .await
}

/// Removes a file of a person; `false` when there is none.
pub async fn remove(db: impl PgExecutor<'_>, attachment: Uuid, owner: Uuid) -> Result<bool> {
    let done = query!(
        "delete from attachments where attachment_id = $1 and owner = $2",
        attachment,
        owner
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Removes files from before, and uploads that broke off an hour ago; of each, the oldest `limit`.
/// Tells how many.
pub async fn sweep(db: impl PgExecutor<'_>, before: OffsetDateTime, limit: i64) -> Result<u64> {
    let done = query!(
        "delete from attachments where ctid = any(array(
           (select ctid from attachments where started_at < $1 order by started_at limit $2)
           union
           (select ctid from attachments
            where stored_at is null and started_at < now() - interval '1 hour'
            order by started_at limit $2)))",
        before,
        limit
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Files whose row is gone, at most `limit`.
pub async fn gone(db: impl PgExecutor<'_>, limit: i64) -> Result<Vec<Uuid>> {
    query_scalar!("select attachment_id from attachments_gone limit $1", limit)
        .fetch_all(db)
        .await
}

/// These files are removed from the store too.
pub async fn forget(db: impl PgExecutor<'_>, attachments: &[Uuid]) -> Result<()> {
    query!(
        "delete from attachments_gone where attachment_id = any($1)",
        attachments
    )
    .execute(db)
    .await
    .map(|_| ())
}

#[cfg(test)]
mod tests {
    use service::testing::TestDatabase;
    use sqlx::PgPool;
    use time::Duration;

    use super::*;
    use crate::{
        MIGRATOR,
        store::{StoredRoomKind, rooms},
    };

    /// Whole files of the last days, one a minute, numbered on from `from`.
    async fn store(pool: &PgPool, owner: Uuid, from: i32, to: i32) {
        query(
            "insert into attachments (attachment_id, owner, size, started_at, stored_at)
             select gen_random_uuid(), $1, 1, t.at, t.at
             from generate_series($2, $3) n, lateral (select now() - make_interval(mins => n)) t(at)",
        )
        .bind(owner)
        .bind(from)
        .bind(to)
        .execute(pool)
        .await
        .unwrap();
        query("vacuum analyze attachments")
            .execute(pool)
            .await
            .unwrap();
    }

    async fn person(pool: &PgPool, user: Uuid, name: &str) {
        query("insert into users (user_id, username, look, email) values ($1, $2, $2, 'x')")
            .bind(user)
            .bind(name)
            .execute(pool)
            .await
            .unwrap();
    }

    /// Rows that a sweep reads, and what it removes. Nothing of it stays.
    async fn swept(pool: &PgPool, before: OffsetDateTime) -> (i64, u64) {
        let read = "select (seq_tup_read + idx_tup_fetch)::bigint
                    from pg_stat_xact_user_tables where relname = 'attachments'";
        let mut transaction = pool.begin().await.unwrap();
        let at_first: i64 = query_scalar(read)
            .fetch_one(&mut *transaction)
            .await
            .unwrap();
        let gone = sweep(&mut *transaction, before, 50).await.unwrap();
        let at_last: i64 = query_scalar(read)
            .fetch_one(&mut *transaction)
            .await
            .unwrap();
        (at_last - at_first, gone)
    }

    #[tokio::test]
    async fn a_sweep_reads_what_it_removes_however_many_files_there_are() {
        let database = TestDatabase::new(&MIGRATOR).await;
        let (pool, owner) = (&database.pool, Uuid::now_v7());
        person(pool, owner, "ann").await;
        query(
            "insert into attachments (attachment_id, owner, started_at)
             select gen_random_uuid(), $1, now() - make_interval(mins => 20 * n - 10)
             from generate_series(1, 10) n",
        )
        .bind(owner)
        .execute(pool)
        .await
        .unwrap();
        store(pool, owner, 1, 4_000).await;
        let now = OffsetDateTime::now_utc();
        let day = now - Duration::days(365);
        let few = swept(pool, day).await;
        assert_eq!(
            few.1, 7,
            "of ten uploads that broke off, those of an hour ago"
        );
        store(pool, owner, 4_001, 20_000).await;
        let many = swept(pool, day).await;
        assert_eq!(many.1, 7);
        assert!(few.0 < 100 && many.0 < 100, "{few:?}, then {many:?} rows");

        // Many at once go in parts, the oldest first.
        let (read, gone) = swept(pool, now - Duration::minutes(10_000)).await;
        assert_eq!(gone, 57);
        assert!(read < 500, "{read} rows");
        let before = now - Duration::minutes(19_900);
        let (mut parts, mut all) = (0, 0);
        loop {
            let gone = sweep(pool, before, 50).await.unwrap();
            (parts, all) = (parts + 1, all + gone);
            if gone < 50 {
                break;
            }
        }
        assert_eq!((parts, all), (3, 107));
    }

    #[tokio::test]
    async fn a_room_that_closes_takes_its_files_along_and_gets_no_more() {
        let database = TestDatabase::new(&MIGRATOR).await;
        let pool = &database.pool;
        let (ann, bo, room) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
        person(pool, ann, "ann").await;
        person(pool, bo, "ben").await;
        let kind = StoredRoomKind::Direct;
        rooms::add(pool, room, kind, ann, Some((ann, bo)))
            .await
            .unwrap();
        let (whole, late) = (Uuid::now_v7(), Uuid::now_v7());
        for upload in [whole, late] {
            assert_eq!(begin(pool, upload, ann).await.unwrap(), 0);
        }
        assert!(complete(pool, whole, room, 7, b"", 10).await.unwrap());
        assert!(find(pool, whole).await.unwrap().is_some());

        let mut db = pool.acquire().await.unwrap();
        let closed = rooms::close_direct_of(&mut db, bo).await.unwrap();
        assert_eq!(closed, [room]);
        assert!(find(pool, whole).await.unwrap().is_none());
        assert_eq!(gone(pool, 10).await.unwrap(), [whole]);
        assert!(!complete(pool, late, room, 1, b"", 10).await.unwrap());
    }
}
