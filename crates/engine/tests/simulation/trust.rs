//! Devices that were revoked, and ones that nobody signed for: what the server does not get away
//! with.

use e2ee::{AccountKey, DeviceKeys, DeviceList};
use engine::{Body, Command, ConversationId, Fault, Recipient, UnopenedReason, Waiting};
use protocol::{
    ClientId, DeviceId, RoomId, UserId,
    rest::rooms::{Envelope, EnvelopeKind},
    socket::{Base64Envelope, ContactChange, DeviceEvent},
};
use rand_chacha::ChaCha12Rng;
use rand_core::SeedableRng;

use crate::{
    chaos::Chaos,
    random::{friends, further_device},
    server::Membership,
    world::World,
};

pub(crate) const ROOM: RoomId = RoomId::from_bytes([79; 16]);
pub(crate) const GROUP: ConversationId = ConversationId::group(ROOM);

/// Friends in a calm world.
pub(crate) fn world(count: usize) -> (World, Vec<UserId>) {
    let mut world = World::new(1, Chaos::none(1));
    let users = friends(&mut world, count);
    world.run_for(1_000);
    (world, users)
}

pub(crate) fn act(world: &mut World, node: usize, command: Command) {
    world.plan(1, node, command);
    world.run_for(5_000);
}

pub(crate) fn say(world: &mut World, from: usize, to: UserId, text: &str) {
    let command = world.text(to, text);
    act(world, from, command);
}

pub(crate) fn say_all(world: &mut World, from: usize, text: &str) {
    let command = world.text_to(Recipient::Room { room_id: ROOM }, text);
    act(world, from, command);
}

pub(crate) fn group(world: &mut World, members: &[UserId]) {
    let create = Command::CreateGroup {
        room_id: ROOM,
        name: "Everybody".into(),
        members: members.to_vec(),
    };
    act(world, 0, create);
}

pub(crate) fn bodies(world: &World, node: usize, conversation: ConversationId) -> Vec<Body> {
    let history = world.nodes[node].history(conversation);
    history.into_iter().map(|entry| entry.body).collect()
}

pub(crate) fn has_text(
    world: &World,
    node: usize,
    conversation: ConversationId,
    text: &str,
) -> bool {
    let body = Body::Text { text: text.into() };
    bodies(world, node, conversation).contains(&body)
}

pub(crate) fn device_of(world: &World, node: usize) -> DeviceId {
    let engine = world.nodes[node].engine.as_ref().unwrap();
    engine.device_id().unwrap()
}

pub(crate) fn account_key(world: &World, node: usize) -> AccountKey {
    let seed = world.nodes[node].records["state/keys/account"].as_ref();
    AccountKey::from_bytes(seed.try_into().unwrap())
}

/// The devices in the only room of a kind, as the server has them.
fn members(world: &World) -> Vec<DeviceId> {
    let room = world.server.rooms.values().next().unwrap();
    let members = room.public.members().unwrap();
    members.into_iter().map(|it| it.device.into()).collect()
}

/// A person signs another list, with a device that is left to them.
fn sign_list(world: &mut World, node: usize, change: impl Fn(&mut DeviceList)) {
    let key = account_key(world, node);
    let user = world.nodes[node].user;
    let row = world.server.users.get_mut(&user).unwrap();
    let mut list = DeviceList::open(&row.device_list, &key.public()).unwrap();
    list.version += 1;
    change(&mut list);
    row.device_list = list.sign(&key);
    tell_keys(world, user);
}

pub(crate) fn tell_keys(world: &mut World, user: UserId) {
    let friends: Vec<_> = world.server.contacts.iter().copied().collect();
    for (_, friend) in friends.into_iter().filter(|(me, _)| *me == user) {
        world.server.tell_contact(friend, user, ContactChange::Keys);
    }
    world.flush_server();
}

pub(crate) fn revoke_in_list(world: &mut World, node: usize, device: DeviceId) {
    sign_list(world, node, |list| {
        list.devices.retain(|it| *it != device.0);
        list.revoked.push(device.0);
    });
}

/// A person revokes a device of theirs with one that is left: signed, and done by the server.
pub(crate) fn revoke_signed(world: &mut World, node: usize, device: DeviceId) {
    revoke_in_list(world, node, device);
    world.server.revoke(device);
    let user = world.nodes[node].user;
    let event = engine::ServerEvent::DeviceRevoked(DeviceEvent { device_id: device });
    world.server.send_to_user(user, &event);
    world.flush_server();
}

