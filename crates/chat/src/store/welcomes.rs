//! Welcomes that wait for the devices they invite.

use protocol::socket::WelcomeEvent;
use sqlx::{PgExecutor, Result, query, query_as, query_scalar};
use uuid::Uuid;

/// A welcome for one device.
#[derive(Clone, Debug)]
pub struct Welcome {
    /// The room that it leads into.
    pub room_id: Uuid,
    /// The Welcome with this device's secrets alone.
    pub message: Vec<u8>,
    /// The epoch that it leads to.
    pub epoch: i64,
    /// The place of the commit.
    pub seq: i64,
}

impl From<Welcome> for WelcomeEvent {
    fn from(welcome: Welcome) -> Self {
        Self {
            room_id: welcome.room_id.into(),
            message: welcome.message.into(),
            epoch: welcome.epoch.max(0) as u64,
            seq: welcome.seq.max(0) as u64,
        }
    }
}

/// Stores the welcomes of a commit; a newer one replaces an older one of the same room.
pub async fn add(
    db: impl PgExecutor<'_>,
    room: Uuid,
    devices: &[Uuid],
    messages: &[&[u8]],
    epoch: i64,
    seq: i64,
) -> Result<()> {
    query!(
        "insert into welcomes (room_id, device_id, message, epoch, seq)
         select $1, t.device_id, t.message, $4, $5
         from unnest($2::uuid[], $3::bytea[]) as t(device_id, message)
         on conflict (room_id, device_id) do update
         set message = excluded.message, epoch = excluded.epoch, seq = excluded.seq",
        room,
        devices,
        messages as &[&[u8]],
        epoch,
        seq
    )
    .execute(db)
    .await
    .map(|_| ())
}

/// The devices that the commit at this place invited and that have not joined yet.
pub async fn devices(db: impl PgExecutor<'_>, room: Uuid, seq: i64) -> Result<Vec<Uuid>> {
    query_scalar!(
        "select device_id from welcomes where room_id = $1 and seq = $2",
        room,
        seq
    )
    .fetch_all(db)
    .await
}

/// The open welcome of a device into a room.
pub async fn find(db: impl PgExecutor<'_>, room: Uuid, device: Uuid) -> Result<Option<Welcome>> {
    query_as!(
        Welcome,
        "select room_id, message, epoch, seq from welcomes
         where room_id = $1 and device_id = $2",
        room,
        device
    )
    .fetch_optional(db)
    .await
}

/// The open welcomes of a device, oldest rooms first.
pub async fn of_device(db: impl PgExecutor<'_>, device: Uuid) -> Result<Vec<Welcome>> {
    query_as!(
        Welcome,
        "select room_id, message, epoch, seq from welcomes where device_id = $1 order by room_id",
        device
    )
    .fetch_all(db)
    .await
}

/// The device has joined, or does not need the welcome any more; tells whether there was one.
pub async fn remove(db: impl PgExecutor<'_>, room: Uuid, device: Uuid) -> Result<bool> {
    let done = query!(
        "delete from welcomes where room_id = $1 and device_id = $2",
        room,
        device
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}
