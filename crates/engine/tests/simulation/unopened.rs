//! What does not open: fetched again, then said honestly, and joined anew where that helps.

use engine::{Body, ConversationId, Input, RoomEvent, ServerEvent, UnopenedReason};
use protocol::{Base64, UserId, socket::Base64Envelope};

use crate::{
    trust::{GROUP, bodies, group, has_text, say, say_all, world},
    world::World,
};

/// Flips a bit.
fn spoil(envelope: &mut Base64Envelope) {
    let mut bytes = envelope.message.as_ref().to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    envelope.message = Base64::from(bytes);
}

fn forged() -> Body {
    Body::Unopened {
        reason: UnopenedReason::Forged,
    }
}

fn text(text: &str) -> Body {
    Body::Text { text: text.into() }
}

/// Bo does not hear of anything as it happens.
fn deafen(world: &mut World) {
    let socket = world.nodes[1].socket.unwrap();
    world.server.sockets.get_mut(&socket).unwrap().live.clear();
}

/// Everything of the only room from a place on reaches nobody as it was.
fn spoil_log(world: &mut World, from: u64) {
    let room = world.server.rooms.values_mut().next().unwrap();
    for (_, envelope) in room.log.range_mut(from..) {
        spoil(envelope);
    }
}

fn head(world: &World) -> u64 {
    world.server.rooms.values().next().unwrap().head
}

/// Ann and Bo, and a third person, who is in the group with them where there is one.
fn talking(in_group: bool) -> (World, Vec<UserId>) {
    let (mut world, users) = world(3);
    match in_group {
        true => group(&mut world, &users[1..]),
        false => say(&mut world, 0, users[1], "first"),
    }
    (world, users)
}

#[test]
fn a_message_that_was_spoilt_on_its_way_is_fetched_again() {
    for spoilt_epoch in [false, true] {
        let (mut world, users) = talking(false);
        deafen(&mut world);
        say(&mut world, 0, users[1], "second");
        say(&mut world, 0, users[1], "third");
        let room = world.server.rooms.values().next().unwrap();
        let mut last = room.log.iter().rev();
        let (third, mut second) = (
            last.next().unwrap().1.clone(),
            last.next().unwrap().1.clone(),
        );
        match spoilt_epoch {
            // The epoch in the framing: the room would be taken for lost.
            true => {
                let id = room_id(&world);
                let mut bytes = second.message.as_ref().to_vec();
                let at = bytes.windows(16).position(|part| part == id).unwrap() + 16;
                bytes[at + 7] += 1;
                second.message = Base64::from(bytes);
            }
            false => spoil(&mut second),
        }
        for envelope in [second, third] {
            let event = ServerEvent::NewMessage(envelope.map(Into::into));
            world.step(1, Input::Event { event });
        }
        let before = head(&world);
        world.run_for(3_000);
        let said = ["first", "second", "third"].map(text);
        assert_eq!(bodies(&world, 1, ConversationId::direct(users[0])), said);
        assert_eq!(head(&world), before, "nothing was joined anew");
    }
}

fn room_id(world: &World) -> [u8; 16] {
    *world.server.rooms.keys().next().unwrap().as_bytes()
}

#[test]
fn a_commit_that_was_spoilt_on_its_way_is_fetched_again() {
    let (mut world, users) = talking(false);
    deafen(&mut world);
    let from = head(&world) + 1;
    let second = crate::random::further_device(&mut world, 0, 1);
    world.run_for(10_000);
    say(&mut world, second, users[1], "from my other one");
    let room = world.server.rooms.values().next().unwrap();
    let mut commit = room.log[&from].clone();
    spoil(&mut commit);
    let event = ServerEvent::NewMessage(commit.map(Into::into));
    world.step(1, Input::Event { event });
    world.run_for(3_000);
    let ann = ConversationId::direct(users[0]);
    assert_eq!(world.nodes[1].conversations[&ann].fault, None);
    assert!(has_text(&world, 1, ann, "from my other one"));
}

#[test]
fn when_nothing_opens_any_more_the_room_is_joined_anew_once() {
    let (mut world, users) = talking(false);
    let ann = ConversationId::direct(users[0]);
    deafen(&mut world);
    let from = head(&world) + 1;
    for _ in 0..4 {
        say(&mut world, 0, users[1], "lost");
    }
    spoil_log(&mut world, from);
    world.cut(1);
    world.run_for(10_000);
    let told = bodies(&world, 1, ann);
    assert_eq!(told.iter().filter(|body| **body == forged()).count(), 3);
    let rejoined = Body::Room {
        events: vec![RoomEvent::Rejoined],
    };
    assert_eq!(told.last(), Some(&rejoined));
    say(&mut world, 0, users[1], "and now");
    assert!(has_text(&world, 1, ann, "and now"));
    say(&mut world, 1, users[0], "I am here");
    assert!(has_text(
        &world,
        0,
        ConversationId::direct(users[1]),
        "I am here"
    ));

    // A server that goes on gets lines, and no more joining.
    let before = head(&world);
    deafen(&mut world);
    for _ in 0..4 {
        say(&mut world, 0, users[1], "lost");
    }
    spoil_log(&mut world, before + 1);
    let newest = world.server.rooms.values().next().unwrap();
    let newest = newest.log.last_key_value().unwrap().1.clone();
    let event = ServerEvent::NewMessage(newest.map(Into::into));
    world.step(1, Input::Event { event });
    world.run_for(10_000);
    assert_eq!(
        bodies(&world, 1, ann)[told.len() + 2..],
        [forged(), forged(), forged(), forged()]
    );
    assert_eq!(head(&world), before + 4);
}

#[test]
fn one_person_of_a_group_does_not_make_the_others_join_anew() {
    let (mut world, _) = talking(true);
    deafen(&mut world);
    let from = head(&world) + 1;
    for _ in 0..5 {
        say_all(&mut world, 0, "lost");
    }
    spoil_log(&mut world, from);
    world.cut(1);
    world.run_for(10_000);
    let before = head(&world);
    assert_eq!(before, from + 4);
    let lost = bodies(&world, 1, GROUP).into_iter();
    assert_eq!(lost.filter(|body| *body == forged()).count(), 5);
    // Of two of them it is believed.
    deafen(&mut world);
    say_all(&mut world, 2, "lost as well");
    spoil_log(&mut world, before + 1);
    let newest = world.server.rooms.values().next().unwrap();
    let newest = newest.log.last_key_value().unwrap().1.clone();
    let event = ServerEvent::Message(newest.map(Into::into));
    world.step(1, Input::Event { event });
    world.run_for(10_000);
    assert!(head(&world) > before + 1);
    say_all(&mut world, 0, "and now");
    assert!(has_text(&world, 1, GROUP, "and now"));
}
