//! Messages on their way out, and where entries stand.

use protocol::{AttachmentId, Base64, ClientId, RoomId, UserId};
use serde::{Deserialize, Serialize};

use super::{Changed, Profile, Timer};
use crate::{ConversationId, Document, Failure, MessageRef, Picture, Quote, Text};

/// A message that the server has not acknowledged yet, or that failed.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Outgoing {
    pub(crate) conversation: ConversationId,
    pub(crate) id: ClientId,
    /// Milliseconds since 1970.
    pub(crate) written_at: i64,
    pub(crate) body: OutgoingBody,
    /// Where its entry stands now.
    pub(crate) position: String,
    /// The ciphertext that was sent, sent again as it is while its epoch lasts.
    pub(crate) sealed: Option<Sealed>,
    pub(crate) failure: Option<Failure>,
    /// The message that it answers, with what that said when it was written.
    #[serde(default)]
    pub(crate) reply_to: Option<Quote>,
    /// Seconds after which it goes away.
    #[serde(default)]
    pub(crate) expires_after: Option<u32>,
}

/// What it says.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum OutgoingBody {
    /// Words.
    Text(Text),
    /// A picture.
    Picture {
        /// How to open and show it.
        picture: Picture,
        /// Where its ciphertext lies, once it was uploaded.
        attached: Option<Attached>,
    },
    /// A file.
    File {
        /// How to open and name it.
        file: Box<Document>,
        /// Where its ciphertext lies, once it was uploaded.
        attached: Option<Attached>,
    },
    /// A change of a message.
    Change {
        /// Of which: of another one's, a reaction.
        to: MessageRef,
        /// What.
        what: Changed,
    },
    /// When messages go away from now on.
    Timer {
        /// The setting.
        timer: Timer,
        /// Told for those who joined.
        again: bool,
    },
    /// A group's name and picture.
    Profile {
        /// The name.
        profile: Profile,
        /// The picture's file.
        #[serde(default)]
        picture: Option<Base64>,
        /// The picture is what is new: another one, or (`true`) none any more.
        #[serde(default)]
        pictured: Option<bool>,
        /// It is another one than before: worth a line. Otherwise it is told for those who joined.
        news: bool,
    },
    /// Good-bye.
    Leave,
}

impl Outgoing {
    /// Whether the person sees it before it has its place.
    pub(crate) const fn shows(&self) -> bool {
        matches!(
            self.body,
            OutgoingBody::Text(_) | OutgoingBody::Picture { .. } | OutgoingBody::File { .. }
        )
    }
}

impl OutgoingBody {
    /// The SHA-256 of the ciphertext that goes along, and where it lies.
    pub(crate) fn file(&self) -> Option<(&Base64, Option<Attached>)> {
        match self {
            Self::Picture { picture, attached } => Some((&picture.sha256, *attached)),
            Self::File { file, attached } => Some((&file.sha256, *attached)),
            _ => None,
        }
    }

    /// The ciphertext lies there.
    pub(crate) fn attach(&mut self, place: Attached) {
        if let Self::Picture { attached, .. } | Self::File { attached, .. } = self {
            *attached = Some(place);
        }
    }
}

/// A file on the server.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Attached {
    /// The room whose members may fetch it.
    pub(crate) room_id: RoomId,
    pub(crate) attachment_id: AttachmentId,
}

/// A ciphertext with the group that it was made for.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Sealed {
    pub(crate) room: RoomId,
    pub(crate) epoch: u64,
    pub(crate) message: Base64,
}

/// The position of an entry that has its place in a room. `generation` counts the rooms that a
/// direct conversation has lived in.
pub(crate) fn position(generation: u32, seq: u64) -> String {
    format!("{generation:08x}{seq:016x}")
}

/// The position of an entry that has no place yet: behind all that have one, in writing order.
pub(crate) fn sending_position(number: u64) -> String {
    format!("~{number:016x}")
}

/// The position of an entry that failed: behind what was there when it did.
pub(crate) fn failed_position(generation: u32, seq: u64, number: u64) -> String {
    format!("{generation:08x}{seq:016x}.{number:016x}")
}

/// The position of a line of this device's own: behind what was there when it was written, and
/// behind what failed there.
pub(crate) fn line_position(generation: u32, seq: u64, at: u64, user: UserId) -> String {
    format!("{generation:08x}{seq:016x}.line{at:016x}{user}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_sort_by_room_place_and_writing() {
        let sorted = [
            position(0, 1),
            position(0, 300),
            failed_position(0, 300, 7),
            line_position(0, 300, 1, UserId::from_bytes([1; 16])),
            position(0, 301),
            position(1, 1),
            sending_position(1),
            sending_position(20),
        ];
        assert!(sorted.is_sorted());
    }
}
