//! Rooms and envelopes.

use serde::{Deserialize, Serialize};

use crate::{AttachmentId, Base64, ClientId, DeviceId, RoomId, Timestamp, UserId};

/// What kind of room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum RoomKind {
    /// Two people, any number of devices each; one open at a time.
    Direct,
    /// Any number of people.
    Group,
}

/// What an envelope holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum EnvelopeKind {
    /// An MLS PrivateMessage with content for people.
    Application,
    /// An MLS PublicMessage that changes the group.
    Commit,
}

/// One entry of a room's log. `M` is [`crate::Binary`] as an event's payload and
/// [`crate::Base64`] in arrays and JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Envelope<M> {
    /// The room.
    pub room_id: RoomId,
    /// The place in the room: from 1, without gaps.
    pub seq: u64,
    /// The MLS epoch that the message was sealed in.
    pub epoch: u64,
    /// What it holds.
    pub kind: EnvelopeKind,
    /// Who sent it.
    pub sender_user: UserId,
    /// From which device.
    pub sender_device: DeviceId,
    /// The sender's own id of it.
    pub client_id: ClientId,
    /// When the server stored it.
    pub sent_at: Timestamp,
    /// The MLSMessage; empty when `href` is there.
    pub message: M,
    /// Where to fetch a commit that is too large for an event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub href: Option<String>,
}

impl<M> Envelope<M> {
    /// The same envelope with its message in another form.
    pub fn map<N>(self, form: impl FnOnce(M) -> N) -> Envelope<N> {
        Envelope {
            room_id: self.room_id,
            seq: self.seq,
            epoch: self.epoch,
            kind: self.kind,
            sender_user: self.sender_user,
            sender_device: self.sender_device,
            client_id: self.client_id,
            sent_at: self.sent_at,
            message: form(self.message),
            href: self.href,
        }
    }
}

/// A room that I am in: `GET /api/rooms`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Room {
    /// The room.
    pub room_id: RoomId,
    /// What kind.
    pub kind: RoomKind,
    /// The current MLS epoch.
    pub epoch: u64,
    /// The highest place in the log.
    pub seq: u64,
    /// Who is in it.
    pub members: Vec<UserId>,
    /// Who of them may add and remove others and change roles.
    #[serde(default)]
    pub admins: Vec<UserId>,
    /// Whether messages are still taken.
    pub open: bool,
    /// The highest place that any device of each other member has acknowledged.
    pub delivered: Vec<Mark>,
    /// The highest place that each other member has read, where they tell.
    pub read: Vec<Mark>,
}

/// How far a member has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Mark {
    /// The member.
    pub user_id: UserId,
    /// The place in the room.
    pub seq: u64,
}

/// 201 of `POST /api/messages/image` and `POST /api/files`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct AttachmentReply {
    /// Where it is: `/api/attachments/{attachment_id}`.
    pub attachment_id: AttachmentId,
    /// In bytes.
    pub size: u64,
    /// SHA-256 of the ciphertext.
    pub sha256: Base64,
    /// The place of the message that came along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub seq: Option<u64>,
}
