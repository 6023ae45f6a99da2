//! A server that lies.

use engine::{Body, ConversationId, Fault, Input, ServerEvent, UnopenedReason, Waiting};
use protocol::{DeviceId, UserId, socket::BinaryEnvelope};
use rand_chacha::ChaCha12Rng;
use rand_core::SeedableRng;

use crate::{
    chaos::Chaos,
    random::{friends, further_device},
    world::World,
};

/// Two friends who have written to each other, and a third person.
fn world() -> (World, Vec<UserId>) {
    let mut world = World::new(1, Chaos::none(1));
    let users = friends(&mut world, 3);
    world.run_for(1_000);
    (world, users)
}

fn say(world: &mut World, from: usize, to: UserId, text: &str) {
    let command = world.text(to, text);
    world.plan(1, from, command);
    world.run_for(5_000);
}

fn bodies(world: &World, node: usize, peer: UserId) -> Vec<Body> {
    let history = world.nodes[node].history(ConversationId::direct(peer));
    history.into_iter().map(|entry| entry.body).collect()
}

fn device_of(world: &World, user: UserId) -> DeviceId {
    let mut devices = world.server.devices.iter();
    *devices.find(|(_, device)| device.user == user).unwrap().0
}

#[test]
fn another_persons_key_package_is_refused() {
    let (mut world, users) = world();
    let (bo, mallory) = (device_of(&world, users[1]), device_of(&world, users[2]));
    let stolen = world.server.devices[&mallory].packages.clone();
    world.server.devices.get_mut(&bo).unwrap().packages = stolen;
    say(&mut world, 0, users[1], "secret");
    assert_eq!(world.nodes[0].complaints, ["wrong-user"]);
    assert!(world.server.rooms.is_empty());
    assert_eq!(world.nodes[0].outbox, 1);
}

#[test]
fn a_device_that_the_person_did_not_sign_is_refused() {
    let (mut world, users) = world();
    let mut rng = ChaCha12Rng::seed_from_u64(7);
    let forged = e2ee::AccountKey::generate(&mut rng);
    let ghost = DeviceId::from_bytes([7; 16]);
    let now = world.now as u64 / 1000;
    let keys = e2ee::DeviceKeys::generate(users[1].0, ghost.0, &forged, now, &mut rng);
    let credential = keys.credential().to_bytes();
    let mut client = e2ee::Client::new(keys, []);
    let mut device = world.server.devices[&device_of(&world, users[1])].clone();
    device.credential = credential;
    device.packages = [client
        .key_package(e2ee::Suite::Classic, now, &mut rng)
        .unwrap()]
    .into();
    world.server.devices.insert(ghost, device);
    say(&mut world, 0, users[1], "secret");
    let refused = ["wrong-account-key", "wrong-account-key"];
    assert_eq!(
        world.nodes[0].complaints, refused,
        "in the list and as a package"
    );
    let room = world.server.rooms.values().next().unwrap();
    assert!(room.members.len() == 2 && !room.members.contains_key(&ghost));
}

#[test]
fn an_older_device_list_is_refused() {
    let (mut world, users) = world();
    say(&mut world, 0, users[1], "hi");
    let old = world.server.users[&users[1]].device_list.clone();
    further_device(&mut world, 1, 1);
    world.run_for(5_000);
    world.server.users.get_mut(&users[1]).unwrap().device_list = old;
    world.cut(0);
    world.run_for(2_000);
    say(&mut world, 0, users[1], "who reads this?");
    assert_eq!(world.nodes[0].complaints, ["older-device-list"]);
    // What was known stands: both devices have it.
    let text = |text: &str| Body::Text { text: text.into() };
    for node in [1, 3] {
        assert_eq!(
            bodies(&world, node, users[0]),
            [text("hi"), text("who reads this?")]
        );
    }
}

#[test]
fn another_account_key_holds_the_conversation() {
    let (mut world, users) = world();
    say(&mut world, 0, users[1], "hi");
    // The server answers with Mallory's keys in the name of Bo.
    let mut rng = ChaCha12Rng::seed_from_u64(8);
    let forged = e2ee::AccountKey::generate(&mut rng);
    let list = e2ee::DeviceList {
        user: users[1].0,
        version: 9,
        devices: Vec::new(),
        revoked: Vec::new(),
    };
    let account = world.server.users.get_mut(&users[1]).unwrap();
    account.account_key = Some(forged.public().as_bytes().to_vec());
    account.device_list = list.sign(&forged);
    world
        .server
        .devices
        .retain(|_, device| device.user != users[1]);
    world.cut(0);
    world.run_for(5_000);
    say(&mut world, 0, users[1], "still you?");
    say(&mut world, 0, users[1], "secret");
    let bo = ConversationId::direct(users[1]);
    let row = &world.nodes[0].conversations[&bo];
    assert_eq!(row.waiting, Some(Waiting::KeyChange));
    assert!(world.nodes[0].claimed(users[1]).is_some());
}

/// Gives Bo an envelope, changed.
fn forge(world: &mut World, envelope: &BinaryEnvelope, change: impl Fn(&mut BinaryEnvelope)) {
    let mut envelope = envelope.clone();
    change(&mut envelope);
    let event = ServerEvent::NewMessage(envelope);
    world.step(1, Input::Event { event });
    world.run_for(2_000);
}

