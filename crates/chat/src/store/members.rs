//! Devices and people of rooms.

use protocol::rest::rooms::{Mark, Room};
use sqlx::{PgConnection, PgExecutor, Result, query, query_as, query_scalar};
use uuid::Uuid;

use super::StoredRoomKind;

/// A device's place in a room.
#[derive(Clone, Debug)]
pub struct Membership {
    /// The room.
    pub room_id: Uuid,
    /// What kind it is.
    pub kind: StoredRoomKind,
    /// The device's log starts behind this place.
    pub joined_seq: i64,
    /// And ends here, once it was removed.
    pub left_seq: Option<i64>,
    /// What it has acknowledged.
    pub acked_seq: i64,
    /// Up to here everybody has everything, so that there is nothing to look for.
    pub kept: i64,
    /// The highest place of the room.
    pub head: i64,
    /// A welcome waits for this device to join by.
    pub welcome: bool,
}

/// All rooms of a device, those that it was removed from included while something is owed; not
/// those that it left by itself.
pub async fn of_device(db: impl PgExecutor<'_>, device: Uuid) -> Result<Vec<Membership>> {
    query_as!(
        Membership,
        r#"select m.room_id, r.kind as "kind: StoredRoomKind", m.joined_seq, m.left_seq,
             m.acked_seq, r.seq as head,
             least(m.acked_seq, (select min(d.acked_seq) from members d
               where d.room_id = m.room_id and d.left_seq is null
                 and not d.removal_due)) as "kept!",
             exists (select from welcomes w
               where w.room_id = m.room_id and w.device_id = m.device_id) as "welcome!"
           from members m
           cross join lateral (select * from rooms x where x.room_id = m.room_id limit 1) r
           where m.device_id = $1 and not m.removal_due
             and (m.left_seq is null or m.acked_seq < m.left_seq)
           order by m.room_id"#,
        device
    )
    .fetch_all(db)
    .await
}

/// A device's place in one room.
pub async fn find(db: impl PgExecutor<'_>, room: Uuid, device: Uuid) -> Result<Option<Membership>> {
    query_as!(
        Membership,
        r#"select m.room_id, r.kind as "kind: StoredRoomKind", m.joined_seq, m.left_seq,
             m.acked_seq, r.seq as head,
             least(m.acked_seq, (select min(d.acked_seq) from members d
               where d.room_id = m.room_id and d.left_seq is null
                 and not d.removal_due)) as "kept!",
             exists (select from welcomes w
               where w.room_id = m.room_id and w.device_id = m.device_id) as "welcome!"
           from members m join rooms r using (room_id)
           where m.room_id = $1 and m.device_id = $2 and not m.removal_due"#,
        room,
        device
    )
    .fetch_optional(db)
    .await
}

/// Whether a person belongs to a room: by a device that is not about to be removed, or while away.
pub async fn has_user(db: impl PgExecutor<'_>, room: Uuid, user: Uuid) -> Result<bool> {
    query_scalar!(
        r#"select exists (select from room_people
             where room_id = $1 and user_id = $2) as "has!""#,
        room,
        user
    )
    .fetch_one(db)
    .await
}

/// Devices that are still in a room but have to be removed.
pub async fn removals_due(db: impl PgExecutor<'_>, room: Uuid) -> Result<Vec<Uuid>> {
    query_scalar!(
        "select device_id from members
         where room_id = $1 and left_seq is null and removal_due order by device_id",
        room
    )
    .fetch_all(db)
    .await
}

/// Of the people whose devices have to be removed, those who belong to the room all the same.
pub async fn away(db: impl PgExecutor<'_>, room: Uuid) -> Result<Vec<Uuid>> {
    query_scalar!(
        "select x.user_id from room_users x
         where x.room_id = $1 and x.away and exists (select from members m
           where m.room_id = x.room_id and m.user_id = x.user_id and m.left_seq is null)
         order by x.user_id",
        room
    )
    .fetch_all(db)
    .await
}

/// Who was away and neither has a leaf nor is named as absent by the group belongs to it no more.
pub async fn settle_away(db: impl PgExecutor<'_>, room: Uuid, absent: &[Uuid]) -> Result<()> {
    query!(
        "update room_users x set away = false
         where x.room_id = $1 and x.away and x.user_id <> all($2)
           and not exists (select from members m
             where m.room_id = x.room_id and m.user_id = x.user_id and m.left_seq is null)",
        room,
        absent
    )
    .execute(db)
    .await
    .map(|_| ())
}

/// Rooms of a device in which a removal is due. Asked room by room, each answered by one look at an
/// index: joined, it read every member of every room.
pub async fn rooms_with_removals(db: impl PgExecutor<'_>, device: Uuid) -> Result<Vec<Uuid>> {
    query_scalar!(
        "select m.room_id from members m
         where m.device_id = $1 and m.left_seq is null
           and (select true from members d
             where d.room_id = m.room_id and d.removal_due and d.left_seq is null limit 1)
           and (select true from rooms r
             where r.room_id = m.room_id and r.closed_at is null limit 1)",
        device
    )
    .fetch_all(db)
    .await
}

