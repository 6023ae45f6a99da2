//! A server that an older copy of its database was put into the place of, and what its people make
//! of that: every conversation goes on.

use engine::{Body, Command, ConversationId, Fault, RoomEvent};
use protocol::{RoomId, UserId};

use crate::{
    server::Backup,
    trust::{GROUP, ROOM, act, bodies, group, has_text, say, say_all, world},
    world::World,
};

/// The copy takes the place of what is there, and everybody connects again.
fn restore(world: &mut World, backup: Backup) {
    world.server.restore(backup);
    for node in 0..world.nodes.len() {
        world.cut(node);
    }
    world.run_for(20_000);
}

/// Each of them writes, and all others read it.
fn goes_on(world: &mut World, nodes: &[usize], round: &str) {
    for from in nodes {
        let text = format!("{round} of {from}");
        say_all(world, *from, &text);
        for to in nodes {
            assert!(has_text(world, *to, GROUP, &text), "{text} at {to}");
        }
    }
    for node in nodes {
        assert_eq!(world.nodes[*node].outbox, 0);
        assert_eq!(world.nodes[*node].conversations[&GROUP].fault, None);
    }
}

fn invite(room_id: RoomId, member: UserId) -> Command {
    Command::Invite {
        room_id,
        members: vec![member],
    }
}

/// The lines of a device that tell of its own way back.
fn told(world: &World, node: usize, to: ConversationId) -> Vec<RoomEvent> {
    let lines = bodies(world, node, to)
        .into_iter()
        .filter_map(|body| match body {
            Body::Room { events } => Some(events),
            _ => None,
        });
    let own = |event: &RoomEvent| {
        matches!(
            event,
            RoomEvent::SetBack | RoomEvent::Rejoined | RoomEvent::Meanwhile { .. }
        )
    };
    lines.flatten().filter(own).collect()
}

#[test]
fn what_is_written_afterwards_is_not_taken_for_what_was_there_before() {
    let (mut world, users) = world(2);
    let (ann, bo) = (
        ConversationId::direct(users[0]),
        ConversationId::direct(users[1]),
    );
    say(&mut world, 0, users[1], "hi");
    let backup = world.server.backup();
    for text in ["one", "two", "three"] {
        say(&mut world, 0, users[1], text);
        say(&mut world, 1, users[0], text);
    }
    restore(&mut world, backup);
    say(&mut world, 1, users[0], "after");
    say(&mut world, 0, users[1], "and so on");
    assert!(has_text(&world, 0, bo, "after"));
    assert!(has_text(&world, 1, ann, "and so on"));
    // Nothing of before is gone from where it was read.
    assert!(has_text(&world, 0, bo, "three") && has_text(&world, 1, ann, "three"));
    assert_eq!(
        (told(&world, 0, bo), told(&world, 1, ann)),
        (vec![], vec![])
    );
}

#[test]
fn devices_that_are_ahead_go_back_with_the_server() {
    let (mut world, users) = world(4);
    group(&mut world, &users[1..3]);
    goes_on(&mut world, &[0, 1, 2], "before");
    let backup = world.server.backup();
    act(&mut world, 0, invite(ROOM, users[3]));
    goes_on(&mut world, &[0, 1, 2, 3], "ahead");
    restore(&mut world, backup);
    goes_on(&mut world, &[0, 1, 2], "after");
    let out = RoomEvent::Meanwhile {
        added: vec![],
        gone: vec![users[3]],
        granted: vec![],
        revoked: vec![],
    };
    for node in 0..3 {
        let lines = told(&world, node, GROUP);
        assert_eq!(lines, [RoomEvent::SetBack, out.clone()], "{node}");
    }
    // Who came in since is invited again.
    act(&mut world, 0, invite(ROOM, users[3]));
    goes_on(&mut world, &[0, 1, 2, 3], "again");
}

