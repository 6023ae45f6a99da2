//! What people keep on the server for themselves, sealed on their devices: history, recovery and
//! vault.

use serde::{Deserialize, Serialize};

use super::rooms::RoomKind;
use crate::{Base64, RoomId, Timestamp, UserId, socket::ArchiveEntry};

/// `POST /api/archive`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ArchiveUpload {
    /// The room.
    pub room_id: RoomId,
    /// Up to 100 sealed messages of places that I could read.
    pub entries: Vec<ArchiveEntry>,
    /// Edits and deletions: replaces what stands. Else the first upload of a place wins.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
    pub replace: bool,
}

/// 200 of `POST /api/archive`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ArchiveStored {
    /// How many of them were stored by this upload.
    pub stored: u32,
}

/// `GET /api/archive?room_id=&before_seq=&limit=`: in rising order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ArchivePage {
    /// The room.
    pub room_id: RoomId,
    /// At most 50, or 512 KiB.
    pub entries: Vec<ArchiveEntry>,
    /// There is more before it.
    pub has_more: bool,
}

/// A room that my archive holds something of: `GET /api/archive/rooms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ArchiveRoom {
    /// The room: one that I am in, have left, or that is gone.
    pub room_id: RoomId,
    /// What kind; nothing for a group that is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub kind: Option<RoomKind>,
    /// The other person of a direct room, open or closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub peer: Option<UserId>,
    /// How many entries.
    pub entries: u64,
    /// The place of the last of them.
    pub last_seq: u64,
}

/// `PUT /api/recovery`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RecoveryUpdate {
    /// One more than the version that stands; 1 for the first.
    pub version: u64,
    /// The sealed bundle, up to 128 KiB.
    pub bundle: Base64,
}

/// `GET /api/recovery`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Recovery {
    /// The version that stands.
    pub version: u64,
    /// The sealed bundle.
    pub bundle: Base64,
    /// When it was stored.
    pub stored_at: Timestamp,
}

/// Which recovery bundle stands, in `GET /api/me`: told without the fresh factor that it takes to
/// fetch the bundle, so that every device of mine knows that there is a recovery key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RecoveryStands {
    /// The version that stands.
    pub version: u64,
    /// When it was stored.
    pub stored_at: Timestamp,
}

/// `PUT /api/vault`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct VaultUpdate {
    /// Higher than the version that stands, from 1 to 2^53 - 1. One more, unless a higher one is
    /// known: a server that was set back has a lower one.
    pub version: u64,
    /// The sealed vault, up to 512 KiB.
    pub blob: Base64,
}

/// `GET /api/vault`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Vault {
    /// The version that stands.
    pub version: u64,
    /// The sealed vault.
    pub blob: Base64,
    /// When it was stored.
    pub stored_at: Timestamp,
}
