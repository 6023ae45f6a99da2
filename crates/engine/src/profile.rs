//! What a group is called and looks like: said in encrypted messages, never to the server.
//!
//! An admin gives a group name and picture; whoever adds a device says both again, for that device.

use protocol::{Base64, ClientId, RoomId, limits::NAME_MAX, socket::BinaryEnvelope};

use crate::{
    Body, ConversationId, RoomEvent, Text,
    content::{Content, ContentBody},
    engine::Step,
    state::{Changed, OutgoingBody, Profile},
};

impl Step<'_> {
    /// Says a group's name again, for those who joined.
    pub(crate) fn say_profile(&mut self, conversation: ConversationId) {
        let Some(profile) = self.state.threads.get(conversation) else {
            return;
        };
        let profile = profile.profile.clone();
        let picture = self.state.pictures.get(RoomId(conversation.0)).cloned();
        let waits = self.state.outbox.iter().any(|(_, outgoing)| {
            outgoing.conversation == conversation
                && matches!(&outgoing.body, OutgoingBody::Profile { profile: said, .. } if *said == profile)
                && outgoing.sealed.is_none()
        });
        if profile.heard && !waits {
            let body = OutgoingBody::Profile {
                profile,
                picture,
                pictured: None,
                news: false,
            };
            self.say(conversation, body);
        }
    }

    /// Puts something that is no message of a person's into the outbox.
    pub(crate) fn say(&mut self, conversation: ConversationId, body: OutgoingBody) {
        let id = ClientId::from_parts(self.unix_millis(), self.random());
        self.say_as(conversation, id, body, None);
    }

    /// Somebody, or another device of mine, says what a group is called.
    pub(crate) fn profile_received(
        &mut self,
        envelope: &BinaryEnvelope,
        content: &Content,
        revision: u64,
        name: &str,
        picture: &[u8],
    ) {
        let Some(name) = check_name(name.to_owned().into()) else {
            return;
        };
        let Some(room) = self.state.rooms.get(envelope.room_id) else {
            return;
        };
        let (conversation, by_admin) = (
            room.conversation,
            room.admins.contains(&envelope.sender_user),
        );
        if let Some(room) = self.state.rooms.edit(envelope.room_id) {
            room.say_name_at = None;
        }
        let profile = Profile {
            heard: true,
            by_admin,
            revision: revision.max(1),
            seq: envelope.seq,
            name: name.clone(),
        };
        let Some(thread) = self.state.threads.edit(conversation) else {
            return;
        };
        let known = thread.profile.heard;
        let Some(renamed) = thread.profile.take(profile) else {
            return;
        };
        let pictured = self.take_room_picture(envelope.room_id, Some(picture.to_vec().into()));
        if !renamed && pictured.is_none() {
            return;
        }
        self.session.changed.insert(conversation);
        if known {
            let events = changes(renamed.then_some(name.as_str()), pictured);
            let body = Body::Room { events };
            self.receive(envelope, envelope.seq, content.id, body);
        }
    }

    /// A name that was said from here has its place. Says what that changed.
    pub(crate) fn profile_sent(
        &mut self,
        room_id: RoomId,
        seq: u64,
        said: &Profile,
        picture: Option<&Base64>,
    ) -> Vec<RoomEvent> {
        let conversation = ConversationId::group(room_id);
        let by_admin = self.is_admin(room_id);
        let Some(thread) = self.state.threads.edit(conversation) else {
            return Vec::new();
        };
        let taken = thread.profile.take(Profile {
            by_admin,
            seq,
            ..said.clone()
        });
        let Some(renamed) = taken else {
            return Vec::new();
        };
        self.session.changed.insert(conversation);
        let pictured = self.take_room_picture(room_id, picture.cloned());
        changes(renamed.then_some(said.name.as_str()), pictured)
    }

    /// What is passed on and not sealed yet says what stands by now.
    pub(crate) fn pass_on_as_it_stands(&mut self, conversation: ConversationId, number: u64) {
        let standing = self.state.threads.get(conversation);
        let standing = standing.map(|thread| thread.profile.clone());
        let pictured = self.state.pictures.get(RoomId(conversation.0)).cloned();
        if let Some(standing) = standing.filter(|standing| standing.heard)
            && let Some(outgoing) = self.state.outbox.edit(number)
            && let OutgoingBody::Profile {
                profile,
                picture,
                news: false,
                ..
            } = &mut outgoing.body
        {
            (*profile, *picture) = (standing, pictured);
        }
    }

    /// Whether the person here may change a group.
    pub(crate) fn is_admin(&self, room_id: RoomId) -> bool {
        let room = self.state.rooms.get(room_id);
        let account = self.state.account.get();
        room.zip(account)
            .is_some_and(|(room, account)| room.admins.contains(&account.user_id))
    }
}

