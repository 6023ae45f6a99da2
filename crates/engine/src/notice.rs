//! What the user interface is told, and the entries that it shows.

use std::fmt;

use protocol::{Base64, ClientId, Code, RoomId, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Comparison, Conversation, Entry, HistoryGap, LinkState, OwnAccount, PersonTrust,
    RecoveryFailure, RoomPicture, Text,
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
    /// There is no such conversation here any more, or not yet: its row goes. Only of one in which
    /// nothing was ever written or read here.
    ConversationGone {
        /// Which.
        conversation: ConversationId,
    },
    /// An entry as it is now; `entry.key` says which one it replaces.
    Message {
        /// Where.
        conversation: ConversationId,
        /// All of it. Show entries sorted by `position`.
        entry: Box<Entry>,
    },
    /// An entry is gone: discarded, deleted here, or its time was over.
    Removed {
        /// Where.
        conversation: ConversationId,
        /// The entry's key.
        key: String,
    },
    /// A group's picture as it is now: told at the start for every group that has one, and when it
    /// changes. Apart from the row of the conversation, which is told with every message.
    RoomPicture {
        /// Which group.
        room_id: RoomId,
        /// The picture; `None` when it was taken away.
        picture: Option<RoomPicture>,
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
    /// Somebody whom the person here wanted in a group was not added. All else that is wanted goes
    /// on.
    NotAdded {
        /// Which group.
        room_id: RoomId,
        /// Whom.
        user_id: UserId,
        /// Why.
        reason: NotAdded,
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
    /// The server holds nothing of my archive any more ([`crate::Command::DropArchive`]).
    ArchiveDropped,
    /// Another device of mine has a newer version of the application, and what my devices share is
    /// sealed by it: this one goes on with what it has, until it is updated. Told once;
    /// [`OwnAccount::outdated`] stays.
    Outdated,
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

/// Why somebody was not added to a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum NotAdded {
    /// The group has post-quantum keys, and they have no device that can join such yet.
    NoPostQuantumKeys,
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

/// Why something was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Failure {
    /// The stable name.
    pub code: Code,
    /// For people, in English.
    pub detail: String,
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
    /// This device of somebody who is in the group came in by itself, or was let in after its
    /// person's new keys were accepted. What was before is here as far as it was, or the archive has
    /// it.
    Entered,
    /// This device lost its place and joined anew: what was said in between may be missing here.
    Rejoined,
    /// The server went on from an earlier state of the room, as after an older backup was restored,
    /// and this device with it: what others wrote in between may be missing.
    SetBack,
    /// Added people.
    Added {
        /// Whom.
        users: Vec<UserId>,
    },
    /// Happened while this device had no place in the room: who did it, and in which order, is not
    /// known here.
    Meanwhile {
        /// Who came in.
        added: Vec<UserId>,
        /// Who is not in it any more.
        gone: Vec<UserId>,
        /// Who became an admin.
        granted: Vec<UserId>,
        /// Who is none any more.
        revoked: Vec<UserId>,
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
    /// Gave it another picture, or took it away.
    Pictured {
        /// Took it away.
        removed: bool,
    },
    /// Said when messages go away from now on; in conversations of two as well.
    Timer {
        /// After this many seconds; `None`: they stay.
        seconds: Option<u32>,
    },
    /// Somebody's account key is another one. Nobody in here did that: the entry's sender is the
    /// person.
    KeysChanged {
        /// Whose.
        user: UserId,
    },
}
