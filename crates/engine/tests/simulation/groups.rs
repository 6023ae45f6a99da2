//! Groups: single stories, then random worlds in which many change a group at once.

use std::collections::BTreeMap;

use engine::{
    Body, Command, Conversation, ConversationId, EntryState, Fault, Recipient, RoomEvent, Text,
};
use protocol::{RoomId, UserId};

use crate::{
    chaos::Chaos,
    random::{Seed, friends, set_up},
    world::World,
};

const ROOM: RoomId = RoomId::from_bytes([77; 16]);
const GROUP: ConversationId = ConversationId::group(ROOM);

fn create(members: &[UserId]) -> Command {
    Command::CreateGroup {
        room_id: ROOM,
        name: "Sunday hikes".into(),
        members: members.to_vec(),
    }
}

fn say(world: &mut World, from: usize, text: &str) {
    let command = world.text_to(Recipient::Room { room_id: ROOM }, text);
    act(world, from, command);
}

fn act(world: &mut World, node: usize, command: Command) {
    world.plan(1, node, command);
    world.run_for(5_000);
}

fn remove(user_id: UserId) -> Command {
    Command::RemoveMember {
        room_id: ROOM,
        user_id,
    }
}

const LEAVE: Command = Command::LeaveRoom { room_id: ROOM };

/// A calm world with a group of everybody in it, made by the first.
fn group(count: usize) -> (World, Vec<UserId>) {
    let mut world = World::new(1, Chaos::none(1));
    let users = friends(&mut world, count);
    world.run_for(1_000);
    act(&mut world, 0, create(&users[1..]));
    (world, users)
}

fn row(world: &World, node: usize) -> &Conversation {
    &world.nodes[node].conversations[&GROUP]
}

/// A history in words: texts as they are, events of the group in brackets.
fn lines(world: &World, node: usize) -> Vec<String> {
    let history = world.nodes[node].history(GROUP);
    let line = |body| match body {
        Body::Text { text } => vec![text.0],
        Body::Room { events } => events.iter().map(|it| format!("{it:?}")).collect(),
        other => vec![format!("{other:?}")],
    };
    let lines = history.into_iter().flat_map(|entry| line(entry.body));
    lines
        .map(|line| match line.split_once([' ', '(']) {
            Some((kind, _)) if line.contains("UserId") || line.contains("Text(") => {
                format!("[{kind}]")
            }
            _ if ["Created", "Joined", "Left"].contains(&line.as_str()) => format!("[{line}]"),
            _ => line,
        })
        .collect()
}

#[test]
fn a_group_is_made_and_talks() {
    let (mut world, users) = group(3);
    say(&mut world, 0, "hello");
    say(&mut world, 2, "hi");
    for node in 0..3 {
        let row = row(&world, node);
        assert_eq!(row.name, Some(Text::from("Sunday hikes")));
        assert_eq!(row.members, users);
        assert_eq!(row.admins, [users[0]]);
        assert_eq!((row.fault, row.waiting), (None, None));
    }
    assert_eq!(lines(&world, 0), ["[Created]", "hello", "hi"]);
    assert_eq!(lines(&world, 1), ["[Joined]", "hello", "hi"]);
    assert_eq!(row(&world, 1).unread, 2);
    world.settle();
    check(&world);
}

#[test]
fn who_is_removed_reads_nothing_new() {
    let (mut world, users) = group(3);
    say(&mut world, 0, "before");
    act(&mut world, 0, remove(users[2]));
    say(&mut world, 1, "after");
    assert_eq!(lines(&world, 2), ["[Joined]", "before", "[Removed]"]);
    assert_eq!(row(&world, 2).fault, Some(Fault::Removed));
    assert_eq!(
        lines(&world, 1),
        ["[Joined]", "before", "[Removed]", "after"]
    );
    say(&mut world, 2, "let me in");
    let last = world.nodes[2].history(GROUP).pop().unwrap();
    assert_eq!(last.state, EntryState::Failed);
    assert_eq!(row(&world, 0).members, users[..2]);

    // And comes back, to what is said from then on.
    let members = vec![users[2]];
    let room_id = ROOM;
    act(&mut world, 0, Command::Invite { room_id, members });
    say(&mut world, 1, "welcome back");
    let back = lines(&world, 2);
    assert!(back.contains(&"welcome back".to_owned()), "{back:?}");
    assert!(!back.contains(&"after".to_owned()), "{back:?}");
    assert_eq!(row(&world, 2).name, Some(Text::from("Sunday hikes")));
}

