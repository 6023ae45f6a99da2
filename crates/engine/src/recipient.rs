//! To whom a message goes.

use protocol::{RoomId, UserId};
use serde::{Deserialize, Serialize};

/// To whom a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Recipient {
    /// A contact; the direct room is made when there is none.
    Direct {
        /// The contact.
        user_id: UserId,
    },
    /// A group room.
    Room {
        /// The room.
        room_id: RoomId,
    },
}
