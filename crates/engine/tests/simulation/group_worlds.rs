//! Random worlds in which many change a group at once, and what is said in it.

use std::collections::BTreeMap;

use engine::{Body, Command, EntryState, Recipient};
use protocol::{ClientId, UserId};

use crate::{
    chaos::Chaos,
    groups::{GROUP, LEAVE, ROOM, create, remove},
    random::{change_something, friends},
    seeds::{named, run_each, seeds},
    transcript::made_of,
    world::World,
};

/// One world: a group is talked in and changed by several at once while everything goes wrong.
fn run(seed: u64) {
    run_with(seed, |_| {});
}

/// The same, with something planned before it begins.
pub(crate) fn run_with(seed: u64, plan: impl FnOnce(&mut World)) {
    let mut world = World::new(seed, Chaos::from_seed(seed));
    let users = friends(&mut world, 4);
    plan(&mut world);
    plan_acts(&mut world, &users);
    for _ in 0..world.chaos.below(10) {
        let pause = i64::from(world.chaos.below(12_000)) + 1;
        world.run_for(pause);
        let node = world.chaos.below(4) as usize;
        change_something(&mut world, node);
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

/// A group is made, and within a minute and a half several change it and write.
pub(crate) fn plan_acts(world: &mut World, users: &[UserId]) {
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
            7 => {
                let mut file = b"GIF89a".to_vec();
                file.push(number as u8);
                Command::SetRoomPicture {
                    room_id,
                    picture: (number % 4 > 0).then(|| file.into()),
                }
            }
            _ => world.text_to(Recipient::Room { room_id }, &format!("message {number}")),
        };
        let delay = 1_000 + i64::from(world.chaos.below(90_000));
        world.plan(delay, node, command);
    }
}

/// Whoever is in the group has all of it from joining on, and all agree; who is not has nothing
/// from after.
pub(crate) fn check(world: &World) {
    let Some(room) = world.server.rooms.get(&ROOM) else {
        return;
    };
    assert!(room.removals.is_empty(), "still to go: {:?}", room.removals);
    let mut canon: BTreeMap<u64, (UserId, ClientId)> = BTreeMap::new();
    // As those see it who were there from then on.
    let mut shown: BTreeMap<u64, (Body, String)> = BTreeMap::new();
    let (mut names, mut pictures) = (Vec::new(), Vec::new());
    for (number, node) in world.nodes.iter().enumerate() {
        let device = node.engine.as_ref().and_then(engine::Engine::device_id);
        let member = device.and_then(|device| room.members.get(&device));
        let mut seqs = Vec::new();
        for entry in node.history(GROUP) {
            let (Body::Text { .. } | Body::Deleted) = entry.body else {
                let event = matches!(entry.body, Body::Room { .. });
                assert!(event, "node {number} could not open {:?}", entry.position);
                continue;
            };
            let Some(seq) = entry.seq else {
                assert_eq!(entry.state, EntryState::Failed, "node {number} waits");
                continue;
            };
            seqs.push(seq);
            let line = (entry.sender, entry.id);
            let first = canon.entry(seq).or_insert(line);
            assert_eq!(*first, line, "node {number} has something else at {seq}");
            if member.is_some_and(|member| member.left.is_none() && member.entitled(seq)) {
                let look = (entry.body.clone(), made_of(&entry, false));
                let first = shown.entry(seq).or_insert(look.clone());
                let quotes = first.1.starts_with(&look.1) || look.1.starts_with(&first.1);
                assert!(
                    first.0 == look.0 && quotes,
                    "{number} at {seq}: {look:?}, {first:?}"
                );
            }
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
        pictures.push(node.room_pictures.get(&ROOM).cloned());
        let here: Vec<_> = node.history(GROUP);
        let has = |seq: &u64| here.iter().any(|entry| entry.seq == Some(*seq));
        for seq in canon.keys().filter(|seq| member.entitled(**seq)) {
            assert!(has(seq), "node {number} misses {seq}");
        }
        assert_eq!(member.acked, room.head, "node {number}");
    }
    names.dedup();
    assert!(names.len() < 2, "the names differ: {names:?}");
    pictures.dedup();
    assert!(pictures.len() < 2, "the pictures differ: {pictures:?}");
    for sent in world.sent.iter().filter(|sent| sent.to == GROUP) {
        let here = world.nodes[sent.node].history(GROUP);
        let entry = here.iter().find(|entry| entry.id == sent.id);
        let done = entry.is_some_and(|entry| entry.state != EntryState::Sending);
        assert!(done, "{sent:?} was lost");
    }
}

seeds! {
    run by "SNUG_GROUP_SEED";
    group_seeds_0_to_49 0..50;
    group_seeds_50_to_99 50..100;
    group_seeds_100_to_149 100..150;
    group_seeds_150_to_199 150..200;
}

/// As `random::replay`, for groups: `SNUG_GROUP_SEED`.
#[test]
fn replay_group() {
    run_each("SNUG_GROUP_SEED", named("SNUG_GROUP_SEED"), run);
}
