//! Makes rooms and takes commits: epoch compare-and-set, log row, public group, membership,
//! welcomes and group info in one transaction.

use std::collections::BTreeSet;

use bytes::Bytes;
use e2ee::{Change, Kind, Member, PublicRoom, Refusal};
use protocol::{
    Code, Problem, limits,
    rest::rooms::{Envelope, EnvelopeKind, RoomKind},
    socket::{AddedDevice, BinaryEnvelope, CommitAck, WelcomeEvent, server},
};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Log, by_reference};
use crate::{
    error::{Error, Result, violates},
    store::{contacts, devices, members, messages, rooms, welcomes},
};

/// A room to be made.
pub struct CreateRequest {
    /// Who makes it.
    pub user: Uuid,
    /// With which device.
    pub device: Uuid,
    /// The room, also the MLS group.
    pub room: Uuid,
    /// What kind.
    pub kind: RoomKind,
    /// The commit from epoch 0 to 1.
    pub commit: Bytes,
    /// For the devices that it adds.
    pub welcome: Option<Bytes>,
    /// The devices that it adds.
    pub devices: Vec<AddedDevice>,
    /// The group info of epoch 1.
    pub group_info: Bytes,
    /// The ratchet tree of epoch 1.
    pub tree: Bytes,
}

/// A commit to be taken.
pub struct CommitRequest {
    /// Who commits.
    pub user: Uuid,
    /// With which device.
    pub device: Uuid,
    /// The room.
    pub room: Uuid,
    /// The sender's own id; a repeat gets the first result.
    pub client: Uuid,
    /// The commit.
    pub commit: Bytes,
    /// For the devices that it adds.
    pub welcome: Option<Bytes>,
    /// The devices that it adds.
    pub devices: Vec<AddedDevice>,
    /// The group info of the next epoch.
    pub group_info: Bytes,
}

impl Log {
    /// Makes a room at epoch 1. A repeat of its creator gets the first result.
    ///
    /// # Errors
    /// 409 `room-exists`, 403 `not-a-contact`, 422 `policy` or `invalid-message`.
    pub async fn create_room(&self, request: CreateRequest) -> Result<CommitAck> {
        check_framing(&request.commit, request.room, Some(0))?;
        if let Some(room) = rooms::find(&self.pool, request.room).await? {
            return if room.creator_device == request.device {
                Ok(CommitAck { seq: 1, epoch: 1 })
            } else {
                Err(exists(request.room))
            };
        }
        let CreateRequest {
            user,
            device,
            room,
            kind,
            ..
        } = request;
        let (group_info, tree) = (request.group_info.clone(), request.tree);
        let (members, state, tree) = blocking(move || {
            let kind = match kind {
                RoomKind::Direct => Kind::Direct,
                RoomKind::Group => Kind::Group,
            };
            let public = PublicRoom::create(room, kind, (user, device), &group_info, &tree)?;
            Ok((public.members()?, public.to_state()?, public.tree()?))
        })
        .await?;
        let added: Vec<Member> = members
            .into_iter()
            .filter(|member| member.device != device)
            .collect();
        let welcomes = cut(request.welcome.as_ref(), &request.devices, &added)?;
        let people: BTreeSet<Uuid> = added
            .iter()
            .map(|member| member.user)
            .filter(|one| *one != user)
            .collect();
        let pair = match (kind, people.len()) {
            (RoomKind::Direct, 1) => people.first().map(|other| (user, *other)),
            (RoomKind::Direct, _) => return Err(policy("two-users")),
            (RoomKind::Group, _) => None,
        };

        let mut db = self.pool.begin().await?;
        check_devices(&mut db, &added, 1).await?;
        check_contacts(&mut db, user, &people).await?;
        match rooms::add(&mut *db, room, kind.into(), device, pair).await {
            Ok(()) => {}
            Err(error) if violates(&error, "one_open_direct_room_a_pair") => {
                db.rollback().await?;
                let (one, other) = pair.unwrap_or_default();
                let open = rooms::direct(&self.pool, one, other).await?;
                return Err(exists(open.unwrap_or(room)));
            }
            Err(error) if violates(&error, "rooms_pkey") => return Err(exists(room)),
            Err(error) => return Err(error.into()),
        }
        rooms::set_group(&mut db, room, 1, &state, &tree, &request.group_info).await?;
        let row = messages::NewCommit {
            room,
            seq: 1,
            epoch: 0,
            user,
            device,
            client: room,
            body: &request.commit,
        };
        let sent_at = messages::add_commit(&mut *db, row).await?;
        // The creator's log starts with its own commit, the others' behind it.
        members::join(&mut db, room, &[device], &[user], 0).await?;
        join(&mut db, room, &added, 1).await?;
        store_welcomes(&mut db, room, &welcomes, 1, 1).await?;
        db.commit().await?;

        let envelope = envelope(room, 1, 0, (user, device), room, sent_at, request.commit);
        self.listen(room, kind, device, 0, 1);
        self.announce(envelope, &[], &welcomes);
        Ok(CommitAck { seq: 1, epoch: 1 })
    }

