//! What is known of the present connection: never stored, rebuilt after `connected`.

use std::collections::{BTreeMap, BTreeSet};

use e2ee::Suite;
use protocol::{
    DeviceId, RoomId, UserId,
    socket::{BinaryEnvelope, Cursors, WelcomeEvent},
};

use crate::{
    ConversationId, MessageRef, Phase, Waiting,
    acquaintances::Acquaintances,
    again::Doubts,
    archive::{Keeping, Reading},
    jobs::Jobs,
    links::LinkSession,
    own_devices::OwnSession,
    recovery::RecoverySession,
    state::Index,
    vault::VaultSession,
};

/// How far the connection has come.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Link {
    /// No socket, or one that may not be used.
    Offline,
    /// The device has to prove itself.
    Connecting {
        /// What the device key signs.
        nonce: Vec<u8>,
    },
    /// Catching up.
    Syncing,
    /// Caught up.
    Live,
}

/// Everything volatile.
pub(crate) struct Session {
    pub(crate) link: Link,
    /// Why the socket may not be used, where there is a reason.
    pub(crate) ended: Option<Phase>,
    pub(crate) jobs: Jobs,
    /// Server time minus host time, in milliseconds.
    pub(crate) clock_offset: i64,

    /// Rooms that have to be synchronised, and those that are asked for now.
    pub(crate) behind: BTreeSet<RoomId>,
    pub(crate) asked: BTreeSet<RoomId>,
    /// Rooms with an invitation that was there when they were asked for.
    pub(crate) asked_welcomes: BTreeSet<RoomId>,
    /// Where the server goes on after a page that was not the last, and where it last said so.
    pub(crate) paging: Cursors,
    pub(crate) paged: Cursors,
    /// What the server knows to be durable here, and what it is being told.
    pub(crate) acked: Cursors,
    pub(crate) acking: Cursors,
    /// What the server is being told to be read here.
    pub(crate) reading: BTreeMap<RoomId, u64>,
    /// Rooms that this device is in no more, once what came last is read; and those for which that
    /// is being asked for.
    pub(crate) ended_rooms: BTreeSet<RoomId>,
    pub(crate) ending: BTreeSet<RoomId>,
    /// Commits that came by reference.
    pub(crate) fetching: BTreeMap<RoomId, BinaryEnvelope>,

    /// Envelopes that did not open.
    pub(crate) doubts: Doubts,

    /// Of rooms that may have been set back, a later epoch that the server's group was seen in.
    pub(crate) ahead: BTreeMap<RoomId, u64>,
    /// Group infos of rooms that are joined anew.
    pub(crate) group_infos: BTreeMap<RoomId, Vec<u8>>,

    /// Invitations that are not used yet, and those that were.
    pub(crate) welcomes: BTreeMap<RoomId, WelcomeEvent>,
    pub(crate) joined: BTreeSet<RoomId>,
    /// Rooms that this device is in, as they say, and whose invitation did not come: a page will tell
    /// whether the server has one.
    pub(crate) awaited: BTreeSet<RoomId>,
    /// Rooms that the server counts this device among, and has no invitation for any more.
    pub(crate) uninvited: BTreeSet<RoomId>,
    /// Rooms whose invitation is of no use here, and why: joined by this device itself instead.
    pub(crate) unwelcomed: BTreeMap<RoomId, String>,

    /// People whose devices are to be asked for, and those that were.
    pub(crate) lookups: BTreeSet<UserId>,
    pub(crate) looked_up: BTreeSet<UserId>,
    pub(crate) acquaintances: Acquaintances,
    /// Conversations that cannot go on until something is heard of the other person's keys.
    pub(crate) stuck: BTreeSet<ConversationId>,
    pub(crate) waiting: BTreeMap<ConversationId, Waiting>,
    /// People whose missing devices cannot be added to rooms of a suite for now.
    pub(crate) no_packages: BTreeSet<(UserId, Suite)>,
    /// How many key packages of the experimental suite are left is to be asked for.
    pub(crate) count_wanted: bool,
    /// Rooms of the account that this build cannot join: told once.
    pub(crate) unspoken: BTreeSet<RoomId>,
    /// The list of rooms is to be asked for; what was in use when it was.
    pub(crate) rooms_wanted: bool,
    pub(crate) rooms_asked: BTreeSet<RoomId>,

