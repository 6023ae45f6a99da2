//! The contract between Snug's servers and its clients: ids, REST bodies, Socket.IO events and
//! problem codes.
//!
//! Nothing in here does anything: no I/O, no clock, no validation beyond what a type can say.
//! The TypeScript side (`frontend/src/protocol.gen.ts`) is rendered from these types by
//! [`typescript::render`] and is never edited by hand.

mod binary;
mod ids;
pub mod limits;
pub mod mfa;
mod problem;
pub mod rest;
mod secret;
pub mod socket;
mod timestamp;
#[cfg(feature = "typescript")]
pub mod typescript;

pub use binary::{Base64, Binary};
pub use ids::{
    AttachmentId, ChallengeId, ClientId, DeviceId, FactorId, LinkId, PasswordResetId,
    RememberedDeviceId, RequestId, RoomId, UserId,
};
pub use problem::{Code, FieldError, Problem};
pub use secret::Secret;
pub use timestamp::Timestamp;
