//! Linking a device with one that is in use: small sealed messages between the two of them.

use serde::{Deserialize, Serialize};

use crate::{Base64, LinkId, Timestamp};

/// A step of a link, in the order in which they are written. A link by QR code leaves some out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum LinkStep {
    /// The new device: the hash of its key.
    Commit,
    /// The device in use: its own part of the transcript.
    Answer,
    /// The new device: the key that it committed to.
    Reveal,
    /// The device in use, after a fresh second factor: what makes the new one a device of mine.
    Approval,
}

/// A link: 201 of `POST /api/links`, 200 of `GET /api/links/{id}`, and each of `GET /api/links`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Link {
    /// Names it.
    pub link_id: LinkId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends: two minutes later.
    pub expires_at: Timestamp,
    /// What was written so far, in order.
    pub steps: Vec<WrittenStep>,
}

/// A step that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct WrittenStep {
    /// Which one.
    pub step: LinkStep,
    /// As the device wrote it.
    pub blob: Base64,
}

/// `PUT /api/links/{id}/{step}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct LinkWrite {
    /// What the other device is to read, up to 16 KiB.
    pub blob: Base64,
}
