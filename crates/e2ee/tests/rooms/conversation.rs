//! Writing, changing and coming back.

use e2ee::*;
use uuid::Uuid;

use crate::support::*;

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
    let bytes = d
        .client
        .key_package(Suite::Classic, now(), &mut d.rng)
        .unwrap();
    let package = key_package::inspect(&bytes, now()).unwrap();
    keep(&mut d.client, &mut records);
    let NewRoom { commit: made, tree } = c
        .client
        .create_room(
            ROOM,
            Suite::Classic,
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
    d.client.join(ROOM, &part, &tree, &mut d.rng).unwrap();
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
    assert!(matches!(
        b.open(b.name(), &made.commit).unwrap(),
        Opened::OwnCommit
    ));
    b.client.merge_own(ROOM).unwrap();
    assert!(matches!(
        a.open(b.name(), &made.commit).unwrap(),
        Opened::Commit(_)
    ));
    b2.join(&made, &room.tree().unwrap());
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
fn a_room_that_was_left_is_joined_again() {
    let (mut a, mut b, mut room) = direct_room();
    let gone = a.client.commit(ROOM, &[], &[b.id], &mut a.rng).unwrap();
    room.accept(a.name(), &gone.commit, &gone.group_info)
        .unwrap();
    a.client.merge_own(ROOM).unwrap();
    b.open(a.name(), &gone.commit).unwrap();
    let package = b.package();
    let back = a.client.commit(ROOM, &[package], &[], &mut a.rng).unwrap();
    room.accept(a.name(), &back.commit, &back.group_info)
        .unwrap();
    a.client.merge_own(ROOM).unwrap();
    b.client.forget(ROOM).unwrap();
    b.client.take_changes();
    b.join(&back, &room.tree().unwrap());
    same_epoch(&mut [&mut a, &mut b]);
    // A creation that the server refused leaves nothing behind.
    let other = Uuid::from_u128(0x4002);
    a.client
        .create_room(
            other,
            Suite::Classic,
            Kind::Direct,
            &[a.user],
            &[],
            &mut a.rng,
        )
        .unwrap();
    a.client.take_changes();
    a.client.forget(other).unwrap();
    a.client.take_changes();
    assert_eq!(a.client.epoch(other), None);
    assert!(
        a.client
            .create_room(
                other,
                Suite::Classic,
                Kind::Direct,
                &[a.user],
                &[],
                &mut a.rng
            )
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
        (one, two, room.tree().unwrap(), room.group_info().to_vec())
    };
    assert_eq!(run(), run());
}
