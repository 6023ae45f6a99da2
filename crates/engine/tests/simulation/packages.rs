//! Classic key packages: used up altogether, and the one that is never used up.

use std::collections::BTreeSet;

use engine::Command;
use protocol::{
    DeviceId, RoomId,
    limits::{KEY_PACKAGES, KEY_PACKAGES_LOW},
};

use crate::{
    trust::{GROUP, act, device_of, group, has_text, say_all, world},
    world::World,
};

const DAY: i64 = 24 * 3_600_000;

/// How many a device has on the server, and its last resort.
fn packages(world: &World, device: DeviceId) -> (usize, Vec<u8>) {
    let row = &world.server.devices[&device];
    (row.packages.len(), row.last_resort.clone())
}

#[test]
fn a_device_without_packages_is_let_in_by_its_last_resort_and_has_new_ones_when_it_is_back() {
    let (mut world, users) = world(3);
    let bo = device_of(&world, 1);
    world.hold(1, true);
    let row = world.server.devices.get_mut(&bo).unwrap();
    row.packages.truncate(1);
    // One for the first group, and the last resort for all that follow.
    group(&mut world, &users[1..]);
    say_all(&mut world, 0, "by the last package");
    assert_eq!(packages(&world, bo).0, 0);
    let more: Vec<_> = (1..=3u8).map(|n| RoomId::from_bytes([n; 16])).collect();
    for room_id in &more {
        let create = Command::CreateGroup {
            room_id: *room_id,
            name: "More".into(),
            members: users[1..].to_vec(),
        };
        act(&mut world, 0, create);
    }
    let before = packages(&world, bo);
    assert_eq!(before.0, 0);
    world.hold(1, false);
    world.run_for(20_000);
    assert!(has_text(&world, 1, GROUP, "by the last package"));
    for room_id in &more {
        let members = world.server.rooms[room_id].public.members().unwrap();
        assert!(members.iter().any(|it| it.device == bo.0));
        let row = &world.nodes[1].conversations[&engine::ConversationId::group(*room_id)];
        assert_eq!((row.fault, row.members.len()), (None, 3));
    }
    assert_eq!(packages(&world, bo), (KEY_PACKAGES, before.1));
    // Nobody saw a line of it.
    assert_eq!(world.nodes[1].complaints.len(), 0);
}

#[test]
fn packages_are_made_up_for_from_the_limit_on_and_not_before() {
    for left in [KEY_PACKAGES_LOW - 1, KEY_PACKAGES_LOW] {
        let (mut world, _) = world(2);
        let bo = device_of(&world, 1);
        let row = world.server.devices.get_mut(&bo).unwrap();
        row.packages.truncate(left);
        // Nobody tells a device that is away: it asks when it is back.
        world.cut(1);
        world.run_for(10_000);
        let enough = left >= KEY_PACKAGES_LOW;
        let expected = if enough { left } else { KEY_PACKAGES };
        assert_eq!(packages(&world, bo).0, expected);
    }
}

#[test]
fn the_last_resort_is_replaced_once_a_month() {
    let (mut world, _) = world(2);
    let bo = device_of(&world, 1);
    let mut seen = BTreeSet::from([packages(&world, bo).1]);
    for (days, replaced) in [(29, false), (2, true), (29, false), (2, true)] {
        world.run_for(days * DAY);
        world.cut(1);
        world.run_for(10_000);
        assert_eq!(seen.insert(packages(&world, bo).1), replaced, "{days}");
    }
}
