//! What people keep on the server for themselves, sealed on their devices: history and recovery.

use serde::{Deserialize, Serialize};

use crate::{Base64, RoomId, Timestamp, socket::ArchiveEntry};

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
