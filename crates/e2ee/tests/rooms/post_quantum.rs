//! Rooms of the experimental suite: the same life as any other, and no mixing of the two.

use e2ee::*;

use crate::support::*;

/// X-Wing's public key; a classic one has 32 bytes.
const PUBLIC_KEY: usize = 1216;

#[test]
fn a_room_lives_by_both_kinds_of_keys() {
    let (mut a, mut b, mut room) = direct_room_of(Suite::PostQuantum);
    assert_eq!(a.client.suite(ROOM), Some(Suite::PostQuantum));
    assert_eq!(b.client.suite(ROOM), Some(Suite::PostQuantum));
    assert_eq!(room.suite(), Suite::PostQuantum);
    let hello = a.seal("hello");
    assert_eq!(b.read(&a, &hello), "hello");

    // A device of Ana's is added, keys are renewed, the new one writes.
    let mut c = Person::new(1).device(3);
    let package = c.package_of(Suite::PostQuantum);
    let made = a.client.commit(ROOM, &[package], &[], &mut a.rng).unwrap();
    room.accept(a.name(), &made.commit, &made.group_info)
        .unwrap();
    a.client.merge_own(ROOM).unwrap();
    b.open(a.name(), &made.commit).unwrap();
    c.join(&made, &room.tree().unwrap());
    let renewed = b.client.commit(ROOM, &[], &[], &mut b.rng).unwrap();
    assert!(renewed.commit.len() > PUBLIC_KEY);
    room.accept(b.name(), &renewed.commit, &renewed.group_info)
        .unwrap();
    b.client.merge_own(ROOM).unwrap();
    for device in [&mut a, &mut c] {
        device.open(b.name(), &renewed.commit).unwrap();
    }
    same_epoch(&mut [&mut a, &mut b, &mut c]);
    let late = c.seal("from the new one");
    assert_eq!(b.read(&c, &late), "from the new one");

    // It is removed, and opens nothing from then on.
    let gone = a.client.commit(ROOM, &[], &[c.id], &mut a.rng).unwrap();
    room.accept(a.name(), &gone.commit, &gone.group_info)
        .unwrap();
    a.client.merge_own(ROOM).unwrap();
    b.open(a.name(), &gone.commit).unwrap();
    let after = b.seal("without it");
    assert_eq!(a.read(&b, &after), "without it");
    assert!(c.open(b.name(), &after).is_err());
}

#[test]
fn a_device_without_state_joins_by_itself() {
    let (mut a, mut b, mut room) = direct_room_of(Suite::PostQuantum);
    let back = b
        .client
        .rejoin(ROOM, room.group_info(), &room.tree().unwrap(), &mut b.rng)
        .unwrap();
    b.client.take_changes();
    room.accept(b.name(), &back.commit, &back.group_info)
        .unwrap();
    a.open(b.name(), &back.commit).unwrap();
    same_epoch(&mut [&mut a, &mut b]);
    let stored = PublicRoom::load(&room.to_state().unwrap()).unwrap();
    assert_eq!(stored.suite(), Suite::PostQuantum);
    assert_eq!(stored.epoch(), 2);
}

#[test]
fn key_packages_of_one_suite_do_not_fit_rooms_of_the_other() {
    for (room, package) in [
        (Suite::PostQuantum, Suite::Classic),
        (Suite::Classic, Suite::PostQuantum),
    ] {
        let (mut a, ..) = direct_room_of(room);
        let other = Person::new(1).device(3).package_of(package);
        assert_eq!(other.suite(), package);
        assert!(a.client.commit(ROOM, &[other], &[], &mut a.rng).is_err());
    }
}

#[test]
fn the_numbers_on_the_wire() {
    assert_eq!(Suite::Classic.number(), 0x0003);
    assert_eq!(Suite::PostQuantum.number(), 0x004F);
    assert_eq!(Suite::from_number(0x004F), Some(Suite::PostQuantum));
    assert_eq!(Suite::from_number(0x0001), None);
}
