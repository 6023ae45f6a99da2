//! Reactions, other words, and messages taken back: wished for here, and heard from others.

use protocol::{ClientId, Code, Problem, socket::BinaryEnvelope};

use crate::{
    ConversationId, Failure, MessageRef, Notice, Text,
    content::{BODY_MAX, Content, ContentBody, is_emoji},
    engine::Step,
    state::{Change, Changed, Outgoing, OutgoingBody, Place, Task, sending_position},
};

/// What an edit adds to its words.
const EDIT_HEAD: usize = 16 + 2;

impl Step<'_> {
    pub(crate) fn react(
        &mut self,
        conversation: ConversationId,
        message: MessageRef,
        emoji: String,
        on: bool,
    ) {
        if on && !is_emoji(&emoji) {
            let problem = Problem::new(Code::InvalidBody).detail("A reaction is one emoji.");
            return self.refuse(Some(message.id), &problem);
        }
        let emoji = on.then_some(emoji);
        self.wish_for(conversation, message, Changed::Reaction(emoji));
    }

    pub(crate) fn edit_text(&mut self, conversation: ConversationId, id: ClientId, text: Text) {
        let Some(sender) = self.state.account.get().map(|account| account.user_id) else {
            return self.refuse(Some(id), &Problem::new(Code::DeviceRequired));
        };
        let detail = match text.0.len() {
            _ if text.0.trim().is_empty() => "There is nothing to send.",
            length if length > BODY_MAX - EDIT_HEAD => "The message is too long.",
            _ => {
                let message = MessageRef { sender, id };
                return self.wish_for(conversation, message, Changed::Text(text));
            }
        };
        let problem = Problem::new(Code::InvalidBody).detail(detail);
        self.refuse(Some(id), &problem);
    }

    pub(crate) fn delete_message(
        &mut self,
        conversation: ConversationId,
        message: MessageRef,
        for_everyone: bool,
    ) {
        let own = self.state.account.get().map(|account| account.user_id);
        let outgoing = self.outbox_number(message.id);
        let outgoing = outgoing.and_then(|number| self.state.outbox.get(number));
        let may_go = outgoing.is_some_and(|it| it.failure.is_some() || it.sealed.is_none());
        if own == Some(message.sender) && may_go {
            return self.discard(conversation, message.id);
        }
        match for_everyone {
            true => self.wish_for(conversation, message, Changed::Deleted),
            false => self.forget_message(conversation, message),
        }
    }

    fn wish_for(&mut self, conversation: ConversationId, message: MessageRef, what: Changed) {
        if self.keys.is_none() {
            return self.refuse(Some(message.id), &Problem::new(Code::DeviceRequired));
        }
        let id = ClientId::from_parts(self.unix_millis(), self.random());
        self.add_work(conversation, message, Task::Wish(id, what));
    }

    /// Puts something that is no message of its own into the outbox, under an id.
    pub(crate) fn say_as(
        &mut self,
        conversation: ConversationId,
        id: ClientId,
        body: OutgoingBody,
        expires_after: Option<u32>,
    ) {
        let number = self.next_number();
        let outgoing = Outgoing {
            conversation,
            id,
            written_at: self.now,
            body,
            position: sending_position(number),
            sealed: None,
            failure: None,
            reply_to: None,
            expires_after,
        };
        self.state.outbox.insert(number, outgoing);
    }

    /// The changes of a conversation that are on their way, in writing order.
    pub(crate) fn outbox_of(
        &self,
        conversation: ConversationId,
    ) -> impl Iterator<Item = &Outgoing> {
        let outbox = self.state.outbox.iter().map(|(_, outgoing)| outgoing);
        outbox.filter(move |it| it.conversation == conversation && it.failure.is_none())
    }

    /// Somebody, or another device of mine, changes a message; says whether it was that.
    pub(crate) fn change_received(&mut self, envelope: &BinaryEnvelope, content: &Content) -> bool {
        let by = envelope.sender_user;
        let own = |id: ClientId| MessageRef { sender: by, id };
        let (message, what) = match &content.body {
            ContentBody::Reaction { to, on, emoji } => {
                if *on && !is_emoji(emoji) {
                    return true;
                }
                (*to, Changed::Reaction(on.then(|| emoji.clone())))
            }
            ContentBody::Edit { text, .. } if text.trim().is_empty() => return true,
            ContentBody::Edit { id, text } => (own(*id), Changed::Text(text.as_str().into())),
            ContentBody::Delete { id } => (own(*id), Changed::Deleted),
            _ => return false,
        };
        let Some(room) = self.state.rooms.get(envelope.room_id) else {
            return true;
        };
        let conversation = room.conversation;
        let change = Change {
            by,
            place: (room.generation, envelope.seq),
            at: envelope.sent_at.unix_millis(),
            what,
            expires: content.expires_after.is_some(),
        };
        self.add_change(conversation, message, change);
        true
    }

    /// A change that was made here has its place.
    pub(crate) fn change_sent(
        &mut self,
        conversation: ConversationId,
        to: MessageRef,
        what: Changed,
        place: Place,
        at: i64,
        expires: bool,
    ) {
        let own = self.state.account.get().map(|account| account.user_id);
        let change = Change {
            by: own.unwrap_or(to.sender),
            place,
            at,
            what,
            expires,
        };
        self.add_change(conversation, to, change);
    }

    /// A change, or a setting, that nobody takes: the message looks as before.
    pub(crate) fn change_failed(&mut self, outgoing: &Outgoing, failure: Failure) {
        let id = match &outgoing.body {
            OutgoingBody::Change { to, .. } => {
                self.add_work(outgoing.conversation, *to, Task::Show);
                Some(to.id)
            }
            OutgoingBody::Timer { again: false, .. } | OutgoingBody::Profile { news: true, .. } => {
                None
            }
            _ => return,
        };
        self.notify(Notice::Refused { id, failure });
    }
}