#[test]
fn a_revoked_device_is_removed_and_reads_nothing_new() {
    let (mut world, users) = world(2);
    say(&mut world, 0, users[1], "hi");
    let lost = further_device(&mut world, 1, 1);
    world.run_for(10_000);
    say(&mut world, 0, users[1], "to both");
    let ann = ConversationId::direct(users[0]);
    assert!(has_text(&world, lost, ann, "to both"));
    let device = device_of(&world, lost);
    assert!(members(&world).contains(&device));

    revoke_signed(&mut world, 1, device);
    say(&mut world, 0, users[1], "for Bo alone");
    assert!(!members(&world).contains(&device));
    assert!(has_text(&world, 1, ann, "for Bo alone"));
    assert!(!has_text(&world, lost, ann, "for Bo alone"));
    say(&mut world, lost, users[0], "still here");
    assert!(!has_text(
        &world,
        0,
        ConversationId::direct(users[1]),
        "still here"
    ));
    assert_eq!(world.nodes[0].complaints, [""; 0]);
}

#[test]
fn a_revocation_that_the_server_does_not_carry_out_is_carried_out_by_the_others() {
    let (mut world, users) = world(2);
    let lost = further_device(&mut world, 1, 1);
    world.run_for(10_000);
    say(&mut world, 0, users[1], "to both");
    let device = device_of(&world, lost);
    world.nodes[1].gone = true;
    world.cut(1);
    // The list says so; the server goes on as if nothing had been said.
    revoke_in_list(&mut world, 1, device);
    world.run_for(2_000);
    say(&mut world, 0, users[1], "for Bo alone");
    assert!(!members(&world).contains(&device));
    let ann = ConversationId::direct(users[0]);
    assert!(!has_text(&world, lost, ann, "for Bo alone"));
}

#[test]
fn an_older_list_does_not_bring_a_revoked_device_back() {
    let (mut world, users) = world(2);
    let lost = further_device(&mut world, 1, 1);
    world.run_for(10_000);
    say(&mut world, 0, users[1], "to both");
    let device = device_of(&world, lost);
    let old = world.server.users[&users[1]].device_list.clone();
    revoke_signed(&mut world, 1, device);
    world.run_for(5_000);
    world.server.users.get_mut(&users[1]).unwrap().device_list = old;
    world.server.devices.get_mut(&device).unwrap().revoked = false;
    world.cut(0);
    world.run_for(2_000);
    say(&mut world, 0, users[1], "for Bo alone");
    assert_eq!(world.nodes[0].complaints, ["older-device-list"]);
    assert!(!members(&world).contains(&device));
    // A later list that names it as living again does not either.
    let key = account_key(&world, 1);
    let row = world.server.users.get_mut(&users[1]).unwrap();
    let mut list = DeviceList::open(&row.device_list, &key.public()).unwrap();
    list.version = 50;
    row.device_list = list.sign(&key);
    world.cut(0);
    world.run_for(2_000);
    say(&mut world, 0, users[1], "and again");
    assert!(!members(&world).contains(&device));
}

#[test]
fn two_lists_of_one_version_are_noticed() {
    let (mut world, users) = world(2);
    say(&mut world, 0, users[1], "hi");
    let key = account_key(&world, 1);
    let row = world.server.users.get_mut(&users[1]).unwrap();
    let mut list = DeviceList::open(&row.device_list, &key.public()).unwrap();
    list.devices.push(uuid::Uuid::from_u128(9));
    row.device_list = list.sign(&key);
    world.cut(0);
    world.run_for(2_000);
    say(&mut world, 0, users[1], "hello");
    assert_eq!(world.nodes[0].complaints, ["conflicting-device-list"]);
}

#[test]
fn a_device_that_the_server_leaves_out_is_noticed() {
    let (mut world, users) = world(2);
    say(&mut world, 0, users[1], "hi");
    further_device(&mut world, 1, 1);
    world.run_for(10_000);
    let second = device_of(&world, 2);
    world.server.devices.remove(&second);
    world.cut(0);
    world.run_for(2_000);
    say(&mut world, 0, users[1], "hello");
    assert_eq!(world.nodes[0].complaints, ["device-left-out"]);
}

#[test]
fn a_device_shut_out_by_the_servers_word_is_told_apart() {
    let (mut world, users) = world(2);
    let lost = further_device(&mut world, 1, 1);
    world.run_for(10_000);
    say(&mut world, 0, users[1], "to both");
    let device = device_of(&world, lost);
    world.server.revoke(device);
    tell_keys(&mut world, users[1]);
    world.run_for(5_000);
    say(&mut world, 0, users[1], "for Bo alone");
    assert_eq!(world.nodes[0].trust[&users[1]].reported, [device]);
    assert!(!members(&world).contains(&device));
    // Its owner signs: it is the owner's word from then on.
    revoke_in_list(&mut world, 1, device);
    world.run_for(5_000);
    assert!(world.nodes[0].trust[&users[1]].reported.is_empty());
}

