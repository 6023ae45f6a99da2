//! Rooms of the experimental suite: who gets one, who cannot be in one, and what is done to them.
//! Random ones, and crashes, are in `suite_worlds.rs`.

use std::collections::BTreeMap;

use engine::{Command, Conversation, ConversationId, Fault, Phase, Recipient};
use protocol::{Binary, DeviceId, RoomId, UserId, limits::KEY_PACKAGES};

use crate::{
    chaos::Chaos,
    crowd::absent,
    group_worlds,
    groups::{GROUP, ROOM, create, remove},
    own::{say, texts},
    random::{friends, further_device, set_up},
    transcript::check,
    trust::{act, device_of, has_text, revoke_signed},
    world::World,
};

const CLASSIC: u16 = 0x0003;
pub(crate) const POST_QUANTUM: u16 = 0x004F;
/// One that nobody speaks.
const UNKNOWN: u16 = 0xF1F1;
const DAY: i64 = 24 * 60 * 60 * 1000;

pub(crate) const ON: Command = Command::SetPostQuantum { on: true };

/// A calm world of friends, where some have the switch on.
pub(crate) fn people(count: usize, on: &[usize]) -> (World, Vec<UserId>) {
    let mut world = World::new(1, Chaos::none(1));
    let users = friends(&mut world, count);
    world.run_for(1_000);
    for node in on {
        act(&mut world, *node, ON);
    }
    (world, users)
}

/// The suites of all rooms, oldest first.
pub(crate) fn suites(world: &World) -> Vec<u16> {
    let rooms = world.server.rooms.values();
    rooms.map(|room| room.public.suite().number()).collect()
}

fn row(world: &World, node: usize, conversation: ConversationId) -> &Conversation {
    &world.nodes[node].conversations[&conversation]
}

/// How many key packages of the suite a device has left on the server.
pub(crate) fn left(world: &World, device: DeviceId) -> usize {
    let others = &world.server.devices[&device].others;
    others.get(&POST_QUANTUM).map_or(0, |it| it.0.len())
}

fn invite(members: &[UserId]) -> Command {
    Command::Invite {
        room_id: ROOM,
        members: members.to_vec(),
    }
}

fn say_all(world: &mut World, from: usize, text: &str) {
    let command = world.text_to(Recipient::Room { room_id: ROOM }, text);
    act(world, from, command);
}

#[test]
fn two_who_both_want_it_get_a_room_of_it_that_lives_like_any_other() {
    let (mut world, users) = people(2, &[0, 1]);
    for node in 0..2 {
        let own = world.nodes[node].own.as_ref().unwrap();
        assert_eq!(own.post_quantum, Some(true));
        assert_eq!(left(&world, device_of(&world, node)), KEY_PACKAGES);
    }
    say(&mut world, 0, users[1], "hi");
    say(&mut world, 1, users[0], "hello");
    assert_eq!(suites(&world), [POST_QUANTUM]);
    assert_eq!(left(&world, device_of(&world, 1)), KEY_PACKAGES - 1);

    // A further device of Bo's comes in by itself, and needs no package for it.
    let second = further_device(&mut world, 1, 1);
    world.run_for(20_000);
    say(&mut world, second, users[0], "from the second");
    for (node, peer) in [(0, users[1]), (1, users[0]), (second, users[0])] {
        assert!(row(&world, node, ConversationId::direct(peer)).post_quantum);
        assert_eq!(texts(&world, node, peer).last().unwrap(), "from the second");
    }
    // It is shut out, keys are renewed, a process starts again.
    let device = device_of(&world, second);
    revoke_signed(&mut world, 1, device);
    world.nodes[second].gone = true;
    world.run_for(15 * 60_000);
    say(&mut world, 0, users[1], "without it");
    let epoch = |world: &World| world.server.rooms.values().next().unwrap().public.epoch();
    let before = epoch(&world);
    world.run_for(9 * DAY);
    assert!(epoch(&world) > before);
    world.kill(1);
    world.run_for(20_000);
    say(&mut world, 1, users[0], "still here");
    assert!(row(&world, 1, ConversationId::direct(users[0])).post_quantum);
    assert_eq!(suites(&world), [POST_QUANTUM]);
    world.settle();
    check(&world);
}

