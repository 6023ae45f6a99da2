//! Stored records that do not open any more: each kind of them, one at a time.

use std::collections::{BTreeMap, BTreeSet};

use engine::{Body, Command, ConversationId, Phase, Recipient, RoomEvent, STATE_PREFIX};
use protocol::{Binary, RoomId, UserId};

use crate::{
    chaos::Chaos,
    node::Node,
    own::recover,
    random::{friends, further_device, set_up},
    trust::{account_key, device_of},
    world::World,
};

const ROOM: RoomId = RoomId::from_bytes([77; 16]);
const GROUP: ConversationId = ConversationId::group(ROOM);

/// Two who have written to each other, in both directions and in a group.
fn talking() -> (World, Vec<UserId>) {
    let mut world = World::new(1, Chaos::none(1));
    let users = friends(&mut world, 2);
    world.run_for(1_000);
    let create = Command::CreateGroup {
        room_id: ROOM,
        name: "Sunday hikes".into(),
        members: vec![users[1]],
    };
    world.plan(1, 0, create);
    world.run_for(10_000);
    say_all(&mut world, &users, "before");
    (world, users)
}

fn say_all(world: &mut World, users: &[UserId], text: &str) {
    for node in [0, 1] {
        let direct = world.text(users[1 - node], text);
        world.plan(1, node, direct);
        let group = world.text_to(Recipient::Room { room_id: ROOM }, text);
        world.plan(1, node, group);
        world.run_for(5_000);
    }
}

/// The process is started from a disk on which some records do not open.
fn damage(world: &mut World, node: usize, keys: &[String]) {
    world.kill(node);
    for key in keys {
        let record = world.nodes[node].records.get_mut(key).unwrap();
        *record = Binary::default();
    }
    world.run_for(20_000);
}

fn count(node: &Node, conversation: ConversationId, of: impl Fn(&Body) -> bool) -> usize {
    let history = node.history(conversation);
    history.iter().filter(|entry| of(&entry.body)).count()
}

fn is_text(body: &Body, wanted: &str) -> bool {
    matches!(body, Body::Text { text } if text.0 == wanted)
}

fn is_rejoined(body: &Body) -> bool {
    matches!(body, Body::Room { events } if events == &[RoomEvent::Rejoined])
}

/// All that was written `after` is with both, once.
fn check_talk(world: &World, users: &[UserId], after: &str) {
    for node in [0, 1] {
        for conversation in [GROUP, ConversationId::direct(users[1 - node])] {
            let there = count(&world.nodes[node], conversation, |it| is_text(it, after));
            assert_eq!(there, 2, "node {node}, {conversation:?}");
        }
    }
}

/// Nothing waits for anything.
fn check_rest(world: &World) {
    for node in &world.nodes {
        assert_eq!((&node.phase, node.outbox), (&Some(Phase::Live), 0));
        for row in node.conversations.values() {
            assert_eq!((row.fault, row.waiting), (None, None));
        }
    }
}

#[test]
fn any_record_but_the_keys_may_go_and_people_talk_on() {
    let (world, _) = talking();
    let records = world.nodes[0].records.keys();
    let keys: Vec<String> = records
        .filter(|key| key.starts_with(STATE_PREFIX))
        .filter(|key| !key.starts_with("state/keys/") && *key != "state/account")
        .cloned()
        .collect();
    let kinds: BTreeSet<_> = keys
        .iter()
        .filter_map(|key| key.split('/').nth(1))
        .collect();
    assert!(kinds.is_superset(&BTreeSet::from([
        "room", "roster", "thread", "person", "mls"
    ])));
    for key in keys {
        let (mut world, users) = talking();
        damage(&mut world, 0, std::slice::from_ref(&key));
        say_all(&mut world, &users, "after");
        world.settle();
        check_talk(&world, &users, "after");
        let node = &world.nodes[0];
        for conversation in [GROUP, ConversationId::direct(users[1])] {
            // One honest line at most, where something may be missing.
            assert!(count(node, conversation, is_rejoined) <= 1, "{key}");
            assert_eq!(node.conversations[&conversation].fault, None, "{key}");
        }
        if key.starts_with("state/room/") || key.starts_with("state/roster/") {
            let lines = [GROUP, ConversationId::direct(users[1])]
                .map(|conversation| count(node, conversation, is_rejoined));
            assert_eq!(lines.iter().sum::<usize>(), 1, "{key}");
        }
        let standing = node.records.get(&key);
        assert!(
            standing.is_none_or(|value| !value.as_ref().is_empty()),
            "{key}"
        );
        check_rest(&world);
    }
}