/// Adds devices to a room, their logs starting behind `seq`; one that was there before starts
/// again.
pub async fn join(
    db: &mut PgConnection,
    room: Uuid,
    devices: &[Uuid],
    users: &[Uuid],
    seq: i64,
) -> Result<()> {
    query!(
        "insert into members (room_id, device_id, user_id, joined_seq, acked_seq)
         select $1, t.device_id, t.user_id, $4, $4
         from unnest($2::uuid[], $3::uuid[]) as t(device_id, user_id)
         on conflict (room_id, device_id) do update
         set joined_seq = excluded.joined_seq, left_seq = null, removal_due = false,
             acked_seq = greatest(members.acked_seq, excluded.acked_seq)",
        room,
        devices,
        users,
        seq
    )
    .execute(&mut *db)
    .await?;
    // Who comes again keeps their first place, and is away no more.
    query!(
        "insert into room_users (room_id, user_id, first_seq)
         select distinct $1::uuid, u, $3::bigint from unnest($2::uuid[]) as u
         on conflict (room_id, user_id) do update set away = false where room_users.away",
        room,
        users,
        seq
    )
    .execute(db)
    .await
    .map(|_| ())
}

/// Removes devices from a room by the commit at `seq`.
pub async fn leave(db: impl PgExecutor<'_>, room: Uuid, devices: &[Uuid], seq: i64) -> Result<()> {
    query!(
        "update members set left_seq = $3
         where room_id = $1 and device_id = any($2) and left_seq is null",
        room,
        devices,
        seq
    )
    .execute(db)
    .await
    .map(|_| ())
}

/// The devices that were removed from a room, and the places of their last envelopes.
pub async fn ended(db: impl PgExecutor<'_>, room: Uuid) -> Result<Vec<(Uuid, u64)>> {
    let rows = query!(
        r#"select device_id, left_seq as "left_seq!" from members
           where room_id = $1 and left_seq is not null"#,
        room
    )
    .fetch_all(db)
    .await?;
    let end = |seq: i64| u64::try_from(seq).unwrap_or_default();
    Ok(rows
        .into_iter()
        .map(|row| (row.device_id, end(row.left_seq)))
        .collect())
}

/// The rooms that a person is in, newest first.
pub async fn rooms_of(db: impl PgExecutor<'_> + Copy, user: Uuid) -> Result<Vec<Room>> {
    let rows = query!(
        r#"select r.room_id, r.kind as "kind: StoredRoomKind", r.epoch, r.seq,
             r.closed_at is null as "open!"
           from rooms r
           where exists (select from room_people m
             where m.room_id = r.room_id and m.user_id = $1)
           order by r.created_at desc"#,
        user
    )
    .fetch_all(db)
    .await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.room_id).collect();
    let marks = query!(
        r#"select x.room_id, x.user_id, x.delivered_seq, x.admin,
             case when u.shows_read then x.read_seq else 0 end as "read_seq!"
           from room_users x join users u using (user_id)
           where x.room_id = any($1) and exists (select from room_people m
             where m.room_id = x.room_id and m.user_id = x.user_id)
           order by x.room_id, x.user_id"#,
        &ids
    )
    .fetch_all(db)
    .await?;
    let room = |row: Row| {
        let own: Vec<_> = marks
            .iter()
            .filter(|mark| mark.room_id == row.room_id)
            .collect();
        let others = || own.iter().filter(|mark| mark.user_id != user);
        let mark = |user: Uuid, seq: i64| Mark {
            user_id: user.into(),
            seq: seq.max(0) as u64,
        };
        Room {
            room_id: row.room_id.into(),
            kind: row.kind.into(),
            epoch: row.epoch.max(0) as u64,
            seq: row.seq.max(0) as u64,
            members: own.iter().map(|mark| mark.user_id.into()).collect(),
            admins: own
                .iter()
                .filter(|mark| mark.admin)
                .map(|mark| mark.user_id.into())
                .collect(),
            open: row.open,
            delivered: others().map(|m| mark(m.user_id, m.delivered_seq)).collect(),
            read: others()
                .filter(|m| m.read_seq > 0)
                .map(|m| mark(m.user_id, m.read_seq))
                .collect(),
        }
    };
    Ok(rows
        .into_iter()
        .map(|row| Row {
            room_id: row.room_id,
            kind: row.kind,
            epoch: row.epoch,
            seq: row.seq,
            open: row.open,
        })
        .map(room)
        .collect())
}

struct Row {
    room_id: Uuid,
    kind: StoredRoomKind,
    epoch: i64,
    seq: i64,
    open: bool,
}
