//! Which rooms the archive knows: those that were left, or that are gone, can be read from it alone.
//!
//! A device that comes in lists them, and does so again while other devices may still be putting
//! there what they read: as often as it looks again at lines (`look.rs`).

use protocol::{
    Problem,
    rest::{archive::ArchiveRoom, rooms::RoomKind},
};

use super::{look::LOOKS, missing::Ranges};
use crate::{
    ConversationId, ResponseKind,
    engine::Step,
    jobs::Job,
    state::{Ring, Stage, Thread},
};

impl Ring {
    /// When the rooms of the archive are to be listed again; `None` when they are not.
    fn lists_at(&self) -> Option<i64> {
        let after = LOOKS.get(self.lists).filter(|_| self.listed)?;
        Some(self.listed_at.saturating_add(*after))
    }
}

impl Step<'_> {
    pub(super) fn pump_list(&mut self) {
        let ring = self.state.ring.get();
        let due = ring.and_then(Ring::lists_at);
        let again = due.is_some_and(|at| at <= self.now) || self.session.pages.list;
        let listed = ring.is_some_and(|ring| ring.listed);
        if (again || !listed) && self.session.jobs.idle(Job::ArchiveRooms) {
            self.session.pages.list = false;
            self.session.pages.listing = self.now;
            let path = "/api/archive/rooms".to_owned();
            self.get(Job::ArchiveRooms, path, ResponseKind::Json);
        }
    }

    /// When that is due next.
    pub(super) fn next_list(&self) -> Option<i64> {
        self.state.ring.get().and_then(Ring::lists_at)
    }

    pub(crate) fn archive_rooms_reply(&mut self, reply: Result<Vec<ArchiveRoom>, Box<Problem>>) {
        let asked = self.session.pages.listing;
        let rooms = match reply {
            Ok(rooms) => rooms,
            Err(problem) => return self.back_off(Job::ArchiveRooms, Some(&problem)),
        };
        self.session.jobs.succeeded(Job::ArchiveRooms);
        for room in rooms {
            self.room_of_archive(&room);
        }
        let ring = self.ring();
        if !ring.listed {
            ring.listed = true;
            ring.listed_at = asked;
        }
        let over = |after: &i64| ring.listed_at.saturating_add(*after) <= asked;
        ring.lists = LOOKS.iter().take_while(|after| over(after)).count();
    }

    /// A room that this device is not in can be read, as far as the archive goes.
    fn room_of_archive(&mut self, room: &ArchiveRoom) {
        let room_id = room.room_id;
        match self.state.rooms.get(room_id).map(|room| room.stage) {
            Some(Stage::Removed) => {}
            // What was before this device is known, and what came since was received.
            Some(_) => return,
            None if self.add_archived(room) => {}
            None => return,
        }
        let Some(known) = self.state.rooms.get(room_id) else {
            return;
        };
        let mut beyond = Ranges::of(1, room.last_seq);
        beyond.remove(known.joined.saturating_add(1), known.cursor);
        if let Some(missing) = self.state.missing.get(room_id) {
            beyond.without(&missing.parts);
        }
        while let Some((low, high)) = beyond.last() {
            beyond.remove(low, high);
            self.missing_before(room_id, low, high.saturating_add(1));
        }
    }

    /// A room that is not known here is one that was left, or that is gone.
    fn add_archived(&mut self, room: &ArchiveRoom) -> bool {
        let kind = room.kind.unwrap_or(RoomKind::Group);
        let (conversation, peer) = match (kind, room.peer) {
            (RoomKind::Direct, Some(peer)) => (ConversationId::direct(peer), Some(peer)),
            (RoomKind::Direct, None) => return false,
            (RoomKind::Group, _) => (ConversationId::group(room.room_id), None),
        };
        self.state.threads.edit_or(conversation, || match peer {
            Some(peer) => Thread::direct(peer),
            None => Thread::group(),
        });
        // Nothing of it was received: a welcome may still be on its way, and what was not received
        // is not acknowledged.
        self.add_room(room.room_id, conversation, kind, Stage::Removed, 0);
        self.session.changed.insert(conversation);
        true
    }
}
