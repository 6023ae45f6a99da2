//! The lines of a conversation: who wrote what, and what others made of it.

use std::fmt;

use protocol::{AttachmentId, Base64, ClientId, RoomId, UserId};
use serde::{Deserialize, Serialize};

use crate::{Document, Failure, Picture, RoomEvent};

/// One line of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Entry {
    /// What it is known by in the user interface; never changes.
    pub key: String,
    /// Where it stands: compare byte by byte. Changes when a message is acknowledged.
    pub position: String,
    /// The message's own id, given by its sender.
    pub id: ClientId,
    /// The room; `None` until it was sent.
    pub room_id: Option<RoomId>,
    /// The place in the room; `None` until it was sent.
    pub seq: Option<u64>,
    /// Who wrote it.
    pub sender: UserId,
    /// Written by me, on whatever device.
    pub mine: bool,
    /// When the server stored it; before that, when it was written. Milliseconds since 1970.
    pub sent_at: i64,
    /// How it stands.
    pub state: EntryState,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub failure: Option<Failure>,
    /// What it says.
    pub body: Body,
    /// What belongs to it besides.
    #[serde(flatten)]
    pub extra: Extra,
}

/// What a message carries besides its body, and what others made of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Extra {
    /// The message that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub reply_to: Option<Quote>,
    /// Reactions of others and mine, by emoji; none when it was deleted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<Reaction>>"))]
    pub reactions: Vec<Reaction>,
    /// When its words were changed for the last time; milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub edited_at: Option<i64>,
    /// It goes away this many seconds after it was read, or sent when it is mine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub expires_after: Option<u32>,
    /// When it goes away, once that is known; milliseconds since 1970 by this device's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub expires_at: Option<i64>,
}

/// What names a message in its conversation: nobody can take another's place with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct MessageRef {
    /// Who wrote it.
    pub sender: UserId,
    /// The id that they gave it.
    pub id: ClientId,
}

/// The message that another one answers, as it stands now: told again when it changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Quote {
    /// Which.
    #[serde(flatten)]
    pub message: MessageRef,
    /// Where it stands, to go there; `None` while it is not here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub position: Option<String>,
    /// What it says.
    pub said: Said,
}

/// What a quoted message says: its first 200 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Said {
    /// It is being looked up: told again in a moment.
    Looking,
    /// It is not on this device: from before it joined, erased, or gone.
    Missing,
    /// Words.
    Text {
        /// The words.
        text: Text,
    },
    /// A picture.
    Picture {
        /// The words that went along, perhaps none.
        caption: Text,
    },
    /// A file.
    File {
        /// What it is called.
        name: Text,
    },
    /// Its sender deleted it.
    Deleted,
    /// Made by a newer version.
    Unknown,
}

/// Everybody who reacted with one emoji. A person has one reaction at most on a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Reaction {
    /// One emoji.
    pub emoji: String,
    /// Who, in the order of their ids.
    pub users: Vec<UserId>,
    /// I am among them.
    pub mine: bool,
}

/// How an entry stands. Delivered and read follow from [`crate::RoomMarks`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum EntryState {
    /// Mine, not acknowledged yet.
    Sending,
    /// Stored by the server.
    Sent,
    /// Mine, and not going to be sent unless retried.
    Failed,
}

/// What a person wrote. `Debug` shows the length alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "string"))]
pub struct Text(pub String);

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} B)", self.0.len())
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Body {
    /// Words.
    Text {
        /// The words.
        text: Text,
    },
    /// Made by a newer version.
    Unknown {
        /// The content's number for it.
        kind: u8,
        /// Kept for the day this version understands it.
        data: Base64,
    },
    /// A picture; the host fetches the ciphertext and opens it ([`crate::open_picture`]).
    Picture {
        /// Where it lies, once it was uploaded.
        attachment_id: Option<AttachmentId>,
        /// How to open and show it.
        picture: Box<Picture>,
    },
    /// A file; the host fetches the ciphertext and opens it piece by piece.
    File {
        /// Where it lies, once it was uploaded.
        attachment_id: Option<AttachmentId>,
        /// How to open and name it.
        file: Box<Document>,
    },
    /// Its sender took it back, for everyone.
    Deleted,
    /// What became of a group.
    Room {
        /// What, in order; the entry's sender did it.
        events: Vec<RoomEvent>,
    },
    /// A message that this device cannot open.
    Unopened {
        /// Why.
        reason: UnopenedReason,
    },
}

/// Why a message cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum UnopenedReason {
    /// It does not come from whom the server says, or was tampered with.
    Forged,
    /// Its keys are not on this device.
    NoKeys,
    /// Its content is no content.
    Malformed,
    /// The server does not have it any more.
    Missing,
    /// It comes from a device that its owner has shut out.
    Revoked,
}