#[test]
fn a_device_that_lost_its_place_joins_anew() {
    let (mut world, users) = people(2, &[0, 1]);
    say(&mut world, 0, users[1], "hi");
    world.kill(1);
    for (key, value) in &mut world.nodes[1].records {
        if key.starts_with("state/roster/") {
            *value = Binary::default();
        }
    }
    world.run_for(20_000);
    say(&mut world, 0, users[1], "back?");
    assert_eq!(texts(&world, 1, users[0]).last().unwrap(), "back?");
    let row = row(&world, 1, ConversationId::direct(users[0]));
    assert_eq!((row.post_quantum, row.fault), (true, None));
}

#[test]
fn one_device_without_it_is_enough_for_a_classic_room() {
    let (mut world, users) = people(4, &[0, 1, 2]);
    // Bo has a second device whose switch is off.
    further_device(&mut world, 1, 1);
    world.run_for(10_000);
    say(&mut world, 0, users[1], "to both of your devices");
    assert_eq!(suites(&world), [CLASSIC]);
    say(&mut world, 0, users[3], "to somebody without");
    assert_eq!(suites(&world), [CLASSIC, CLASSIC]);
    act(&mut world, 0, create(&users[1..]));
    say_all(&mut world, 3, "classic as well");
    assert!(!row(&world, 0, GROUP).post_quantum);
    assert!(has_text(&world, 0, GROUP, "classic as well"));
    // Somebody who has no device yet may turn out to have none for it.
    let new = UserId::from_bytes([9; 16]);
    world.server.befriend(users[0], new);
    let room_id = RoomId::from_bytes([80; 16]);
    let group = Command::CreateGroup {
        room_id,
        name: "Early".into(),
        members: vec![users[2], new],
    };
    act(&mut world, 0, group);
    let made = &world.server.rooms[&room_id];
    assert_eq!(made.public.suite().number(), CLASSIC);
    say(&mut world, 0, users[2], "and one of it");
    assert!(row(&world, 2, ConversationId::direct(users[0])).post_quantum);
    assert!(world.nodes[0].complaints.is_empty());
    // Off again: what is made from now on is classic, what was made stays.
    act(&mut world, 2, Command::SetPostQuantum { on: false });
    say(&mut world, 2, users[3], "plain");
    say(&mut world, 2, users[0], "as before");
    assert!(!row(&world, 2, ConversationId::direct(users[3])).post_quantum);
    assert!(row(&world, 2, ConversationId::direct(users[0])).post_quantum);
    world.settle();
    check(&world);
}

#[test]
fn who_cannot_come_into_a_group_is_named_and_the_rest_goes_on() {
    let (mut world, users) = people(4, &[0, 1, 2]);
    act(&mut world, 0, create(&users[1..2]));
    assert!(row(&world, 1, GROUP).post_quantum);
    act(&mut world, 0, invite(&users[2..]));
    let refused = format!("{} NoPostQuantumKeys", users[3]);
    assert_eq!(world.nodes[0].complaints, [refused]);
    let now = row(&world, 0, GROUP);
    assert_eq!((&now.members[..], &now.invited[..]), (&users[..3], &[][..]));
    say_all(&mut world, 2, "the rest goes on");
    assert!(has_text(&world, 0, GROUP, "the rest goes on"));

    // With the switch on they can, with the devices that have it; another comes in by itself.
    act(&mut world, 3, ON);
    let second = further_device(&mut world, 3, 1);
    world.run_for(10_000);
    act(&mut world, 0, invite(&users[3..]));
    world.run_for(20_000);
    assert_eq!(row(&world, 0, GROUP).members, users);
    assert_eq!(world.nodes[0].complaints.len(), 1);
    world.cut(second);
    world.run_for(20_000);
    say_all(&mut world, second, "from my other device");
    assert!(has_text(&world, 1, GROUP, "from my other device"));
    act(&mut world, 0, remove(users[1]));
    assert!(!row(&world, 0, GROUP).members.contains(&users[1]));
    let admin = Command::SetAdmin {
        room_id: ROOM,
        user_id: users[2],
        admin: true,
    };
    act(&mut world, 0, admin);
    say_all(&mut world, 0, "without one");
    assert!(has_text(&world, second, GROUP, "without one"));
    assert!(!has_text(&world, 1, GROUP, "without one"));
    world.settle();
    group_worlds::check(&world);
}

