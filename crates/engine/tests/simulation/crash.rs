//! A crash before every single effect of the first steps together.

use std::collections::BTreeMap;

use engine::Phase;
use protocol::{UserId, limits::KEY_PACKAGES};

use crate::{
    chaos::Chaos,
    random::{check, friends, further_device, set_up},
    world::World,
};

/// Runs a story once for each effect of it, with a crash before that one.
fn everywhere(effects: u32, story: impl Fn(&mut World)) {
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
