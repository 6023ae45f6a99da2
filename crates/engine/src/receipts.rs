//! Read, delivered, typing: how far everybody has come.

use protocol::{
    Problem, RoomId,
    rest::rooms::Room as ListedRoom,
    socket::{Done, MarkRead, Receipt, SetTyping, TypingEvent},
};

use crate::{
    ClientEvent, ConversationId, Notice, ResponseKind, engine::Step, inbox::SEQ_MAX, jobs::Job,
    state::Stage,
};

impl Step<'_> {
    pub(crate) fn mark_read(&mut self, conversation: ConversationId, room_id: RoomId, seq: u64) {
        let Some(room) = self.state.rooms.get(room_id) else {
            return;
        };
        let (generation, seq) = (room.generation, seq.min(room.cursor));
        if room.conversation != conversation || seq <= room.read_mark {
            return;
        }
        if let Some(room) = self.state.rooms.edit(room_id) {
            room.read_mark = seq;
        }
        if let Some(thread) = self.state.threads.edit(conversation) {
            thread.mark_read(generation, seq);
        }
        self.read_fading(conversation, (generation, seq));
        self.session.changed.insert(conversation);
    }

    pub(crate) fn pump_reads(&mut self) {
        let unsent: Vec<_> = self
            .state
            .rooms
            .iter()
            .filter(|(_, room)| room.stage == Stage::Active && room.read_mark > room.read_sent)
            .map(|(id, room)| (id, room.read_mark))
            .collect();
        for (room_id, seq) in unsent {
            let job = Job::Read(room_id);
            if self.session.jobs.idle(job) {
                self.session.reading.insert(room_id, seq);
                self.emit(job, ClientEvent::Read(MarkRead { room_id, seq }));
            }
        }
    }

    pub(crate) fn read_reply(&mut self, room_id: RoomId, reply: Result<Done, Box<Problem>>) {
        let job = Job::Read(room_id);
        match reply {
            Err(problem) if self.retries(job, &problem) => {}
            // A refusal is not repeated: reading on tells again.
            _ => {
                self.session.jobs.succeeded(job);
                let seq = self.session.reading.remove(&room_id);
                if let (Some(room), Some(seq)) = (self.state.rooms.edit(room_id), seq) {
                    room.read_sent = room.read_sent.max(seq);
                }
            }
        }
    }

    pub(crate) fn read_event(&mut self, receipt: Receipt) {
        let own = self.state.account.get().map(|account| account.user_id);
        let Some(room) = self.state.rooms.get(receipt.room_id) else {
            return;
        };
        let conversation = room.conversation;
        if own == Some(receipt.user_id) {
            // Read on another device of mine.
            self.mark_read(conversation, receipt.room_id, receipt.seq);
            return;
        }
        let known = self.state.marks.of(receipt.room_id, receipt.user_id).read;
        if receipt.seq > known && receipt.seq <= SEQ_MAX {
            let mark = self.state.marks.edit(receipt.room_id, receipt.user_id);
            mark.read = receipt.seq;
            self.session.changed.insert(conversation);
        }
        // What was read was delivered.
        self.delivered_event(receipt);
    }

    pub(crate) fn delivered_event(&mut self, receipt: Receipt) {
        let own = self.state.account.get().map(|account| account.user_id);
        let Some(room) = self.state.rooms.get(receipt.room_id) else {
            return;
        };
        let conversation = room.conversation;
        let known = self.state.marks.of(receipt.room_id, receipt.user_id);
        if receipt.seq > known.delivered && receipt.seq <= SEQ_MAX && own != Some(receipt.user_id) {
            let mark = self.state.marks.edit(receipt.room_id, receipt.user_id);
            mark.delivered = receipt.seq;
            self.session.changed.insert(conversation);
        }
    }

    pub(crate) fn typing(&mut self, conversation: ConversationId, active: bool) {
        let room = self
            .state
            .threads
            .get(conversation)
            .and_then(|thread| thread.room);
        if let Some(room_id) = room
            && self.session.is_live()
            && self.session.jobs.idle(Job::Typing(room_id))
        {
            let payload = SetTyping { room_id, active };
            self.emit(Job::Typing(room_id), ClientEvent::Typing(payload));
        }
    }

    pub(crate) fn typing_event(&mut self, typing: TypingEvent) {
        let own = self.state.account.get().map(|account| account.user_id);
        if let Some(room) = self.state.rooms.get(typing.room_id)
            && own != Some(typing.user_id)
        {
            let conversation = room.conversation;
            self.notify(Notice::Typing {
                conversation,
                user_id: typing.user_id,
                active: typing.active,
            });
        }
    }

    /// Asks once a connection how all rooms stand: receipts of the time without one are in there.
    pub(crate) fn pump_room_list(&mut self) {
        if self.session.rooms_wanted && self.session.jobs.idle(Job::Rooms) {
            self.session.rooms_wanted = false;
            self.session.rooms_asked = self
                .state
                .rooms
                .iter()
                .filter(|(_, room)| room.stage == Stage::Active)
                .map(|(id, _)| id)
                .collect();
            let awaited = self.state.threads.iter();
            let awaited = awaited.filter_map(|(_, thread)| thread.awaiting);
            self.session.rooms_asked.extend(awaited);
            self.get(Job::Rooms, "/api/rooms".to_owned(), ResponseKind::Json);
        }
    }

    pub(crate) fn rooms_reply(&mut self, reply: Result<Vec<ListedRoom>, Box<Problem>>) {
        let listed = match reply {
            Ok(listed) => listed,
            Err(problem) => {
                self.session.rooms_wanted = self.retries(Job::Rooms, &problem);
                return;
            }
        };
        self.session.jobs.succeeded(Job::Rooms);
        self.rooms_to_enter(&listed);
        for room in &listed {
            for (marks, read) in [(&room.delivered, false), (&room.read, true)] {
                for mark in marks {
                    let receipt = Receipt {
                        room_id: room.room_id,
                        user_id: mark.user_id,
                        seq: mark.seq,
                    };
                    match read {
                        true => self.read_event(receipt),
                        false => self.delivered_event(receipt),
                    }
                }
            }
        }
        for room_id in std::mem::take(&mut self.session.rooms_asked) {
            let open = listed
                .iter()
                .find(|room| room.room_id == room_id)
                .map(|room| room.open);
            match open {
                Some(true) => {}
                Some(false) => self.close_room(room_id),
                None => self.room_ended(room_id),
            }
            if open != Some(true) {
                self.stop_awaiting(room_id);
            }
        }
    }

    /// The room that another device was to let this one into is gone: a new one may be made.
    fn stop_awaiting(&mut self, room_id: RoomId) {
        for conversation in self.state.threads.keys() {
            let awaits = self.state.threads.get(conversation);
            if awaits.is_some_and(|thread| thread.awaiting == Some(room_id))
                && let Some(thread) = self.state.threads.edit(conversation)
            {
                thread.awaiting = None;
            }
        }
    }
}