#[test]
fn its_packages_are_made_up_for_and_its_last_resort_is_replaced() {
    let (mut world, users) = people(2, &[0, 1]);
    let bo = device_of(&world, 1);
    let keep = |world: &mut World, count: usize| {
        let row = world.server.devices.get_mut(&bo).unwrap();
        let kept = row.others.get_mut(&POST_QUANTUM).unwrap();
        kept.0.truncate(count);
        kept.1.clone()
    };
    keep(&mut world, 10);
    say(&mut world, 0, users[1], "this takes the tenth");
    assert_eq!(left(&world, bo), KEY_PACKAGES);
    // Nobody tells a device that is away: it asks when it is back.
    let before = keep(&mut world, 2);
    world.cut(1);
    world.run_for(10_000);
    assert_eq!(left(&world, bo), KEY_PACKAGES);
    assert_eq!(keep(&mut world, KEY_PACKAGES), before);
    // Without any other the last resort serves.
    keep(&mut world, 0);
    world.hold(1, true);
    act(&mut world, 0, create(&users[1..]));
    say_all(&mut world, 0, "by the last resort");
    world.hold(1, false);
    world.run_for(10_000);
    assert!(has_text(&world, 1, GROUP, "by the last resort"));
    assert!(row(&world, 1, GROUP).post_quantum);
    world.run_for(31 * DAY);
    world.cut(1);
    world.run_for(10_000);
    assert_ne!(keep(&mut world, KEY_PACKAGES), before);
    assert_eq!(left(&world, bo), KEY_PACKAGES);
}

#[test]
fn a_peer_who_starts_over_without_it_is_met_in_a_classic_room() {
    let (mut world, users) = people(2, &[0, 1]);
    world.server.reset_closes = false;
    say(&mut world, 0, users[1], "one");
    let new = world.add(users[1], BTreeMap::new());
    world.plan(10, new, set_up(users[1], None));
    world.run_for(2_000);
    let reset = Command::ResetKeys {
        user_id: users[1],
        device_name: "New".to_owned(),
    };
    act(&mut world, new, reset);
    assert_eq!(world.nodes[new].phase, Some(Phase::Live));
    world.nodes[1].gone = true;
    say(&mut world, 0, users[1], "two");
    let account_key = world.nodes[0].claimed(users[1]).unwrap();
    let accept = Command::AcceptKeys {
        user_id: users[1],
        account_key,
    };
    act(&mut world, 0, accept);
    world.run_for(10_000);
    assert_eq!(suites(&world), [POST_QUANTUM, CLASSIC]);
    assert_eq!(texts(&world, new, users[0]), ["two"]);
    say(&mut world, new, users[0], "three");
    assert_eq!(texts(&world, 0, users[1]).last().unwrap(), "three");
    assert!(!row(&world, 0, ConversationId::direct(users[1])).post_quantum);
}

#[test]
fn a_room_of_an_unknown_suite_is_left_alone_with_one_line() {
    let (mut world, users) = people(2, &[]);
    say(&mut world, 0, users[1], "hi");
    world.server.claimed_suite = Some(UNKNOWN);
    let second = further_device(&mut world, 1, 1);
    world.run_for(20_000);
    for _ in 0..2 {
        world.cut(second);
        world.run_for(20_000);
    }
    assert_eq!(world.nodes[second].complaints, ["unknown-suite"]);
    assert_eq!(world.nodes[second].phase, Some(Phase::Live));
    // A newer build speaks it.
    world.server.claimed_suite = None;
    world.kill(second);
    world.run_for(20_000);
    say(&mut world, second, users[0], "here I am");
    assert_eq!(texts(&world, 0, users[1]).last().unwrap(), "here I am");
    world.settle();
    check(&world);
}

