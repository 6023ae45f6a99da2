//! What a person does with own messages: write, send again, drop.

use protocol::{ClientId, Code, Problem};

use crate::{
    ConversationId, MessageRef, Notice, Quote, Recipient, Said, Text,
    content::BODY_MAX,
    engine::Step,
    outbox::outgoing_key,
    state::{Outgoing, OutgoingBody, Task, Thread, sending_position},
};

impl Step<'_> {
    pub(crate) fn send_text(
        &mut self,
        to: Recipient,
        id: ClientId,
        text: Text,
        reply_to: Option<MessageRef>,
    ) {
        let Some(conversation) = self.conversation_with(to) else {
            return self.refuse(Some(id), &Problem::new(Code::NotAMember));
        };
        if text.0.trim().is_empty() || text.0.len() > BODY_MAX {
            let detail = match text.0.len() > BODY_MAX {
                true => "The message is too long.",
                false => "There is nothing to send.",
            };
            let problem = Problem::new(Code::InvalidBody).detail(detail);
            return self.refuse(Some(id), &problem);
        }
        if let Recipient::Direct { user_id } = to {
            self.state
                .threads
                .edit_or(conversation, || Thread::direct(user_id));
        }
        self.write(conversation, id, OutgoingBody::Text(text), reply_to);
    }

    /// The conversation that a recipient stands for; `None` for a room that is not known.
    pub(crate) fn conversation_with(&self, to: Recipient) -> Option<ConversationId> {
        match to {
            Recipient::Direct { user_id } => Some(ConversationId::direct(user_id)),
            Recipient::Room { room_id } => {
                let room = self.state.rooms.get(room_id)?;
                Some(room.conversation)
            }
        }
    }

    /// Puts a message into the outbox; says whether it did.
    pub(crate) fn write(
        &mut self,
        conversation: ConversationId,
        id: ClientId,
        body: OutgoingBody,
        reply_to: Option<MessageRef>,
    ) -> bool {
        if self.keys.is_none() {
            self.refuse(Some(id), &Problem::new(Code::DeviceRequired));
            return false;
        }
        if self.outbox_number(id).is_some() {
            return false;
        }
        let own = self.state.account.get().map(|account| account.user_id);
        if let (Some(target), Some(sender)) = (reply_to, own) {
            let reply = MessageRef { sender, id };
            self.add_work(conversation, target, Task::Answered(reply));
        }
        let quote = |message| Quote {
            message,
            position: None,
            said: Said::Looking,
        };
        let expires_after = self.timer(conversation).seconds();
        let number = self.next_number();
        let outgoing = Outgoing {
            conversation,
            id,
            written_at: self.now,
            body,
            position: sending_position(number),
            sealed: None,
            failure: None,
            reply_to: reply_to.map(quote),
            expires_after,
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
            self.drop_file(&outgoing);
            self.delete_entry(conversation, &outgoing.position);
            self.notify(Notice::Removed {
                conversation,
                key: outgoing_key(id),
            });
        }
    }
}
