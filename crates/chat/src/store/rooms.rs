//! Rooms with their public groups and epochs.

use sqlx::{PgConnection, PgExecutor, Result, query, query_as, query_scalar};
use uuid::Uuid;

use super::{StoredRoomKind, pair};

/// A room.
#[derive(Clone, Debug)]
pub struct Room {
    /// What kind.
    pub kind: StoredRoomKind,
    /// The current epoch.
    pub epoch: i64,
    /// The highest place in its log.
    pub seq: i64,
    /// The device that made it.
    pub creator_device: Uuid,
    /// Whether messages are still taken.
    pub open: bool,
}

/// Adds a room at epoch 1 whose first commit has place 1. `people` are the two of a direct room;
/// a second open one of a pair violates `one_open_direct_room_a_pair`.
pub async fn add(
    db: impl PgExecutor<'_>,
    room: Uuid,
    kind: StoredRoomKind,
    creator_device: Uuid,
    people: Option<(Uuid, Uuid)>,
) -> Result<()> {
    let people = people.map(|(one, other)| pair(one, other));
    query!(
        "insert into rooms (room_id, kind, epoch, seq, creator_device, direct_a, direct_b)
         values ($1, $2, 1, 1, $3, $4, $5)",
        room,
        kind as StoredRoomKind,
        creator_device,
        people.map(|people| people.0),
        people.map(|people| people.1)
    )
    .execute(db)
    .await
    .map(|_| ())
}

/// A room.
pub async fn find(db: impl PgExecutor<'_>, room: Uuid) -> Result<Option<Room>> {
    query_as!(
        Room,
        r#"select kind as "kind: StoredRoomKind", epoch, seq, creator_device,
             closed_at is null as "open!"
           from rooms where room_id = $1"#,
        room
    )
    .fetch_optional(db)
    .await
}

/// A room, locked until the transaction ends: nothing is appended meanwhile.
pub async fn lock(db: impl PgExecutor<'_>, room: Uuid) -> Result<Option<Room>> {
    query_as!(
        Room,
        r#"select kind as "kind: StoredRoomKind", epoch, seq, creator_device,
             closed_at is null as "open!"
           from rooms where room_id = $1 for no key update"#,
        room
    )
    .fetch_optional(db)
    .await
}

/// A device has seen more of a room than there is: the database was set back. What comes now gets
/// places behind all that any device can have seen, at most `lost` of them more than there are; says
/// whether the room went on there.
pub async fn skip(db: impl PgExecutor<'_>, room: Uuid, seen: i64, lost: i64) -> Result<bool> {
    query!(
        "update rooms set seq = seq + $3
         where room_id = $1 and seq < $2 and $2 - seq <= $3",
        room,
        seen,
        lost
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() > 0)
}

/// The open direct room of a pair.
pub async fn direct(db: impl PgExecutor<'_>, one: Uuid, other: Uuid) -> Result<Option<Uuid>> {
    let (a, b) = pair(one, other);
    query_scalar!(
        "select room_id from rooms
         where direct_a = $1 and direct_b = $2 and kind = 'direct' and closed_at is null",
        a,
        b
    )
    .fetch_optional(db)
    .await
}

/// The newest direct room of a pair, open or closed.
pub async fn latest_direct(
    db: impl PgExecutor<'_>,
    one: Uuid,
    other: Uuid,
) -> Result<Option<Uuid>> {
    let (a, b) = pair(one, other);
    query_scalar!(
        "select room_id from rooms where direct_a = $1 and direct_b = $2 and kind = 'direct'
         order by closed_at is null desc, created_at desc limit 1",
        a,
        b
    )
    .fetch_optional(db)
    .await
}

/// The highest place of a room.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    /// The room.
    pub room_id: Uuid,
    /// The place.
    pub seq: i64,
}

/// The highest places of rooms.
pub async fn heads(db: impl PgExecutor<'_>, rooms: &[Uuid]) -> Result<Vec<Head>> {
    query_as!(
        Head,
        "select room_id, seq from rooms where room_id = any($1)",
        rooms
    )
    .fetch_all(db)
    .await
}

/// Moves a room to its next epoch and place; the caller holds its lock.
pub async fn advance(db: impl PgExecutor<'_>, room: Uuid, epoch: i64, seq: i64) -> Result<()> {
    query!(
        "update rooms set epoch = $2, seq = $3 where room_id = $1",
        room,
        epoch,
        seq
    )
    .execute(db)
    .await
    .map(|_| ())
}

