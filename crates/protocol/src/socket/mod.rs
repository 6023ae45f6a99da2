//! Socket.IO events: names, payloads and acknowledgements.
//!
//! Every client event takes an acknowledgement: [`Ack::Ok`] with the event's own fields or
//! [`Ack::Refused`] with a problem. Binary fields are Socket.IO attachments.

mod ack;
#[cfg(feature = "openapi")]
pub mod asyncapi;
mod events;
mod names;
mod requests;

use std::collections::BTreeMap;

pub use ack::{Ack, Done};
pub use events::*;
pub use names::{client, server};
pub use requests::*;

use crate::{Base64, Binary, RoomId, rest::rooms::Envelope};

/// An envelope as an event's payload.
pub type BinaryEnvelope = Envelope<Binary>;
/// An envelope inside an array.
pub type Base64Envelope = Envelope<Base64>;
/// A place in each of some rooms.
pub type Cursors = BTreeMap<RoomId, u64>;
