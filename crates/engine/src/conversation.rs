//! The row of a conversation, and why nothing goes out in it.

use protocol::{RoomId, UserId, rest::rooms::RoomKind};
use serde::{Deserialize, Serialize};

use crate::{Broken, ConversationId, Entry, Text};

/// The row of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// What kind.
    pub kind: RoomKind,
    /// The other person of a direct conversation.
    pub peer: Option<UserId>,
    /// The room that it lives in now; `None` until one is made.
    pub room_id: Option<RoomId>,
    /// Its room's keys are of the experimental suite, and withstand a quantum computer.
    pub post_quantum: bool,
    /// A group's name, once it is known.
    pub name: Option<Text>,
    /// Who is in the room, oneself included.
    pub members: Vec<UserId>,
    /// Those of them who have no device in it, so that nothing that is said reaches them.
    pub absent: Vec<UserId>,
    /// Who of a group may add and remove people, make admins and name it.
    pub admins: Vec<UserId>,
    /// Who is to be added to a group: not yet, or not before they have a device.
    pub invited: Vec<UserId>,
    /// Entries of others not seen yet; capped at 100.
    pub unread: u32,
    /// Where the first unread entry stands.
    pub unread_from: Option<String>,
    /// The newest entry.
    pub last: Option<Entry>,
    /// How far the others have come, a line for each room that the conversation has lived in.
    pub marks: Vec<RoomMarks>,
    /// Messages of mine on their way.
    pub outbox: u32,
    /// Messages written from now on go away this many seconds after they were read.
    pub timer: Option<u32>,
    /// What sending waits for.
    pub waiting: Option<Waiting>,
    /// Whose keys it waits for, where it waits for keys or devices.
    pub waiting_for: Vec<UserId>,
    /// Why nothing can be sent, until mended.
    pub fault: Option<Fault>,
    /// What was seen, where the fault is [`Fault::Broken`].
    pub broken: Option<Broken>,
}

/// How far the others have come in a room: the least of them where there are several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RoomMarks {
    /// The room: compare with `entry.room_id`.
    pub room_id: RoomId,
    /// Delivered up to this `entry.seq`.
    pub delivered: u64,
    /// Read up to this `entry.seq`.
    pub read: u64,
}

/// What sending waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Waiting {
    /// The other person has no device yet: "Will be sent when Bo finishes setting up."
    PeerSetup,
    /// Another device has to let this one into the room.
    Invitation,
    /// The account key of somebody (`waiting_for`) changed: [`crate::Command::AcceptKeys`].
    KeyChange,
    /// A device that its owner has shut out, or did not sign for, has to leave the room first.
    Devices,
}

/// Why nothing can be sent in a conversation's room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Fault {
    /// The two people are no contacts any more.
    Closed,
    /// This device was removed from the room.
    Removed,
    /// The person belongs to the group under keys that nobody in it has accepted yet: who does lets
    /// this device in.
    Outside,
    /// The person belongs to the group, and this device could not come in; the next connection tries
    /// again.
    Barred,
    /// This device's storage was set back to an older state: it joins anew.
    RolledBack,
    /// A change of the room never reached this device: it joins anew.
    Lost,
    /// The server passed on a change that breaks the rules, or lost one. The ways on:
    /// [`crate::Command::RejoinRoom`], [`crate::Command::GiveUpRoom`] for a direct room,
    /// [`crate::Command::LeaveRoom`] for a group.
    Broken,
}
