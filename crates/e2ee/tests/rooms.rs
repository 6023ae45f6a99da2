//! Whole rooms: devices on one side, the server's public group on the other.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::{SystemTime, UNIX_EPOCH};

use e2ee::{
    AccountKey, CheckedKeyPackage, Client, DeviceKeys, Error, KeyFault, Kind, Opened, PublicRoom,
    Refusal, Rule, framing, key_package, welcome,
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use uuid::Uuid;

const ROOM: Uuid = Uuid::from_u128(0x4000);

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

fn rng(seed: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([seed; 32])
}

struct Person {
    user: Uuid,
    account: AccountKey,
}

impl Person {
    fn new(n: u8) -> Self {
        Self {
            user: Uuid::from_u128(n.into()),
            account: AccountKey::generate(&mut rng(n)),
        }
    }

    fn device(&self, n: u8) -> Device {
        let id = Uuid::from_u128(0x100 + u128::from(n));
        let keys = DeviceKeys::generate(self.user, id, &self.account, now(), &mut rng(n));
        Device {
            user: self.user,
            id,
            client: Client::new(keys, []),
            rng: rng(n ^ 0x80),
        }
    }
}

struct Device {
    user: Uuid,
    id: Uuid,
    client: Client,
    rng: ChaCha20Rng,
}

impl Device {
    fn name(&self) -> (Uuid, Uuid) {
        (self.user, self.id)
    }

    fn package(&mut self) -> CheckedKeyPackage {
        let bytes = self.client.key_package(now(), &mut self.rng).unwrap();
        self.client.take_changes();
        key_package::inspect(&bytes, now()).unwrap()
    }

    fn join(&mut self, made: &e2ee::Commit) {
        let parts = welcome::split(made.welcome.as_ref().unwrap()).unwrap();
        let reference = &made
            .added
            .iter()
            .find(|(device, _)| *device == self.id)
            .unwrap()
            .1;
        let part = &parts
            .iter()
            .find(|part| part.reference == *reference)
            .unwrap()
            .welcome;
        self.client
            .join(ROOM, part, &made.tree, &mut self.rng)
            .unwrap();
        self.client.take_changes();
    }

    fn seal(&mut self, text: &str) -> Vec<u8> {
        let sealed = self
            .client
            .seal(ROOM, text.as_bytes(), &mut self.rng)
            .unwrap();
        self.client.take_changes();
        sealed
    }

    fn open(&mut self, from: (Uuid, Uuid), message: &[u8]) -> Result<Opened, Error> {
        let opened = self
            .client
            .open(ROOM, from.0, from.1, message, &mut self.rng);
        match &opened {
            Ok(_) => drop(self.client.take_changes()),
            Err(_) => self.client.rollback(),
        }
        opened
    }

    fn read(&mut self, from: &Device, message: &[u8]) -> String {
        match self.open(from.name(), message).unwrap() {
            Opened::Application(text) => String::from_utf8(text).unwrap(),
            other => panic!("{other:?}"),
        }
    }
}

/// Ana and Bo, one device each, in a direct room that the server knows.
fn direct_room() -> (Device, Device, PublicRoom) {
    let (ana, bo) = (Person::new(1), Person::new(2));
    let (mut a, mut b) = (ana.device(1), bo.device(2));
    let package = b.package();
    let made = a
        .client
        .create_room(
            ROOM,
            Kind::Direct,
            &[ana.user, bo.user],
            &[package],
            &mut a.rng,
        )
        .unwrap();
    a.client.take_changes();
    let room =
        PublicRoom::create(ROOM, Kind::Direct, a.name(), &made.group_info, &made.tree).unwrap();
    assert_eq!(a.client.merge_own(ROOM).unwrap(), 1);
    a.client.take_changes();
    b.join(&made);
    (a, b, room)
}

fn same_epoch(devices: &mut [&mut Device]) {
    let first = devices[0].client.epoch_authenticator(ROOM).unwrap();
    for device in devices {
        assert_eq!(device.client.epoch_authenticator(ROOM).unwrap(), first);
    }
}

#[test]
fn two_people_write_to_each_other() {
    let (mut a, mut b, room) = direct_room();
    assert_eq!(room.epoch(), 1);
    assert_eq!(room.members().unwrap().len(), 2);
    assert!(!room.tree().unwrap().is_empty());
    let hello = a.seal("hello");
    let framing = framing::inspect(&hello).unwrap();
    assert_eq!((framing.room, framing.epoch), (ROOM, 1));
    assert_eq!(framing.kind, framing::MessageKind::Application);
    assert_eq!(b.read(&a, &hello), "hello");
    let back = b.seal("hello back");
    assert_eq!(a.read(&b, &back), "hello back");
    assert!(matches!(a.open(b.name(), &back), Err(Error::KeyUsed)));
    let echo = a.open(a.name(), &hello);
    assert!(matches!(echo, Err(Error::OwnMessage)), "{echo:?}");
    same_epoch(&mut [&mut a, &mut b]);
}

#[test]
fn a_client_goes_on_from_its_records() {
    let mut records = std::collections::BTreeMap::new();
    let (cy, ed) = (Person::new(3), Person::new(4));
    let (mut c, mut d) = (cy.device(3), ed.device(4));
    let keep = |client: &mut Client, records: &mut std::collections::BTreeMap<_, _>| {
        for (key, value) in client.take_changes() {
            match value {
                Some(value) => records.insert(key, value),
                None => records.remove(&key),
            };
        }
    };
    let bytes = d.client.key_package(now(), &mut d.rng).unwrap();
    let package = key_package::inspect(&bytes, now()).unwrap();
    keep(&mut d.client, &mut records);
    let made = c
        .client
        .create_room(
            ROOM,
            Kind::Direct,
            &[cy.user, ed.user],
            &[package],
            &mut c.rng,
        )
        .unwrap();
    c.client.merge_own(ROOM).unwrap();
    let part = welcome::split(made.welcome.as_ref().unwrap())
        .unwrap()
        .remove(0)
        .welcome;
    d.client.join(ROOM, &part, &made.tree, &mut d.rng).unwrap();
    keep(&mut d.client, &mut records);
    let keys = DeviceKeys::from_bytes(&d.client.keys().to_bytes()).unwrap();
    let mut again = Device {
        client: Client::new(keys, records),
        ..ed.device(4)
    };
    let text = c.seal("after a restart");
    assert_eq!(again.read(&c, &text), "after a restart");
}

#[test]
fn a_step_that_is_undone_leaves_no_trace() {
    let (mut a, mut b, _) = direct_room();
    let lost = a.client.seal(ROOM, b"lost", &mut a.rng).unwrap();
    a.client.rollback();
    let sent = a.seal("sent");
    assert_eq!(b.read(&a, &sent), "sent");
    // Sealed with the same key as `sent`: it must never have left the device.
    assert!(matches!(b.open(a.name(), &lost), Err(Error::KeyUsed)));
}

#[test]
fn devices_join_and_leave() {
    let (mut a, mut b, mut room) = direct_room();
    let mut b2 = Person::new(2).device(5);
    let package = b2.package();
    let made = b.client.commit(ROOM, &[package], &[], &mut b.rng).unwrap();
    b.client.take_changes();
    let change = room
        .accept(b.name(), &made.commit, &made.group_info)
        .unwrap();
    assert_eq!(change.added[0].device, b2.id);
    assert_eq!(change.epoch, 2);
    assert_eq!(room.tree().unwrap(), made.tree);
    assert!(matches!(
        b.open(b.name(), &made.commit).unwrap(),
        Opened::OwnCommit
    ));
    b.client.merge_own(ROOM).unwrap();
    assert!(matches!(
        a.open(b.name(), &made.commit).unwrap(),
        Opened::Commit(_)
    ));
    b2.join(&made);
    same_epoch(&mut [&mut a, &mut b, &mut b2]);

    let mut room = PublicRoom::load(&room.to_state().unwrap()).unwrap();
    let gone = b.client.commit(ROOM, &[], &[b2.id], &mut b.rng).unwrap();
    let change = room
        .accept(b.name(), &gone.commit, &gone.group_info)
        .unwrap();
    assert_eq!(change.removed[0].device, b2.id);
    b.client.merge_own(ROOM).unwrap();
    a.open(b.name(), &gone.commit).unwrap();
    let Opened::Commit(change) = b2.open(b.name(), &gone.commit).unwrap() else {
        panic!()
    };
    assert!(change.removed_me);
    assert!(matches!(
        b2.client.seal(ROOM, b"x", &mut b2.rng),
        Err(Error::Removed)
    ));
    same_epoch(&mut [&mut a, &mut b]);
}

#[test]
fn one_commit_an_epoch_and_the_loser_goes_on() {
    let (mut a, mut b, mut room) = direct_room();
    let winner = a.client.commit(ROOM, &[], &[], &mut a.rng).unwrap();
    let loser = b.client.commit(ROOM, &[], &[], &mut b.rng).unwrap();
    room.accept(a.name(), &winner.commit, &winner.group_info)
        .unwrap();
    assert_eq!(
        room.accept(b.name(), &loser.commit, &loser.group_info),
        Err(Refusal::StaleEpoch { epoch: 2 })
    );
    a.client.merge_own(ROOM).unwrap();
    b.open(a.name(), &winner.commit).unwrap();
    assert!(!b.client.has_pending(ROOM));
    let again = b.client.commit(ROOM, &[], &[], &mut b.rng).unwrap();
    room.accept(b.name(), &again.commit, &again.group_info)
        .unwrap();
    b.client.merge_own(ROOM).unwrap();
    a.open(b.name(), &again.commit).unwrap();
    same_epoch(&mut [&mut a, &mut b]);
    let late = a.seal("late");
    let newer = a.client.commit(ROOM, &[], &[], &mut a.rng).unwrap();
    b.open(a.name(), &newer.commit).unwrap();
    assert!(matches!(
        b.open(a.name(), &late),
        Err(Error::WrongEpoch {
            message: 3,
            room: 4
        })
    ));
}

#[test]
fn a_third_person_in_a_direct_room_is_refused_by_server_and_clients() {
    let (mut a, mut b, mut room) = direct_room();
    let package = Person::new(3).device(6).package();
    let made = a.client.commit(ROOM, &[package], &[], &mut a.rng).unwrap();
    assert_eq!(
        room.accept(a.name(), &made.commit, &made.group_info),
        Err(Refusal::Policy(Rule::ThirdUser))
    );
    assert_eq!(room.epoch(), 1);
    assert!(matches!(
        b.open(a.name(), &made.commit),
        Err(Error::Policy(Rule::ThirdUser))
    ));
}

#[test]
fn who_is_no_admin_adds_nobody_else() {
    let (ana, bo) = (Person::new(1), Person::new(2));
    let (mut a, mut b) = (ana.device(1), bo.device(2));
    let package = b.package();
    let made = a
        .client
        .create_room(ROOM, Kind::Group, &[ana.user], &[package], &mut a.rng)
        .unwrap();
    let mut room =
        PublicRoom::create(ROOM, Kind::Group, a.name(), &made.group_info, &made.tree).unwrap();
    a.client.merge_own(ROOM).unwrap();
    b.join(&made);
    let cy = Person::new(3).device(6).package();
    let made = b.client.commit(ROOM, &[cy], &[], &mut b.rng).unwrap();
    assert_eq!(
        room.accept(b.name(), &made.commit, &made.group_info),
        Err(Refusal::Policy(Rule::NotAdmin))
    );
    assert!(matches!(
        a.open(b.name(), &made.commit),
        Err(Error::Policy(Rule::NotAdmin))
    ));
}

#[test]
fn a_device_joins_once() {
    let (mut a, mut b, mut room) = direct_room();
    // Another key for a device id that is in the room.
    let twin = Person::new(2);
    let keys = DeviceKeys::generate(twin.user, b.id, &twin.account, now(), &mut rng(77));
    let mut twin = Device {
        client: Client::new(keys, []),
        ..Person::new(2).device(9)
    };
    let package = twin.package();
    let made = a.client.commit(ROOM, &[package], &[], &mut a.rng).unwrap();
    assert_eq!(
        room.accept(a.name(), &made.commit, &made.group_info),
        Err(Refusal::Policy(Rule::DuplicateDevice))
    );
    assert!(matches!(
        b.open(a.name(), &made.commit),
        Err(Error::Policy(_))
    ));
}

#[test]
fn a_person_has_one_account_key_in_a_room() {
    let (mut a, b, mut room) = direct_room();
    let impostor = Person {
        user: b.user,
        account: AccountKey::generate(&mut rng(99)),
    };
    let package = impostor.device(9).package();
    let made = a.client.commit(ROOM, &[package], &[], &mut a.rng).unwrap();
    assert_eq!(
        room.accept(a.name(), &made.commit, &made.group_info),
        Err(Refusal::Policy(Rule::TwoAccountKeys))
    );
}

#[test]
fn a_sender_who_is_named_wrongly_is_found_out() {
    let (mut a, mut b, mut room) = direct_room();
    let hello = a.seal("hello");
    assert!(matches!(
        b.open((b.user, b.id), &hello),
        Err(Error::ForgedSender)
    ));
    assert_eq!(b.read(&a, &hello), "hello");
    let made = a.client.commit(ROOM, &[], &[], &mut a.rng).unwrap();
    assert_eq!(
        room.accept(b.name(), &made.commit, &made.group_info),
        Err(Refusal::Policy(Rule::WrongSender))
    );
}

#[test]
fn a_group_info_of_another_epoch_or_signer_is_refused() {
    let (mut a, mut b, mut room) = direct_room();
    let old = room.group_info().to_vec();
    let made = a.client.commit(ROOM, &[], &[], &mut a.rng).unwrap();
    assert!(matches!(
        room.accept(a.name(), &made.commit, &old),
        Err(Refusal::Malformed(_))
    ));
    let theirs = b.client.commit(ROOM, &[], &[], &mut b.rng).unwrap();
    assert!(matches!(
        room.accept(a.name(), &made.commit, &theirs.group_info),
        Err(Refusal::Malformed(_))
    ));
    let mut broken = made.group_info.clone();
    *broken.last_mut().unwrap() ^= 1;
    assert!(matches!(
        room.accept(a.name(), &made.commit, &broken),
        Err(Refusal::Malformed(_))
    ));
    assert!(
        room.accept(a.name(), &made.commit, &made.group_info)
            .is_ok()
    );
}

#[test]
fn a_room_is_made_by_who_says_so() {
    let (ana, bo) = (Person::new(1), Person::new(2));
    let (mut a, mut b) = (ana.device(1), bo.device(2));
    let made = a
        .client
        .create_room(
            ROOM,
            Kind::Direct,
            &[ana.user, bo.user],
            &[b.package()],
            &mut a.rng,
        )
        .unwrap();
    let create = |room, kind, creator, info: &[u8], tree: &[u8]| {
        PublicRoom::create(room, kind, creator, info, tree).err()
    };
    let (info, tree) = (&made.group_info, &made.tree);
    assert_eq!(
        create(ROOM, Kind::Direct, b.name(), info, tree),
        Some(Refusal::Malformed(
            "group info signed by another device".to_owned()
        ))
    );
    assert_eq!(
        create(ROOM, Kind::Group, a.name(), info, tree),
        Some(Refusal::Policy(Rule::BadContext))
    );
    assert!(create(Uuid::from_u128(1), Kind::Direct, a.name(), info, tree).is_some());
    assert!(create(ROOM, Kind::Direct, a.name(), info, &tree[..tree.len() - 1]).is_some());
    assert!(create(ROOM, Kind::Direct, a.name(), &info[..9], tree).is_some());
    assert!(create(ROOM, Kind::Direct, a.name(), info, tree).is_none());
}

#[test]
fn a_welcome_opens_for_its_device_alone() {
    let (ana, bo) = (Person::new(1), Person::new(2));
    let (mut a, mut b, mut b2) = (ana.device(1), bo.device(2), bo.device(3));
    let packages = [b.package(), b2.package()];
    let made = a
        .client
        .create_room(
            ROOM,
            Kind::Direct,
            &[ana.user, bo.user],
            &packages,
            &mut a.rng,
        )
        .unwrap();
    let parts = welcome::split(made.welcome.as_ref().unwrap()).unwrap();
    assert_eq!(parts.len(), 2);
    assert_eq!(parts[0].reference, packages[0].reference());
    let wrong = b
        .client
        .join(ROOM, &parts[1].welcome, &made.tree, &mut b.rng);
    assert!(matches!(wrong, Err(Error::Undecryptable(_))), "{wrong:?}");
    b.client.rollback();
    b.join(&made);
    b2.join(&made);
    // The key package is used up.
    let again = b2
        .client
        .join(ROOM, &parts[1].welcome, &made.tree, &mut b2.rng);
    assert!(again.is_err());
}

#[test]
fn a_last_resort_serves_again_and_again() {
    let (ana, bo) = (Person::new(1), Person::new(2));
    let (mut a, mut b) = (ana.device(1), bo.device(2));
    let bytes = b.client.last_resort(now(), &mut b.rng).unwrap();
    let package = key_package::inspect(&bytes, now()).unwrap();
    assert!(package.last_resort());
    b.client.take_changes();
    for room in [ROOM, Uuid::from_u128(0x4001)] {
        let made = a
            .client
            .create_room(
                room,
                Kind::Direct,
                &[ana.user, bo.user],
                std::slice::from_ref(&package),
                &mut a.rng,
            )
            .unwrap();
        let part = welcome::split(made.welcome.as_ref().unwrap())
            .unwrap()
            .remove(0)
            .welcome;
        b.client.join(room, &part, &made.tree, &mut b.rng).unwrap();
        b.client.take_changes();
    }
}

#[test]
fn key_packages_are_checked() {
    let mut device = Person::new(1).device(1);
    let bytes = device.client.key_package(now(), &mut device.rng).unwrap();
    let package = key_package::inspect(&bytes, now()).unwrap();
    assert_eq!(package.credential().device, device.id);
    assert!(!package.last_resort());
    let day = 24 * 60 * 60;
    let refused = |bytes: &[u8], now| key_package::inspect(bytes, now).unwrap_err();
    assert_eq!(refused(&bytes, now() + 366 * day), KeyFault::Expired);
    assert_eq!(refused(&bytes, now() - 31 * day), KeyFault::NotYetValid);
    assert_eq!(refused(b"garbage", now()), KeyFault::Malformed);
    for place in (0..bytes.len()).step_by(7) {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        assert!(
            key_package::inspect(&changed, now()).is_err(),
            "byte {place}"
        );
    }
    let old = device
        .client
        .key_package(now() - 400 * day, &mut device.rng)
        .unwrap();
    assert_eq!(refused(&old, now()), KeyFault::Expired);
}

#[test]
fn a_key_package_under_a_foreign_credential_is_refused() {
    // A real credential of Bo, shown by a device with another key: rebuilt by hand, because no
    // honest device makes it.
    let mut device = Person::new(2).device(2);
    let mut other = Person::new(2).device(3);
    let bytes = device.client.key_package(now(), &mut device.rng).unwrap();
    let theirs = device.client.keys().credential().to_bytes();
    let ours = other.client.keys().credential().to_bytes();
    let place = bytes
        .windows(theirs.len())
        .position(|window| window == theirs)
        .unwrap();
    let mut forged = bytes.clone();
    forged[place..place + ours.len()].copy_from_slice(&ours);
    assert_eq!(
        key_package::inspect(&forged, now()).unwrap_err(),
        KeyFault::KeyMismatch
    );
    drop(other.package());
}

#[test]
fn a_room_that_was_left_is_joined_again() {
    let (mut a, mut b, _) = direct_room();
    let gone = a.client.commit(ROOM, &[], &[b.id], &mut a.rng).unwrap();
    a.client.merge_own(ROOM).unwrap();
    b.open(a.name(), &gone.commit).unwrap();
    let package = b.package();
    let back = a.client.commit(ROOM, &[package], &[], &mut a.rng).unwrap();
    a.client.merge_own(ROOM).unwrap();
    b.client.forget(ROOM).unwrap();
    b.client.take_changes();
    b.join(&back);
    same_epoch(&mut [&mut a, &mut b]);
    // A creation that the server refused leaves nothing behind.
    let other = Uuid::from_u128(0x4002);
    a.client
        .create_room(other, Kind::Direct, &[a.user], &[], &mut a.rng)
        .unwrap();
    a.client.take_changes();
    a.client.forget(other).unwrap();
    a.client.take_changes();
    assert_eq!(a.client.epoch(other), None);
    assert!(
        a.client
            .create_room(other, Kind::Direct, &[a.user], &[], &mut a.rng)
            .is_ok()
    );
}

#[test]
fn a_conversation_repeats_byte_for_byte() {
    let run = || {
        let (mut a, mut b, room) = direct_room();
        let one = a.seal("one");
        b.read(&a, &one);
        let two = b.seal("two");
        a.read(&b, &two);
        (one, two, room.tree().unwrap().len())
    };
    // Lifetimes hold the time, so that only what hangs on randomness alone is compared.
    let ((one, two, tree), (again_one, again_two, again_tree)) = (run(), run());
    assert_eq!(
        (one.len(), two.len(), tree),
        (again_one.len(), again_two.len(), again_tree)
    );
}
