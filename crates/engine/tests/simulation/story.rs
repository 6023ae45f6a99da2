//! Single stories that random worlds seldom tell.

use std::collections::BTreeMap;

use engine::{
    Body, Command, ConversationId, EntryState, Fault, Phase, Recipient, RoomEvent, Waiting,
};
use protocol::{ClientId, Code, UserId, limits::KEY_PACKAGES};

use crate::{
    chaos::Chaos,
    node::Node,
    random::{friends, further_device, set_up},
    transcript::check,
    world::World,
};

fn world() -> World {
    World::new(1, Chaos::none(1))
}

fn texts(node: &Node, peer: UserId) -> Vec<String> {
    node.history(ConversationId::direct(peer))
        .into_iter()
        .map(|entry| match entry.body {
            Body::Text { text } => text.0,
            other => format!("{other:?}"),
        })
        .collect()
}

fn say(world: &mut World, from: usize, to: UserId, text: &str) -> ClientId {
    let command = world.text(to, text);
    let Command::SendText { id, .. } = command else {
        unreachable!()
    };
    world.plan(1, from, command);
    world.run_for(5_000);
    id
}

#[test]
fn a_message_waits_until_the_other_person_has_set_up() {
    let mut world = world();
    let users = friends(&mut world, 1);
    let bo = UserId::from_bytes([9; 16]);
    world.server.befriend(users[0], bo);
    world.run_for(1_000);
    say(&mut world, 0, bo, "welcome!");
    let row = &world.nodes[0].conversations[&ConversationId::direct(bo)];
    assert_eq!(row.waiting, Some(Waiting::PeerSetup));
    assert_eq!(row.last.as_ref().unwrap().state, EntryState::Sending);

    let node = world.add(bo, BTreeMap::new());
    world.plan(10, node, set_up(bo, None));
    world.run_for(10_000);
    assert_eq!(texts(&world.nodes[node], users[0]), ["welcome!"]);
    world.settle();
    check(&world);
}

#[test]
fn states_go_from_sending_to_read() {
    let mut world = world();
    let users = friends(&mut world, 2);
    let (ann, bo) = (
        ConversationId::direct(users[0]),
        ConversationId::direct(users[1]),
    );
    world.run_for(1_000);
    world.cut(1);
    world.nodes[1].gone = true;
    let command = world.text(users[1], "are you there?");
    world.plan(0, 0, command);
    world.run_for(1);
    let row = &world.nodes[0].conversations[&bo];
    assert_eq!(row.last.as_ref().unwrap().state, EntryState::Sending);
    assert_eq!((row.outbox, world.nodes[0].outbox), (1, 1));

    world.run_for(5_000);
    let row = world.nodes[0].conversations[&bo].clone();
    let last = row.last.unwrap();
    let (room_id, seq) = (last.room_id.unwrap(), last.seq.unwrap());
    assert_eq!((last.state, world.nodes[0].outbox), (EntryState::Sent, 0));
    assert!(row.marks[0].delivered < seq);

    world.nodes[1].gone = false;
    world.cut(1);
    world.run_for(5_000);
    let row = &world.nodes[0].conversations[&bo];
    assert_eq!((row.marks[0].delivered, row.marks[0].read), (seq, 0));
    let row = &world.nodes[1].conversations[&ann];
    assert_eq!(row.unread, 1);
    assert_eq!(
        row.unread_from,
        Some(row.last.as_ref().unwrap().position.clone())
    );

    let read = Command::MarkRead {
        conversation: ann,
        room_id,
        seq,
    };
    world.plan(1, 1, read);
    world.run_for(1_000);
    assert_eq!(world.nodes[1].conversations[&ann].unread, 0);
    assert_eq!(world.nodes[0].conversations[&bo].marks[0].read, seq);
}

#[test]
fn new_keys_are_held_until_they_are_accepted() {
    start_over(true);
}

#[test]
fn new_keys_are_let_into_a_room_that_stays_open() {
    start_over(false);
}

