//! When messages go away: said in encrypted messages, by anybody of two, by admins of a group.

use protocol::{Code, Problem, RoomId, limits, rest::rooms::RoomKind, socket::BinaryEnvelope};

use crate::{
    Body, ConversationId, RoomEvent,
    content::{Content, ContentBody},
    engine::Step,
    state::{OutgoingBody, Timer},
};

impl Step<'_> {
    pub(crate) fn set_timer(&mut self, conversation: ConversationId, seconds: Option<u32>) {
        let Some(thread) = self.state.threads.get(conversation) else {
            return self.refuse(None, &Problem::new(Code::NotAMember));
        };
        let allowed = match thread.kind {
            RoomKind::Direct => true,
            RoomKind::Group => self.is_admin(RoomId(conversation.0)),
        };
        let fits = seconds.is_none_or(|it| (limits::TIMER_MIN..=limits::TIMER_MAX).contains(&it));
        if !allowed || !fits {
            let code = if allowed {
                Code::InvalidBody
            } else {
                Code::Policy
            };
            return self.refuse(None, &Problem::new(code));
        }
        let standing = self.timer(conversation);
        if standing.seconds() == seconds {
            return;
        }
        let timer = Timer {
            entitled: true,
            revision: standing.revision.saturating_add(1),
            place: (0, 0),
            seconds: seconds.unwrap_or(0),
        };
        let again = false;
        self.say(conversation, OutgoingBody::Timer { timer, again });
        self.session.changed.insert(conversation);
    }

    /// What messages that are written now carry: what was set here last counts at once.
    pub(crate) fn timer(&self, conversation: ConversationId) -> Timer {
        let waits = self
            .outbox_of(conversation)
            .filter_map(|it| match &it.body {
                OutgoingBody::Timer {
                    timer,
                    again: false,
                } => Some(timer.clone()),
                _ => None,
            });
        let thread = self.state.threads.get(conversation);
        let standing = thread.map(|thread| thread.timer.clone());
        waits.last().or(standing).unwrap_or_default()
    }

    /// Says the setting again, for those who joined.
    pub(crate) fn say_timer(&mut self, conversation: ConversationId) {
        let timer = self.state.threads.get(conversation);
        let timer = timer.map(|thread| thread.timer.clone()).unwrap_or_default();
        let waits = self.outbox_of(conversation).any(|outgoing| {
            let said =
                matches!(&outgoing.body, OutgoingBody::Timer { timer: said, .. } if *said == timer);
            said && outgoing.sealed.is_none()
        });
        if timer.revision > 0 && !waits {
            let again = true;
            self.say(conversation, OutgoingBody::Timer { timer, again });
        }
    }

    /// The setting, as it is said again.
    pub(crate) fn standing_timer(&self, conversation: ConversationId) -> ContentBody {
        let thread = self.state.threads.get(conversation);
        let timer = thread.map(|thread| &thread.timer);
        ContentBody::Timer {
            revision: timer.map_or(0, |timer| timer.revision),
            again: true,
            seconds: timer.map_or(0, |timer| timer.seconds),
        }
    }

    /// Somebody, or another device of mine, says when messages go away; says whether it was that.
    pub(crate) fn timer_received(&mut self, envelope: &BinaryEnvelope, content: &Content) -> bool {
        let ContentBody::Timer {
            revision,
            again,
            seconds,
        } = content.body
        else {
            return false;
        };
        let Some(room) = self.state.rooms.get(envelope.room_id) else {
            return true;
        };
        let conversation = room.conversation;
        let timer = Timer {
            entitled: room.kind == RoomKind::Direct || room.admins.contains(&envelope.sender_user),
            revision: revision.max(1),
            place: (room.generation, envelope.seq),
            seconds: seconds.min(limits::TIMER_MAX),
        };
        let news = timer.entitled && !again;
        let event = RoomEvent::Timer {
            seconds: timer.seconds(),
        };
        self.take_timer(conversation, timer, again);
        if news {
            let events = vec![event];
            let body = Body::Room { events };
            self.receive(envelope, envelope.seq, content.id, body);
        }
        true
    }

    /// A setting that was said from here has its place.
    pub(crate) fn timer_sent(&mut self, room_id: RoomId, seq: u64, said: &Timer) {
        let Some(room) = self.state.rooms.get(room_id) else {
            return;
        };
        let timer = Timer {
            entitled: room.kind == RoomKind::Direct || self.is_admin(room_id),
            place: (room.generation, seq),
            ..said.clone()
        };
        let conversation = room.conversation;
        self.take_timer(conversation, timer, false);
    }

    fn take_timer(&mut self, conversation: ConversationId, timer: Timer, again: bool) {
        if let Some(thread) = self.state.threads.edit(conversation)
            && thread.timer.take(timer, again)
        {
            self.session.changed.insert(conversation);
        }
    }
}
