//! Rooms that a change broke: what is kept of it, and the ways on.

use engine::{Command, ConversationId, Fault};
use protocol::{UserId, rest::rooms::EnvelopeKind};

use crate::{
    trust::{
        GROUP, ROOM, act, append, device_keys, device_of, group, has_text, join, say, say_all,
        world,
    },
    world::World,
};

/// A group that a commit of a stranger broke for Bo alone: the server does not believe it itself.
fn broken_group() -> (World, Vec<UserId>) {
    let (mut world, users) = world(3);
    group(&mut world, &users[1..2]);
    say_all(&mut world, 0, "hi");
    let keys = device_keys(&world, 2, 78);
    join(&mut world, keys, false);
    let row = &world.nodes[1].conversations[&GROUP];
    assert_eq!(row.fault, Some(Fault::Broken));
    let broken = row.broken.clone().unwrap();
    assert_eq!((broken.reason.as_str(), broken.epoch), ("foreign-join", 1));
    let evidence = world.nodes[1].records.iter();
    let mut evidence = evidence.filter(|(key, _)| key.starts_with("state/evidence/"));
    let (_, evidence) = evidence.next().unwrap();
    assert!(String::from_utf8_lossy(evidence.as_ref()).contains("foreign-join"));
    say_all(&mut world, 1, "does this go out?");
    assert_eq!(world.nodes[1].outbox, 1);
    (world, users)
}

#[test]
fn a_broken_group_is_joined_anew_when_the_person_wants_it() {
    let (mut world, _) = broken_group();
    // It stays broken over a restart.
    world.kill(1);
    world.run_for(5_000);
    assert_eq!(
        world.nodes[1].conversations[&GROUP].fault,
        Some(Fault::Broken)
    );
    act(&mut world, 1, Command::RejoinRoom { room_id: ROOM });
    let row = &world.nodes[1].conversations[&GROUP];
    assert_eq!((row.fault, row.broken.clone()), (None, None));
    assert_eq!(world.nodes[1].outbox, 0);
}

#[test]
fn a_broken_group_can_be_left() {
    let (mut world, users) = broken_group();
    act(&mut world, 1, Command::LeaveRoom { room_id: ROOM });
    assert!(!world.server.rooms[&ROOM].people.contains(&users[1]));
    assert_eq!(
        world.nodes[1].conversations[&GROUP].fault,
        Some(Fault::Removed)
    );
}

#[test]
fn a_broken_direct_room_is_given_up_for_a_new_one() {
    let (mut world, users) = world(2);
    say(&mut world, 0, users[1], "hi");
    let ann = device_of(&world, 0);
    append(&mut world, users[0], ann, EnvelopeKind::Commit, vec![1]);
    let with_ann = ConversationId::direct(users[0]);
    let row = &world.nodes[1].conversations[&with_ann];
    assert_eq!(row.fault, Some(Fault::Broken));
    let room_id = row.room_id.unwrap();
    say(&mut world, 1, users[0], "does this go out?");
    assert_eq!(world.nodes[1].outbox, 1);
    act(&mut world, 1, Command::GiveUpRoom { room_id });
    world.run_for(5_000);
    assert_eq!(world.nodes[1].outbox, 0);
    let with_bo = ConversationId::direct(users[1]);
    assert!(has_text(&world, 0, with_bo, "does this go out?"));
    let row = &world.nodes[1].conversations[&with_ann];
    assert!(row.fault.is_none() && row.room_id != Some(room_id));
    say(&mut world, 0, users[1], "and back");
    assert!(has_text(&world, 1, with_ann, "and back"));
    let mut evidence = world.nodes[1].records.keys();
    assert!(evidence.any(|key| key.starts_with("state/evidence/")));
}
