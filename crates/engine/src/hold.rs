//! What keeps a room from being written into: keys that changed, and devices that may not be in it.

use std::collections::BTreeSet;

use protocol::{DeviceId, RoomId, UserId, rest::rooms::RoomKind};

use crate::{ConversationId, Waiting, engine::Step, state::Leaf};

/// Leaves of a room that nothing may be sealed for.
#[derive(Default)]
struct Doubts {
    /// Whose they are.
    users: BTreeSet<UserId>,
    /// Devices that are known not to belong there and that this device may remove.
    expel: BTreeSet<DeviceId>,
    /// People whose list has to be asked for first.
    ask: BTreeSet<UserId>,
    /// A leaf is under a key that was given up.
    stale: bool,
}

impl Step<'_> {
    /// Whose change of keys holds a conversation: of two people always, a group only when the key
    /// before was compared.
    pub(crate) fn held_by(&self, conversation: ConversationId) -> BTreeSet<UserId> {
        let Some(thread) = self.state.threads.get(conversation) else {
            return BTreeSet::new();
        };
        let group = thread.kind == RoomKind::Group;
        let leaves = thread.room.and_then(|room| self.state.rosters.get(room));
        let people = leaves.into_iter().flatten().map(|leaf| leaf.user);
        let held = |user: &UserId| {
            let person = self.state.people.get(*user);
            person.is_some_and(|person| {
                person.changed.is_some() && (!group || person.verified_at.is_some())
            })
        };
        people.chain(thread.peer).filter(held).collect()
    }

    /// Whose devices a conversation waits for.
    pub(crate) fn doubted(&self, conversation: ConversationId) -> BTreeSet<UserId> {
        let thread = self.state.threads.get(conversation);
        let room = thread.and_then(|thread| thread.room);
        room.map_or_else(BTreeSet::new, |room| self.doubts(room).users)
    }

    /// Whether everybody in a room is who this device knows; says in the conversation what it
    /// waits for otherwise, and does what can be done about it.
    pub(crate) fn may_trust(&mut self, conversation: ConversationId, room: RoomId) -> bool {
        let thread = self.state.threads.get(conversation);
        let peer = thread.and_then(|thread| thread.peer);
        let doubts = self.doubts(room);
        let leaves = self.state.rosters.get(room).map_or(&[][..], Vec::as_slice);
        let reaches = peer.is_none_or(|peer| leaves.iter().any(|leaf| leaf.user == peer));
        let waiting = if !self.held_by(conversation).is_empty() {
            Some(Waiting::KeyChange)
        } else if doubts.stale || !reaches {
            // The person's new device has to be let in first.
            Some(Waiting::PeerSetup)
        } else if doubts.users.is_empty() {
            None
        } else {
            Some(Waiting::Devices)
        };
        match (waiting, peer) {
            (Some(Waiting::PeerSetup), Some(peer)) => {
                match self.session.looked_up.contains(&peer) {
                    true => self.reconcile(peer),
                    false => {
                        self.session.lookups.insert(peer);
                    }
                }
            }
            (Some(Waiting::Devices), _) => self.clear_doubts(room, doubts),
            _ => {}
        }
        self.set_waiting(conversation, waiting);
        waiting.is_none()
    }

    /// Has the devices removed that may not be in a room.
    pub(crate) fn expel(&mut self, room_id: RoomId) {
        let doubts = self.doubts(room_id);
        self.clear_doubts(room_id, doubts);
    }

    fn clear_doubts(&mut self, room_id: RoomId, doubts: Doubts) {
        for user in doubts.ask {
            // An answer from before the leaf was seen may be older than the list that names it.
            self.session.looked_up.remove(&user);
            self.session.lookups.insert(user);
            let leaves = self.state.rosters.get(room_id).into_iter().flatten();
            let devices = leaves.filter(|leaf| leaf.user == user);
            self.session.doubted.extend(devices.map(|it| it.device));
        }
        let sends = self.state.rooms.get(room_id).is_some_and(|it| it.sends());
        let refused = self.session.unremovable.contains(&room_id);
        if sends
            && !refused
            && !doubts.expel.is_empty()
            && let Some(room) = self.state.rooms.edit(room_id)
        {
            room.want_remove.extend(doubts.expel);
        }
    }

    fn doubts(&self, room_id: RoomId) -> Doubts {
        let mut doubts = Doubts::default();
        let (Some(room), Some(leaves), Some(own)) = (
            self.state.rooms.get(room_id),
            self.state.rosters.get(room_id),
            self.state.account.get(),
        ) else {
            return doubts;
        };
        let group = room.kind == RoomKind::Group;
        let admin = group && room.admins.contains(&own.user_id);
        for leaf in leaves.iter().filter(|leaf| leaf.device != own.device_id) {
            let Leaf {
                user,
                device,
                account_key,
            } = leaf;
            let mine = *user == own.user_id;
            let Some(person) = self.state.people.get(*user) else {
                doubts.stale = true;
                continue;
            };
            let passes = match group {
                true => person.passes(account_key.as_ref()),
                false => person.account_key == *account_key,
            };
            if !passes {
                doubts.stale = true;
                doubts.users.insert(*user);
            } else if person.shut_out(*device) {
                // The server has their removal due, or refuses it and is at fault.
                doubts.users.insert(*user);
                doubts.expel.insert(*device);
            } else if person.account_key == *account_key
                && !person.listed.is_empty()
                && !person.listed.contains(device)
            {
                doubts.users.insert(*user);
                let asked = self.session.doubted.contains(device)
                    && self.session.looked_up.contains(user)
                    && !self.session.lookups.contains(user)
                    && !self
                        .session
                        .jobs
                        .is_running(crate::jobs::Job::Devices(*user));
                if !self.session.doubted.contains(device) {
                    doubts.ask.insert(*user);
                } else if asked && (mine || admin) {
                    doubts.expel.insert(*device);
                }
            }
        }
        doubts
    }
}