/// What became of a group's name and picture, of which `true` was taken away.
fn changes(name: Option<&str>, picture: Option<bool>) -> Vec<RoomEvent> {
    let named = name.map(|name| RoomEvent::Named { name: name.into() });
    let pictured = picture.map(|removed| RoomEvent::Pictured { removed });
    named.into_iter().chain(pictured).collect()
}

/// What a message says, as it is sealed.
pub(crate) fn content_body(body: &OutgoingBody) -> ContentBody {
    match body {
        OutgoingBody::Text(text) => ContentBody::Text(text.0.clone()),
        OutgoingBody::Profile {
            profile, picture, ..
        } => ContentBody::RoomProfile {
            revision: profile.revision,
            name: profile.name.clone(),
            picture: picture
                .as_ref()
                .map(|it| it.as_ref().to_vec())
                .unwrap_or_default(),
        },
        OutgoingBody::Picture {
            picture,
            attached: Some(attached),
        } => ContentBody::Picture(picture.encode(attached.attachment_id)),
        OutgoingBody::File {
            file,
            attached: Some(attached),
        } => ContentBody::File(file.encode(attached.attachment_id)),
        // Never sealed before its file is there.
        OutgoingBody::Picture { .. } | OutgoingBody::File { .. } => {
            ContentBody::Text(String::new())
        }
        OutgoingBody::Change { to, what } => match what {
            Changed::Reaction(emoji) => ContentBody::Reaction {
                to: *to,
                on: emoji.is_some(),
                emoji: emoji.clone().unwrap_or_default(),
            },
            Changed::Text(text) => ContentBody::Edit {
                id: to.id,
                text: text.0.clone(),
            },
            Changed::Deleted => ContentBody::Delete { id: to.id },
        },
        OutgoingBody::Timer { timer, again } => ContentBody::Timer {
            revision: timer.revision,
            again: *again,
            seconds: timer.seconds,
        },
        OutgoingBody::Leave => ContentBody::Leave,
    }
}

/// What a message of one's own looks like; nothing for what shows with other messages alone.
pub(crate) fn outgoing_body(body: &OutgoingBody) -> Body {
    let events = match body {
        OutgoingBody::Text(text) => return Body::Text { text: text.clone() },
        OutgoingBody::Picture { picture, attached } => {
            return Body::Picture {
                attachment_id: attached.map(|attached| attached.attachment_id),
                picture: Box::new(picture.clone()),
            };
        }
        OutgoingBody::File { file, attached } => {
            return Body::File {
                attachment_id: attached.map(|attached| attached.attachment_id),
                file: file.clone(),
            };
        }
        OutgoingBody::Profile {
            pictured: Some(removed),
            ..
        } => vec![RoomEvent::Pictured { removed: *removed }],
        OutgoingBody::Profile { profile, .. } => vec![RoomEvent::Named {
            name: profile.name.clone().into(),
        }],
        OutgoingBody::Timer { timer, .. } => vec![RoomEvent::Timer {
            seconds: timer.seconds(),
        }],
        OutgoingBody::Leave => vec![RoomEvent::Left],
        OutgoingBody::Change { .. } => Vec::new(),
    };
    Body::Room { events }
}

/// A group's name without blanks around it: 1 to 80 characters, no control characters.
pub(crate) fn check_name(name: Text) -> Option<String> {
    let trimmed = name.0.trim();
    let length = trimmed.chars().count();
    let fits = (1..=NAME_MAX).contains(&length) && !trimmed.chars().any(char::is_control);
    fits.then(|| trimmed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_bounds() {
        let check = |name: &str| check_name(name.into());
        assert_eq!(check("  Sunday hikes  ").as_deref(), Some("Sunday hikes"));
        assert_eq!(check(" "), None);
        assert_eq!(check("a\nb"), None);
        assert!(check(&"é".repeat(NAME_MAX)).is_some());
        assert_eq!(check(&"é".repeat(NAME_MAX + 1)), None);
    }

    #[test]
    fn the_same_name_stands_in_whatever_order_it_is_heard() {
        let said = |by_admin, revision, seq, name: &str| Profile {
            heard: true,
            by_admin,
            revision,
            seq,
            name: name.to_owned(),
        };
        let by_admins = [
            said(true, 1, 2, "first"),
            said(true, 2, 5, "mine"),
            said(true, 2, 6, "yours"),
        ];
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            let mut profile = Profile::default();
            for index in order {
                profile.take(by_admins[index].clone());
            }
            assert!(profile == by_admins[2]);
        }
        // What was read in the archive gives way to what is said.
        let mut profile = said(false, 3, 9, "read");
        profile.heard = false;
        assert_eq!(profile.take(said(false, 2, 5, "passed on")), Some(true));
        // Who is no admin passes a name on, and cannot change it.
        let mut profile = Profile::default();
        assert_eq!(profile.take(said(false, 9, 3, "passed on")), Some(true));
        assert_eq!(profile.take(said(false, 10, 4, "forged")), None);
        assert_eq!(profile.take(said(true, 1, 5, "first")), Some(true));
    }
}
