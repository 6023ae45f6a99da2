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

/// An upload is whole. `false` when it would take its owner over the quota, or was swept.
pub async fn complete(
    db: impl PgExecutor<'_>,
    attachment: Uuid,
    room: Uuid,
    size: i64,
    sha256: &[u8],
    quota: i64,
) -> Result<bool> {
    let done = query!(
        "with counted as (
           update users u set attachment_bytes = u.attachment_bytes + $3
           from attachments a
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

/// Removes files from before, uploads that broke off an hour ago, and those of closed rooms.
pub async fn sweep(db: impl PgExecutor<'_>, before: OffsetDateTime) -> Result<()> {
    query!(
        "delete from attachments a
         where a.started_at < $1 or (a.stored_at is null and a.started_at < now() - interval '1 hour')
           or exists (select from rooms r where r.room_id = a.room_id and r.closed_at is not null)",
        before
    )
    .execute(db)
    .await
    .map(|_| ())
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
