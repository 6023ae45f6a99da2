//! Catching up page by page, and saying what is durable here.

use protocol::{
    Problem, RoomId,
    socket::{BinaryEnvelope, Cursors, Done, RoomCursors, SyncAck},
};

use crate::{
    ClientEvent,
    engine::Step,
    inbox::Source,
    jobs::Job,
    session::Link,
    state::{Room, Stage},
};

impl Step<'_> {
    pub(crate) fn envelope_event(&mut self, envelope: BinaryEnvelope) {
        if matches!(self.session.link, Link::Syncing | Link::Live) {
            self.envelope(envelope, Source::Live);
        }
    }

    pub(crate) fn pump_sync(&mut self) {
        if !matches!(self.session.link, Link::Syncing | Link::Live)
            || !self.session.jobs.idle(Job::Sync)
        {
            return;
        }
        let rooms = &self.state.rooms;
        self.session
            .behind
            .retain(|room| rooms.get(*room).is_some_and(Room::receives));
        if self.session.behind.is_empty() && self.session.awaited.is_empty() {
            if self.session.link == Link::Syncing {
                self.session.link = Link::Live;
            }
            return;
        }
        self.session.asked = std::mem::take(&mut self.session.behind);
        self.session.asked_welcomes = self.session.welcomes.keys().copied().collect();
        self.session.refusing = self.to_refuse(&self.session.asked);
        self.session.ending = self.session.ended_rooms.clone();
        // Every room is named: a page holds them all, and live delivery starts for all with the
        // last one. Where nothing is taken any more, the server's own count goes on.
        let mut cursors = std::mem::take(&mut self.session.paging);
        for (id, room) in rooms.iter() {
            let known = room.stage != Stage::Creating || self.session.asked.contains(&id);
            if room.receives() && known {
                cursors.insert(id, room.cursor);
            }
        }
        self.session.doubts.asked();
        self.emit(Job::Sync, ClientEvent::Sync(RoomCursors { cursors }));
    }

    pub(crate) fn sync_reply(&mut self, reply: Result<SyncAck, Box<Problem>>) {
        let asked = std::mem::take(&mut self.session.asked);
        let mut page = match reply {
            Ok(page) => page,
            Err(problem) => {
                self.session.behind.extend(asked);
                return self.back_off(Job::Sync, Some(&problem));
            }
        };
        let reached = |step: &Self| -> Vec<u64> {
            let rooms = step.state.rooms.iter();
            rooms.map(|(_, room)| room.cursor).collect()
        };
        let before = reached(self);
        // A place that comes late in a page is no gap.
        page.envelopes.sort_by_key(|envelope| envelope.seq);
        for envelope in page.envelopes {
            self.envelope(envelope.map(Into::into), Source::Page);
        }
        if page.more {
            self.session.behind.extend(asked);
            let stuck = reached(self) == before && self.session.paged == page.next;
            self.session.paging.clone_from(&page.next);
            self.session.paged = page.next;
            if stuck {
                return self.back_off(Job::Sync, None);
            }
        } else if self.session.doubts.are_open() {
            // The rooms have not come to their end before what did not open was fetched again.
            self.session.behind.extend(asked);
        } else {
            self.note_uninvited(&page.next);
            self.notice_skips(&page.next);
            self.refuse_devices();
            self.leave_ended();
            for room_id in std::mem::take(&mut self.session.asked_welcomes) {
                self.superseded(room_id, u64::MAX);
            }
        }
        self.session.jobs.succeeded(Job::Sync);
    }

    /// A page goes on in every room of the device, but where a welcome waits and the room was not
    /// named.
    fn note_uninvited(&mut self, next: &Cursors) {
        let rooms = &self.state.rooms;
        let unnamed = next.keys().filter(|id| {
            let room = rooms.get(**id);
            room.is_none_or(|room| !room.receives())
        });
        self.session.uninvited.extend(unnamed);
        let awaited = std::mem::take(&mut self.session.awaited);
        self.session.rooms_wanted |= !awaited.is_disjoint(&self.session.uninvited);
    }

    /// The server says that this device is in a room no more: what was said until then may still be
    /// on its way, and is read first.
    pub(crate) fn room_ended(&mut self, room_id: RoomId) {
        let room = self.state.rooms.get(room_id);
        if room.is_some_and(Room::receives) {
            self.session.ended_rooms.insert(room_id);
            self.session.behind.insert(room_id);
        } else {
            self.leave_room(room_id);
        }
    }

    /// The rooms came to their end.
    fn leave_ended(&mut self) {
        for room_id in std::mem::take(&mut self.session.ending) {
            if self.session.fetching.contains_key(&room_id) {
                self.session.behind.insert(room_id);
            } else if self.session.ended_rooms.remove(&room_id) {
                self.leave_room(room_id);
            }
        }
    }

    pub(crate) fn pump_acks(&mut self) {
        if !matches!(self.session.link, Link::Syncing | Link::Live)
            || !self.session.jobs.idle(Job::Ack)
        {
            return;
        }
        let acked = &self.session.acked;
        let cursors: Cursors = self
            .state
            .rooms
            .iter()
            .filter(|(_, room)| room.stage != Stage::Creating)
            .filter(|(id, room)| {
                acked.get(id).map_or(
                    room.stage == Stage::Active && room.cursor > room.joined,
                    |acked| room.cursor > *acked,
                )
            })
            .map(|(id, room)| (id, room.cursor))
            .collect();
        if cursors.is_empty() {
            return;
        }
        self.session.acking.clone_from(&cursors);
        self.emit(Job::Ack, ClientEvent::Ack(RoomCursors { cursors }));
    }

    pub(crate) fn ack_reply(&mut self, reply: Result<Done, Box<Problem>>) {
        let acking = std::mem::take(&mut self.session.acking);
        match reply {
            Err(problem) if self.retries(Job::Ack, &problem) => {}
            // A refusal is not repeated: the next acknowledgement is for more.
            _ => {
                self.session.jobs.succeeded(Job::Ack);
                self.session.acked.extend(acking);
            }
        }
    }
}
