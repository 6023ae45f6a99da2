//! A group whose first commit is too large for an event.

use std::{
    collections::BTreeMap,
    time::{SystemTime, UNIX_EPOCH},
};

use e2ee::{AccountKey, Client, DeviceKeys, DeviceList};
use engine::{Body, Command, ConversationId, Recipient, Text};
use protocol::{DeviceId, RoomId, UserId};
use rand_chacha::ChaCha12Rng;
use rand_core::SeedableRng;

use crate::{
    chaos::Chaos,
    random::friends,
    server::{Account, Device},
    world::World,
};

/// Their key packages, a few hundred bytes each, are more than an event takes.
const CROWD: u128 = 260;
const ROOM: RoomId = RoomId::from_bytes([78; 16]);

/// Somebody with one device that is never there, known to the first person of the world.
pub(crate) fn absent(world: &mut World, of: UserId, number: u128) -> UserId {
    let mut rng = ChaCha12Rng::seed_from_u64(number as u64);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let user = UserId::from(uuid::Uuid::from_u128(0x1_0000 + number));
    let device = uuid::Uuid::from_u128(0x2_0000 + number);
    let account = AccountKey::generate(&mut rng);
    let keys = DeviceKeys::generate(user.0, device, &account, now.as_secs(), &mut rng);
    let list = DeviceList {
        user: user.0,
        version: 1,
        devices: vec![device],
        revoked: Vec::new(),
    };
    let mut client = Client::new(keys, []);
    let mut others = BTreeMap::new();
    for suite in &e2ee::Suite::ALL[1..] {
        let package = client.last_resort(*suite, now.as_secs(), &mut rng);
        others.insert(suite.number(), ([].into(), package.unwrap()));
    }
    let row = Device {
        user,
        others,
        credential: client.keys().credential().to_bytes(),
        packages: [client
            .key_package(e2ee::Suite::Classic, now.as_secs(), &mut rng)
            .unwrap()]
        .into(),
        last_resort: Vec::new(),
        revoked: false,
    };
    world.server.devices.insert(DeviceId(device), row);
    let row = Account {
        account_key: Some(account.public().as_bytes().to_vec()),
        device_list: list.sign(&account),
    };
    world.server.users.insert(user, row);
    world.server.befriend(of, user);
    user
}

#[test]
fn a_crowd_is_invited_over_rest() {
    let mut world = World::new(1, Chaos::none(1));
    let users = friends(&mut world, 2);
    world.run_for(1_000);
    let mut members = vec![users[1]];
    members.extend((0..CROWD).map(|number| absent(&mut world, users[0], number)));
    let create = Command::CreateGroup {
        room_id: ROOM,
        name: "Everybody".into(),
        members,
    };
    world.plan(1, 0, create);
    world.run_for(60_000);
    assert_eq!(world.server.rooms[&ROOM].people.len(), CROWD as usize + 2);
    assert_eq!(world.server.over_rest, 1);
    let more = (CROWD..2 * CROWD).map(|number| absent(&mut world, users[0], number));
    let invite = Command::Invite {
        room_id: ROOM,
        members: more.collect(),
    };
    world.plan(1, 0, invite);
    world.run_for(60_000);
    assert_eq!(
        world.server.rooms[&ROOM].people.len(),
        2 * CROWD as usize + 2
    );
    assert_eq!(world.server.over_rest, 2);
    let words = Text::from("hello, everybody");
    let hello = world.text_to(Recipient::Room { room_id: ROOM }, &words.0);
    world.plan(1, 0, hello);
    world.run_for(10_000);
    let group = ConversationId::group(ROOM);
    let mut history = world.nodes[1].history(group).into_iter();
    assert!(history.any(|entry| matches!(entry.body, Body::Text { text } if text == words)));
}

/// Everything that is done to a room; with 1,000 people in it see `stored.rs`.
#[test]
fn a_crowd_changes_its_roles_is_thinned_out_and_left() {
    const MANY: u128 = 150;
    let mut world = World::new(2, Chaos::none(2));
    let users = friends(&mut world, 3);
    world.run_for(1_000);
    let absent: Vec<_> = (0..MANY)
        .map(|number| absent(&mut world, users[0], number))
        .collect();
    let act = |world: &mut World, node, command| {
        world.plan(1, node, command);
        world.run_for(30_000);
    };
    let create = Command::CreateGroup {
        room_id: ROOM,
        name: "Everybody".into(),
        members: [&users[1..], &absent].concat(),
    };
    act(&mut world, 0, create);
    let people = |world: &World| world.server.rooms[&ROOM].people.len();
    assert_eq!(people(&world), MANY as usize + 3);
    let admin = |user_id, admin| Command::SetAdmin {
        room_id: ROOM,
        user_id,
        admin,
    };
    act(&mut world, 0, admin(users[1], true));
    act(&mut world, 1, admin(users[0], false));
    assert_eq!(world.server.rooms[&ROOM].admins(), [users[1]]);
    // Who is no admin any more removes nobody.
    let remove = |user_id| Command::RemoveMember {
        room_id: ROOM,
        user_id,
    };
    act(&mut world, 0, remove(absent[0]));
    assert_eq!(people(&world), MANY as usize + 3);
    for user in &absent[..5] {
        act(&mut world, 1, remove(*user));
    }
    assert_eq!(people(&world), MANY as usize - 2);
    act(&mut world, 2, Command::LeaveRoom { room_id: ROOM });
    assert_eq!(people(&world), MANY as usize - 3);
    let members = world.server.rooms[&ROOM].public.members().unwrap();
    assert_eq!(members.len(), MANY as usize - 3);
    let hello = world.text_to(Recipient::Room { room_id: ROOM }, "who is left");
    act(&mut world, 0, hello);
    let has = |node: usize| {
        let history = world.nodes[node].history(ConversationId::group(ROOM));
        let words = Text::from("who is left");
        history
            .into_iter()
            .any(|entry| matches!(entry.body, Body::Text { text } if text == words))
    };
    assert!(has(1) && !has(2));
}
