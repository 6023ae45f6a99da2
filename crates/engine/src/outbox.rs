//! Messages on their way out: stored, sealed when they are sent, sent until acknowledged.
//!
//! One message of a conversation is under way at a time: whatever happens to it, none can
//! overtake it. A ciphertext is stored before it leaves and sent again as it is; only a new epoch
//! makes a new one, under the same `client_id`, so that the server keeps one of them.

use protocol::{
    Base64, ClientId, Code, Problem, RoomId, UserId,
    rest::rooms::RoomKind,
    socket::{MessageAck, SendMessage},
};

use crate::{
    ClientEvent, ConversationId, Entry, EntryState, Extra, Failure,
    content::Content,
    engine::Step,
    jobs::Job,
    profile::{content_body, outgoing_body},
    state::{Outgoing, OutgoingBody, Sealed, Stage, failed_position, position},
};

impl Step<'_> {
    pub(crate) fn pump_outbox(&mut self) {
        let mut seen = std::collections::BTreeSet::new();
        for (conversation, number) in self.outbox_numbers() {
            // The first of each conversation, in writing order.
            if seen.insert(conversation) && self.session.jobs.idle(Job::Message(conversation)) {
                self.advance(conversation, number);
            }
        }
    }

    fn advance(&mut self, conversation: ConversationId, number: u64) {
        let Some(thread) = self.state.threads.get(conversation) else {
            return;
        };
        let (kind, peer) = (thread.kind, thread.peer);
        let room = match (thread.room, kind, peer) {
            (Some(room), ..) => room,
            (None, RoomKind::Direct, Some(peer)) => return self.open_direct(conversation, peer),
            (None, ..) => {
                let rooms = &thread.rooms;
                let creating = rooms.iter().any(|room| self.is_creating(*room));
                if !creating {
                    self.fail_waiting(conversation, Code::NotAMember);
                }
                return;
            }
        };
        match peer {
            // Nothing is sealed before it is known whether the keys are still the same. What fails
            // is asked again; a refusal is an answer.
            Some(peer) if !self.session.looked_up.contains(&peer) => {
                self.session.lookups.insert(peer);
                return;
            }
            Some(_) => {}
            // So many are asked about along the way.
            None => self.session.acquaintances.say(room),
        }
        let given_up = self.state.rooms.get(room).is_some_and(|it| it.giving_up);
        if !given_up && self.may_seal(conversation, room) && !self.uploads(number, room) {
            self.send(conversation, number, room);
        }
    }

    fn send(&mut self, conversation: ConversationId, number: u64, room: RoomId) {
        let Some(outgoing) = self.state.outbox.get(number) else {
            return;
        };
        let client_id = outgoing.id;
        let renames = matches!(outgoing.body, OutgoingBody::Profile { news: true, .. });
        let sets = matches!(outgoing.body, OutgoingBody::Timer { again: false, .. })
            && conversation == ConversationId::group(room);
        if (renames || sets) && !self.is_admin(room) {
            // Not an admin any more: nobody would take it over.
            return self.fail(number, Code::Policy.into());
        }
        let Some(epoch) = self
            .keys
            .as_mut()
            .and_then(|keys| keys.client.epoch(room.0))
        else {
            return;
        };
        let standing = outgoing
            .sealed
            .as_ref()
            .filter(|sealed| sealed.room == room && sealed.epoch == epoch);
        let message = match standing {
            Some(sealed) => sealed.message.clone(),
            None => {
                // As it stands now that this device has caught up.
                self.pass_on_as_it_stands(conversation, number);
                let Some(outgoing) = self.state.outbox.get(number) else {
                    return;
                };
                let body = match &outgoing.body {
                    OutgoingBody::Timer { again: true, .. } => self.standing_timer(conversation),
                    body => content_body(body),
                };
                let reply_to = outgoing.reply_to.as_ref();
                let content = Content {
                    id: client_id,
                    sent_at: u64::try_from(outgoing.written_at).unwrap_or(0),
                    body,
                    reply_to: reply_to.map(|quote| quote.message),
                    expires_after: outgoing.expires_after,
                };
                match self.seal(room, &content) {
                    Some(message) => message,
                    None => return self.fail(number, Code::InvalidMessage.into()),
                }
            }
        };
        if let Some(outgoing) = self.state.outbox.edit(number) {
            outgoing.sealed = Some(Sealed {
                room,
                epoch,
                message: message.clone(),
            });
        }
        let payload = SendMessage {
            room_id: room,
            client_id,
            message: message.into(),
        };
        self.emit(Job::Message(conversation), ClientEvent::Message(payload));
    }

    fn seal(&mut self, room: RoomId, content: &Content) -> Option<Base64> {
        let plaintext = content.encode().ok()?;
        let keys = self.keys.as_mut()?;
        match keys.client.seal(room.0, &plaintext, &mut self.rng) {
            Ok(message) => Some(message.into()),
            Err(_) => {
                self.undo_groups();
                None
            }
        }
    }

    pub(crate) fn message_reply(
        &mut self,
        conversation: ConversationId,
        reply: Result<MessageAck, Box<Problem>>,
    ) {
        let job = Job::Message(conversation);
        // The first that was sealed is the one under way.
        let number = self
            .outbox_numbers()
            .into_iter()
            .find(|(of, _)| *of == conversation)
            .map(|(_, number)| number);
        let Some((number, outgoing)) =
            number.and_then(|number| Some((number, self.state.outbox.get(number)?)))
        else {
            return;
        };
        let Some(sealed) = &outgoing.sealed else {
            return;
        };
        let (id, room, epoch) = (outgoing.id, sealed.room, sealed.epoch);
        match reply {
            Ok(ack) => {
                self.session.jobs.succeeded(job);
                if ack.room_id != room {
                    return;
                }
                if self.sent(id, room, ack.seq, ack.sent_at.unix_millis())
                    && let Some(room) = self.state.rooms.edit(room)
                    && ack.seq > room.cursor
                {
                    room.sent.insert(ack.seq);
                }
            }
            Err(problem) if self.retries(job, &problem) => {}
            Err(problem) => match problem.code {
                Code::StaleEpoch => {
                    // Catch up, then seal again.
                    self.session.behind.insert(room);
                    self.behind_us(room, epoch, &problem);
                    self.repeat(job);
                }
                // A new room is made if the people are still contacts.
                Code::RoomClosed => self.close_room(room),
                Code::NotAMember => self.room_ended(room),
                Code::NotAContact => self.part(conversation),
                _ => self.fail(number, (&*problem).into()),
            },
        }
    }

    /// An own message has its place: by its acknowledgement or by its echo, whichever comes first.
    pub(crate) fn sent(&mut self, id: ClientId, room_id: RoomId, seq: u64, at: i64) -> bool {
        let Some(number) = self.outbox_number(id) else {
            return false;
        };
        let Some(generation) = self.state.rooms.get(room_id).map(|room| room.generation) else {
            return false;
        };
        let Some(outgoing) = self.state.outbox.remove(number) else {
            return false;
        };
        let conversation = outgoing.conversation;
        // An answer that is still on its way would be taken for the next message's.
        self.session.jobs.forget(Job::Message(conversation));
        match &outgoing.body {
            OutgoingBody::Profile {
                profile,
                picture,
                news,
                ..
            } => {
                let events = self.profile_sent(room_id, seq, profile, picture.as_ref());
                if !news {
                    // Something else stood meanwhile, and the others see it go.
                    self.write_own_events(room_id, seq, id, at, events);
                    return true;
                }
            }
            OutgoingBody::Timer { again: true, .. } => return true,
            OutgoingBody::Timer { timer, .. } => self.timer_sent(room_id, seq, timer),
            OutgoingBody::Change { to, what } => {
                let place = (generation, seq);
                let expires = outgoing.expires_after.is_some();
                self.change_sent(conversation, *to, what.clone(), place, at, expires);
                return true;
            }
            _ => {}
        }
        self.delete_entry(conversation, &outgoing.position);
        let entry = Entry {
            position: position(generation, seq),
            room_id: Some(room_id),
            seq: Some(seq),
            sent_at: at,
            state: EntryState::Sent,
            failure: None,
            ..self.outgoing_entry(&outgoing)
        };
        self.write_entry(conversation, entry);
        true
    }

    /// Every message of a conversation that waits fails.
    pub(crate) fn fail_waiting(&mut self, conversation: ConversationId, code: Code) {
        for (of, number) in self.outbox_numbers() {
            if of == conversation {
                self.fail(number, code.into());
            }
        }
    }

    pub(crate) fn fail(&mut self, number: u64, failure: Failure) {
        let Some(outgoing) = self.state.outbox.get(number) else {
            return;
        };
        let conversation = outgoing.conversation;
        if !outgoing.shows() {
            self.session.jobs.forget(Job::Message(conversation));
            self.session.changed.insert(conversation);
            if let Some(outgoing) = self.state.outbox.remove(number) {
                self.change_failed(&outgoing, failure);
            }
            return;
        }
        let old = outgoing.position.clone();
        // Behind everything that stands now.
        let last = self.state.threads.get(conversation).and_then(|thread| {
            let room = self.state.rooms.get(*thread.rooms.last()?)?;
            Some((room.generation, room.cursor))
        });
        let (generation, seq) = last.unwrap_or_default();
        if let Some(outgoing) = self.state.outbox.edit(number) {
            outgoing.failure = Some(failure);
            outgoing.position = failed_position(generation, seq, number);
        }
        self.session.jobs.forget(Job::Message(conversation));
        self.delete_entry(conversation, &old);
        self.write_outgoing(number);
    }

    /// Writes the entry of a message that has no place yet.
    pub(crate) fn write_outgoing(&mut self, number: u64) {
        if let Some(outgoing) = self.state.outbox.get(number) {
            let conversation = outgoing.conversation;
            let entry = self.outgoing_entry(outgoing);
            self.write_entry(conversation, entry);
        }
    }

    pub(crate) fn outgoing_entry(&self, outgoing: &Outgoing) -> Entry {
        Entry {
            key: outgoing_key(outgoing.id),
            position: outgoing.position.clone(),
            id: outgoing.id,
            room_id: None,
            seq: None,
            sender: self
                .state
                .account
                .get()
                .map_or(UserId::from_bytes([0; 16]), |account| account.user_id),
            mine: true,
            sent_at: outgoing.written_at,
            state: match outgoing.failure {
                Some(_) => EntryState::Failed,
                None => EntryState::Sending,
            },
            failure: outgoing.failure.clone(),
            body: outgoing_body(&outgoing.body),
            extra: Extra {
                reply_to: outgoing.reply_to.clone(),
                expires_after: outgoing.expires_after,
                ..Extra::default()
            },
        }
    }

    fn is_creating(&self, room: RoomId) -> bool {
        let room = self.state.rooms.get(room);
        room.is_some_and(|room| matches!(room.stage, Stage::Creating | Stage::Joining))
    }

    /// The messages that wait, with their conversations, in writing order.
    pub(crate) fn outbox_numbers(&self) -> Vec<(ConversationId, u64)> {
        self.state
            .outbox
            .iter()
            .filter(|(_, outgoing)| outgoing.failure.is_none())
            .map(|(number, outgoing)| (outgoing.conversation, number))
            .collect()
    }

    pub(crate) fn outbox_number(&self, id: ClientId) -> Option<u64> {
        self.state
            .outbox
            .iter()
            .find(|(_, outgoing)| outgoing.id == id)
            .map(|(number, _)| number)
    }

    pub(crate) fn next_number(&self) -> u64 {
        let last = self.state.outbox.iter().next_back();
        let last = last.map(|(number, _)| number);
        // What the lost ones showed still stands at their numbers.
        let lost = self.state.lost_outgoing.last().copied();
        last.max(lost).map_or(1, |number| number + 1)
    }

    /// Whether a message may be sealed for the room now; says in the conversation what it waits
    /// for otherwise.
    fn may_seal(&mut self, conversation: ConversationId, room_id: RoomId) -> bool {
        let Some(room) = self.state.rooms.get(room_id) else {
            return false;
        };
        let ready = room.stage == Stage::Active
            && room.fault.is_none()
            && self.state.drafts.get(room_id).is_none()
            && self.session.is_current(room_id);
        ready && self.may_trust(conversation, room_id)
    }
}

/// What an own message's entry is known by, from the first moment on.
pub(crate) fn outgoing_key(id: ClientId) -> String {
    format!("own/{id}")
}