/// Ann writes twice; the second envelope does not reach Bo, but is still in the log.
fn unread_message(world: &mut World, users: &[UserId]) -> BinaryEnvelope {
    say(world, 0, users[1], "first");
    if let Some(socket) = world.nodes[1].socket {
        world.server.sockets.get_mut(&socket).unwrap().live.clear();
    }
    say(world, 0, users[1], "second");
    let (_, room) = world.server.rooms.first_key_value().unwrap();
    let (_, newest) = room.log.last_key_value().unwrap();
    newest.clone().map(Into::into)
}

/// Changes the newest envelope in the server's log, so that Bo gets it so however often he asks.
fn spoil(world: &mut World, change: impl Fn(&mut BinaryEnvelope)) {
    let room = world.server.rooms.values_mut().next().unwrap();
    let mut newest = room.log.last_entry().unwrap();
    let mut envelope = newest.get().clone().map(Into::into);
    change(&mut envelope);
    newest.insert(envelope.map(Into::into));
}

#[test]
fn a_message_in_another_name_is_not_opened() {
    let (mut world, users) = world();
    let _ = unread_message(&mut world, &users);
    let mallory = (users[2], device_of(&world, users[2]));
    spoil(&mut world, |envelope| {
        (envelope.sender_user, envelope.sender_device) = mallory;
    });
    world.cut(1);
    world.run_for(5_000);
    let forged = Body::Unopened {
        reason: UnopenedReason::Forged,
    };
    assert_eq!(bodies(&world, 1, users[0])[1], forged);
}

#[test]
fn a_changed_message_is_not_opened_and_the_next_one_is() {
    let (mut world, users) = world();
    let second = unread_message(&mut world, &users);
    spoil(&mut world, |envelope| {
        let mut bytes = envelope.message.as_ref().to_vec();
        *bytes.last_mut().unwrap() ^= 1;
        envelope.message = bytes.into();
    });
    world.cut(1);
    world.run_for(5_000);
    // The same ciphertext as it was, under the next place: the ratchet did not move.
    forge(&mut world, &second, |envelope| envelope.seq += 1);
    let forged = Body::Unopened {
        reason: UnopenedReason::Forged,
    };
    let opened = Body::Text {
        text: "second".into(),
    };
    assert_eq!(bodies(&world, 1, users[0])[1..], [forged, opened]);
}

#[test]
fn a_replayed_message_is_not_shown_twice() {
    let (mut world, users) = world();
    let second = unread_message(&mut world, &users);
    forge(&mut world, &second, |_| {});
    assert_eq!(bodies(&world, 1, users[0]).len(), 2);
    forge(&mut world, &second, |_| {});
    forge(&mut world, &second, |envelope| envelope.seq += 1);
    assert_eq!(bodies(&world, 1, users[0]).len(), 2);
}

#[test]
fn a_commit_that_does_not_check_breaks_the_room_honestly() {
    let (mut world, users) = world();
    let _ = unread_message(&mut world, &users);
    spoil(&mut world, |envelope| {
        envelope.kind = protocol::rest::rooms::EnvelopeKind::Commit;
    });
    world.cut(1);
    world.run_for(5_000);
    let ann = ConversationId::direct(users[0]);
    assert_eq!(
        world.nodes[1].conversations[&ann].fault,
        Some(Fault::Broken)
    );
    say(&mut world, 1, users[0], "does this go out?");
    assert_eq!(world.nodes[1].outbox, 1);
    let evidence = world.nodes[1].records.keys();
    assert!(
        evidence
            .into_iter()
            .any(|key| key.starts_with("state/evidence/"))
    );
}

#[test]
fn a_forged_message_in_a_page_undoes_nothing_before_it() {
    let (mut world, users) = world();
    say(&mut world, 0, users[1], "one");
    world.cut(1);
    further_device(&mut world, 0, 1);
    let room = *world.server.rooms.keys().next().unwrap();
    world.run_for(40);
    // While Bo is away: a commit, a message, and one that the server spoils.
    world.nodes[1].gone = true;
    world.run_for(5_000);
    say(&mut world, 0, users[1], "two");
    say(&mut world, 0, users[1], "three");
    say(&mut world, 0, users[1], "four");
    let log = &mut world.server.rooms.get_mut(&room).unwrap().log;
    let third = log.iter_mut().rev().nth(1).unwrap().1;
    let mut bytes = third.message.as_ref().to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    third.message = bytes.into();
    world.nodes[1].gone = false;
    world.cut(1);
    world.run_for(5_000);
    let text = |text: &str| Body::Text { text: text.into() };
    let forged = Body::Unopened {
        reason: UnopenedReason::Forged,
    };
    let expected = [text("one"), text("two"), forged, text("four")];
    assert_eq!(bodies(&world, 1, users[0]), expected);
}

#[test]
fn messages_that_the_server_lost_leave_a_mark() {
    let (mut world, users) = world();
    let _ = unread_message(&mut world, &users);
    let room = world.server.rooms.values_mut().next().unwrap();
    room.log.clear();
    say(&mut world, 0, users[1], "third");
    world.cut(1);
    world.run_for(5_000);
    let missing = Body::Unopened {
        reason: UnopenedReason::Missing,
    };
    let third = Body::Text {
        text: "third".into(),
    };
    assert_eq!(bodies(&world, 1, users[0])[1..], [missing, third]);
}

#[test]
fn a_page_that_comes_the_wrong_way_round_is_read_in_order() {
    let (mut world, users) = world();
    let _ = unread_message(&mut world, &users);
    say(&mut world, 0, users[1], "third");
    world.server.reorders = true;
    world.cut(1);
    world.run_for(5_000);
    let text = |text: &str| Body::Text { text: text.into() };
    let expected = ["first", "second", "third"].map(text);
    assert_eq!(bodies(&world, 1, users[0]), expected);
}
