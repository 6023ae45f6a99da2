//! A crash before every single effect of the first steps together.

use std::collections::BTreeMap;

use engine::{Body, Command, ConversationId, MessageRef, Phase};
use protocol::{UserId, limits::KEY_PACKAGES};

use crate::{
    chaos::Chaos,
    random::{friends, further_device, set_up},
    transcript::check,
    world::World,
};

/// Runs a story once for each effect of it, with a crash before that one.
pub(crate) fn everywhere(effects: u32, story: impl Fn(&mut World)) {
    for crash in 0..effects {
        let mut world = World::new(u64::from(crash), Chaos::none(u64::from(crash)));
        world.chaos.crash_at = Some(crash);
        story(&mut world);
        world.settle();
        check(&world);
    }
}

#[test]
fn keys_are_registered_once_whenever_the_program_dies() {
    let user = UserId::from_bytes([1; 16]);
    everywhere(12, |world| {
        let node = world.add(user, BTreeMap::new());
        world.plan(10, node, set_up(user, None));
        world.run_for(60_000);
        assert_eq!(world.nodes[node].phase, Some(Phase::Live));
        assert_eq!(world.server.devices.len(), 1);
        let packages = world
            .server
            .devices
            .values()
            .map(|device| device.packages.len());
        assert_eq!(packages.sum::<usize>(), KEY_PACKAGES);
    });
}

#[test]
fn a_first_conversation_survives_a_crash_before_every_effect() {
    everywhere(70, |world| {
        let users = friends(world, 2);
        world.run_for(1_000);
        let texts = [(0, 1, "hi"), (1, 0, "hello"), (0, 1, "how are you?")];
        for (at, (from, to, text)) in texts.into_iter().enumerate() {
            let command = world.text(users[to], text);
            world.plan(at as i64 * 300, from, command);
        }
        world.run_for(60_000);
    });
}

#[test]
fn both_write_first_and_one_dies_before_every_effect() {
    everywhere(60, |world| {
        let users = friends(world, 2);
        world.run_for(1_000);
        for (from, to) in [(0, 1), (1, 0)] {
            let command = world.text(users[to], "me first");
            world.plan(1, from, command);
        }
        world.run_for(60_000);
    });
}

#[test]
fn a_further_device_joins_whatever_dies_meanwhile() {
    everywhere(90, |world| {
        let users = friends(world, 2);
        let command = world.text(users[1], "before");
        world.plan(100, 0, command);
        world.run_for(500);
        let second = further_device(world, 1, 10);
        world.run_for(2_000);
        for (from, to) in [(0, 1), (second, 0)] {
            let command = world.text(users[to], "after");
            world.plan(10, from, command);
        }
        world.run_for(60_000);
    });
}

#[test]
fn changes_survive_a_crash_before_every_effect() {
    everywhere(90, |world| {
        let users = friends(world, 2);
        world.run_for(1_000);
        let first = world.text(users[1], "hello");
        let Command::SendText { id, .. } = &first else {
            unreachable!()
        };
        let (id, sender) = (*id, users[0]);
        let message = MessageRef { sender, id };
        world.plan(1, 0, first.clone());
        world.run_for(60_000);
        // What follows is about a message that was sent: a person who does not see it sends again.
        world.plan(1, 0, first);
        world.run_for(60_000);
        let mut answer = world.text(users[0], "hi");
        if let Command::SendText { reply_to, .. } = &mut answer {
            *reply_to = Some(message);
        }
        let conversation = ConversationId::direct(users[1]);
        let text = "edit hello".into();
        let edit = Command::Edit {
            conversation,
            id,
            text,
        };
        let react = Command::React {
            conversation: ConversationId::direct(users[0]),
            message,
            emoji: "👍".to_owned(),
            on: true,
        };
        for (at, (node, command)) in [(1, answer), (0, edit), (1, react)].into_iter().enumerate() {
            world.plan(at as i64 * 50, node, command);
        }
        world.run_for(60_000);
        for (node, peer) in [(0, users[1]), (1, users[0])] {
            let history = world.nodes[node].history(ConversationId::direct(peer));
            let text = "edit hello".into();
            assert_eq!(history[0].body, Body::Text { text });
            assert_eq!(history[0].extra.reactions.len(), 1);
        }
    });
}