#[test]
fn the_last_admin_hands_over_before_leaving() {
    let (mut world, users) = group(3);
    act(&mut world, 0, LEAVE);
    assert!(
        world.nodes[0]
            .complaints
            .pop()
            .unwrap()
            .contains("somebody else"),
    );
    let promote = Command::SetAdmin {
        room_id: ROOM,
        user_id: users[1],
        admin: true,
    };
    act(&mut world, 0, promote);
    assert_eq!(row(&world, 2).admins, users[..2]);
    act(&mut world, 0, LEAVE);
    say(&mut world, 2, "bye, Ann");
    assert_eq!(row(&world, 1).members, users[1..]);
    assert_eq!(
        lines(&world, 2),
        ["[Joined]", "[Roles]", "[Left]", "bye, Ann"]
    );
    assert_eq!(lines(&world, 0), ["[Created]", "[Roles]", "[Left]"]);
    assert_eq!(row(&world, 0).fault, Some(Fault::Removed));
    // Who left as an admin comes back as a member.
    let invite = Command::Invite {
        room_id: ROOM,
        members: vec![users[0]],
    };
    act(&mut world, 1, invite);
    assert_eq!(row(&world, 0).fault, None);
    assert_eq!(row(&world, 0).admins, [users[1]]);
    world.settle();
    check(&world);
}

#[test]
fn only_admins_change_a_group() {
    let (mut world, users) = group(3);
    let name = Text::from("Mine");
    let room_id = ROOM;
    act(&mut world, 1, remove(users[2]));
    act(&mut world, 1, Command::RenameRoom { room_id, name });
    assert_eq!(world.nodes[1].complaints.len(), 2);
    assert_eq!(row(&world, 1).members, users);
    let name = Text::from("Monday hikes");
    act(&mut world, 0, Command::RenameRoom { room_id, name });
    for node in 0..3 {
        let row = row(&world, node);
        assert_eq!(row.name, Some(Text::from("Monday hikes")));
        let Some(Body::Room { events }) = row.last.as_ref().map(|entry| entry.body.clone()) else {
            panic!("no line");
        };
        let name = Text::from("Monday hikes");
        assert_eq!(events, [RoomEvent::Named { name }]);
    }
}

#[test]
fn who_has_no_device_yet_is_added_later() {
    let mut world = World::new(1, Chaos::none(1));
    let users = friends(&mut world, 2);
    let cy = UserId::from_bytes([9; 16]);
    world.server.befriend(users[0], cy);
    world.run_for(1_000);
    act(&mut world, 0, create(&[users[1], cy]));
    say(&mut world, 0, "early");
    assert_eq!(row(&world, 0).invited, [cy]);
    assert_eq!(row(&world, 0).members, users);
    let node = world.add(cy, BTreeMap::new());
    world.plan(10, node, set_up(cy, None));
    world.run_for(10_000);
    say(&mut world, 1, "late");
    assert_eq!(lines(&world, node), ["[Joined]", "late"]);
    assert_eq!(row(&world, node).name, Some(Text::from("Sunday hikes")));
    assert!(row(&world, 0).invited.is_empty());
}

#[test]
fn a_further_device_learns_the_name_from_its_owner() {
    let (mut world, users) = group(3);
    let node = crate::random::further_device(&mut world, 1, 10);
    world.run_for(20_000);
    say(&mut world, 0, "both");
    assert_eq!(row(&world, node).name, Some(Text::from("Sunday hikes")));
    assert_eq!(row(&world, node).members, users);
    assert!(lines(&world, node).contains(&"both".to_owned()));
    // Leaving is the person's: every device knows.
    act(&mut world, 1, LEAVE);
    world.settle();
    assert_eq!(row(&world, 1).fault, Some(Fault::Removed));
    assert_eq!(row(&world, node).fault, Some(Fault::Removed));
    check(&world);
}

/// One world: a group is talked in and changed by several at once while everything goes wrong.
fn run(seed: u64) {
    let mut world = World::new(seed, Chaos::from_seed(seed));
    let users = friends(&mut world, 4);
    let first = 1 + world.chaos.below(3) as usize;
    world.plan(500, 0, create(&users[1..=first]));
    for number in 0..8 + world.chaos.below(16) {
        let node = world.chaos.below(4) as usize;
        let whom = users[world.chaos.below(4) as usize];
        let room_id = ROOM;
        let command = match world.chaos.below(14) {
            0 | 1 => Command::Invite {
                room_id,
                members: vec![whom],
            },
            2 => remove(whom),
            3 | 4 => Command::SetAdmin {
                room_id,
                user_id: whom,
                admin: world.chaos.below(3) > 0,
            },
            5 => Command::RenameRoom {
                room_id,
                name: format!("name {number}").into(),
            },
            6 if world.chaos.below(2) == 0 => LEAVE,
            _ => world.text_to(Recipient::Room { room_id }, &format!("message {number}")),
        };
        let delay = 1_000 + i64::from(world.chaos.below(90_000));
        world.plan(delay, node, command);
    }
    for _ in 0..world.chaos.below(5) {
        let node = world.chaos.below(4) as usize;
        let pause = i64::from(world.chaos.below(25_000)) + 1;
        world.run_for(pause);
        match world.chaos.below(2) {
            0 => world.cut(node),
            _ => world.kill(node),
        }
    }
    world.run_for(120_000);
    for _ in 0..4 {
        world.settle();
        world.server.ask_for_removals();
        world.flush_server();
    }
    world.settle();
    check(&world);
}