fn start_over(reset_closes: bool) {
    let mut world = world();
    world.server.reset_closes = reset_closes;
    let users = friends(&mut world, 2);
    world.run_for(1_000);
    say(&mut world, 0, users[1], "one");

    // Bo comes with a new browser and starts over.
    let new = world.add(users[1], BTreeMap::new());
    world.plan(10, new, set_up(users[1], None));
    world.run_for(2_000);
    assert_eq!(world.nodes[new].phase, Some(Phase::KeysElsewhere));
    let reset = Command::ResetKeys {
        user_id: users[1],
        device_name: "New".to_owned(),
    };
    world.plan(10, new, reset);
    world.run_for(5_000);
    assert_eq!(world.nodes[new].phase, Some(Phase::Live));
    assert_eq!(world.nodes[1].phase, Some(Phase::Revoked));
    world.nodes[1].gone = true;

    say(&mut world, 0, users[1], "two");
    let bo = ConversationId::direct(users[1]);
    let row = &world.nodes[0].conversations[&bo];
    assert_eq!((row.waiting, row.outbox), (Some(Waiting::KeyChange), 1));
    assert!(texts(&world.nodes[new], users[0]).is_empty());

    let account_key = world.nodes[0].claimed(users[1]).unwrap();
    let wrong = Command::AcceptKeys {
        user_id: users[1],
        account_key: vec![1; 32].into(),
    };
    world.plan(1, 0, wrong);
    world.run_for(5_000);
    let row = &world.nodes[0].conversations[&bo];
    assert_eq!(row.waiting, Some(Waiting::KeyChange));
    let accept = Command::AcceptKeys {
        user_id: users[1],
        account_key,
    };
    world.plan(1, 0, accept);
    world.run_for(5_000);
    say(&mut world, new, users[0], "three");
    let mut lines = texts(&world.nodes[0], users[1]);
    assert!(lines.remove(1).contains("KeysChanged"));
    assert_eq!(lines, ["one", "two", "three"]);
    assert_eq!(texts(&world.nodes[new], users[0]), ["two", "three"]);
}

#[test]
fn a_conversation_goes_on_after_the_people_parted() {
    let mut world = world();
    let users = friends(&mut world, 2);
    let bo = ConversationId::direct(users[1]);
    world.run_for(1_000);
    say(&mut world, 0, users[1], "one");
    world.server.unfriend(users[0], users[1]);
    world.flush_server();
    world.run_for(1_000);
    assert_eq!(world.nodes[0].conversations[&bo].fault, Some(Fault::Closed));
    let id = say(&mut world, 0, users[1], "two");
    let last = world.nodes[0].conversations[&bo].last.clone().unwrap();
    assert_eq!(last.state, EntryState::Failed);
    assert_eq!(last.failure.unwrap().code, Code::NotAContact);

    world.server.befriend(users[0], users[1]);
    let retry = Command::Retry {
        conversation: bo,
        id,
    };
    world.plan(1, 0, retry);
    world.run_for(5_000);
    say(&mut world, 1, users[0], "three");
    for (node, peer) in [(0, users[1]), (1, users[0])] {
        assert_eq!(texts(&world.nodes[node], peer), ["one", "two", "three"]);
    }
    assert_eq!(world.nodes[0].conversations[&bo].fault, None);
    assert_eq!(world.nodes[0].conversations[&bo].marks.len(), 2);
    world.settle();
    check(&world);
}

#[test]
fn a_failed_message_can_be_dropped_and_a_bad_one_is_refused() {
    let mut world = world();
    let users = friends(&mut world, 2);
    world.server.unfriend(users[0], users[1]);
    world.run_for(1_000);
    let id = say(&mut world, 0, users[1], "nobody hears me");
    assert_eq!(texts(&world.nodes[0], users[1]).len(), 1);
    let discard = Command::Discard {
        conversation: ConversationId::direct(users[1]),
        id,
    };
    world.plan(1, 0, discard);
    world.run_for(1_000);
    assert!(texts(&world.nodes[0], users[1]).is_empty());

    for text in [" \n".to_owned(), "x".repeat(70_000)] {
        let before = world.nodes[0].complaints.len();
        say(&mut world, 0, users[1], &text);
        assert_eq!(world.nodes[0].complaints.len(), before + 1);
    }
    let unknown = Command::SendText {
        to: Recipient::Room {
            room_id: protocol::RoomId::from_bytes([1; 16]),
        },
        id,
        text: "hi".into(),
        reply_to: None,
    };
    let before = world.nodes[0].complaints.len();
    world.plan(1, 0, unknown);
    world.run_for(1_000);
    assert_eq!(world.nodes[0].complaints.len(), before + 1);
    assert!(texts(&world.nodes[0], users[1]).is_empty());
}

