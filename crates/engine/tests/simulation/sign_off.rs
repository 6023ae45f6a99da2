//! A device that signs itself out, because everything on it is erased.

use engine::{Command, LinkHow, Phase};
use protocol::{DeviceId, UserId};

use crate::{
    own::{blank, link, past, say, texts, world},
    transcript::check,
    trust::{account_key, device_of},
    world::World,
};

/// Ann with another device.
fn with_another(world: &mut World) -> (Vec<UserId>, usize, DeviceId) {
    let users = past(world);
    let other = blank(world, users[0]);
    link(world, 0, other, LinkHow::Scan);
    world.plan(1, 0, Command::CancelLink);
    world.run_for(1_000);
    let device = device_of(world, other);
    (users, other, device)
}

/// It is out of the signed list and of every room, and nobody was alarmed.
fn is_out(world: &mut World, users: &[UserId], device: DeviceId) {
    let key = account_key(world, 0).public();
    let list = &world.server.users[&users[0]].device_list;
    let list = e2ee::DeviceList::open(list, &key).unwrap();
    assert!(list.revoked.contains(&device.0) && !list.devices.contains(&device.0));
    for room in world.server.rooms.values() {
        let members = room.public.members().unwrap();
        assert!(members.iter().all(|member| member.device != device.0));
    }
    let own = world.nodes[0].own.as_ref().unwrap();
    assert!(own.reported.is_empty());
    assert!(own.devices.iter().all(|it| it.device_id != device));
    // To the others as well it is a signed leaving.
    let trust = world.nodes[1].trust.get(&users[0]);
    assert!(trust.is_none_or(|trust| trust.reported.is_empty()));
}

#[test]
fn who_erases_a_browser_signs_it_out() {
    let mut world = world();
    let (users, other, device) = with_another(&mut world);
    // It is its own device: no factor is asked for.
    world.server.own(users[0]).fresh = false;
    let complaints = [0, 1, other].map(|node| world.nodes[node].complaints.len());
    world.plan(1, other, Command::SignOff);
    world.run_for(30_000);
    assert_eq!(world.nodes[other].phase, Some(Phase::Revoked));
    world.nodes[other].gone = true;
    is_out(&mut world, &users, device);
    let after = [0, 1, other].map(|node| world.nodes[node].complaints.len());
    assert_eq!(complaints, after);
    say(&mut world, 1, users[0], "without it");
    assert_eq!(texts(&world, 0, users[1]).last().unwrap(), "without it");
    assert_ne!(texts(&world, other, users[1]).last().unwrap(), "without it");
    world.settle();
    check(&world);
}

#[test]
fn signing_out_meets_a_revocation() {
    // The other one wants a third device gone: before, in the same moment, and after.
    for delay in [1, 10, 20, 40, 80] {
        let mut world = world();
        let (users, other, device) = with_another(&mut world);
        let third = blank(&mut world, users[0]);
        link(&mut world, 0, third, LinkHow::Scan);
        let device_id = device_of(&world, third);
        world.plan(delay, 0, Command::RevokeDevice { device_id });
        world.plan(30, other, Command::SignOff);
        world.run_for(60_000);
        for node in [other, third] {
            assert_eq!(world.nodes[node].phase, Some(Phase::Revoked), "{delay}");
            world.nodes[node].gone = true;
        }
        is_out(&mut world, &users, device);
        is_out(&mut world, &users, device_id);
        world.settle();
        check(&world);
    }
}

#[test]
fn a_device_that_wanted_another_one_gone_still_leaves_without_a_factor() {
    let mut world = world();
    let (users, other, device) = with_another(&mut world);
    world.server.own(users[0]).fresh = false;
    let device_id = device_of(&world, 0);
    world.plan(1, other, Command::RevokeDevice { device_id });
    world.plan(2, other, Command::SignOff);
    world.run_for(30_000);
    assert_eq!(world.nodes[other].phase, Some(Phase::Revoked));
    assert_eq!(world.nodes[0].phase, Some(Phase::Live));
    world.nodes[other].gone = true;
    is_out(&mut world, &users, device);
}

#[test]
fn the_last_device_signs_itself_out_too() {
    let mut world = world();
    let users = past(&mut world);
    let key = account_key(&world, 0).public();
    world.plan(1, 0, Command::SignOff);
    world.run_for(30_000);
    assert_eq!(world.nodes[0].phase, Some(Phase::Revoked));
    let list = &world.server.users[&users[0]].device_list;
    let list = e2ee::DeviceList::open(list, &key).unwrap();
    assert!(list.devices.is_empty());
    assert_eq!(list.revoked.len(), 1);
    // Nothing more leaves it.
    let before = world.nodes[0].complaints.len();
    world.plan(1, 0, Command::SignOff);
    world.run_for(5_000);
    assert_eq!(world.nodes[0].complaints.len(), before);
}
