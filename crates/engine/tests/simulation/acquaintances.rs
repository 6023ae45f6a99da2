//! People who share a group and are no contacts: whom one of them seals to.

use engine::Waiting;
use protocol::UserId;

use crate::{
    crowd::absent,
    random::further_device,
    trust::{GROUP, device_keys, device_of, group, has_text, join, revoke_in_list, say_all, world},
    world::World,
};

/// Ann made a group with Bo and Cy, who are no contacts of each other.
fn strangers() -> (World, Vec<UserId>) {
    let (mut world, users) = world(3);
    group(&mut world, &users[1..]);
    for pair in [(users[1], users[2]), (users[2], users[1])] {
        assert!(world.server.contacts.remove(&pair));
    }
    say_all(&mut world, 0, "hi");
    (world, users)
}

/// Bo connects anew and says two things: what comes of the first is known before the second.
fn say_twice(world: &mut World) {
    world.cut(1);
    world.run_for(2_000);
    say_all(world, 1, "who is there?");
    say_all(world, 1, "for those who belong here");
}

#[test]
fn a_revocation_that_the_server_keeps_to_itself_is_found_by_who_says_something() {
    let (mut world, _) = strangers();
    let lost = further_device(&mut world, 2, 1);
    world.run_for(10_000);
    let device = device_of(&world, lost);
    world.hold(0, true);
    world.hold(2, true);
    // Cy's list says so; the server goes on as if nothing had been said.
    revoke_in_list(&mut world, 2, device);
    world.server.refuses_removals = true;
    say_twice(&mut world);
    assert!(!has_text(&world, lost, GROUP, "for those who belong here"));
    // Bo is no admin: he waits for who may put it out.
    let row = &world.nodes[1].conversations[&GROUP];
    assert_eq!(row.waiting, Some(Waiting::Devices));
    world.hold(0, false);
    world.run_for(2_000);
    say_all(&mut world, 0, "I am back");
    assert!(has_text(&world, 0, GROUP, "for those who belong here"));
    assert!(!has_text(&world, lost, GROUP, "for those who belong here"));
}

#[test]
fn a_ghost_device_in_a_strangers_name_holds_the_group() {
    let (mut world, _) = strangers();
    for node in [0, 2] {
        world.nodes[node].gone = true;
        world.cut(node);
    }
    // Somebody has Cy's account key, and the server helps.
    let keys = device_keys(&world, 2, 77);
    join(&mut world, keys, true);
    say_twice(&mut world);
    let row = &world.nodes[1].conversations[&GROUP];
    assert_eq!(row.waiting, Some(Waiting::Devices));
    assert!(world.nodes[1].outbox > 0);
}

#[test]
fn everybody_of_a_large_group_is_asked_about_once_a_connection() {
    // More than are asked about at once.
    let (mut world, users) = world(2);
    let mut members = vec![users[1]];
    members.extend((0..20).map(|number| absent(&mut world, users[0], number)));
    group(&mut world, &members);
    for (connection, text) in [(1, "one"), (2, "two")] {
        world.cut(1);
        world.run_for(2_000);
        world.server.directories = 0;
        say_all(&mut world, 1, text);
        assert_eq!(world.server.directories, 21, "connection {connection}");
        say_all(&mut world, 1, "and again");
        assert_eq!(world.server.directories, 21, "connection {connection}");
    }
    assert!(has_text(&world, 0, GROUP, "two"));
}
