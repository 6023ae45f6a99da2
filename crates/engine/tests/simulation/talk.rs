//! People who talk in a calm world: what single stories of content are told with.

use engine::{Body, Command, ConversationId, Entry, MessageRef, Recipient, Said};
use protocol::{ClientId, RoomId, UserId};

use crate::{chaos::Chaos, random::friends, world::World};

pub(crate) const ROOM: RoomId = RoomId::from_bytes([77; 16]);
pub(crate) struct Story {
    pub(crate) world: World,
    pub(crate) users: Vec<UserId>,
    group: bool,
}

impl Story {
    pub(crate) fn of_two() -> Self {
        let mut world = World::new(1, Chaos::none(1));
        let users = friends(&mut world, 2);
        world.run_for(1_000);
        let group = false;
        Self {
            world,
            users,
            group,
        }
    }

    pub(crate) fn of_three() -> Self {
        let mut world = World::new(1, Chaos::none(1));
        let users = friends(&mut world, 3);
        world.run_for(1_000);
        let mut story = Self {
            world,
            users,
            group: true,
        };
        let create = Command::CreateGroup {
            room_id: ROOM,
            name: "Sunday hikes".into(),
            members: story.users[1..].to_vec(),
        };
        story.act(0, create);
        story
    }

    pub(crate) fn conversation(&self, node: usize) -> ConversationId {
        match self.group {
            true => ConversationId::group(ROOM),
            false => ConversationId::direct(self.users[1 - node]),
        }
    }

    pub(crate) fn act(&mut self, node: usize, command: Command) {
        self.world.plan(1, node, command);
        self.world.run_for(3_000);
    }

    /// Says something; the message's name.
    pub(crate) fn say(
        &mut self,
        node: usize,
        text: &str,
        reply_to: Option<MessageRef>,
    ) -> MessageRef {
        let to = match self.group {
            true => Recipient::Room { room_id: ROOM },
            false => Recipient::Direct {
                user_id: self.users[1 - node],
            },
        };
        let mut command = self.world.text_to(to, text);
        let Command::SendText {
            id, reply_to: of, ..
        } = &mut command
        else {
            unreachable!()
        };
        *of = reply_to;
        let (id, sender) = (*id, self.users[node]);
        self.act(node, command);
        MessageRef { sender, id }
    }

    pub(crate) fn react(&mut self, node: usize, message: MessageRef, emoji: &str, on: bool) {
        let command = Command::React {
            conversation: self.conversation(node),
            message,
            emoji: emoji.to_owned(),
            on,
        };
        self.act(node, command);
    }

    pub(crate) fn edit(&mut self, node: usize, id: ClientId, text: &str) {
        let command = Command::Edit {
            conversation: self.conversation(node),
            id,
            text: text.into(),
        };
        self.act(node, command);
    }

    pub(crate) fn delete(&mut self, node: usize, message: MessageRef, for_everyone: bool) {
        let command = Command::Delete {
            conversation: self.conversation(node),
            message,
            for_everyone,
        };
        self.act(node, command);
    }

    pub(crate) fn set_timer(&mut self, node: usize, seconds: Option<u32>) {
        let conversation = self.conversation(node);
        self.act(
            node,
            Command::SetTimer {
                conversation,
                seconds,
            },
        );
    }

    pub(crate) fn read_all(&mut self, node: usize) {
        let conversation = self.conversation(node);
        let last = self.history(node).pop().unwrap();
        let command = Command::MarkRead {
            conversation,
            room_id: last.room_id.unwrap(),
            seq: last.seq.unwrap(),
        };
        self.act(node, command);
    }

    pub(crate) fn history(&self, node: usize) -> Vec<Entry> {
        self.world.nodes[node].history(self.conversation(node))
    }

    pub(crate) fn entry(&self, node: usize, message: MessageRef) -> Option<Entry> {
        let history = self.history(node).into_iter();
        let mut found = history.filter(|it| it.id == message.id && it.sender == message.sender);
        found.next()
    }

    pub(crate) fn body(&self, node: usize, message: MessageRef) -> Body {
        self.entry(node, message).unwrap().body
    }

    pub(crate) fn said(&self, node: usize, message: MessageRef) -> Said {
        self.entry(node, message)
            .unwrap()
            .extra
            .reply_to
            .unwrap()
            .said
    }

    /// Emoji with the numbers of who used them.
    pub(crate) fn reactions(&self, node: usize, message: MessageRef) -> Vec<(String, Vec<usize>)> {
        let number = |user: &UserId| self.users.iter().position(|it| it == user).unwrap();
        let reactions = self.entry(node, message).unwrap().extra.reactions;
        let mine = self.users[node];
        reactions
            .into_iter()
            .map(|reaction| {
                assert_eq!(reaction.mine, reaction.users.contains(&mine));
                (reaction.emoji, reaction.users.iter().map(number).collect())
            })
            .collect()
    }

    pub(crate) fn complaint(&mut self, node: usize) -> Option<String> {
        self.world.nodes[node].complaints.pop()
    }

    /// How often something stands in a device's records.
    pub(crate) fn traces(&self, node: usize, of: &str) -> usize {
        let records = self.world.nodes[node].records.iter();
        // What was sealed for the server or belongs to the groups is not readable.
        let plain = records.filter(|(key, _)| !key.starts_with("state/mls/"));
        let found = plain.filter(|(_, value)| {
            let value = value.as_ref();
            value
                .windows(of.len())
                .any(|window| window == of.as_bytes())
        });
        found.count()
    }
}

pub(crate) fn text(text: &str) -> Body {
    Body::Text { text: text.into() }
}

pub(crate) fn words(of: &str) -> Said {
    Said::Text { text: of.into() }
}
