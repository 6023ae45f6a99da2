//! What is stored for a message, in a room of two and in the largest.

use engine::{Body, Command, ConversationId, Input, Recipient, ServerEvent};
use protocol::{RoomId, UserId, socket::Receipt};

use crate::{chaos::Chaos, crowd::absent, random::friends, world::World};

const ROOM: RoomId = RoomId::from_bytes([80; 16]);
const GROUP: ConversationId = ConversationId::group(ROOM);

/// Ann and Bo, who talk, in a group of so many.
fn room_of(people: usize) -> (World, Vec<UserId>) {
    let mut world = World::new(3, Chaos::none(3));
    let users = friends(&mut world, 2);
    world.run_for(1_000);
    let mut members = vec![users[1]];
    members.extend((2..people).map(|number| absent(&mut world, users[0], number as u128)));
    let create = Command::CreateGroup {
        room_id: ROOM,
        name: "Everybody".into(),
        members,
    };
    world.plan(1, 0, create);
    world.run_for(60_000);
    assert_eq!(world.server.rooms[&ROOM].people.len(), people);
    assert_eq!(world.nodes[1].conversations[&GROUP].members.len(), people);
    // Both have said something: what is made for the first message of an epoch is made.
    for node in [0, 1] {
        say(&mut world, node, "first");
    }
    (world, users)
}

fn say(world: &mut World, node: usize, text: &str) {
    let command = world.text_to(Recipient::Room { room_id: ROOM }, text);
    world.plan(1, node, command);
    world.run_for(30_000);
}

/// What one device stores for a message, in bytes, keys of records included.
#[derive(Debug)]
struct Stored {
    /// The state of the room and of its group.
    state: usize,
    /// That, and the message itself: where it is shown, and where it waits for the server and for
    /// the archive.
    all: usize,
}

impl Stored {
    fn of(world: &World, node: usize) -> Self {
        let written = world.nodes[node].written.iter();
        let (mut state, mut all) = (0, 0);
        for (kind, (_, bytes)) in written {
            let itself = ["history", "index", "state/outbox", "state/kept"];
            state += if itself.contains(&kind.as_str()) {
                0
            } else {
                *bytes
            };
            all += bytes;
        }
        Self { state, all }
    }
}

/// What Ann stores for each of some messages that she writes, what Bo stores for one, and what he
/// stores when he reads it; the receipts of both to her are hers.
fn stored(world: &mut World) -> [Stored; 3] {
    const MESSAGES: usize = 10;
    let mut all = [Vec::new(), Vec::new(), Vec::new()];
    for number in 0..MESSAGES {
        world.nodes.iter_mut().for_each(|node| node.written.clear());
        say(
            world,
            0,
            &format!("See you at the bridge at {number} o'clock"),
        );
        all[1].push(Stored::of(world, 1));
        world.nodes[1].written.clear();
        let history = world.nodes[1].history(GROUP);
        let newest = history.last().unwrap();
        assert!(matches!(newest.body, Body::Text { .. }));
        let read = Command::MarkRead {
            conversation: GROUP,
            room_id: ROOM,
            seq: newest.seq.unwrap(),
        };
        world.plan(1, 1, read);
        world.run_for(5_000);
        all[2].push(Stored::of(world, 1));
        all[0].push(Stored::of(world, 0));
    }
    all.map(|each| Stored {
        state: each.iter().map(|one| one.state).max().unwrap(),
        all: each.iter().map(|one| one.all).max().unwrap(),
    })
}

#[test]
fn a_message_between_two_stores_little() {
    let (mut world, _) = room_of(2);
    let stored = stored(&mut world);
    eprintln!("stored for a message of two, written, received, read: {stored:?}");
    for stored in stored {
        assert!(stored.state <= 2_048, "{stored:?}");
        assert!(stored.all <= 4_608, "{stored:?}");
    }
}

#[test]
fn a_message_to_a_thousand_stores_little_more() {
    let (mut world, users) = room_of(1_000);
    let stored = stored(&mut world);
    eprintln!("stored for a message to 1,000, written, received, read: {stored:?}");
    for stored in stored {
        assert!(stored.all <= 16_384, "{stored:?}");
    }
    // A receipt, of which there are two from each of them for every message.
    world.nodes[0].written.clear();
    let head = world.server.rooms[&ROOM].head;
    let people = world.server.rooms[&ROOM].people.iter();
    let others: Vec<_> = people.filter(|it| !users.contains(it)).copied().collect();
    for user_id in &others {
        let receipt = Receipt {
            room_id: ROOM,
            user_id: *user_id,
            seq: head,
        };
        let event = ServerEvent::Delivered(receipt);
        world.step(0, Input::Event { event });
    }
    let written = world.nodes[0].written.values();
    let receipt = written.map(|(_, bytes)| bytes).sum::<usize>() / others.len();
    eprintln!("stored for a receipt of 1,000: {receipt} B");
    assert!(receipt <= 2_048);

    // The room goes on like any other: somebody is made an admin, removes somebody, and leaves.
    let admin = Command::SetAdmin {
        room_id: ROOM,
        user_id: users[1],
        admin: true,
    };
    world.plan(1, 0, admin);
    world.run_for(30_000);
    let remove = Command::RemoveMember {
        room_id: ROOM,
        user_id: others[0],
    };
    world.plan(1, 1, remove);
    world.run_for(30_000);
    assert_eq!(world.server.rooms[&ROOM].people.len(), 999);
    say(&mut world, 1, "one less");
    let last = world.nodes[0].history(GROUP).pop().unwrap();
    assert_eq!(
        last.body,
        Body::Text {
            text: "one less".into()
        }
    );
    world.plan(1, 1, Command::LeaveRoom { room_id: ROOM });
    world.run_for(30_000);
    assert_eq!(world.server.rooms[&ROOM].people.len(), 998);
}