    /// Takes a commit from the current epoch to the next. A repeat gets the first result.
    ///
    /// # Errors
    /// 409 `stale-epoch` or `removal-required`, 403 `not-a-member` or `room-closed`, 422 `policy`
    /// or `invalid-message`.
    pub async fn commit(&self, request: CommitRequest) -> Result<CommitAck> {
        let from = check_framing(&request.commit, request.room, None)?;
        let CommitRequest {
            user,
            device,
            room: room_id,
            client,
            ..
        } = request;
        let mut db = self.pool.begin().await?;
        let room = rooms::lock(&mut *db, room_id)
            .await?
            .ok_or(Code::NotAMember)?;
        if let Some((seq, epoch)) =
            messages::repeated_commit(&mut *db, room_id, device, client).await?
        {
            return Ok(CommitAck {
                seq: seq.max(0) as u64,
                epoch: epoch.max(0) as u64,
            });
        }
        // A device that is not in the room may join by external commit when its person is.
        if !members::has_user(&mut *db, room_id, user).await?
            || devices::find(&mut *db, device).await?.is_none()
        {
            return Err(Code::NotAMember.into());
        }
        if !room.open {
            return Err(Code::RoomClosed.into());
        }
        let epoch = room.epoch.max(0) as u64;
        if from != epoch {
            return Err(stale(epoch));
        }
        let state = rooms::group(&mut *db, room_id)
            .await?
            .ok_or_else(|| anyhow::anyhow!("room {room_id} has no group"))?;
        let (commit, group_info) = (request.commit.clone(), request.group_info.clone());
        let (change, size, state, tree) = blocking(move || {
            let mut public = PublicRoom::load(&state)?;
            let change = public.accept((user, device), &commit, &group_info)?;
            Ok((
                change,
                public.members()?.len(),
                public.to_state()?,
                public.tree()?,
            ))
        })
        .await?;
        if size > limits::ROOM_DEVICES {
            return Err(policy("room-full"));
        }
        check_removals(&mut db, room_id, &change).await?;
        let joins: Vec<Member> = invited(&change);
        check_devices(&mut db, &change.added, 0).await?;
        let mut strangers: BTreeSet<Uuid> = joins.iter().map(|member| member.user).collect();
        strangers.remove(&user);
        for known in strangers.clone() {
            if members::has_user(&mut *db, room_id, known).await? {
                strangers.remove(&known);
            }
        }
        check_contacts(&mut db, user, &strangers).await?;
        let welcomes = cut(request.welcome.as_ref(), &request.devices, &joins)?;

        let seq = room.seq + 1;
        let row = messages::NewCommit {
            room: room_id,
            seq,
            epoch: room.epoch,
            user,
            device,
            client,
            body: &request.commit,
        };
        let sent_at = match messages::add_commit(&mut *db, row).await {
            Ok(sent_at) => sent_at,
            Err(error) if violates(&error, "one_commit_an_epoch") => return Err(stale(epoch)),
            Err(error) => return Err(error.into()),
        };
        rooms::advance(&mut *db, room_id, room.epoch + 1, seq).await?;
        let added: BTreeSet<Uuid> = change.added.iter().map(|member| member.device).collect();
        let removed: Vec<Uuid> = change
            .removed
            .iter()
            .map(|member| member.device)
            .filter(|one| !added.contains(one))
            .collect();
        members::leave(&mut *db, room_id, &removed, seq).await?;
        join(&mut db, room_id, &joins, seq).await?;
        if added.contains(&device) {
            // Joined by its own external commit: it gets that one as an echo.
            members::join(&mut db, room_id, &[device], &[user], seq - 1).await?;
            welcomes::remove(&mut *db, room_id, device).await?;
        }
        store_welcomes(&mut db, room_id, &welcomes, room.epoch + 1, seq).await?;
        let next = room.epoch + 1;
        rooms::set_group(&mut db, room_id, next, &state, &tree, &request.group_info).await?;
        db.commit().await?;

        let seq = seq.max(0) as u64;
        let sender = (user, device);
        let envelope = envelope(room_id, seq, epoch, sender, client, sent_at, request.commit);
        if added.contains(&device) {
            self.listen(room_id, room.kind.into(), device, seq - 1, seq);
        }
        self.announce(envelope, &removed, &welcomes);
        metrics::counter!("chat_commits_total").increment(1);
        Ok(CommitAck {
            seq,
            epoch: epoch + 1,
        })
    }