#[test]
fn a_message_whose_record_is_damaged_is_told_as_failed_and_can_be_sent_again() {
    let (mut world, users) = talking();
    world.hold(0, true);
    for text in ["of the damaged record", "of a good one"] {
        let command = world.text(users[1], text);
        world.plan(1, 0, command);
        world.run_for(1_000);
    }
    let mut outbox = world.nodes[0].records.keys();
    let key = outbox.find(|key| key.starts_with("state/outbox/"));
    let key = key.unwrap().clone();
    damage(&mut world, 0, std::slice::from_ref(&key));
    let conversation = ConversationId::direct(users[1]);
    let line = |world: &World| {
        let mut lines = world.nodes[0].history(conversation).into_iter();
        lines.find(|it| is_text(&it.body, "of the damaged record"))
    };
    let failed = line(&world).unwrap();
    assert_eq!(failed.state, engine::EntryState::Failed);
    assert!(failed.failure.unwrap().detail.contains("damaged"));
    world.hold(0, false);
    let retry = Command::Retry {
        conversation,
        id: failed.id,
    };
    world.plan(1, 0, retry);
    world.settle();
    for text in ["of the damaged record", "of a good one"] {
        let there = ConversationId::direct(users[0]);
        assert_eq!(count(&world.nodes[1], there, |it| is_text(it, text)), 1);
        let here = count(&world.nodes[0], conversation, |it| is_text(it, text));
        assert_eq!(here, 1, "{text}");
    }
}

#[test]
fn everything_of_the_rooms_may_go_at_once() {
    let (mut world, users) = talking();
    let records = world.nodes[0].records.keys();
    let keys: Vec<String> = records
        .filter(|key| {
            ["room", "roster", "mls"]
                .iter()
                .any(|kind| key.starts_with(&format!("state/{kind}/")))
        })
        .cloned()
        .collect();
    damage(&mut world, 0, &keys);
    say_all(&mut world, &users, "after");
    world.settle();
    check_talk(&world, &users, "after");
    check_rest(&world);
}

#[test]
fn a_pin_is_made_again_from_a_room_and_not_from_the_server() {
    let (mut world, users) = talking();
    let key = format!("state/person/{}", users[1]);
    let before = world.nodes[0].records[&key].clone();
    world.kill(0);
    world.nodes[0]
        .records
        .insert(key.clone(), Binary::default());
    world.run_for(1_000);
    let pin = |value: &Binary| {
        let person: serde_json::Value = serde_json::from_slice(value.as_ref()).unwrap();
        person["account_key"].clone()
    };
    assert_eq!(pin(&world.nodes[0].records[&key]), pin(&before));
}

#[test]
fn a_device_without_its_keys_says_so_and_can_begin_anew() {
    for key in ["state/keys/account", "state/keys/device", "state/account"] {
        let (mut world, users) = talking();
        damage(&mut world, 0, &[key.to_owned()]);
        assert_eq!(world.nodes[0].phase, Some(Phase::NoKeys), "{key}");
        let direct = ConversationId::direct(users[1]);
        assert_eq!(
            count(&world.nodes[0], direct, |it| is_text(it, "before")),
            2
        );
        assert!(world.nodes[0].conversations.contains_key(&direct));
        let old = |record: &String| record.starts_with("state/mls/") || record == key;
        assert!(!world.nodes[0].records.keys().any(old), "{key}");

        world.plan(1, 0, set_up(users[0], None));
        world.run_for(5_000);
        assert_eq!(world.nodes[0].phase, Some(Phase::KeysElsewhere), "{key}");
        let reset = Command::ResetKeys {
            user_id: users[0],
            device_name: "Test".to_owned(),
        };
        world.plan(1, 0, reset);
        world.run_for(20_000);
        assert_eq!(world.nodes[0].phase, Some(Phase::Live), "{key}");
        let changed = world.nodes[1].claimed(users[0]);
        if let Some(account_key) = changed {
            let accept = Command::AcceptKeys {
                user_id: users[0],
                account_key,
            };
            world.plan(1, 1, accept);
            world.run_for(5_000);
        }
        for (node, text) in [(0, "from the new keys"), (1, "to the new keys")] {
            let command = world.text(users[1 - node], text);
            world.plan(1, node, command);
            world.run_for(20_000);
        }
        world.settle();
        for text in ["from the new keys", "to the new keys"] {
            for node in [0, 1] {
                let conversation = ConversationId::direct(users[1 - node]);
                let there = count(&world.nodes[node], conversation, |it| is_text(it, text));
                assert_eq!(there, 1, "{key}: {text} at {node}");
            }
        }
    }
}

