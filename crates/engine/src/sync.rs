//! Catching up page by page, and saying what is durable here.

use protocol::{
    Code, Problem, RoomId,
    socket::{BinaryEnvelope, Done, RoomCursors, SyncAck},
};

use crate::{ClientEvent, engine::Step, inbox::Source, jobs::Job, session::Link, state::Stage};

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
            .retain(|room| rooms.get(*room).is_some_and(|room| room.receives()));
        let limit = if self.session.one_by_one {
            1
        } else {
            usize::MAX
        };
        self.session.asked = self.session.behind.iter().take(limit).copied().collect();
        if self.session.asked.is_empty() {
            self.session.one_by_one = false;
            if self.session.link == Link::Syncing {
                self.session.link = Link::Live;
            }
            return;
        }
        let cursors = self
            .session
            .asked
            .iter()
            .filter_map(|room| Some((*room, self.state.rooms.get(*room)?.cursor)))
            .collect();
        self.session
            .behind
            .retain(|room| !self.session.asked.contains(room));
        self.emit(Job::Sync, ClientEvent::Sync(RoomCursors { cursors }));
    }

    pub(crate) fn sync_reply(&mut self, reply: Result<SyncAck, Box<Problem>>) {
        let asked = std::mem::take(&mut self.session.asked);
        match reply {
            Ok(page) => {
                self.session.jobs.succeeded(Job::Sync);
                let empty = page.envelopes.is_empty();
                for envelope in page.envelopes {
                    if asked.contains(&envelope.room_id) {
                        self.envelope(envelope.map(Into::into), Source::Page);
                    }
                }
                if page.more {
                    self.session.behind.extend(asked);
                    if empty {
                        self.back_off(Job::Sync, None);
                    }
                }
            }
            Err(problem) if self.retries(Job::Sync, &problem) => self.session.behind.extend(asked),
            Err(_) if asked.len() > 1 => {
                self.session.behind.extend(asked);
                self.session.one_by_one = true;
            }
            Err(problem) => {
                for room in asked {
                    self.room_refused(room, &problem);
                }
            }
        }
    }

    /// The server does not let this device read a room.
    fn room_refused(&mut self, room: RoomId, problem: &Problem) {
        match problem.code {
            Code::RoomClosed => self.close_room(room),
            Code::NotAMember => self.leave_room(room),
            // Asked again after the next `connected`.
            _ => {}
        }
    }

    pub(crate) fn pump_acks(&mut self) {
        if !matches!(self.session.link, Link::Syncing | Link::Live)
            || !self.session.jobs.idle(Job::Ack)
        {
            return;
        }
        let acked = &self.session.acked;
        let cursors: protocol::socket::Cursors = self
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