    /// Lets a device's socket, when it is here, hear a room that it has just made or entered.
    fn listen(&self, room: Uuid, kind: RoomKind, device: Uuid, sent: u64, head: u64) {
        if let Some(connection) = self.hub.of_device(device) {
            let local = self.hub.join(room, kind, &connection);
            local.go_live(connection.id, sent, head);
        }
    }

    /// Sends a stored commit to those in the room and welcomes to those who may enter.
    fn announce(&self, envelope: BinaryEnvelope, removed: &[Uuid], welcomes: &[Invitation]) {
        let (room, seq, epoch) = (envelope.room_id, envelope.seq, envelope.epoch + 1);
        if let Some(local) = self.hub.room(room.0) {
            for device in removed {
                if let Some(connection) = self.hub.of_device(*device) {
                    local.end_at(connection.id, seq);
                }
            }
            local.publish(&[by_reference(envelope)]);
        }
        for invitation in welcomes {
            if let Some(connection) = self.hub.of_device(invitation.device) {
                let message = invitation.message.clone().into();
                let event = WelcomeEvent {
                    room_id: room,
                    message,
                    epoch,
                    seq,
                };
                connection.emit(server::WELCOME, &event);
            }
        }
    }
}

/// The part of a welcome that is for one device.
struct Invitation {
    device: Uuid,
    message: Vec<u8>,
}

/// Leaves that join by a welcome: not the committer of an external commit.
fn invited(change: &Change) -> Vec<Member> {
    let invited = |member: &&Member| member.device != change.committer.device;
    change.added.iter().filter(invited).cloned().collect()
}

/// Checks that a commit is one of this room, and of this epoch where one is named; returns it.
fn check_framing(commit: &[u8], room: Uuid, epoch: Option<u64>) -> Result<u64> {
    let framing = e2ee::framing::inspect(commit).map_err(|_| malformed("commit"))?;
    if framing.kind != e2ee::framing::MessageKind::Commit
        || framing.room != room
        || epoch.is_some_and(|epoch| epoch != framing.epoch)
    {
        return Err(malformed("commit"));
    }
    Ok(framing.epoch)
}

/// Cuts the one welcome into parts: each added device needs one, and nobody else may be named.
fn cut(
    welcome: Option<&Bytes>,
    named: &[AddedDevice],
    added: &[Member],
) -> Result<Vec<Invitation>> {
    let due: BTreeSet<Uuid> = added.iter().map(|member| member.device).collect();
    let told: BTreeSet<Uuid> = named.iter().map(|device| device.device_id.0).collect();
    if due != told || named.len() != told.len() {
        return Err(malformed("devices"));
    }
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let parts = welcome.and_then(|welcome| e2ee::welcome::split(welcome).ok());
    let parts = parts.ok_or_else(|| malformed("welcome"))?;
    named
        .iter()
        .map(|device| {
            let part = parts
                .iter()
                .find(|part| part.reference.as_slice() == device.key_package_ref.as_ref());
            let part = part.ok_or_else(|| malformed("welcome"))?;
            Ok(Invitation {
                device: device.device_id.0,
                message: part.welcome.clone(),
            })
        })
        .collect()
}