#[test]
fn a_message_for_an_old_epoch_catches_up_by_itself() {
    let mut world = world();
    let users = friends(&mut world, 2);
    world.run_for(1_000);
    say(&mut world, 0, users[1], "one");
    let socket = world.nodes[0].socket.unwrap();
    // What happens in the room is not sent to Ann any more.
    world.server.sockets.get_mut(&socket).unwrap().live.clear();
    further_device(&mut world, 1, 1);
    world.run_for(5_000);
    say(&mut world, 0, users[1], "two");
    assert_eq!(texts(&world.nodes[2], users[0]), ["one", "two"]);
    world.settle();
    check(&world);
}

#[test]
fn a_large_message_arrives() {
    let mut world = world();
    let users = friends(&mut world, 2);
    world.run_for(1_000);
    let text = "é".repeat(32_000);
    say(&mut world, 0, users[1], &text);
    assert_eq!(texts(&world.nodes[1], users[0]), [text]);
}

#[test]
fn storage_that_was_set_back_joins_anew_before_it_sends() {
    let mut world = world();
    let users = friends(&mut world, 2);
    let bo = ConversationId::direct(users[1]);
    world.run_for(1_000);
    say(&mut world, 0, users[1], "one");
    let backup = world.nodes[0].records.clone();
    say(&mut world, 0, users[1], "two");
    world.nodes[0].records = backup;
    world.kill(0);
    world.run_for(5_000);
    assert_eq!(world.nodes[0].conversations[&bo].fault, None);
    say(&mut world, 0, users[1], "three");
    say(&mut world, 1, users[0], "four");
    assert_eq!(
        texts(&world.nodes[1], users[0]),
        ["one", "two", "three", "four"]
    );
    let line = format!(
        "{:?}",
        Body::Room {
            events: vec![RoomEvent::Rejoined]
        }
    );
    // The archive has what was said before the storage was set back.
    assert_eq!(
        texts(&world.nodes[0], users[1]),
        ["one", "two", &line, "three", "four"]
    );
    assert_eq!(world.nodes[0].outbox, 0);
}

#[test]
fn a_commit_that_is_lost_is_got_over() {
    let mut world = world();
    let users = friends(&mut world, 2);
    world.run_for(1_000);
    say(&mut world, 0, users[1], "one");
    world.cut(1);
    world.nodes[1].gone = true;
    further_device(&mut world, 0, 1);
    world.run_for(5_000);
    // The server has the change no more when Bo comes back.
    let room = world.server.rooms.values_mut().next().unwrap();
    room.log.clear();
    say(&mut world, 0, users[1], "two");
    world.nodes[1].gone = false;
    world.cut(1);
    world.run_for(10_000);
    let ann = ConversationId::direct(users[0]);
    assert_eq!(world.nodes[1].conversations[&ann].fault, None);
    say(&mut world, 1, users[0], "three");
    say(&mut world, 0, users[1], "four");
    let here = texts(&world.nodes[1], users[0]);
    assert_eq!(here.last().unwrap(), "four");
    assert_eq!(here.len(), 4, "one honest line: {here:?}");
    assert!(texts(&world.nodes[0], users[1]).contains(&"three".to_owned()));
}

#[test]
fn key_packages_are_made_up_for() {
    let mut world = world();
    let users = friends(&mut world, 2);
    let device = world.nodes[1].user;
    for (_, row) in world
        .server
        .devices
        .iter_mut()
        .filter(|(_, row)| row.user == device)
    {
        row.packages.truncate(10);
    }
    world.run_for(1_000);
    say(&mut world, 0, users[1], "one package goes");
    let mut rows = world.server.devices.values();
    let row = rows.find(|row| row.user == device).unwrap();
    assert_eq!(row.packages.len(), KEY_PACKAGES);
}

#[test]
fn the_same_world_twice_does_the_same() {
    let run = || {
        let mut world = World::new(5, Chaos::from_seed(5));
        let users = friends(&mut world, 3);
        for number in 0..6 {
            let command = world.text(users[(number + 1) % 3], "again");
            world.plan(number as i64 * 700, number % 3, command);
        }
        world.run_for(30_000);
        let disks = world.nodes.iter().map(|node| node.records.clone());
        disks.collect::<Vec<_>>()
    };
    for (first, second) in run().into_iter().zip(run()) {
        assert!(first.keys().eq(second.keys()));
        for (key, value) in first {
            // OpenMLS dates some of its records by the system's clock.
            if key.starts_with("state/mls/") {
                continue;
            }
            assert!(second.get(&key) == Some(&value), "{key} differs");
        }
    }
}
