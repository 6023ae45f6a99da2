//! An account with as many devices as it may have, and one more.

use std::collections::BTreeSet;

use e2ee::{DeviceKeys, DeviceList};
use engine::{Command, LinkHow, Phase, RecoveryDue};
use protocol::{Code, DeviceId, UserId, limits::USER_DEVICES};

use crate::{
    chaos::Chaos,
    own::{blank, link, past, recover, say, start_link, texts, world},
    server::Device,
    transcript::check,
    trust::{account_key, device_of},
    world::World,
};

/// So many devices stand in the list of the first person, those that are none of this world's made
/// up: registered, and never connected again.
fn fill(world: &mut World, user: UserId, count: usize) -> Vec<DeviceId> {
    let account = account_key(world, 0);
    let mut list = list_of(world, user);
    let mut made = Vec::new();
    while list.devices.len() < count {
        let device = DeviceId::from_bytes([list.devices.len() as u8; 16]);
        let rng = &mut world.nodes[0].rng;
        let keys = DeviceKeys::generate(user.0, device.0, &account, 1, rng);
        let row = Device {
            user,
            credential: keys.credential().to_bytes().to_vec(),
            packages: Default::default(),
            last_resort: Vec::new(),
            others: Default::default(),
            revoked: false,
        };
        world.server.devices.insert(device, row);
        let name = format!("Drawer {}", list.devices.len());
        world.server.own(user).names.insert(device, name);
        list.devices.push(device.0);
        made.push(device);
    }
    list.version += 1;
    let signed = list.sign(&account);
    world.server.users.get_mut(&user).unwrap().device_list = signed;
    world.run_for(2_000);
    made
}

fn list_of(world: &World, user: UserId) -> DeviceList {
    let key = account_key(world, 0).public();
    DeviceList::open(&world.server.users[&user].device_list, &key).unwrap()
}

fn is_crowded(world: &World, node: usize) -> bool {
    matches!(&world.nodes[node].phase, Some(Phase::Refused { failure })
        if failure.code == Code::TooManyDevices)
}

fn replace(devices: impl IntoIterator<Item = DeviceId>) -> Command {
    Command::ReplaceDevices {
        device_ids: devices.into_iter().collect(),
    }
}

fn paper(world: &mut World) -> String {
    world.plan(1, 0, Command::MakeRecoveryKey);
    world.run_for(3_000);
    world.nodes[0].recovery_keys.last().unwrap().clone()
}

#[test]
fn the_last_place_is_taken_and_the_next_device_comes_in_anothers() {
    let mut world = world();
    let users = past(&mut world);
    let user = users[0];
    let key = paper(&mut world);
    let old = blank(&mut world, user);
    link(&mut world, 0, old, LinkHow::Scan);
    let old_device = device_of(&world, old);
    let drawer = fill(&mut world, user, USER_DEVICES - 1);

    // The twentieth comes in as any other.
    let twentieth = blank(&mut world, user);
    world.plan(1, twentieth, recover(user, &key));
    world.run_for(30_000);
    assert_eq!(world.nodes[twentieth].phase, Some(Phase::Live));
    assert_eq!(list_of(&world, user).devices.len(), USER_DEVICES);

    // The twenty-first is told who is there, by name, also after a restart.
    let found = blank(&mut world, user);
    world.plan(1, found, recover(user, &key));
    world.run_for(30_000);
    assert!(is_crowded(&world, found), "{:?}", world.nodes[found].phase);
    for restarts in [false, true] {
        if restarts {
            world.nodes[found].own = None;
            world.kill(found);
            world.run_for(20_000);
            assert!(is_crowded(&world, found));
        }
        let own = world.nodes[found].own.clone().unwrap();
        assert_eq!(own.devices.len(), USER_DEVICES);
        assert!(own.devices.iter().any(|device| device.name == "Drawer 5"));
        assert!(own.devices.iter().all(|device| !device.this));
    }

    // Nobody is shut out without a fresh factor, and the question stands.
    let before = list_of(&world, user);
    world.server.own(user).fresh = false;
    world.plan(1, found, replace([drawer[0], old_device]));
    world.run_for(5_000);
    let told = world.nodes[found].complaints.last().unwrap();
    assert!(told.contains("factor"), "{told}");
    assert!(is_crowded(&world, found));
    assert_eq!(list_of(&world, user), before);
    assert_eq!(world.nodes[old].phase, Some(Phase::Live));

    world.server.own(user).fresh = true;
    world.plan(1, found, replace([drawer[0], old_device]));
    world.run_for(60_000);
    assert_eq!(world.nodes[found].phase, Some(Phase::Live));
    let list = list_of(&world, user);
    assert_eq!(list.devices.len(), USER_DEVICES - 1);
    for device in [drawer[0], old_device] {
        assert!(list.revoked.contains(&device.0) && !list.devices.contains(&device.0));
    }
    assert_eq!(world.nodes[old].phase, Some(Phase::Revoked));
    world.nodes[old].gone = true;

    // It is a revocation like any other: out of the rooms, new archive key, bundle sealed again.
    for room in world.server.rooms.values() {
        let members = room.public.members().unwrap();
        assert!(members.iter().all(|it| it.device != old_device.0));
    }
    assert_eq!(world.server.own(user).recovery.as_ref().unwrap().0, 2);
    let recovery = world.nodes[found].own.clone().unwrap().recovery.unwrap();
    assert_eq!(recovery.due, Some(RecoveryDue::Revoked));
    assert!(world.nodes[0].own.as_ref().unwrap().reported.is_empty());
    say(&mut world, 1, user, "twenty-one");
    assert_eq!(texts(&world, found, users[1]).last().unwrap(), "twenty-one");
    assert_ne!(texts(&world, old, users[1]).last().unwrap(), "twenty-one");
    world.settle();
    check(&world);
}