#[test]
fn who_reads_alone_goes_back_as_well() {
    let (mut world, users) = world(4);
    group(&mut world, &users[1..3]);
    goes_on(&mut world, &[0, 1, 2], "before");
    let backup = world.server.backup();
    // Bo never learns of it.
    world.hold(1, true);
    act(&mut world, 0, invite(ROOM, users[3]));
    restore(&mut world, backup);
    world.hold(1, false);
    world.run_for(5_000);
    say_all(&mut world, 1, "does anybody read this?");
    world.run_for(20_000);
    say_all(&mut world, 1, "and now?");
    for node in [0, 2] {
        assert!(has_text(&world, node, GROUP, "and now?"), "{node}");
        assert_eq!(told(&world, node, GROUP).len(), 2);
    }
    assert_eq!(told(&world, 1, GROUP), []);
    goes_on(&mut world, &[0, 1, 2], "after");
}

#[test]
fn another_way_to_the_same_epoch_is_noticed() {
    let (mut world, users) = world(4);
    group(&mut world, &users[1..3]);
    goes_on(&mut world, &[0, 1, 2], "before");
    let backup = world.server.backup();
    act(&mut world, 0, invite(ROOM, users[3]));
    let ahead = world.server.rooms[&ROOM].public.epoch();
    // Cleo is away while the others go back, and come as far as they had been.
    world.hold(2, true);
    restore(&mut world, backup);
    goes_on(&mut world, &[0, 1], "after");
    assert!(world.server.rooms[&ROOM].public.epoch() >= ahead);
    world.hold(2, false);
    world.run_for(20_000);
    goes_on(&mut world, &[0, 1, 2], "together");
}

#[test]
fn who_was_removed_is_not_let_back_in_without_a_question() {
    let (mut world, users) = world(3);
    group(&mut world, &users[1..]);
    goes_on(&mut world, &[0, 1, 2], "before");
    let backup = world.server.backup();
    let remove = Command::RemoveMember {
        room_id: ROOM,
        user_id: users[2],
    };
    act(&mut world, 0, remove);
    restore(&mut world, backup);
    for node in [0, 1] {
        say_all(&mut world, node, "who reads this?");
        let row = &world.nodes[node].conversations[&GROUP];
        assert_eq!(row.fault, Some(Fault::Broken), "{node}");
        assert_eq!(row.broken.clone().unwrap().reason, "older-group");
        assert!(!has_text(&world, 2, GROUP, "who reads this?"));
    }
    // The person says so: it is in the line who is back, and an admin removes them again.
    act(&mut world, 0, Command::RejoinRoom { room_id: ROOM });
    let back = RoomEvent::Meanwhile {
        added: vec![users[2]],
        gone: vec![],
        granted: vec![],
        revoked: vec![],
    };
    assert_eq!(told(&world, 0, GROUP), [RoomEvent::SetBack, back]);
    act(&mut world, 1, Command::RejoinRoom { room_id: ROOM });
    goes_on(&mut world, &[0, 1, 2], "after");
}

#[test]
fn a_change_that_was_under_way_is_made_again() {
    let (mut world, users) = world(4);
    group(&mut world, &users[1..3]);
    goes_on(&mut world, &[0, 1, 2], "before");
    let backup = world.server.backup();
    act(
        &mut world,
        0,
        Command::SetAdmin {
            room_id: ROOM,
            user_id: users[1],
            admin: true,
        },
    );
    world.hold(0, true);
    act(&mut world, 0, invite(ROOM, users[3]));
    restore(&mut world, backup);
    world.hold(0, false);
    world.run_for(20_000);
    goes_on(&mut world, &[0, 1, 2, 3], "after");
}

#[test]
fn key_packages_that_come_a_second_time_leave_nobody_outside() {
    let (mut world, users) = world(3);
    say(&mut world, 0, users[1], "hi");
    let backup = world.server.backup();
    group(&mut world, &users[1..]);
    goes_on(&mut world, &[0, 1, 2], "before");
    restore(&mut world, backup);
    // The group is not there any more.
    say_all(&mut world, 0, "where is everybody?");
    let again = RoomId::from_bytes([80; 16]);
    let create = Command::CreateGroup {
        room_id: again,
        name: "Again".into(),
        members: users[1..].to_vec(),
    };
    act(&mut world, 0, create);
    world.run_for(60_000);
    let to = ConversationId::group(again);
    let text = world.text_to(engine::Recipient::Room { room_id: again }, "here");
    act(&mut world, 0, text);
    for node in [1, 2] {
        assert!(has_text(&world, node, to, "here"), "{node}");
    }
}
