//! What a person does with own messages: write, send again, drop.

use protocol::{ClientId, Code, Problem, RoomId, UserId};

use crate::{
    ConversationId, Notice, Text,
    content::BODY_MAX,
    engine::Step,
    outbox::outgoing_key,
    state::{Outgoing, OutgoingBody, Thread, sending_position},
};

impl Step<'_> {
    pub(crate) fn send_text_to(&mut self, peer: UserId, id: ClientId, text: Text) {
        let conversation = ConversationId::direct(peer);
        self.state
            .threads
            .edit_or(conversation, || Thread::direct(peer));
        self.compose(conversation, id, text);
    }

    pub(crate) fn send_text_in(&mut self, room: RoomId, id: ClientId, text: Text) {
        let known = self.state.rooms.get(room);
        match known.map(|room| room.conversation) {
            Some(conversation) => self.compose(conversation, id, text),
            None => self.refuse(Some(id), &Problem::new(Code::NotAMember)),
        }
    }

    fn compose(&mut self, conversation: ConversationId, id: ClientId, text: Text) {
        if text.0.trim().is_empty() || text.0.len() > BODY_MAX {
            let detail = match text.0.len() > BODY_MAX {
                true => "The message is too long.",
                false => "There is nothing to send.",
            };
            let problem = Problem::new(Code::InvalidBody).detail(detail);
            return self.refuse(Some(id), &problem);
        }
        self.write(conversation, id, OutgoingBody::Text(text));
    }

    /// Puts a message into the outbox; says whether it did.
    pub(crate) fn write(
        &mut self,
        conversation: ConversationId,
        id: ClientId,
        body: OutgoingBody,
    ) -> bool {
        if self.keys.is_none() {
            self.refuse(Some(id), &Problem::new(Code::DeviceRequired));
            return false;
        }
        if self.outbox_number(id).is_some() {
            return false;
        }
        let number = self.next_number();
        let outgoing = Outgoing {
            conversation,
            id,
            written_at: self.now,
            body,
            position: sending_position(number),
            sealed: None,
            failure: None,
        };
        self.state.outbox.insert(number, outgoing);
        self.write_outgoing(number);
        true
    }

    pub(crate) fn retry(&mut self, conversation: ConversationId, id: ClientId) {
        let Some(number) = self.outbox_number(id) else {
            return;
        };
        let failed = self.state.outbox.get(number).is_some_and(|outgoing| {
            outgoing.conversation == conversation && outgoing.failure.is_some()
        });
        if !failed {
            return;
        }
        self.session.stuck.remove(&conversation);
        if let Some(mut outgoing) = self.state.outbox.remove(number) {
            self.delete_entry(conversation, &outgoing.position);
            let number = self.next_number();
            outgoing.failure = None;
            outgoing.position = sending_position(number);
            self.state.outbox.insert(number, outgoing);
            self.write_outgoing(number);
        }
    }

    pub(crate) fn discard(&mut self, conversation: ConversationId, id: ClientId) {
        let Some(number) = self.outbox_number(id) else {
            return;
        };
        let Some(outgoing) = self.state.outbox.get(number) else {
            return;
        };
        // One that was sent and not answered may have arrived: it cannot be taken back.
        let may_go = outgoing.failure.is_some() || outgoing.sealed.is_none();
        if outgoing.conversation != conversation || !may_go {
            return;
        }
        if let Some(outgoing) = self.state.outbox.remove(number) {
            if let Some(sealed) = &outgoing.sealed
                && let Some(room) = self.state.rooms.edit(sealed.room)
            {
                room.dropped.insert(id);
            }
            self.drop_file(&outgoing.body);
            self.delete_entry(conversation, &outgoing.position);
            self.notify(Notice::Removed {
                conversation,
                key: outgoing_key(id),
            });
        }
    }
}