/// An envelope at the end of the only room's log, in somebody's name.
pub(crate) fn append(
    world: &mut World,
    user: UserId,
    device: DeviceId,
    kind: EnvelopeKind,
    message: Vec<u8>,
) {
    let (room_id, room) = world.server.rooms.first_key_value().unwrap();
    let envelope: Base64Envelope = Envelope {
        room_id: *room_id,
        seq: room.head + 1,
        epoch: e2ee::framing::inspect(&message).map_or(1, |it| it.epoch),
        kind,
        sender_user: user,
        sender_device: device,
        client_id: ClientId::from_bytes([9; 16]),
        sent_at: world.server.time(),
        message: message.into(),
        href: None,
    };
    world.server.append(envelope);
    world.flush_server();
    world.run_for(2_000);
}

#[test]
fn nothing_is_taken_from_a_revoked_device_any_more() {
    let (mut world, users) = world(2);
    let lost = further_device(&mut world, 1, 1);
    world.run_for(10_000);
    say(&mut world, 0, users[1], "to both");
    let device = device_of(&world, lost);
    say(&mut world, lost, users[0], "sealed in time");
    let bo = ConversationId::direct(users[1]);
    assert!(has_text(&world, 0, bo, "sealed in time"));
    revoke_signed(&mut world, 1, device);
    world.run_for(10_000);
    append(
        &mut world,
        users[1],
        device,
        EnvelopeKind::Application,
        vec![1],
    );
    let revoked = Body::Unopened {
        reason: UnopenedReason::Revoked,
    };
    assert_eq!(bodies(&world, 0, bo).last(), Some(&revoked));
    append(&mut world, users[1], device, EnvelopeKind::Commit, vec![1]);
    let row = &world.nodes[0].conversations[&bo];
    assert_eq!(row.fault, Some(Fault::Broken));
    assert_eq!(row.broken.as_ref().unwrap().reason, "revoked-device");
}

/// A device that its keys let in by an external commit; the server takes it if the rules do.
pub(crate) fn join(world: &mut World, keys: DeviceKeys, taken: bool) {
    let credential = keys.credential().clone();
    let (user, device) = (credential.user, credential.device);
    let mut client = e2ee::Client::new(keys, []);
    let mut rng = ChaCha12Rng::seed_from_u64(5);
    let (room_id, room) = world.server.rooms.iter_mut().next().unwrap();
    let (room_id, tree) = (*room_id, room.public.tree().unwrap());
    let info = room.public.group_info().to_vec();
    let commit = client.rejoin(room_id.0, &info, &tree, &mut rng).unwrap();
    let accepted = room
        .public
        .accept((user, device), &commit.commit, &commit.group_info);
    assert_eq!(accepted.is_ok(), taken);
    if taken {
        room.trees.insert(commit.epoch, room.public.tree().unwrap());
        let joined = Membership {
            user: user.into(),
            joined: room.head,
            left: None,
            acked: room.head,
        };
        room.members.insert(device.into(), joined);
    }
    append(
        world,
        user.into(),
        device.into(),
        EnvelopeKind::Commit,
        commit.commit,
    );
}

pub(crate) fn device_keys(world: &World, node: usize, device: u128) -> DeviceKeys {
    let mut rng = ChaCha12Rng::seed_from_u64(6);
    let (user, account) = (world.nodes[node].user, account_key(world, node));
    let device = uuid::Uuid::from_u128(device);
    DeviceKeys::generate(user.0, device, &account, world.now as u64 / 1000, &mut rng)
}

#[test]
fn a_ghost_device_that_no_list_names_holds_the_room_until_its_owner_removes_it() {
    let (mut world, users) = world(2);
    say(&mut world, 0, users[1], "hi");
    world.nodes[1].gone = true;
    world.cut(1);
    world.run_for(1_000);
    // Somebody has Bo's account key, and the server helps.
    let keys = device_keys(&world, 1, 77);
    join(&mut world, keys, true);
    let ghost = DeviceId(uuid::Uuid::from_u128(77));
    assert!(members(&world).contains(&ghost));
    say(&mut world, 0, users[1], "secret");
    let bo = ConversationId::direct(users[1]);
    let row = &world.nodes[0].conversations[&bo];
    assert_eq!((row.waiting, row.outbox), (Some(Waiting::Devices), 1));
    assert_eq!(row.waiting_for, [users[1]]);
    world.nodes[1].gone = false;
    world.cut(1);
    world.run_for(120_000);
    assert!(!members(&world).contains(&ghost));
    assert!(has_text(
        &world,
        1,
        ConversationId::direct(users[0]),
        "secret"
    ));
    assert_eq!(world.nodes[0].outbox, 0);
}
