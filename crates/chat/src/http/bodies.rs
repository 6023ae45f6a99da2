//! JSON bodies of single endpoints that no client of ours shares with the server. They stand alone,
//! so that `fuzz/` reads them too.

use protocol::{Base64, ClientId, RoomId, rest::rooms::RoomKind, socket::AddedDevice};
use serde::Deserialize;

/// The part `head` of a new room.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoomHead {
    /// The room, also the MLS group id.
    pub room_id: RoomId,
    /// What kind.
    pub kind: RoomKind,
    /// The devices that its commit adds.
    pub devices: Vec<AddedDevice>,
}

/// The part `head` of a commit.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommitHead {
    /// The sender's own id of it.
    pub client_id: ClientId,
    /// The devices that it adds.
    pub devices: Vec<AddedDevice>,
}

/// A newer device list.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceListRequest {
    /// The signed device list (`e2ee::device_list`).
    pub device_list: Base64,
}

/// A message of a program without a socket.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageRequest {
    /// The sender's own id of it.
    pub client_id: ClientId,
    /// The MLSMessage.
    pub message: Base64,
}