/// Every leaf must be a device that its person registered here and did not revoke. `others` are
/// leaves that are not in the list but count towards the limit.
async fn check_devices(db: &mut PgConnection, leaves: &[Member], others: usize) -> Result<()> {
    if leaves.len() + others > limits::ROOM_DEVICES {
        return Err(policy("room-full"));
    }
    let ids: Vec<Uuid> = leaves.iter().map(|member| member.device).collect();
    let known = devices::find_all(db, &ids).await?;
    for leaf in leaves {
        let device = known.iter().find(|device| device.device_id == leaf.device);
        let credential = device.and_then(|device| e2ee::Credential::open(&device.credential).ok());
        if credential.is_none_or(|credential| Member::from(&credential) != *leaf) {
            return Err(policy("unknown-device"));
        }
    }
    Ok(())
}

/// Locks the contacts until the transaction ends, so that a removal cannot slip in between.
async fn check_contacts(db: &mut PgConnection, user: Uuid, others: &BTreeSet<Uuid>) -> Result<()> {
    for other in others {
        if !contacts::lock(&mut *db, user, *other).await? {
            return Err(Problem::new(Code::NotAContact)
                .with("user_id", other)
                .into());
        }
    }
    Ok(())
}

async fn check_removals(db: &mut PgConnection, room: Uuid, change: &Change) -> Result<()> {
    let mut due = members::removals_due(db, room).await?;
    due.retain(|device| !change.removed.iter().any(|member| member.device == *device));
    if due.is_empty() {
        return Ok(());
    }
    Err(Problem::new(Code::RemovalRequired)
        .detail("The commit has to remove these devices too.")
        .with("devices", due)
        .into())
}

async fn join(db: &mut PgConnection, room: Uuid, added: &[Member], seq: i64) -> Result<()> {
    let devices: Vec<Uuid> = added.iter().map(|member| member.device).collect();
    let users: Vec<Uuid> = added.iter().map(|member| member.user).collect();
    Ok(members::join(db, room, &devices, &users, seq).await?)
}

async fn store_welcomes(
    db: &mut PgConnection,
    room: Uuid,
    invitations: &[Invitation],
    epoch: i64,
    seq: i64,
) -> Result<()> {
    let devices: Vec<Uuid> = invitations.iter().map(|one| one.device).collect();
    let parts: Vec<&[u8]> = invitations
        .iter()
        .map(|one| one.message.as_slice())
        .collect();
    Ok(welcomes::add(db, room, &devices, &parts, epoch, seq).await?)
}

fn envelope(
    room: Uuid,
    seq: u64,
    epoch: u64,
    (user, device): (Uuid, Uuid),
    client: Uuid,
    sent_at: OffsetDateTime,
    body: Bytes,
) -> BinaryEnvelope {
    Envelope {
        room_id: room.into(),
        seq,
        epoch,
        kind: EnvelopeKind::Commit,
        sender_user: user.into(),
        sender_device: device.into(),
        client_id: client.into(),
        sent_at: sent_at.into(),
        message: body.into(),
        href: None,
    }
}

/// Runs group arithmetic off the runtime: at 1,000 devices it takes tens of milliseconds.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| anyhow::anyhow!("group arithmetic failed: {error}"))?
        .map_err(refused)
}

fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Malformed(what) => {
            tracing::info!(what, "a commit or room was refused as malformed");
            malformed("commit")
        }
        Refusal::StaleEpoch { epoch } => stale(epoch),
        Refusal::Policy(rule) => policy(rule.name()),
    }
}

fn policy(rule: &str) -> Error {
    tracing::info!(rule, "a commit or room was refused by policy");
    Problem::new(Code::Policy)
        .detail(format!("The change breaks the rule {rule}."))
        .with("rule", rule)
        .into()
}

fn malformed(part: &str) -> Error {
    Problem::new(Code::InvalidMessage)
        .detail(format!(
            "The {part} is malformed or belongs to something else."
        ))
        .with("part", part)
        .into()
}

fn stale(epoch: u64) -> Error {
    super::Refused::StaleEpoch { epoch }.into()
}

fn exists(room: Uuid) -> Error {
    Problem::new(Code::RoomExists)
        .detail("Join that conversation instead.")
        .with("room_id", room)
        .into()
}
