//! What clients send, and what the acknowledgement of each holds.

use serde::{Deserialize, Serialize};

use super::{Base64Envelope, Cursors};
use crate::{
    Base64, Binary, ClientId, DeviceId, RoomId, Secret, Timestamp, UserId,
    mfa::Work,
    rest::{
        account::{Method, Transport, User},
        rooms::RoomKind,
    },
};

/// `auth` at connect: a program's token. Browsers send their cookie instead.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Handshake {
    /// The session's token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub token: Option<Secret>,
}

/// `authenticate`. One of `username` and `email` is needed. The session ends with the socket
/// unless `bearer` was asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Authenticate {
    /// The unique name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub username: Option<String>,
    /// The confirmed address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub email: Option<String>,
    /// The password.
    pub password: Secret,
    /// The second factor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub method: Option<Method>,
    /// Its code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub code: Option<Secret>,
    /// How the session is kept.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Transport>"))]
    pub transport: Transport,
    /// The solved `puzzle` of a `proof-required`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub work: Option<Work>,
}

/// `auth_success`, and the acknowledgement of `authenticate`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct AuthSuccess {
    /// What happened, in words.
    pub message: String,
    /// Oneself.
    pub user: User,
    /// With `bearer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub token: Option<Secret>,
    /// With `bearer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub expires_at: Option<Timestamp>,
}

/// `device`: proves the socket's device.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DeviceProof {
    /// The device.
    pub device_id: DeviceId,
    /// The device key's signature over the nonce of `connected` (`e2ee::proof`), 64 bytes.
    pub signature: Binary,
}

/// Acknowledgement of `device`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DeviceAck {
    /// What this device has acknowledged, for each room that it is in.
    #[cfg_attr(feature = "typescript", ts(type = "Record<string, number>"))]
    pub cursors: Cursors,
    /// How many key packages are left, without the last resort.
    pub key_packages_left: u32,
    /// The version of my vault; 0 when there is none.
    #[serde(default)]
    pub vault_version: u64,
}

/// `load_conversation`. One of `contact_id` and `room_id` is needed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct LoadConversation {
    /// The contact whose direct room is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub contact_id: Option<UserId>,
    /// The room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub room_id: Option<RoomId>,
    /// Only what lies before this place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub before_seq: Option<u64>,
    /// At most so many, 50 at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub limit: Option<u32>,
}

/// `conversation_loaded`, and the acknowledgement of `load_conversation`: in rising order.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ConversationLoaded {
    /// The room; `None` when the contact has no room with me yet.
    pub room_id: Option<RoomId>,
    /// What the log still holds.
    pub messages: Vec<Base64Envelope>,
    /// What my archive holds.
    pub archive: Vec<ArchiveEntry>,
    /// There is more before it.
    pub has_more: bool,
}

/// One sealed entry of my archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ArchiveEntry {
    /// The place in the room.
    pub seq: u64,
    /// The sealed message.
    pub blob: Base64,
}

/// `send_private_message`: to the open direct room with a contact.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SendPrivateMessage {
    /// The contact.
    pub recipient_id: UserId,
    /// Chosen by the sender; a repeat returns the first result.
    pub client_id: ClientId,
    /// The MLSMessage.
    pub message: Binary,
}

/// `message`: to a room.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SendMessage {
    /// The room.
    pub room_id: RoomId,
    /// Chosen by the sender; a repeat returns the first result.
    pub client_id: ClientId,
    /// The MLSMessage.
    pub message: Binary,
}

/// Acknowledgement of `message` and `send_private_message`, after the commit to disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct MessageAck {
    /// The room.
    pub room_id: RoomId,
    /// The place in the room.
    pub seq: u64,
    /// When it was stored.
    pub sent_at: Timestamp,
}

/// A device that a commit adds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct AddedDevice {
    /// The device.
    pub device_id: DeviceId,
    /// The reference of the key package that was used (RFC 9420, section 5.2).
    pub key_package_ref: Base64,
}

/// `create_room`: the group at epoch 1, its first commit made by this device alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct CreateRoom {
    /// The room, also the MLS group id.
    pub room_id: RoomId,
    /// What kind.
    pub kind: RoomKind,
    /// The commit from epoch 0 to 1.
    pub commit: Binary,
    /// For the devices that it adds.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::binary::optional"
    )]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Binary>"))]
    pub welcome: Option<Binary>,
    /// The devices that it adds.
    pub devices: Vec<AddedDevice>,
    /// The group info of epoch 1.
    pub group_info: Binary,
    /// The ratchet tree of epoch 1.
    pub tree: Binary,
}

/// `commit`: from the current epoch to the next.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SendCommit {
    /// The room.
    pub room_id: RoomId,
    /// Chosen by the sender; a repeat returns the first result.
    pub client_id: ClientId,
    /// The commit.
    pub commit: Binary,
    /// For the devices that it adds.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::binary::optional"
    )]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Binary>"))]
    pub welcome: Option<Binary>,
    /// The devices that it adds.
    pub devices: Vec<AddedDevice>,
    /// The group info of the next epoch.
    pub group_info: Binary,
}

/// Acknowledgement of `create_room` and `commit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct CommitAck {
    /// The place of the commit in the room.
    pub seq: u64,
    /// The room's epoch from now on.
    pub epoch: u64,
}

/// `welcome_done`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct WelcomeDone {
    /// The room.
    pub room_id: RoomId,
}

/// `sync` and `ack`: a place in each room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RoomCursors {
    /// `sync`: what this device has; `ack`: what is durable here.
    #[cfg_attr(feature = "typescript", ts(type = "Record<string, number>"))]
    pub cursors: Cursors,
}

/// Acknowledgement of `sync`: a page, in order within each room.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SyncAck {
    /// At most 50 or 512 KiB.
    pub envelopes: Vec<Base64Envelope>,
    /// The cursors to call with next.
    #[cfg_attr(feature = "typescript", ts(type = "Record<string, number>"))]
    pub next: Cursors,
    /// There is more: call again. Live delivery of a room starts with its last page.
    pub more: bool,
}

/// `read`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct MarkRead {
    /// The room.
    pub room_id: RoomId,
    /// Everything up to here was read.
    pub seq: u64,
}

/// `typing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SetTyping {
    /// The room.
    pub room_id: RoomId,
    /// Started or stopped.
    pub active: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_fields_are_refused() {
        let room_id = RoomId::from_bytes([1; 16]);
        let right = serde_json::json!({"room_id": room_id, "active": true});
        assert!(serde_json::from_value::<SetTyping>(right).is_ok());
        let wrong = serde_json::json!({"room_id": room_id, "active": true, "x": 1});
        assert!(serde_json::from_value::<SetTyping>(wrong).is_err());
    }
}
