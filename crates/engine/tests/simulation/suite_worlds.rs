//! The experimental suite where everything goes wrong: crashes, and random worlds in which some have
//! it.

use std::{collections::BTreeMap, sync::OnceLock};

use engine::Command;
use protocol::{Binary, DeviceId, UserId, limits::KEY_PACKAGES};

use crate::{
    crash::everywhere,
    group_worlds,
    random::{self, Seed, friends},
    server::Device,
    suites::{ON, POST_QUANTUM, left, people, suites},
    trust::device_of,
    world::World,
};

/// What two devices with the switch on have on their disks, and on the server.
type Ready = (Vec<BTreeMap<String, Binary>>, BTreeMap<DeviceId, Device>);

/// Two friends whose packages are on the server: made once, used by every crash.
fn ready(world: &mut World) -> Vec<UserId> {
    static READY: OnceLock<Ready> = OnceLock::new();
    let (disks, devices) = READY.get_or_init(|| {
        let (world, _) = people(2, &[0, 1]);
        let disks = world.nodes.into_iter().map(|node| node.records);
        (disks.collect(), world.server.devices)
    });
    let users = friends(world, 2);
    for (node, disk) in world.nodes.iter_mut().zip(disks) {
        node.records.clone_from(disk);
    }
    world.server.devices.clone_from(devices);
    users
}

#[test]
fn a_first_room_of_it_survives_a_crash_before_every_effect() {
    everywhere(70, |world| {
        let users = ready(world);
        world.run_for(1_000);
        for (from, to) in [(0, 1), (1, 0)] {
            let command = world.text(users[to], "hi");
            world.plan(300 * from as i64, from, command);
        }
        world.run_for(60_000);
        assert_eq!(suites(world), [POST_QUANTUM]);
    });
}

#[test]
fn its_packages_are_stored_once_whenever_the_program_dies() {
    everywhere(24, |world| {
        friends(world, 1);
        world.plan(500, 0, ON);
        world.run_for(60_000);
        assert_eq!(left(world, device_of(world, 0)), KEY_PACKAGES);
        let own = world.nodes[0].own.as_ref().unwrap();
        assert_eq!(own.post_quantum, Some(true));
    });
}

/// Most have the switch on from some time on, and one of them changes their mind.
fn switches(world: &mut World) {
    for node in 0..world.nodes.len() {
        if world.chaos.below(4) > 0 {
            let delay = 1_000 + i64::from(world.chaos.below(3)) * 20_000;
            world.plan(delay, node, ON);
        }
    }
    let node = world.chaos.below(world.nodes.len() as u32) as usize;
    world.plan(50_000, node, Command::SetPostQuantum { on: false });
}

#[test]
fn worlds_in_which_some_have_it() {
    for seed in 0..30 {
        let _told = Seed(seed);
        random::run_with(seed, switches);
    }
}

#[test]
fn groups_in_which_some_have_it() {
    for seed in 0..15 {
        let _told = Seed(seed);
        group_worlds::run_with(seed, switches);
    }
}
