//! Browsers and apps in which a second factor was given.

use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use uuid::Uuid;

/// One remembered device.
pub struct Device {
    /// The device; part of its token.
    pub id: Uuid,
    /// What it is called.
    pub label: String,
    /// In the HMAC of its tokens.
    pub seed: Vec<u8>,
    /// The token that counts.
    pub generation: i32,
    /// When that was made.
    pub rotated_at: OffsetDateTime,
    /// When the device was remembered.
    pub created_at: OffsetDateTime,
    /// Until when it is.
    pub expires_at: OffsetDateTime,
}

/// A device to remember.
pub struct New<'a> {
    /// The device.
    pub id: Uuid,
    /// Whose.
    pub account: Uuid,
    /// What it is called.
    pub label: &'a str,
    /// In the HMAC of its tokens.
    pub seed: &'a [u8],
    /// Now.
    pub now: OffsetDateTime,
    /// Until when it is remembered.
    pub expires_at: OffsetDateTime,
}

/// Remembers a device; of more than `most` the oldest are forgotten.
pub async fn insert(db: &mut PgConnection, new: &New<'_>, most: i64) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from remembered_devices where id in (
             select id from remembered_devices where account_id = $1
             order by created_at desc, id offset $2)",
        new.account,
        most - 1
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "insert into remembered_devices
             (id, account_id, label, seed, rotated_at, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $5, $6)",
        new.id,
        new.account,
        new.label,
        new.seed,
        new.now,
        new.expires_at
    )
    .execute(db)
    .await
    .map(drop)
}

/// The devices of an account that are still remembered, oldest first.
pub async fn list(
    db: impl PgExecutor<'_>,
    account: Uuid,
    now: OffsetDateTime,
) -> sqlx::Result<Vec<Device>> {
    sqlx::query_as!(
        Device,
        "select id, label, seed, generation, rotated_at, created_at, expires_at
         from remembered_devices where account_id = $1 and expires_at > $2
         order by created_at, id",
        account,
        now
    )
    .fetch_all(db)
    .await
}

/// One device of an account, locked until the transaction ends: its tokens are judged one after
/// the other.
pub async fn lock(
    db: &mut PgConnection,
    account: Uuid,
    id: Uuid,
    now: OffsetDateTime,
) -> sqlx::Result<Option<Device>> {
    sqlx::query_as!(
        Device,
        "select id, label, seed, generation, rotated_at, created_at, expires_at
         from remembered_devices where account_id = $1 and id = $2 and expires_at > $3 for update",
        account,
        id,
        now
    )
    .fetch_optional(db)
    .await
}

/// Makes the next generation count.
pub async fn rotate(db: &mut PgConnection, id: Uuid, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "update remembered_devices set generation = generation + 1, rotated_at = $2
         where id = $1",
        id,
        now
    )
    .execute(db)
    .await
    .map(drop)
}

/// Forgets one device; false when it is none of the account's.
pub async fn delete(db: impl PgExecutor<'_>, account: Uuid, id: Uuid) -> sqlx::Result<bool> {
    sqlx::query!(
        "delete from remembered_devices where account_id = $1 and id = $2",
        account,
        id
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// Forgets all devices of an account.
pub async fn delete_all(db: impl PgExecutor<'_>, account: Uuid) -> sqlx::Result<u64> {
    sqlx::query!(
        "delete from remembered_devices where account_id = $1",
        account
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected())
}
