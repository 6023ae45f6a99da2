//! What the user interface is told, and the entries that it shows.

use std::fmt;

use protocol::{AttachmentId, Base64, ClientId, Code, RoomId, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Comparison, Conversation, HistoryGap, LinkState, OwnAccount, PersonTrust, Picture,
    RecoveryFailure,
};

/// A conversation: the other person's id for a direct one, whatever room it lives in, and the
/// room's id for a group.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "string"))]
pub struct ConversationId(pub Uuid);

impl ConversationId {
    /// The conversation with a person.
    pub const fn direct(peer: UserId) -> Self {
        Self(peer.0)
    }

    /// The conversation of a group room.
    pub const fn group(room: RoomId) -> Self {
        Self(room.0)
    }
}

impl fmt::Display for ConversationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ConversationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConversationId({})", self.0)
    }
}

/// Something for the user interface. Everything is an upsert: a repeat changes nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Notice {
    /// How the engine as a whole stands.
    Phase {
        /// The phase.
        phase: Phase,
    },
    /// A conversation as it is now: the row of the list.
    Conversation {
        /// All of it.
        conversation: Box<Conversation>,
    },
    /// An entry as it is now; `entry.key` says which one it replaces.
    Message {
        /// Where.
        conversation: ConversationId,
        /// All of it. Show entries sorted by `position`.
        entry: Entry,
    },
    /// An entry is gone (a message that was discarded).
    Removed {
        /// Where.
        conversation: ConversationId,
        /// The entry's key.
        key: String,
    },
    /// Somebody writes, or stopped. Forget it after a few seconds.
    Typing {
        /// Where.
        conversation: ConversationId,
        /// Who.
        user_id: UserId,
        /// Started or stopped.
        active: bool,
    },
    /// A person's account key is not the one known: nothing is sent to them until
    /// [`crate::Command::AcceptKeys`].
    KeyChanged {
        /// Who.
        user_id: UserId,
        /// The key that is claimed now, 32 bytes; goes into the command.
        account_key: Base64,
        /// The key known so far.
        previous: Base64,
    },
    /// How a person's keys stand; at the start for everybody whom there is something to say of.
    Person {
        /// All of it.
        person: PersonTrust,
    },
    /// The safety number of oneself and a person ([`crate::Command::ShowSafety`]); again whenever
    /// it changes.
    Safety {
        /// The person.
        user_id: UserId,
        /// 60 digits, the same on both sides.
        number: String,
        /// The text of the code for the person's camera.
        code: String,
        /// The person's key that it is about; goes into [`crate::Command::SetVerified`].
        account_key: Base64,
        /// The key is one that is claimed since: not accepted yet.
        claimed: bool,
        /// It was compared before.
        verified: bool,
    },
    /// What came of [`crate::Command::CompareCode`].
    Compared {
        /// The person.
        user_id: UserId,
        /// What.
        result: Comparison,
    },
    /// A key or package of somebody was refused.
    KeyRefused {
        /// Whose.
        user_id: UserId,
        /// Why, in kebab-case.
        reason: String,
    },
    /// An invitation into a room could not be used.
    Uninvited {
        /// The room.
        room_id: RoomId,
        /// Why, in kebab-case.
        reason: String,
    },
    /// A command was not carried out.
    Refused {
        /// The message it was about, if any.
        id: Option<ClientId>,
        /// Why.
        failure: Failure,
    },
    /// How many messages wait to be acknowledged by the server.
    Outbox {
        /// The count, failed ones left out.
        count: u32,
    },
    /// My devices, archive and recovery key.
    Own {
        /// All of it.
        own: Box<OwnAccount>,
    },
    /// How linking a device stands.
    Link {
        /// How.
        link: LinkState,
    },
    /// The new recovery key: what it opens is stored. Shown once, and never kept here.
    RecoveryKey {
        /// Eight groups of five characters with dashes between.
        text: Text,
    },
    /// The recovery key that was typed did not help.
    RecoveryFailed {
        /// Why.
        reason: RecoveryFailure,
    },
    /// A page of what lies before is here.
    History {
        /// Where.
        conversation: ConversationId,
        /// There is more before it.
        more: bool,
        /// Why there is less than there may have been.
        reason: Option<HistoryGap>,
    },
}

/// How the engine as a whole stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Phase {
    /// This device has no keys: [`crate::Command::SetUp`].
    NoKeys,
    /// The keys are made and on their way to the server.
    Registering,
    /// The account has keys on another device and this one cannot get them:
    /// [`crate::Command::ResetKeys`] starts over.
    KeysElsewhere,
    /// The server refused this device's keys.
    Refused {
        /// Why; `step-up-required` asks for the second factor first.
        failure: Failure,
    },
    /// This device was removed from the account: [`crate::Command::ResetKeys`] starts over.
    Revoked,
    /// No socket.
    Offline,
    /// The device proves itself.
    Connecting,
    /// Catching up.
    Syncing,
    /// Everything is here and flows.
    Live,
    /// This device is active in another window.
    Displaced,
    /// The session ended: sign in again. Keys and history stay.
    SignedOut,
}

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
}

/// How an entry stands. Delivered and read follow from [`RoomMarks`].
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

/// Why something was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Failure {
    /// The stable name.
    pub code: Code,
    /// For people, in English.
    pub detail: String,
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

/// What somebody did to a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum RoomEvent {
    /// Made it.
    Created,
    /// This device was let in: nothing from before is here. Who did it is not told.
    Joined,
    /// This device lost its place and joined anew: what was said in between may be missing here.
    Rejoined,
    /// Added people.
    Added {
        /// Whom.
        users: Vec<UserId>,
    },
    /// Removed people.
    Removed {
        /// Whom.
        users: Vec<UserId>,
    },
    /// People are not in it any more, without anybody's wish that is known of: their accounts
    /// ended, or their last device did.
    Gone {
        /// Who.
        users: Vec<UserId>,
    },
    /// Left.
    Left,
    /// Made people admins, or ended that.
    Roles {
        /// Who is an admin now.
        granted: Vec<UserId>,
        /// Who is none any more.
        revoked: Vec<UserId>,
    },
    /// Gave it a name.
    Named {
        /// The name.
        name: Text,
    },
    /// Somebody's account key is another one. Nobody in here did that: the entry's sender is the
    /// person.
    KeysChanged {
        /// Whose.
        user: UserId,
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