#[test]
fn nothing_at_all_is_a_new_browser() {
    let (mut world, users) = talking();
    let keys: Vec<String> = world.nodes[0].records.keys().cloned().collect();
    let state: Vec<String> = keys
        .into_iter()
        .filter(|key| key.starts_with(STATE_PREFIX))
        .collect();
    damage(&mut world, 0, &state);
    assert_eq!(world.nodes[0].phase, Some(Phase::NoKeys));
    assert!(world.nodes[0].conversations.is_empty());
    let records: BTreeMap<_, _> = world.nodes[0].records.iter().collect();
    assert!(records.keys().all(|key| !key.starts_with(STATE_PREFIX)));
    world.plan(1, 0, set_up(users[0], None));
    world.run_for(5_000);
    assert_eq!(world.nodes[0].phase, Some(Phase::KeysElsewhere));
}

#[test]
fn a_device_that_was_let_in_again_takes_the_place_of_the_one_that_lost_its_keys() {
    // With the factor that the recovery took, and when that is not fresh any more.
    for fresh in [true, false] {
        let (mut world, users) = talking();
        world.server.own(users[0]).fresh = true;
        world.plan(1, 0, Command::MakeRecoveryKey);
        world.run_for(5_000);
        let key = world.nodes[0].recovery_keys[0].clone();
        let old = device_of(&world, 0);
        damage(&mut world, 0, &["state/keys/device".to_owned()]);
        assert_eq!(world.nodes[0].phase, Some(Phase::NoKeys));
        world.plan(1, 0, recover(users[0], &key));
        while world.nodes[0].phase == Some(Phase::NoKeys) {
            world.run_for(5);
        }
        world.server.own(users[0]).fresh = fresh;
        let complaints = world.nodes[0].complaints.len();
        world.run_for(60_000);
        assert_eq!(world.nodes[0].phase, Some(Phase::Live), "{fresh}");
        assert_eq!(world.nodes[0].complaints.len(), complaints);
        let is_in = |world: &World| {
            let rooms = world.server.rooms.values();
            let members = rooms.flat_map(|room| room.public.members().unwrap());
            let mut devices = members.map(|it| it.device);
            devices.any(|it| it == old.0)
        };
        assert_eq!(is_in(&world), !fresh);
        if !fresh {
            // It goes with the next one that is shut out.
            let third = further_device(&mut world, 0, 1);
            world.run_for(10_000);
            world.server.own(users[0]).fresh = true;
            let device_id = device_of(&world, third);
            world.plan(1, 0, Command::RevokeDevice { device_id });
            world.run_for(30_000);
            assert_eq!(world.nodes[third].phase, Some(Phase::Revoked));
            world.nodes[third].gone = true;
            assert!(!is_in(&world));
        }
        let list = e2ee::DeviceList::open(
            &world.server.users[&users[0]].device_list,
            &account_key(&world, 0).public(),
        );
        assert!(list.unwrap().revoked.contains(&old.0));
        let command = world.text(users[1], "me again");
        world.plan(1, 0, command);
        world.run_for(20_000);
        let ann = ConversationId::direct(users[0]);
        assert_eq!(count(&world.nodes[1], ann, |it| is_text(it, "me again")), 1);
        let due = world.nodes[0].own.clone().unwrap().recovery.unwrap().due;
        assert_eq!(due.is_some(), !fresh);
        world.settle();
    }
}
