//! Leaf keys that are renewed now and then.

use engine::{Command, Recipient};
use protocol::UserId;

use crate::{
    chaos::Chaos,
    random::{Seed, friends, further_device},
    transcript::check,
    trust::{ROOM, device_of, revoke_signed},
    world::World,
};

const SECOND: i64 = 1000;
const DAY: i64 = 24 * 60 * 60 * SECOND;
const MINUTES: i64 = 60 * SECOND;

fn say(world: &mut World, from: usize, to: UserId, text: &str) {
    let command = world.text(to, text);
    world.plan(1, from, command);
    world.run_for(5 * SECOND);
}

fn epoch(world: &World) -> u64 {
    let room = world.server.rooms.values().next().unwrap();
    room.public.epoch()
}

#[test]
fn a_room_that_is_used_is_renewed_after_a_week_by_each_device_once() {
    let mut world = World::new(1, Chaos::none(1));
    let users = friends(&mut world, 2);
    world.run_for(SECOND);
    let begin = world.now;
    say(&mut world, 0, users[1], "hi");
    assert_eq!(epoch(&world), 1);
    world.run_for(begin + 7 * DAY - world.now);
    assert_eq!(epoch(&world), 1, "not before the week is over");
    world.run_for(DAY + MINUTES);
    assert_eq!(epoch(&world), 3, "each of the two within a day");
    // Nobody says anything: nothing is renewed.
    world.run_for(10 * DAY);
    assert_eq!(epoch(&world), 3);
    // The next use is what counts.
    let begin = world.now;
    say(&mut world, 1, users[0], "still here");
    world.run_for(begin + 7 * DAY - world.now);
    assert_eq!(epoch(&world), 3);
    world.run_for(DAY + MINUTES);
    assert_eq!(epoch(&world), 5);
}

#[test]
fn who_was_away_renews_when_they_are_back() {
    let mut world = World::new(2, Chaos::none(2));
    let users = friends(&mut world, 2);
    world.run_for(SECOND);
    say(&mut world, 0, users[1], "hi");
    world.nodes[1].gone = true;
    world.cut(1);
    world.run_for(12 * DAY);
    assert_eq!(epoch(&world), 2);
    world.nodes[1].gone = false;
    world.cut(1);
    world.run_for(10 * SECOND);
    assert_eq!(epoch(&world), 3);
}

#[test]
fn after_a_revocation_ones_other_devices_renew_within_minutes() {
    // Bo's other device is removed by Ann's, and by his own: the only ones that are there.
    for by_ann in [true, false] {
        let mut world = World::new(3, Chaos::none(3));
        let users = friends(&mut world, 2);
        world.run_for(SECOND);
        let lost = further_device(&mut world, 1, 1);
        world.run_for(10 * SECOND);
        say(&mut world, 0, users[1], "hi");
        let before = epoch(&world);
        let device = device_of(&world, lost);
        let away = usize::from(by_ann);
        world.hold(away, true);
        revoke_signed(&mut world, 1, device);
        world.run_for(20 * SECOND);
        assert_eq!(epoch(&world), before + 1);
        // From here on Bo's is alone.
        world.hold(0, true);
        world.hold(1, false);
        world.run_for(11 * MINUTES);
        // A removal renews who makes it; after another's, one's own follows.
        assert_eq!(epoch(&world), before + 1 + u64::from(by_ann));
    }
}

/// Everybody talks in a group and in pairs, then all are due within the same day while everything
/// goes wrong; in the end everybody has everything.
fn run(seed: u64) {
    let mut world = World::new(seed, Chaos::from_seed(seed));
    let users = friends(&mut world, 4);
    let mut devices: Vec<usize> = (0..4).collect();
    if seed.is_multiple_of(3) {
        let first = world.chaos.below(4) as usize;
        devices.push(further_device(&mut world, first, 10));
    }
    let create = Command::CreateGroup {
        room_id: ROOM,
        name: "Everybody".into(),
        members: users[1..].to_vec(),
    };
    world.plan(20_000, 0, create);
    world.run_for(2 * MINUTES);
    for round in 0..3 {
        for number in 0..8 {
            let node = devices[world.chaos.below(devices.len() as u32) as usize];
            let me = world.nodes[node].user;
            let others: Vec<_> = users.iter().filter(|user| **user != me).collect();
            let other = *others[world.chaos.below(3) as usize];
            let to = match world.chaos.below(2) {
                0 => Recipient::Direct { user_id: other },
                _ => group_of(&world, node).unwrap_or(Recipient::Direct { user_id: other }),
            };
            let command = world.text_to(to, &format!("message {round} {number}"));
            let delay = i64::from(world.chaos.below(60_000));
            world.plan(delay, node, command);
        }
        world.run_for(9 * DAY);
    }
    world.settle();
    for _ in 0..3 {
        world.server.ask_for_removals();
        world.flush_server();
        world.settle();
    }
    check(&world);
    let moved = |room: &crate::server::Room| room.public.epoch() > 1;
    assert!(world.server.rooms.values().any(moved));
}

/// The group, where a device is in it already.
fn group_of(world: &World, node: usize) -> Option<Recipient> {
    let id = engine::ConversationId::group(ROOM);
    let row = world.nodes[node].conversations.get(&id)?;
    let me = world.nodes[node].user;
    row.members
        .contains(&me)
        .then_some(Recipient::Room { room_id: ROOM })
}

#[test]
fn everybody_renews_at_once_while_everything_goes_wrong() {
    for seed in 0..60 {
        let _told = Seed(seed);
        run(seed);
    }
}
