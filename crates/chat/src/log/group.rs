//! What making a room and committing to it share: the checks of leaves, the cutting of welcomes,
//! the telling of those concerned.

use std::collections::BTreeSet;

use bytes::Bytes;
use e2ee::{Member, Refusal};
use protocol::{
    Code, Problem, limits,
    rest::rooms::{Envelope, EnvelopeKind, RoomKind},
    socket::{AddedDevice, BinaryEnvelope, WelcomeEvent, server},
};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Log, by_reference};
use crate::{
    cluster::Notice,
    error::{Error, Result},
    store::{contacts, devices, members, welcomes},
};

impl Log {
    /// Lets a device's socket, when it is here, hear a room that it has just made or entered.
    pub(super) fn listen(&self, room: Uuid, kind: RoomKind, device: Uuid, sent: u64, head: u64) {
        if let Some(connection) = self.hub.of_device(device) {
            let local = self.hub.join(room, kind, &connection);
            local.go_live(connection.id, sent, head);
        }
    }

    /// Tells the other nodes, with the transaction, of invited devices and of one that enters by
    /// itself, when its socket is not here.
    pub(super) async fn tell_others(
        &self,
        db: &mut PgConnection,
        (room, seq): (Uuid, i64),
        invited: bool,
        entered: Option<Uuid>,
    ) -> Result<()> {
        if invited {
            let notice = Notice::Welcomes { room, seq };
            self.cluster.notify_within(&mut *db, notice).await?;
        }
        let entered = entered.filter(|device| self.hub.of_device(*device).is_none());
        if let Some(device) = entered {
            let notice = Notice::Listen { room, device };
            self.cluster.notify_within(db, notice).await?;
        }
        Ok(())
    }

    /// Sends a stored commit to those in the room and welcomes to those who may enter.
    pub(super) fn announce(
        &self,
        envelope: BinaryEnvelope,
        removed: &[Uuid],
        welcomes: &[Invitation],
    ) {
        let (room, seq, epoch) = (envelope.room_id, envelope.seq, envelope.epoch + 1);
        if let Some(local) = self.hub.room(room.0) {
            for device in removed {
                if let Some(connection) = self.hub.of_device(*device) {
                    local.end_at(connection.id, seq);
                }
            }
            local.publish(&[by_reference(envelope)]);
        }
        self.cluster.stored(room.0, seq);
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
pub(super) struct Invitation {
    pub(super) device: Uuid,
    pub(super) message: Vec<u8>,
}

/// Checks that a commit is one of this room, and of this epoch where one is named; returns it.
pub(super) fn check_framing(commit: &[u8], room: Uuid, epoch: Option<u64>) -> Result<u64> {
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
pub(super) fn cut(
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
pub(super) async fn check_devices(
    db: &mut PgConnection,
    leaves: &[Member],
    others: usize,
) -> Result<()> {
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
pub(super) async fn check_contacts(
    db: &mut PgConnection,
    user: Uuid,
    others: &BTreeSet<Uuid>,
) -> Result<()> {
    for other in others {
        if !contacts::lock(&mut *db, user, *other).await? {
            return Err(Problem::new(Code::NotAContact)
                .with("user_id", other)
                .into());
        }
    }
    Ok(())
}

pub(super) async fn join(
    db: &mut PgConnection,
    room: Uuid,
    added: &[Member],
    seq: i64,
) -> Result<()> {
    let devices: Vec<Uuid> = added.iter().map(|member| member.device).collect();
    let users: Vec<Uuid> = added.iter().map(|member| member.user).collect();
    Ok(members::join(db, room, &devices, &users, seq).await?)
}

pub(super) async fn store_welcomes(
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

pub(super) fn envelope(
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
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| anyhow::anyhow!("group arithmetic failed: {error}"))?
        .map_err(refused)
}

pub(super) fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Malformed(what) => {
            tracing::info!(what, "a commit or room was refused as malformed");
            malformed("commit")
        }
        Refusal::StaleEpoch { epoch } => stale(epoch),
        Refusal::Policy(rule) => policy(rule.name()),
    }
}

pub(super) fn policy(rule: &str) -> Error {
    tracing::info!(rule, "a commit or room was refused by policy");
    Problem::new(Code::Policy)
        .detail(format!("The change breaks the rule {rule}."))
        .with("rule", rule)
        .into()
}

pub(super) fn malformed(part: &str) -> Error {
    Problem::new(Code::InvalidMessage)
        .detail(format!(
            "The {part} is malformed or belongs to something else."
        ))
        .with("part", part)
        .into()
}

pub(super) fn stale(epoch: u64) -> Error {
    super::Refused::StaleEpoch { epoch }.into()
}

pub(super) fn exists(room: Uuid) -> Error {
    Problem::new(Code::RoomExists)
        .detail("Join that conversation instead.")
        .with("room_id", room)
        .into()
}
