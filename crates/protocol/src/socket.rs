//! Socket.IO events: names, payloads and acknowledgements.
//!
//! Every client event takes an acknowledgement: [`Ack::Ok`] with the event's own fields or
//! [`Ack::Refused`] with a problem. Binary fields are Socket.IO attachments.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    Base64, Binary, ClientId, DeviceId, Problem, RoomId, Secret, Timestamp, UserId,
    rest::{
        account::{Method, Transport, User},
        people::{Contact, FriendRequest},
        rooms::{Envelope, Mark, RoomKind},
    },
};

/// An envelope as an event's payload.
pub type BinaryEnvelope = Envelope<Binary>;
/// An envelope inside an array.
pub type Base64Envelope = Envelope<Base64>;
/// A place in each of some rooms.
pub type Cursors = BTreeMap<RoomId, u64>;

/// Names of the events that clients send.
pub mod client {
    /// Signs the socket in with a password.
    pub const AUTHENTICATE: &str = "authenticate";
    /// Proves the socket's device.
    pub const DEVICE: &str = "device";
    /// Pages through a conversation.
    pub const LOAD_CONVERSATION: &str = "load_conversation";
    /// Sends to a contact's direct room.
    pub const SEND_PRIVATE_MESSAGE: &str = "send_private_message";
    /// Sends to a room.
    pub const MESSAGE: &str = "message";
    /// Makes a room.
    pub const CREATE_ROOM: &str = "create_room";
    /// Changes a room's group.
    pub const COMMIT: &str = "commit";
    /// Says that this device has joined.
    pub const WELCOME_DONE: &str = "welcome_done";
    /// Catches up.
    pub const SYNC: &str = "sync";
    /// Says what is durable here.
    pub const ACK: &str = "ack";
    /// Says what was read.
    pub const READ: &str = "read";
    /// Says that somebody writes.
    pub const TYPING: &str = "typing";

    /// All of them.
    pub const ALL: [&str; 12] = [
        AUTHENTICATE,
        DEVICE,
        LOAD_CONVERSATION,
        SEND_PRIVATE_MESSAGE,
        MESSAGE,
        CREATE_ROOM,
        COMMIT,
        WELCOME_DONE,
        SYNC,
        ACK,
        READ,
        TYPING,
    ];
}

/// Names of the events that the server sends.
pub mod server {
    /// The socket is open.
    pub const CONNECTED: &str = "connected";
    /// `authenticate` worked.
    pub const AUTH_SUCCESS: &str = "auth_success";
    /// `authenticate` was refused.
    pub const AUTH_ERROR: &str = "auth_error";
    /// An envelope of a direct room.
    pub const NEW_MESSAGE: &str = "new_message";
    /// An envelope of a group room.
    pub const MESSAGE: &str = "message";
    /// A page of a conversation.
    pub const CONVERSATION_LOADED: &str = "conversation_loaded";
    /// An invitation into a group for this device.
    pub const WELCOME: &str = "welcome";
    /// This device is asked to commit removals.
    pub const COMMIT_WANTED: &str = "commit_wanted";
    /// Somebody sent me a friend request.
    pub const FRIEND_REQUEST_RECEIVED: &str = "friend_request_received";
    /// Somebody accepted mine.
    pub const FRIEND_REQUEST_ACCEPTED: &str = "friend_request_accepted";
    /// A contact changed.
    pub const CONTACTS_UPDATED: &str = "contacts_updated";
    /// Somebody read up to a place.
    pub const READ: &str = "read";
    /// Somebody writes, or stopped.
    pub const TYPING: &str = "typing";
    /// A device of somebody has everything up to a place.
    pub const DELIVERED: &str = "delivered";
    /// I have a new device.
    pub const DEVICE_ADDED: &str = "device_added";
    /// A device of mine was revoked.
    pub const DEVICE_REVOKED: &str = "device_revoked";
    /// Few key packages are left.
    pub const KEY_PACKAGES_LOW: &str = "key_packages_low";
    /// A newer socket of this device took over; this one is closed.
    pub const DISPLACED: &str = "displaced";
    /// The session ended; the socket is closed.
    pub const SESSION_ENDED: &str = "session_ended";
}

/// `auth` at connect: a program's token. Browsers send their cookie instead.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Handshake {
    /// The session's token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub token: Option<Secret>,
}

/// The acknowledgement of a client event: `{ok: true, …}` or `{ok: false, error}`.
#[derive(Clone, Debug, PartialEq)]
pub enum Ack<T> {
    /// Done.
    Ok(T),
    /// Refused.
    Refused(Box<Problem>),
}

/// An acknowledgement without fields of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {}

impl<T: Serialize> Serialize for Ack<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Accepted<'a, T> {
            ok: bool,
            #[serde(flatten)]
            reply: &'a T,
        }
        #[derive(Serialize)]
        struct Rejected<'a> {
            ok: bool,
            error: &'a Problem,
        }
        match self {
            Self::Ok(reply) => Accepted { ok: true, reply }.serialize(serializer),
            Self::Refused(error) => Rejected { ok: false, error }.serialize(serializer),
        }
    }
}

impl<'de, T: serde::de::DeserializeOwned> Deserialize<'de> for Ack<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let mut value = serde_json::Map::deserialize(deserializer)?;
        match value.remove("ok").and_then(|ok| ok.as_bool()) {
            Some(true) => serde_json::from_value(value.into())
                .map(Self::Ok)
                .map_err(D::Error::custom),
            Some(false) => serde_json::from_value(value.remove("error").unwrap_or_default())
                .map(|error| Self::Refused(Box::new(error)))
                .map_err(D::Error::custom),
            None => Err(D::Error::missing_field("ok")),
        }
    }
}

