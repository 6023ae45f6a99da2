//! Devices and their credentials.

use protocol::rest::keys;
use sqlx::{PgExecutor, Result, query, query_as, query_scalar};
use uuid::Uuid;

use super::marks;

/// A device that was not revoked.
#[derive(Clone, Debug)]
pub struct Device {
    /// Names it.
    pub device_id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// Its credential, as signed.
    pub credential: Vec<u8>,
}

/// Adds a device; `false` when its id was used before.
pub async fn add(
    db: impl PgExecutor<'_>,
    device: Uuid,
    user: Uuid,
    name: &str,
    credential: &[u8],
) -> Result<bool> {
    let done = query!(
        "insert into devices (device_id, user_id, name, credential) values ($1, $2, $3, $4)
         on conflict (device_id) do nothing",
        device,
        user,
        name,
        credential
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// A device, unless it was revoked.
pub async fn find(db: impl PgExecutor<'_>, device: Uuid) -> Result<Option<Device>> {
    query_as!(
        Device,
        "select device_id, user_id, credential from devices
         where device_id = $1 and revoked_at is null",
        device
    )
    .fetch_optional(db)
    .await
}

/// Whose a device is, revoked or not.
pub async fn owner(db: impl PgExecutor<'_>, device: Uuid) -> Result<Option<Uuid>> {
    query_scalar!("select user_id from devices where device_id = $1", device)
        .fetch_optional(db)
        .await
}

/// A device that says hello, as its proof is checked and answered.
#[derive(Clone, Debug)]
pub struct Greeted {
    /// Whose it is.
    pub user_id: Uuid,
    /// What it signs with.
    pub credential: Vec<u8>,
    /// Key packages that are left, without the last resort.
    pub key_packages: i64,
    /// The version of their vault, 0 for none.
    pub vault: i64,
}

/// A device that was not revoked, how many key packages of suite 3 it has left, and which vault it has to know.
pub async fn greet(db: impl PgExecutor<'_>, device: Uuid) -> Result<Option<Greeted>> {
    query_as!(
        Greeted,
        r#"select user_id, credential,
             (select count(*) from key_packages k
               where k.device_id = d.device_id and k.suite = 3 and not k.last_resort) as "key_packages!",
             coalesce((select v.version from vaults v where v.user_id = d.user_id), 0) as "vault!"
           from devices d where device_id = $1 and revoked_at is null"#,
        device
    )
    .fetch_optional(db)
    .await
}

/// Those of the given devices that were not revoked.
pub async fn find_all(db: impl PgExecutor<'_>, devices: &[Uuid]) -> Result<Vec<Device>> {
    query_as!(
        Device,
        "select device_id, user_id, credential from devices
         where device_id = any($1) and revoked_at is null",
        devices
    )
    .fetch_all(db)
    .await
}

/// The devices of these people that were not revoked.
pub async fn of_users(db: impl PgExecutor<'_>, users: &[Uuid]) -> Result<Vec<Device>> {
    query_as!(
        Device,
        "select device_id, user_id, credential from devices
         where user_id = any($1) and revoked_at is null",
        users
    )
    .fetch_all(db)
    .await
}

/// The ids of a person's devices that were not revoked.
pub async fn ids_of(db: impl PgExecutor<'_>, user: Uuid) -> Result<Vec<Uuid>> {
    query_scalar!(
        "select device_id from devices where user_id = $1 and revoked_at is null",
        user
    )
    .fetch_all(db)
    .await
}

/// A person's devices, oldest first; names and times for their owner alone.
pub async fn list(db: impl PgExecutor<'_>, user: Uuid, own: bool) -> Result<Vec<keys::Device>> {
    let rows = query!(
        "select device_id, credential, name, created_at, last_seen from devices
         where user_id = $1 and revoked_at is null order by created_at, device_id",
        user
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| keys::Device {
            device_id: row.device_id.into(),
            credential: row.credential.into(),
            name: own.then_some(row.name),
            created_at: row.created_at.into(),
            last_seen: row.last_seen.filter(|_| own).map(Into::into),
        })
        .collect())
}

/// Gives a device of a person another name; `None` unless it is there and was not revoked.
pub async fn rename(
    db: impl PgExecutor<'_>,
    user: Uuid,
    device: Uuid,
    name: &str,
) -> Result<Option<keys::Device>> {
    let row = query!(
        "update devices set name = $3
         where device_id = $2 and user_id = $1 and revoked_at is null
         returning device_id, credential, name, created_at, last_seen",
        user,
        device,
        name
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| keys::Device {
        device_id: row.device_id.into(),
        credential: row.credential.into(),
        name: Some(row.name),
        created_at: row.created_at.into(),
        last_seen: row.last_seen.map(Into::into),
    }))
}

/// A person's devices that were revoked without a signature.
pub async fn reported(db: impl PgExecutor<'_>, user: Uuid) -> Result<Vec<Uuid>> {
    query_scalar!(
        "select device_id from devices
         where user_id = $1 and reported_at is not null order by device_id",
        user
    )
    .fetch_all(db)
    .await
}

/// Notes that a device was revoked without a signature.
pub async fn report(db: impl PgExecutor<'_>, device: Uuid) -> Result<()> {
    query!(
        "update devices set reported_at = now() where device_id = $1",
        device
    )
    .execute(db)
    .await
    .map(|_| ())
}

/// Revokes devices of a person; returns those that were not revoked before. Their key packages,
/// open welcomes and what waited for them alone go. From groups that their last device goes from,
/// the person is away.
pub async fn revoke(
    db: &mut sqlx::PgConnection,
    user: Uuid,
    devices: &[Uuid],
) -> Result<Vec<Uuid>> {
    let revoked = query_scalar!(
        "update devices set revoked_at = now()
         where user_id = $1 and device_id = any($2) and revoked_at is null
         returning device_id",
        user,
        devices
    )
    .fetch_all(&mut *db)
    .await?;
    query!(
        "delete from key_packages where device_id = any($1)",
        &revoked
    )
    .execute(&mut *db)
    .await?;
    query!("delete from welcomes where device_id = any($1)", &revoked)
        .execute(&mut *db)
        .await?;
    // Where they had been removed before, nothing is owed to them any more.
    let due = query!(
        r#"update members set removal_due = true
           where device_id = any($1) and not removal_due
           returning room_id, left_seq is null as "inside!""#,
        &revoked
    )
    .fetch_all(&mut *db)
    .await?;
    let rooms: Vec<_> = due.iter().map(|row| row.room_id).collect();
    let inside = due.iter().filter(|row| row.inside);
    let inside: Vec<_> = inside.map(|row| row.room_id).collect();
    query!(
        "update room_users x set away = true
         where x.user_id = $1 and x.room_id = any($2)
           and exists (select from rooms r
             where r.room_id = x.room_id and r.kind = 'group' and r.closed_at is null)
           and not exists (select from members m
             where m.room_id = x.room_id and m.user_id = x.user_id and m.left_seq is null
               and not m.removal_due)",
        user,
        &inside
    )
    .execute(&mut *db)
    .await?;
    marks::drop_behind(db, &rooms, user).await?;
    Ok(revoked)
}
