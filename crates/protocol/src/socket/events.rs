//! What the server sends.

use serde::{Deserialize, Serialize};

use crate::{
    Base64, Binary, DeviceId, LinkId, Problem, RoomId, Timestamp, UserId,
    rest::{
        links::LinkStep,
        people::{Contact, FriendRequest},
        rooms::Mark,
    },
};

/// `auth_error`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuthError {
    /// Why.
    pub error: Problem,
}

/// `connected`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct CommitWanted {
    /// The room.
    pub room_id: RoomId,
    /// The devices to remove.
    pub remove: Vec<DeviceId>,
    /// Of the people whose devices these are, those who belong to the group all the same: to be
    /// named as absent when their last leaf goes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<UserId>,
}

/// What changed in `contacts_updated`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ContactsUpdated {
    /// The contact as it is now.
    pub contact: Contact,
    /// What changed.
    pub change: ContactChange,
}

/// `read` and `delivered`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct KeyPackagesLow {
    /// How many are left, without the last resort.
    pub left: u32,
    /// The MLS ciphersuite that they are of.
    pub suite: u16,
}

/// `device_added` and `device_revoked`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DeviceEvent {
    /// The device.
    pub device_id: DeviceId,
}

/// `link_updated`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct LinkEvent {
    /// The link.
    pub link_id: LinkId,
    /// The step that was written; left out when the link has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub step: Option<LinkStep>,
}

/// `vault_changed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct VaultEvent {
    /// The version that stands now.
    pub version: u64,
}

/// `friend_request_received` and `friend_request_accepted`.
pub type FriendRequestEvent = FriendRequest;