#[test]
fn a_place_is_taken_once_whatever_crashes_or_changes() {
    for crash in 0..12 {
        let mut world = World::new(crash, Chaos::none(crash));
        let users = past(&mut world);
        let user = users[0];
        let drawer = fill(&mut world, user, USER_DEVICES);
        let new = blank(&mut world, user);
        link(&mut world, 0, new, LinkHow::Scan);
        assert!(is_crowded(&world, new));
        let place = replace([drawer[3]]);
        world.chaos.crash_at = Some(crash as u32);
        world.step(new, engine::Input::Command { command: place });
        // Meanwhile another device shuts out another one: the list is not the one that was shown.
        let device_id = drawer[4];
        world.plan(20, 0, Command::RevokeDevice { device_id });
        world.run_for(60_000);
        if is_crowded(&world, new) {
            // It was not stored yet when the process died.
            world.plan(1, new, replace([drawer[3]]));
            world.run_for(60_000);
        }
        assert_eq!(world.nodes[new].phase, Some(Phase::Live), "crash {crash}");
        let list = list_of(&world, user);
        assert_eq!(list.devices.len(), USER_DEVICES - 1);
        let gone: BTreeSet<_> = list.revoked.iter().copied().map(DeviceId).collect();
        assert_eq!(gone, BTreeSet::from([drawer[3], drawer[4]]));
        say(&mut world, 1, user, "in");
        assert_eq!(texts(&world, new, users[1]).last().unwrap(), "in");
        world.settle();
        check(&world);
    }
}

#[test]
fn who_stands_before_a_full_house_may_start_over() {
    let mut world = world();
    let users = past(&mut world);
    let user = users[0];
    fill(&mut world, user, USER_DEVICES);
    let new = blank(&mut world, user);
    link(&mut world, 0, new, LinkHow::Scan);
    assert!(is_crowded(&world, new));
    let reset = Command::ResetKeys {
        user_id: user,
        device_name: "Anew".to_owned(),
    };
    world.plan(1, new, reset);
    world.run_for(30_000);
    assert_eq!(world.nodes[new].phase, Some(Phase::Live));
    assert_eq!(world.nodes[0].phase, Some(Phase::Revoked));
    assert_eq!(world.nodes[new].own.as_ref().unwrap().devices.len(), 1);
    // Who is in, or has no keys, takes nobody's place.
    let other = blank(&mut world, users[1]);
    for node in [new, other] {
        let complaints = world.nodes[node].complaints.len();
        world.plan(1, node, replace([device_of(&world, 1)]));
        world.run_for(2_000);
        assert_eq!(world.nodes[node].complaints.len(), complaints + 1);
    }
    world.plan(1, other, start_link(users[1], LinkHow::Typed));
    world.run_for(1_000);
    assert_eq!(world.nodes[1].phase, Some(Phase::Live));
}
