//! People, rooms and logs in bulk, for benchmarks: written by the server's own store code, without
//! the mails, codes and requests that lead to them. No server calls this.

use anyhow::{Context, ensure};
use e2ee::{Kind, PublicRoom};
use protocol::Secret;
use sqlx::{PgConnection, PgExecutor, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    names::{self, Username},
    store::{StoredRoomKind, devices, leaving, marks, members, messages, rooms, sessions, users},
    token,
};

/// Seconds that a session lives: a day.
const LIFE: i32 = 24 * 60 * 60;
/// Messages in one round trip, as in a full batch of the server.
const BATCH: usize = 256;

/// A person with one device.
pub struct Person<'a> {
    /// The account.
    pub user: Uuid,
    /// The unique name.
    pub username: &'a str,
    /// The device.
    pub device: Uuid,
    /// The device's credential.
    pub credential: &'a [u8],
}

/// A group with one leaf, its creator's, at epoch 1.
pub struct Room<'a> {
    /// The room.
    pub room: Uuid,
    /// Who made it: person and device.
    pub creator: (Uuid, Uuid),
    /// The commit from epoch 0.
    pub commit: &'a [u8],
    /// The group info of epoch 1.
    pub group_info: &'a [u8],
    /// The ratchet tree of epoch 1.
    pub tree: &'a [u8],
    /// The others that read and write in it. They have no leaf, so they cannot decrypt; the server
    /// never looks.
    pub members: &'a [(Uuid, Uuid)],
}

/// Adds a person who is signed in; returns the session's token.
///
/// # Errors
/// When the name is taken or of no good form.
pub async fn person(db: &mut PgConnection, new: &Person<'_>) -> anyhow::Result<Secret> {
    let username = Username::parse(new.username).map_err(|_| anyhow::anyhow!("no username"))?;
    let email = format!("{}@example.org", new.username);
    let user = users::NewUser {
        user_id: new.user,
        username: username.as_str(),
        look: &names::look(username.as_str()),
        name: None,
        email: &email,
    };
    users::add(&mut *db, user).await?;
    let added = devices::add(&mut *db, new.device, new.user, "bench", new.credential).await?;
    ensure!(added, "the device is there already");
    let (token, hash) = token::fresh();
    let session = sessions::NewSession {
        session_id: Uuid::now_v7(),
        user_id: new.user,
        token: hash,
        life: LIFE,
        idle: LIFE,
        factor_at: Some(OffsetDateTime::now_utc()),
        user_agent: None,
        address: None,
    };
    sessions::add(&mut *db, session).await?;
    Ok(token)
}

/// Adds a room with all of its members.
///
/// # Errors
/// When it is there already or the group is none.
pub async fn room(db: &mut PgConnection, new: &Room<'_>) -> anyhow::Result<()> {
    let public = PublicRoom::create(new.room, Kind::Group, new.creator, new.group_info, new.tree)?;
    let (user, device) = new.creator;
    rooms::add(&mut *db, new.room, StoredRoomKind::Group, device, None).await?;
    rooms::set_group(
        &mut *db,
        new.room,
        1,
        &public.to_state()?,
        &public.tree()?,
        new.group_info,
    )
    .await?;
    let commit = messages::NewCommit {
        room: new.room,
        seq: 1,
        epoch: 0,
        user,
        device,
        client: new.room,
        body: new.commit,
    };
    messages::add_commit(&mut *db, commit).await?;
    members::join(&mut *db, new.room, &[device], &[user], 0).await?;
    let (users, devices): (Vec<_>, Vec<_>) = new.members.iter().copied().unzip();
    members::join(&mut *db, new.room, &devices, &users, 1).await?;
    leaving::set_admins(&mut *db, new.room, &[user]).await?;
    Ok(())
}

/// Appends so many messages of a room's first device, which everybody has: what is left of each is
/// its place in the log.
///
/// # Errors
/// When one of them is not taken, or not freed.
pub async fn messages(
    db: impl PgExecutor<'_> + Copy,
    room: Uuid,
    members: &[(Uuid, Uuid)],
    count: usize,
) -> anyhow::Result<()> {
    let (user, device) = *members.first().context("a room without members")?;
    let devices: Vec<Uuid> = members.iter().map(|(_, device)| *device).collect();
    let mut left = count;
    while left > 0 {
        let size = left.min(BATCH);
        let batch = messages::Batch {
            rooms: vec![room; size],
            users: vec![user; size],
            devices: vec![device; size],
            peers: vec![None; size],
            clients: std::iter::repeat_with(Uuid::new_v4).take(size).collect(),
            epochs: vec![1; size],
            bodies: vec![b"x"; size],
        };
        let answers = messages::append(db, &batch).await?;
        ensure!(
            answers.iter().all(|answer| answer.fresh),
            "a message was not taken"
        );
        let newest = answers.iter().filter_map(|answer| answer.seq).max();
        let seqs = vec![newest.context("no place in the log")?; devices.len()];
        let moved = marks::advance(db, &vec![room; devices.len()], &devices, &seqs).await?;
        ensure!(
            moved.iter().all(|cursor| cursor.code == 0),
            "a cursor was not moved"
        );
        left -= size;
    }
    Ok(())
}

/// A pool of one connection to a database with all migrations.
///
/// # Errors
/// When it cannot be reached or migrated.
pub async fn connect(url: &str) -> anyhow::Result<PgPool> {
    let options = sqlx::postgres::PgPoolOptions::new().max_connections(1);
    let pool = options.connect(url).await?;
    crate::MIGRATOR.run(&pool).await?;
    Ok(pool)
}