    /// Indexes of messages whose entry is being read.
    pub(crate) indexes: BTreeMap<(ConversationId, MessageRef), Index>,
    /// Below which key the newest entry is looked for.
    pub(crate) newest_below: BTreeMap<ConversationId, String>,
    /// Pins were made or changed since the vault was last written or read.
    pub(crate) pins_changed: bool,
    /// People whose safety number is shown.
    pub(crate) shown: BTreeSet<UserId>,
    /// Devices in rooms that no known list holds: the list is being asked for, or was.
    pub(crate) doubted: BTreeSet<DeviceId>,
    /// Rooms where the server does not let this device remove what it wants to.
    pub(crate) unremovable: BTreeSet<RoomId>,
    /// Devices that are refused once the rooms that are asked for have come to their end.
    pub(crate) refusing: BTreeMap<RoomId, BTreeSet<DeviceId>>,
    /// Rooms of the account that this device joins by itself; the other person of a direct one.
    pub(crate) to_enter: BTreeMap<RoomId, Option<UserId>>,
    pub(crate) own: OwnSession,
    pub(crate) links: LinkSession,
    pub(crate) vault: VaultSession,
    pub(crate) recovery: RecoverySession,
    pub(crate) archive: Keeping,
    pub(crate) pages: Reading,

    /// Conversations whose row changed in this step.
    pub(crate) changed: BTreeSet<ConversationId>,
    /// What the host was told last.
    pub(crate) told_phase: Option<Phase>,
    pub(crate) told_outbox: Option<u32>,
    pub(crate) told_wake: Option<i64>,
}

impl Session {
    pub(crate) fn new() -> Self {
        Self {
            link: Link::Offline,
            ended: None,
            jobs: Jobs::default(),
            clock_offset: 0,
            behind: BTreeSet::new(),
            asked: BTreeSet::new(),
            asked_welcomes: BTreeSet::new(),
            paging: Cursors::new(),
            paged: Cursors::new(),
            acked: Cursors::new(),
            acking: Cursors::new(),
            reading: BTreeMap::new(),
            ended_rooms: BTreeSet::new(),
            ending: BTreeSet::new(),
            fetching: BTreeMap::new(),
            doubts: Doubts::default(),
            ahead: BTreeMap::new(),
            group_infos: BTreeMap::new(),
            welcomes: BTreeMap::new(),
            joined: BTreeSet::new(),
            awaited: BTreeSet::new(),
            uninvited: BTreeSet::new(),
            unwelcomed: BTreeMap::new(),
            lookups: BTreeSet::new(),
            looked_up: BTreeSet::new(),
            acquaintances: Acquaintances::default(),
            stuck: BTreeSet::new(),
            waiting: BTreeMap::new(),
            no_packages: BTreeSet::new(),
            count_wanted: false,
            unspoken: BTreeSet::new(),
            rooms_wanted: false,
            rooms_asked: BTreeSet::new(),
            indexes: BTreeMap::new(),
            newest_below: BTreeMap::new(),
            pins_changed: false,
            shown: BTreeSet::new(),
            doubted: BTreeSet::new(),
            unremovable: BTreeSet::new(),
            refusing: BTreeMap::new(),
            to_enter: BTreeMap::new(),
            own: OwnSession::default(),
            links: LinkSession::default(),
            vault: VaultSession::default(),
            recovery: RecoverySession::default(),
            archive: Keeping::default(),
            pages: Reading::default(),
            changed: BTreeSet::new(),
            told_phase: None,
            told_outbox: None,
            told_wake: None,
        }
    }

    /// Forgets what the last socket brought.
    pub(crate) fn disconnected(&mut self) {
        self.link = Link::Offline;
        self.jobs.disconnected();
        self.behind.clear();
        self.asked.clear();
        self.asked_welcomes.clear();
        self.refusing.clear();
        self.paging.clear();
        self.paged.clear();
        self.acked.clear();
        self.welcomes.clear();
        self.joined.clear();
        self.unwelcomed.clear();
        self.awaited.clear();
        self.uninvited.clear();
        self.ended_rooms.clear();
        self.ending.clear();
        self.fetching.clear();
        self.doubts = Doubts::default();
    }

    /// A new socket: what was learnt before may be out of date.
    pub(crate) fn connected(&mut self, nonce: Vec<u8>) {
        self.disconnected();
        self.jobs.connected();
        self.link = Link::Connecting { nonce };
        self.ended = None;
        // What is on its way may be older than what was missed.
        self.lookups = self.jobs.drop_lookups();
        self.looked_up.clear();
        self.acquaintances = Acquaintances::default();
        self.stuck.clear();
        self.no_packages.clear();
        self.doubted.clear();
        self.unremovable.clear();
        self.changed.extend(self.waiting.keys());
        self.waiting.clear();
        self.rooms_wanted = true;
        self.to_enter.clear();
        self.own.connected();
        self.links.look = true;
        self.vault = VaultSession::default();
        self.archive.full = false;
        self.pages.connected();
    }

    pub(crate) fn is_live(&self) -> bool {
        self.link == Link::Live
    }

    /// Whether a room is caught up as far as is known.
    pub(crate) fn is_current(&self, room: RoomId) -> bool {
        !self.behind.contains(&room)
            && !self.asked.contains(&room)
            && !self.fetching.contains_key(&room)
    }
}
