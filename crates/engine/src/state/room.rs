//! Rooms: where they stand, who is in them, and changes that wait for the server.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Not,
};

use e2ee::{Commit, Member, NewRoom, Suite};
use protocol::{
    Base64, ClientId, DeviceId, RoomId, UserId,
    rest::rooms::RoomKind,
    socket::{AddedDevice, CreateRoom, SendCommit},
};
use serde::{Deserialize, Serialize};

use crate::{Broken, ConversationId, Fault};

/// One room. Its row is written with every message, so what is empty is left out.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Room {
    pub(crate) conversation: ConversationId,
    pub(crate) kind: RoomKind,
    /// The number of the suite that it was made with.
    #[serde(default = "classic")]
    pub(crate) suite: u16,
    /// Which of its conversation's rooms: 0 for the first.
    pub(crate) generation: u32,
    pub(crate) stage: Stage,
    /// Why nothing is sent although the stage would allow it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fault: Option<Fault>,
    /// Everything up to here is processed and stored.
    pub(crate) cursor: u64,
    /// Where this device's log starts.
    pub(crate) joined: u64,
    /// The epoch that was merged here last; 0 where none was. The room has been there, so that what
    /// the server shows of an earlier one is old.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) epoch: u64,
    /// Places beyond the cursor where own messages were acknowledged: their echoes are expected.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) sent: BTreeSet<u64>,
    /// Own messages that were dropped after a failure: an echo of one is no surprise.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) dropped: BTreeSet<ClientId>,
    /// Where earlier versions kept the marks: see `marks.rs`.
    #[serde(rename = "delivered", default, skip_serializing)]
    pub(super) old_delivered: BTreeMap<UserId, u64>,
    #[serde(rename = "read", default, skip_serializing)]
    pub(super) old_read: BTreeMap<UserId, u64>,
    /// What the person here has read, and how far the server knows.
    pub(crate) read_mark: u64,
    pub(crate) read_sent: u64,
    /// People whose devices are to be added.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) want_add: BTreeSet<UserId>,
    /// Devices that are to be removed.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) want_remove: BTreeSet<DeviceId>,
    /// Who may add and remove people, as last merged.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) admins: BTreeSet<UserId>,
    /// People who are to be removed.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) want_out: BTreeSet<UserId>,
    /// People who are to be made admins, or not to be any more.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) want_roles: BTreeMap<UserId, bool>,
    /// People who said that they leave: their removal is no news.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) gone: BTreeSet<UserId>,
    /// People without a device in it who belong to it all the same, with the account key that they
    /// come back by; as last merged.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) absent: BTreeMap<UserId, Base64>,
    /// People whose devices are to be removed, and who stay all the same, as the server says.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) away: BTreeSet<UserId>,
    /// Removed from it for having other keys than before, and not as a person.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub(crate) outside: bool,
    /// Not for its person's keys, but for another reason that the next try may not meet.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub(crate) barred: bool,
    /// An external commit of this device is on its way: the group is the one that it leads to.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub(crate) rejoining: bool,
    /// The server may have been set back: where it stands is to be looked at.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub(crate) suspect: bool,
    /// The server was set back, and this device has to go back with it.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub(crate) set_back: bool,
    /// The person here leaves: said first, then done.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub(crate) leaving: bool,
    /// The person here gives the room up.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub(crate) giving_up: bool,
    /// Revoked devices from which nothing is taken any more.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) refused: BTreeSet<DeviceId>,
    /// Messages went through it since this device's leaf had its keys renewed.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub(crate) used: bool,
    /// When the leaf's keys are to be renewed, in milliseconds since 1970; 0 while not planned.
    #[serde(default)]
    pub(crate) renew_at: i64,
    /// What was seen when the room broke.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) broken: Option<Broken>,
    /// When the group's name is said for a device that came in by itself; milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) say_name_at: Option<i64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

const fn classic() -> u16 {
    Suite::Classic.number()
}

/// Where a room stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stage {
    /// Made here, not acknowledged by the server yet.
    Creating,
    /// Of this person, and joined by this device itself: the commit is not acknowledged yet.
    Joining,
    /// In use.
    Active,
    /// Takes no messages any more.
    Closed,
    /// This device is no member any more.
    Removed,
}

impl Room {
    pub(crate) fn new(
        conversation: ConversationId,
        kind: RoomKind,
        generation: u32,
        stage: Stage,
        joined: u64,
    ) -> Self {
        Self {
            conversation,
            kind,
            suite: classic(),
            generation,
            stage,
            fault: None,
            cursor: joined,
            joined,
            epoch: 0,
            sent: BTreeSet::new(),
            dropped: BTreeSet::new(),
            old_delivered: BTreeMap::new(),
            old_read: BTreeMap::new(),
            read_mark: 0,
            read_sent: 0,
            want_add: BTreeSet::new(),
            want_remove: BTreeSet::new(),
            admins: BTreeSet::new(),
            want_out: BTreeSet::new(),
            want_roles: BTreeMap::new(),
            gone: BTreeSet::new(),
            absent: BTreeMap::new(),
            away: BTreeSet::new(),
            outside: false,
            barred: false,
            rejoining: false,
            suspect: false,
            set_back: false,
            leaving: false,
            giving_up: false,
            refused: BTreeSet::new(),
            used: false,
            renew_at: 0,
            broken: None,
            say_name_at: None,
        }
    }

