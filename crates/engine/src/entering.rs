//! Joining the rooms of one's account without anybody's help: what a new device does first.
//!
//! The server says which rooms the person is in; the device joins each by an external commit, as a
//! device does that lost its place. The policy lets it, because the person has a leaf there. A
//! room that a welcome for this device waits for is joined by that.

use std::collections::BTreeMap;

use e2ee::Kind;
use protocol::{
    ClientId, RoomId, UserId,
    rest::rooms::{Room as ListedRoom, RoomKind},
};

use crate::{
    ConversationId, Notice, RoomEvent,
    engine::Step,
    jobs::Job,
    room_events::Place,
    state::{DraftCommit, Leaf, Stage, Thread},
};

/// So many rooms are joined at a time.
const AT_A_TIME: usize = 4;
/// A group's name is said again for who came in by themselves: by the person's own devices at
/// once, by admins and by others so many milliseconds later, unless somebody was faster.
const OWN_SAY: i64 = 1_000;
const ADMIN_SAY: i64 = 10_000;
const OTHER_SAY: i64 = 40_000;
/// When nobody said one for so many milliseconds, nobody may know one: the name that my archive
/// knows is said.
const ARCHIVE_SAY: i64 = 60_000;

impl Step<'_> {
    /// The rooms of the account, as the server lists them.
    pub(crate) fn rooms_to_enter(&mut self, listed: &[ListedRoom]) {
        let Some(own) = self.own_user() else {
            return;
        };
        let candidates = listed
            .iter()
            .filter(|room| room.open && room.members.contains(&own))
            .filter(|room| !self.session.unspoken.contains(&room.room_id))
            .filter(|room| {
                let known = self.state.rooms.get(room.room_id);
                known.is_none_or(|known| known.stage == Stage::Removed)
            })
            .filter_map(|room| {
                let peer = match room.kind {
                    RoomKind::Group => None,
                    RoomKind::Direct => Some(*room.members.iter().find(|it| **it != own)?),
                };
                Some((room.room_id, peer))
            });
        let candidates: BTreeMap<_, _> = candidates.collect();
        self.session.to_enter = candidates;
        let waiting = self.state.rooms.iter().filter(|(_, room)| room.outside);
        let gone = waiting.filter(|(id, _)| !self.session.to_enter.contains_key(id));
        let gone: Vec<RoomId> = gone.map(|(id, _)| id).collect();
        for room_id in gone {
            if let Some(room) = self.state.rooms.edit(room_id) {
                room.outside = false;
                self.session.changed.insert(room.conversation);
            }
        }
        // Of rooms that the account is not in, nothing more can be made.
        let invited: Vec<RoomId> = self.session.unwelcomed.keys().copied().collect();
        for room_id in invited {
            let known = self.state.rooms.get(room_id);
            let comes = self.session.to_enter.contains_key(&room_id)
                || known.is_some_and(|room| room.stage != Stage::Removed);
            if !comes && let Some(reason) = self.session.unwelcomed.remove(&room_id) {
                self.notify(Notice::Uninvited { room_id, reason });
            }
        }
    }

    pub(crate) fn pump_entering(&mut self) {
        let joining = self.state.rooms.iter();
        let joining = joining.filter(|(_, room)| room.stage == Stage::Joining);
        let mut free = AT_A_TIME.saturating_sub(joining.count());
        while free > 0
            && let Some((room_id, peer)) = self.session.to_enter.pop_last()
        {
            let known = self.state.rooms.get(room_id).map(|room| room.stage);
            if known.is_some_and(|stage| stage != Stage::Removed)
                || self.session.welcomes.contains_key(&room_id)
            {
                continue;
            }
            let (conversation, kind) = match peer {
                Some(peer) => (ConversationId::direct(peer), RoomKind::Direct),
                None => (ConversationId::group(room_id), RoomKind::Group),
            };
            self.state.threads.edit_or(conversation, || match peer {
                Some(peer) => Thread::direct(peer),
                None => Thread::group(),
            });
            self.add_room(room_id, conversation, kind, Stage::Joining, 0);
            self.session.changed.insert(conversation);
            free -= 1;
        }
    }

    pub(crate) fn is_entering(&self, room_id: RoomId) -> bool {
        let room = self.state.rooms.get(room_id);
        room.is_some_and(|room| room.stage == Stage::Joining)
    }

    /// Whether a device that wants in has to stay out after all: it is in already, by a welcome
    /// that the server still has for it, and that was not found to be of no use.
    pub(crate) fn is_awaited(&self, room_id: RoomId, tree: &[u8]) -> bool {
        let Some(keys) = self.keys.as_ref() else {
            return false;
        };
        let tried = self
            .state
            .rooms
            .get(room_id)
            .is_some_and(|it| it.fault.is_some());
        let credential = keys.client.keys().credential().to_bytes();
        let mut windows = tree.windows(credential.len());
        let awaits = !tried
            && !self.session.uninvited.contains(&room_id)
            && !self.session.unwelcomed.contains_key(&room_id);
        self.is_entering(room_id) && awaits && windows.any(|part| part == credential)
    }

    /// The group that an external commit leads to is the room that the server spoke of.
    pub(crate) fn fits(&mut self, room_id: RoomId) -> bool {
        let peer = self.state.rooms.get(room_id).and_then(|room| {
            let thread = self.state.threads.get(room.conversation)?;
            Some((room.kind, thread.peer))
        });
        let (Some(keys), Some((kind, peer))) = (self.keys.as_mut(), peer) else {
            return false;
        };
        let Ok(policy) = keys.client.policy(room_id.0) else {
            return false;
        };
        match (policy.kind, kind, peer) {
            (Kind::Group, RoomKind::Group, _) => true,
            (Kind::Direct, RoomKind::Direct, Some(peer)) => policy.admins.contains(&peer.0),
            _ => false,
        }
    }

    /// Gives up joining a room for now; the next connection tries again. What is shown of a group
    /// stays, where there is a reason to tell.
    pub(crate) fn stay_out(&mut self, room_id: RoomId, reason: Option<&str>) {
        let unwelcomed = self.session.unwelcomed.remove(&room_id);
        let reason = reason.map(str::to_owned).or(unwelcomed);
        if reason.is_some() && self.is_shown(room_id) {
            self.keep_outside(room_id, true);
        } else {
            self.forget_room(room_id);
        }
        if let Some(reason) = reason {
            self.notify(Notice::Uninvited { room_id, reason });
        }
    }

    /// Nobody in a group has accepted this person's keys yet. What is shown of it stays.
    pub(crate) fn wait_outside(&mut self, room_id: RoomId) {
        if !self.is_shown(room_id) {
            return self.stay_out(room_id, None);
        }
        self.session.unwelcomed.remove(&room_id);
        self.keep_outside(room_id, false);
    }

    fn is_shown(&self, room_id: RoomId) -> bool {
        self.state.rooms.get(room_id).is_some_and(|room| {
            let thread = self.state.threads.get(room.conversation);
            let written = thread.is_some_and(|thread| thread.newest.is_some());
            room.kind == RoomKind::Group && written
        })
    }

    fn forget_way_in(&mut self, room_id: RoomId) {
        self.state.drafts.remove(room_id);
        if let Some(keys) = self.keys
            && keys.client.forget(room_id.0).is_err()
        {
            keys.client.rollback();
        }
    }

    fn keep_outside(&mut self, room_id: RoomId, barred: bool) {
        self.forget_way_in(room_id);
        let Some(room) = self.state.rooms.edit(room_id) else {
            return;
        };
        room.give_up_place();
        room.barred = barred;
        let conversation = room.conversation;
        if let Some(thread) = self.state.threads.edit(conversation) {
            thread.room = None;
        }
        self.session.changed.insert(conversation);
    }

    fn forget_room(&mut self, room_id: RoomId) {
        self.forget_way_in(room_id);
        let Some(room) = self.state.rooms.remove(room_id) else {
            return;
        };
        // What was said in it before can be read all the same.
        self.session.pages.list = true;
        self.state.marks.forget(room_id);
        let conversation = room.conversation;
        if let Some(thread) = self.state.threads.edit(conversation) {
            thread.rooms.retain(|of| *of != room_id);
            let empty = thread.rooms.is_empty() && thread.newest.is_none();
            if empty && !self.is_written_to(conversation) {
                self.state.threads.remove(conversation);
            }
        }
        self.session.changed.insert(conversation);
    }

    /// The person is in the room no more. One that nothing is known of is not shown for that, unless
    /// something was written there: it stands where it was written, and was not sent.
    pub(crate) fn not_let_in(&mut self, room_id: RoomId) {
        let room = self.state.rooms.get(room_id);
        let blank = room.is_some_and(|room| {
            let thread = self.state.threads.get(room.conversation);
            let empty = thread.is_some_and(|thread| thread.newest.is_none());
            empty && !self.is_written_to(room.conversation)
        });
        if blank && self.is_entering(room_id) {
            self.stay_out(room_id, None);
        } else {
            self.leave_room(room_id);
        }
    }

    fn is_written_to(&self, conversation: ConversationId) -> bool {
        let mut outbox = self.state.outbox.iter();
        outbox.any(|(_, outgoing)| outgoing.conversation == conversation)
    }

    /// The server took the commit by which this device came in.
    pub(crate) fn entered(&mut self, room_id: RoomId, seq: u64, draft: &DraftCommit) {
        let Some(keys) = self.keys.as_mut() else {
            return;
        };
        let (Ok(members), Ok(policy)) = (
            keys.client.members(room_id.0),
            keys.client.policy(room_id.0),
        ) else {
            return;
        };
        let leaves: Vec<Leaf> = members.iter().map(Leaf::from).collect();
        self.state.rosters.insert(room_id, leaves);
        self.read_absent(room_id, &policy);
        self.session.acquaintances.changed(room_id);
        let (Some(room), Some(by)) = (
            self.state.rooms.edit(room_id),
            self.state.account.get().map(|account| account.user_id),
        ) else {
            return;
        };
        room.stage = Stage::Active;
        room.epoch = draft.epoch;
        room.admins = policy.admins.iter().copied().map(UserId::from).collect();
        let conversation = room.conversation;
        self.enter_room(room_id, conversation);
        let known = self.state.threads.get(conversation).map(|it| &it.profile);
        if known.is_some_and(|known| !known.heard && known.revision > 0) {
            self.say_archived_name(room_id);
        }
        // What another device made for this one is not needed any more.
        let invited = self.session.welcomes.remove(&room_id).is_some();
        let unwelcomed = self.session.unwelcomed.remove(&room_id).is_some();
        if invited || unwelcomed {
            self.session.joined.insert(room_id);
        }
        self.write_events(
            Place {
                room_id,
                seq,
                id: ClientId(draft.client_id.0),
                by,
                at: self.now + self.session.clock_offset,
            },
            // What was said since this device was let in was not meant to be lost.
            vec![match unwelcomed {
                true => RoomEvent::Rejoined,
                false => RoomEvent::Entered,
            }],
        );
        self.missing_before(room_id, 1, seq);
        if !invited && !unwelcomed {
            self.was_there(room_id);
        }
    }

    /// Another person's device came in by itself: it does not know what the group is called. Its
    /// own person's devices say so at once.
    pub(crate) fn name_for(&mut self, room_id: RoomId) {
        let (after, spread) = match self.is_admin(room_id) {
            true => (OWN_SAY, ADMIN_SAY),
            false => (OWN_SAY + ADMIN_SAY, OTHER_SAY),
        };
        let named = self.state.threads.get(ConversationId::group(room_id));
        if named.is_none_or(|thread| !thread.profile.heard) {
            return;
        }
        let jitter = i64::from(u32::from_be_bytes(self.random())) % spread;
        let at = self.now + after + jitter;
        if let Some(room) = self.state.rooms.edit(room_id)
            && room.kind == RoomKind::Group
        {
            room.say_name_at = Some(at);
        }
    }

    /// The name that a group had in my archive is said when nobody else says one.
    pub(crate) fn say_archived_name(&mut self, room_id: RoomId) {
        let spread = match self.is_admin(room_id) {
            true => ADMIN_SAY,
            false => OTHER_SAY,
        };
        let jitter = i64::from(u32::from_be_bytes(self.random())) % spread;
        let at = self.now + ARCHIVE_SAY + jitter;
        if let Some(room) = self.state.rooms.edit(room_id)
            && room.say_name_at.is_none()
        {
            room.say_name_at = Some(at);
        }
    }

    /// Says the names that are due, and wakes for the next.
    pub(crate) fn pump_names(&mut self) {
        let due: Vec<_> = self
            .state
            .rooms
            .iter()
            .filter_map(|(id, room)| Some((id, room.say_name_at?)))
            .collect();
        let mut next = None;
        for (room_id, at) in due {
            if at > self.now {
                next = Some(next.map_or(at, |next: i64| next.min(at)));
                continue;
            }
            if let Some(room) = self.state.rooms.edit(room_id) {
                room.say_name_at = None;
            }
            let group = ConversationId::group(room_id);
            if let Some(thread) = self.state.threads.edit(group) {
                // What is said from here is heard.
                thread.profile.heard |= thread.profile.revision > 0;
            }
            self.tell_joined(room_id);
        }
        if let Some(next) = next {
            self.session.jobs.pause(Job::SayName, next);
        }
    }
}