/// Whoever is in the group has all of it from joining on, and all agree; who is not has nothing
/// from after.
fn check(world: &World) {
    let Some(room) = world.server.rooms.get(&ROOM) else {
        return;
    };
    assert!(room.removals.is_empty(), "still to go: {:?}", room.removals);
    let mut canon: BTreeMap<u64, (UserId, String)> = BTreeMap::new();
    let mut names = Vec::new();
    for (number, node) in world.nodes.iter().enumerate() {
        let device = node.engine.as_ref().and_then(engine::Engine::device_id);
        let member = device.and_then(|device| room.members.get(&device));
        let mut seqs = Vec::new();
        for entry in node.history(GROUP) {
            let Body::Text { text } = entry.body else {
                let event = matches!(entry.body, Body::Room { .. });
                assert!(event, "node {number} could not open {:?}", entry.position);
                continue;
            };
            let Some(seq) = entry.seq else {
                assert_eq!(entry.state, EntryState::Failed, "node {number} waits");
                continue;
            };
            seqs.push(seq);
            let line = (entry.sender, text.0);
            let first = canon.entry(seq).or_insert(line.clone());
            assert_eq!(*first, line, "node {number} has something else at {seq}");
        }
        assert!(seqs.is_sorted(), "node {number} has another order");
        let Some(member) = member else {
            assert!(seqs.is_empty(), "node {number} was never in the group");
            continue;
        };
        if let Some(left) = member.left {
            let latest = seqs.last().copied().unwrap_or(0);
            assert!(latest <= left, "node {number} reads on after {left}");
        }
    }
    for (number, node) in world.nodes.iter().enumerate() {
        let device = node.engine.as_ref().and_then(engine::Engine::device_id);
        let member = device.and_then(|device| room.members.get(&device));
        let Some(member) = member.filter(|member| member.left.is_none()) else {
            continue;
        };
        let row = &node.conversations[&GROUP];
        assert_eq!(
            (row.fault, row.waiting, node.outbox),
            (None, None, 0),
            "{number}"
        );
        assert!(row.members.iter().eq(&room.people), "node {number}");
        assert_eq!(row.admins, room.admins(), "node {number}");
        names.push(row.name.clone().unwrap());
        let here: Vec<_> = node.history(GROUP);
        let has = |seq: &u64| here.iter().any(|entry| entry.seq == Some(*seq));
        for seq in canon.keys().filter(|seq| member.entitled(**seq)) {
            assert!(has(seq), "node {number} misses {seq}");
        }
        assert_eq!(member.acked, room.head, "node {number}");
    }
    names.dedup();
    assert!(names.len() < 2, "the names differ: {names:?}");
    for sent in world.sent.iter().filter(|sent| sent.to == GROUP) {
        let here = world.nodes[sent.node].history(GROUP);
        let entry = here.iter().find(|entry| entry.id == sent.id);
        let done = entry.is_some_and(|entry| entry.state != EntryState::Sending);
        assert!(done, "{sent:?} was lost");
    }
}

fn run_seeds(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let _told = Seed(seed);
        run(seed);
    }
}

macro_rules! seeds {
    ($($name:ident $range:expr;)*) => {$(
        #[test]
        fn $name() {
            run_seeds($range);
        }
    )*};
}

seeds! {
    group_seeds_0_to_49 0..50;
    group_seeds_50_to_99 50..100;
    group_seeds_100_to_149 100..150;
    group_seeds_150_to_199 150..200;
}

/// As `random::replay`, for groups: `SNUG_GROUP_SEED`.
#[test]
fn replay_group() {
    let named = std::env::var("SNUG_GROUP_SEED").unwrap_or_else(|_| "1000".to_owned());
    let (from, to) = named.split_once("..").unwrap_or((&named, ""));
    let from: u64 = from.parse().unwrap();
    run_seeds(from..to.parse().unwrap_or(from + 1));
}