    /// The suite that it was made with; `None` when this build does not speak it.
    pub(crate) fn suite(&self) -> Option<Suite> {
        Suite::from_number(self.suite)
    }

    /// This device's place in it is given up, and the person stays: another is let in.
    pub(crate) fn give_up_place(&mut self) {
        let belonged = matches!(self.stage, Stage::Active | Stage::Joining);
        self.outside |= belonged && self.kind == RoomKind::Group;
        self.stage = Stage::Removed;
    }

    /// Whether anything of its group is to be changed.
    pub(crate) fn wants(&self) -> bool {
        !self.want_add.is_empty()
            || !self.want_remove.is_empty()
            || !self.want_out.is_empty()
            || !self.want_roles.is_empty()
    }

    /// Gives up every change.
    pub(crate) fn want_nothing(&mut self) {
        self.want_add.clear();
        self.want_remove.clear();
        self.want_out.clear();
        self.want_roles.clear();
    }

    /// Whether envelopes of it are processed.
    pub(crate) fn receives(&self) -> bool {
        matches!(self.stage, Stage::Creating | Stage::Active | Stage::Closed)
            && !matches!(self.fault, Some(Fault::Broken | Fault::Lost))
            && !self.rejoining
    }

    /// Why nothing can be sent in it.
    pub(crate) fn trouble(&self) -> Option<Fault> {
        match self.stage {
            Stage::Closed => Some(Fault::Closed),
            Stage::Removed if self.outside && self.barred => Some(Fault::Barred),
            Stage::Removed if self.outside => Some(Fault::Outside),
            Stage::Removed => Some(Fault::Removed),
            Stage::Joining => None,
            Stage::Creating | Stage::Active => self.fault,
        }
    }

    /// Whether changes and messages may be made in it.
    pub(crate) fn sends(&self) -> bool {
        self.stage == Stage::Active && self.fault.is_none()
    }
}

/// A device in a room, as last merged.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Leaf {
    pub(crate) user: UserId,
    pub(crate) device: DeviceId,
    pub(crate) account_key: Base64,
}

impl From<&Member> for Leaf {
    fn from(member: &Member) -> Self {
        Self {
            user: member.user.into(),
            device: member.device.into(),
            account_key: member.account_key.as_bytes().to_vec().into(),
        }
    }
}

/// A change of a group that was stored before it was sent, and is sent again as it is.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Draft {
    /// A new room.
    Room(DraftRoom),
    /// A commit in a room.
    Commit(DraftCommit),
}

/// A new room's first commit.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct DraftRoom {
    pub(crate) commit: Base64,
    pub(crate) welcome: Option<Base64>,
    pub(crate) devices: Vec<AddedDevice>,
    pub(crate) group_info: Base64,
    pub(crate) tree: Base64,
}

/// A commit from one epoch to the next.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct DraftCommit {
    pub(crate) client_id: ClientId,
    /// The epoch that it leads to.
    pub(crate) epoch: u64,
    pub(crate) commit: Base64,
    pub(crate) welcome: Option<Base64>,
    pub(crate) devices: Vec<AddedDevice>,
    pub(crate) group_info: Base64,
}

impl Draft {
    /// The commit's bytes.
    pub(crate) fn commit(&self) -> &[u8] {
        match self {
            Self::Room(draft) => draft.commit.as_ref(),
            Self::Commit(draft) => draft.commit.as_ref(),
        }
    }
}

impl DraftRoom {
    pub(crate) fn new(NewRoom { commit, tree }: NewRoom) -> Self {
        Self {
            devices: added(&commit),
            commit: commit.commit.into(),
            welcome: commit.welcome.map(Base64::from),
            group_info: commit.group_info.into(),
            tree: tree.into(),
        }
    }

    /// The event's payload.
    pub(crate) fn payload(&self, room_id: RoomId, kind: RoomKind) -> CreateRoom {
        let draft = self.clone();
        CreateRoom {
            room_id,
            kind,
            commit: draft.commit.into(),
            welcome: draft.welcome.map(Into::into),
            devices: draft.devices,
            group_info: draft.group_info.into(),
            tree: draft.tree.into(),
        }
    }
}

impl DraftCommit {
    pub(crate) fn new(client_id: ClientId, commit: Commit) -> Self {
        Self {
            client_id,
            epoch: commit.epoch,
            devices: added(&commit),
            commit: commit.commit.into(),
            welcome: commit.welcome.map(Base64::from),
            group_info: commit.group_info.into(),
        }
    }

    /// The event's payload.
    pub(crate) fn payload(&self, room_id: RoomId) -> SendCommit {
        let draft = self.clone();
        SendCommit {
            room_id,
            client_id: draft.client_id,
            commit: draft.commit.into(),
            welcome: draft.welcome.map(Into::into),
            devices: draft.devices,
            group_info: draft.group_info.into(),
        }
    }
}

fn added(commit: &Commit) -> Vec<AddedDevice> {
    commit
        .added
        .iter()
        .map(|(device, reference)| AddedDevice {
            device_id: (*device).into(),
            key_package_ref: reference.clone().into(),
        })
        .collect()
}