impl<T> From<Result<T, Problem>> for Ack<T> {
    fn from(result: Result<T, Problem>) -> Self {
        match result {
            Ok(reply) => Self::Ok(reply),
            Err(problem) => Self::Refused(Box::new(problem)),
        }
    }
}

/// `authenticate`. One of `username` and `email` is needed. The session ends with the socket
/// unless `bearer` was asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
}

/// `auth_success`, and the acknowledgement of `authenticate`.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DeviceAck {
    /// What this device has acknowledged, for each room that it is in.
    #[cfg_attr(feature = "typescript", ts(type = "Record<string, number>"))]
    pub cursors: Cursors,
    /// How many key packages are left, without the last resort.
    pub key_packages_left: u32,
}

/// `load_conversation`. One of `contact_id` and `room_id` is needed.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ArchiveEntry {
    /// The place in the room.
    pub seq: u64,
    /// The sealed message.
    pub blob: Base64,
}

/// `send_private_message`: to the open direct room with a contact.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct CommitAck {
    /// The place of the commit in the room.
    pub seq: u64,
    /// The room's epoch from now on.
    pub epoch: u64,
}

/// `welcome_done`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct WelcomeDone {
    /// The room.
    pub room_id: RoomId,
}

/// `sync` and `ack`: a place in each room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RoomCursors {
    /// `sync`: what this device has; `ack`: what is durable here.
    #[cfg_attr(feature = "typescript", ts(type = "Record<string, number>"))]
    pub cursors: Cursors,
}

/// Acknowledgement of `sync`: a page, in order within each room.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SetTyping {
    /// The room.
    pub room_id: RoomId,
    /// Started or stopped.
    pub active: bool,
}

/// `connected`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Connected {
    /// The socket, for logs.
    pub socket_id: String,
    /// 32 random bytes that the device key signs.
    pub nonce: Base64,
    /// The server's clock.
    pub server_time: Timestamp,
    /// The server's version.
    pub version: String,
    /// The signed-in person; `None` until `authenticate`.
    #[serde(default)]
    pub user_id: Option<UserId>,
}

/// `welcome`: for this device, until `welcome_done`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct WelcomeEvent {
    /// The room.
    pub room_id: RoomId,
    /// The Welcome with this device's secrets alone.
    pub message: Binary,
    /// The epoch that it leads to; its tree is at `/api/rooms/{id}/tree?epoch=`.
    pub epoch: u64,
    /// The commit's place: this device's log starts behind it.
    pub seq: u64,
}

/// `commit_wanted`: this device has 10 s to commit these removals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct CommitWanted {
    /// The room.
    pub room_id: RoomId,
    /// The devices to remove.
    pub remove: Vec<DeviceId>,
}

/// What changed in `contacts_updated`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum ContactChange {
    /// New.
    Added,
    /// Gone.
    Removed,
    /// Connected.
    Online,
    /// Disconnected.
    Offline,
    /// Name or picture.
    Profile,
    /// Account key or devices.
    Keys,
}

/// `contacts_updated`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ContactsUpdated {
    /// The contact as it is now.
    pub contact: Contact,
    /// What changed.
    pub change: ContactChange,
}

/// `read` and `delivered`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Receipt {
    /// The room.
    pub room_id: RoomId,
    /// Who.
    pub user_id: UserId,
    /// Up to where.
    pub seq: u64,
}

impl Receipt {
    /// Without the room.
    pub const fn mark(self) -> Mark {
        Mark {
            user_id: self.user_id,
            seq: self.seq,
        }
    }
}

/// `typing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct TypingEvent {
    /// The room.
    pub room_id: RoomId,
    /// Who.
    pub user_id: UserId,
    /// Started or stopped.
    pub active: bool,
}

/// `key_packages_low`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct KeyPackagesLow {
    /// How many are left, without the last resort.
    pub left: u32,
}

/// `device_added` and `device_revoked`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DeviceEvent {
    /// The device.
    pub device_id: DeviceId,
}

/// `friend_request_received` and `friend_request_accepted`.
pub type FriendRequestEvent = FriendRequest;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;

    #[test]
    fn acknowledgements_are_flat() {
        let ack = Ack::Ok(CommitAck { seq: 3, epoch: 2 });
        let json = serde_json::to_value(&ack).unwrap();
        assert_eq!(json, serde_json::json!({"ok": true, "seq": 3, "epoch": 2}));
        assert_eq!(serde_json::from_value::<Ack<CommitAck>>(json).unwrap(), ack);

        let refused = Ack::<Done>::Refused(Box::new(Code::NotAMember.into()));
        let json = serde_json::to_value(&refused).unwrap();
        assert_eq!(json["ok"], false);
        assert_eq!(json["error"]["code"], "not-a-member");
        assert_eq!(serde_json::from_value::<Ack<Done>>(json).unwrap(), refused);
        assert_eq!(
            serde_json::to_value(Ack::Ok(Done {})).unwrap(),
            serde_json::json!({"ok": true})
        );
    }

    #[test]
    fn unknown_fields_are_refused() {
        let wrong =
            serde_json::json!({"room_id": RoomId::default_for_test(), "active": true, "x": 1});
        assert!(serde_json::from_value::<SetTyping>(wrong).is_err());
    }

    impl RoomId {
        fn default_for_test() -> Self {
            Self::from_bytes([1; 16])
        }
    }
}