#[test]
fn a_room_that_a_device_cannot_enter_leaves_no_row_behind() {
    let (mut world, users) = people(2, &[]);
    act(&mut world, 1, Command::SetArchive { on: false });
    say(&mut world, 0, users[1], "hi");
    world.server.claimed_suite = Some(UNKNOWN);
    let second = further_device(&mut world, 1, 1);
    world.run_for(20_000);
    assert_eq!(world.nodes[second].complaints, ["unknown-suite"]);
    assert!(world.nodes[second].conversations.is_empty());
    world.server.claimed_suite = None;
    world.kill(second);
    world.run_for(20_000);
    assert!(
        row(&world, second, ConversationId::direct(users[0]))
            .room_id
            .is_some()
    );
}

#[test]
fn a_build_without_the_suite_stops_its_rooms_and_one_with_it_goes_on() {
    let (mut world, users) = people(2, &[0, 1]);
    say(&mut world, 0, users[1], "hi");
    let id = *world.server.rooms.keys().next().unwrap();
    // To a build that does not speak it the number means as little as this one does here.
    let store = |world: &mut World, suite: u16| {
        world.kill(1);
        let record = world.nodes[1].records.get_mut(&format!("state/room/{id}"));
        let record = record.unwrap();
        let mut room: serde_json::Value = serde_json::from_slice(record.as_ref()).unwrap();
        room["suite"] = suite.into();
        *record = serde_json::to_vec(&room).unwrap().into();
        world.run_for(20_000);
    };
    let ann = ConversationId::direct(users[0]);
    store(&mut world, UNKNOWN);
    let stopped = row(&world, 1, ann);
    assert_eq!(stopped.fault, Some(Fault::Broken));
    assert_eq!(stopped.broken.as_ref().unwrap().reason, "unknown-suite");
    say(&mut world, 0, users[1], "meanwhile");
    store(&mut world, POST_QUANTUM);
    assert_eq!(row(&world, 1, ann).fault, None);
    say(&mut world, 0, users[1], "again");
    assert_eq!(texts(&world, 1, users[0]).last().unwrap(), "again");
    // Or the room is given up.
    store(&mut world, UNKNOWN);
    act(&mut world, 1, Command::GiveUpRoom { room_id: id });
    say(&mut world, 1, users[0], "anew");
    assert_eq!(texts(&world, 0, users[1]).last().unwrap(), "anew");
    assert_eq!(suites(&world).len(), 2);
}

#[test]
fn a_crowd_is_added_a_hundred_at_a_time() {
    let (mut world, users) = people(2, &[0, 1]);
    let crowd: Vec<_> = (0..130)
        .map(|number| absent(&mut world, users[0], number))
        .collect();
    act(
        &mut world,
        0,
        create(&[&users[1..], &crowd[..110]].concat()),
    );
    world.run_for(60_000);
    let room = &world.server.rooms[&ROOM];
    assert_eq!(room.public.suite().number(), POST_QUANTUM);
    assert_eq!((room.people.len(), room.public.epoch()), (112, 2));
    // All in one go, and one of them without a package.
    world.server.devices.values_mut().for_each(|device| {
        if device.user == crowd[120] {
            device.others.clear();
        }
    });
    act(&mut world, 0, invite(&crowd[110..]));
    world.run_for(60_000);
    assert_eq!(world.server.rooms[&ROOM].people.len(), 131);
    let refused = format!("{} NoPostQuantumKeys", crowd[120]);
    assert_eq!(world.nodes[0].complaints, [refused]);
    say_all(&mut world, 1, "hello, everybody");
    assert!(has_text(&world, 0, GROUP, "hello, everybody"));
}