/// Closes the open direct room of a pair and drops what was not delivered, and its files.
pub async fn close_direct(db: &mut PgConnection, one: Uuid, other: Uuid) -> Result<Option<Uuid>> {
    let (a, b) = pair(one, other);
    let closed = query_scalar!(
        "update rooms set closed_at = now()
         where direct_a = $1 and direct_b = $2 and kind = 'direct' and closed_at is null
         returning room_id",
        a,
        b
    )
    .fetch_optional(&mut *db)
    .await?;
    if let Some(room) = closed {
        query!(
            "update messages set body = null where room_id = $1 and body is not null",
            room
        )
        .execute(&mut *db)
        .await?;
        query!("delete from attachments where room_id = $1", room)
            .execute(db)
            .await?;
    }
    Ok(closed)
}

/// Closes an open direct room that a person is one of, and drops its files; tells who the other is.
/// What was not delivered stays.
pub async fn close(db: &mut PgConnection, room: Uuid, user: Uuid) -> Result<Option<Uuid>> {
    let other = query_scalar!(
        r#"update rooms set closed_at = now()
           where room_id = $1 and $2 in (direct_a, direct_b) and closed_at is null
           returning case when direct_a = $2 then direct_b else direct_a end as "other!""#,
        room,
        user
    )
    .fetch_optional(&mut *db)
    .await?;
    if other.is_some() {
        query!("delete from attachments where room_id = $1", room)
            .execute(db)
            .await?;
    }
    Ok(other)
}

/// Whether a person is or was one of the two of a direct room.
pub async fn is_of(db: impl PgExecutor<'_>, room: Uuid, user: Uuid) -> Result<bool> {
    query_scalar!(
        r#"select exists (select from rooms
             where room_id = $1 and $2 in (direct_a, direct_b)) as "is!""#,
        room,
        user
    )
    .fetch_one(db)
    .await
}

/// Closes all open direct rooms of a person, and drops their files. What was not delivered stays
/// for the others.
pub async fn close_direct_of(db: &mut PgConnection, user: Uuid) -> Result<Vec<Uuid>> {
    query!(
        "select room_id from rooms
         where (direct_a = $1 or direct_b = $1) and kind = 'direct' and closed_at is null
         order by room_id for no key update",
        user
    )
    .fetch_all(&mut *db)
    .await?;
    let closed = query_scalar!(
        "update rooms set closed_at = now()
         where (direct_a = $1 or direct_b = $1) and kind = 'direct' and closed_at is null
         returning room_id",
        user
    )
    .fetch_all(&mut *db)
    .await?;
    query!("delete from attachments where room_id = any($1)", &closed)
        .execute(db)
        .await?;
    Ok(closed)
}

/// The stored public group of a room.
pub async fn group(db: impl PgExecutor<'_>, room: Uuid) -> Result<Option<Vec<u8>>> {
    query_scalar!("select state from room_groups where room_id = $1", room)
        .fetch_optional(db)
        .await
}

/// Stores the public group of a room and what others need to join its epoch; drops older epochs
/// that no welcome leads to.
pub async fn set_group(
    db: &mut PgConnection,
    room: Uuid,
    epoch: i64,
    state: &[u8],
    tree: &[u8],
    group_info: &[u8],
) -> Result<()> {
    query!(
        "insert into room_groups (room_id, state) values ($1, $2)
         on conflict (room_id) do update set state = excluded.state",
        room,
        state
    )
    .execute(&mut *db)
    .await?;
    query!(
        "insert into room_epochs (room_id, epoch, tree, group_info) values ($1, $2, $3, $4)",
        room,
        epoch,
        tree,
        group_info
    )
    .execute(&mut *db)
    .await?;
    drop_old_epochs(db, room).await
}

/// Drops the trees of past epochs that no open welcome leads to.
pub async fn drop_old_epochs(db: impl PgExecutor<'_>, room: Uuid) -> Result<()> {
    query!(
        "delete from room_epochs e using rooms r
         where e.room_id = $1 and r.room_id = e.room_id and e.epoch < r.epoch
           and not exists (select from welcomes w
             where w.room_id = e.room_id and w.epoch = e.epoch)",
        room
    )
    .execute(db)
    .await
    .map(|_| ())
}

/// The ratchet tree of an epoch, the current one when none is named.
pub async fn tree(
    db: impl PgExecutor<'_>,
    room: Uuid,
    epoch: Option<i64>,
) -> Result<Option<Vec<u8>>> {
    query_scalar!(
        "select tree from room_epochs where room_id = $1 and ($2::bigint is null or epoch = $2)
         order by epoch desc limit 1",
        room,
        epoch
    )
    .fetch_optional(db)
    .await
}

/// The group info of the current epoch.
pub async fn group_info(db: impl PgExecutor<'_>, room: Uuid) -> Result<Option<Vec<u8>>> {
    query_scalar!(
        "select group_info from room_epochs where room_id = $1 order by epoch desc limit 1",
        room
    )
    .fetch_optional(db)
    .await
}
