//! Key packages and welcomes.

use e2ee::*;
use uuid::Uuid;

use crate::support::*;

#[test]
fn a_welcome_opens_for_its_device_alone() {
    let (ana, bo) = (Person::new(1), Person::new(2));
    let (mut a, mut b, mut b2) = (ana.device(1), bo.device(2), bo.device(3));
    let packages = [b.package(), b2.package()];
    let NewRoom { commit: made, tree } = a
        .client
        .create_room(
            ROOM,
            Suite::Classic,
            Kind::Direct,
            &[ana.user, bo.user],
            &packages,
            &mut a.rng,
        )
        .unwrap();
    let parts = welcome::split(made.welcome.as_ref().unwrap()).unwrap();
    assert_eq!(parts.len(), 2);
    assert_eq!(parts[0].reference, packages[0].reference());
    let wrong = b.client.join(ROOM, &parts[1].welcome, &tree, &mut b.rng);
    assert!(matches!(wrong, Err(Error::Undecryptable(_))), "{wrong:?}");
    b.client.rollback();
    b.join(&made, &tree);
    b2.join(&made, &tree);
    // The key package is used up.
    let again = b2.client.join(ROOM, &parts[1].welcome, &tree, &mut b2.rng);
    assert!(again.is_err());
}

#[test]
fn a_room_of_a_suite_that_is_not_spoken_here_says_so() {
    let (ana, bo) = (Person::new(1), Person::new(2));
    let (mut a, mut b) = (ana.device(1), bo.device(2));
    let packages = [b.package()];
    let NewRoom { commit: made, tree } = a
        .client
        .create_room(
            ROOM,
            Suite::Classic,
            Kind::Direct,
            &[ana.user, bo.user],
            &packages,
            &mut a.rng,
        )
        .unwrap();
    let mut part = welcome::split(made.welcome.as_ref().unwrap())
        .unwrap()
        .remove(0);
    part.welcome[4..6].fill(0xf1);
    let joined = b.client.join(ROOM, &part.welcome, &tree, &mut b.rng);
    assert!(matches!(joined, Err(Error::UnknownSuite)), "{joined:?}");
    b.client.rollback();
    let mut info = made.group_info;
    info[6..8].fill(0xf1);
    let back = b.client.rejoin(ROOM, &info, &tree, &mut b.rng);
    assert!(matches!(back, Err(Error::UnknownSuite)), "{back:?}");
    // What is no invitation at all is just that.
    let none = b.client.rejoin(ROOM, &[0; 40], &tree, &mut b.rng);
    assert!(matches!(none, Err(Error::Malformed)), "{none:?}");
}

#[test]
fn a_last_resort_serves_again_and_again() {
    let (ana, bo) = (Person::new(1), Person::new(2));
    let (mut a, mut b) = (ana.device(1), bo.device(2));
    let bytes = b
        .client
        .last_resort(Suite::Classic, now(), &mut b.rng)
        .unwrap();
    let package = key_package::inspect(&bytes, now()).unwrap();
    assert!(package.last_resort());
    b.client.take_changes();
    for room in [ROOM, Uuid::from_u128(0x4001)] {
        let NewRoom { commit: made, tree } = a
            .client
            .create_room(
                room,
                Suite::Classic,
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
        b.client.join(room, &part, &tree, &mut b.rng).unwrap();
        b.client.take_changes();
    }
}

#[test]
fn key_packages_are_checked() {
    let mut device = Person::new(1).device(1);
    let bytes = device
        .client
        .key_package(Suite::Classic, now(), &mut device.rng)
        .unwrap();
    let package = key_package::inspect(&bytes, now()).unwrap();
    assert_eq!(package.credential().device, device.id);
    assert!(!package.last_resort());
    let day = 24 * 60 * 60;
    let refused = |bytes: &[u8], now| key_package::inspect(bytes, now).unwrap_err();
    assert_eq!(refused(&bytes, now() + 366 * day), KeyFault::Expired);
    let last = now() + 365 * day - key_package::LEAST_LIFE;
    assert!(key_package::inspect(&bytes, last).is_ok());
    assert_eq!(refused(&bytes, last + 1), KeyFault::Expired);
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
        .key_package(Suite::Classic, now() - 400 * day, &mut device.rng)
        .unwrap();
    assert_eq!(refused(&old, now()), KeyFault::Expired);
}

#[test]
fn a_key_package_under_a_foreign_credential_is_refused() {
    // A real credential of Bo, shown by a device with another key: rebuilt by hand, because no
    // honest device makes it.
    let mut device = Person::new(2).device(2);
    let mut other = Person::new(2).device(3);
    let bytes = device
        .client
        .key_package(Suite::Classic, now(), &mut device.rng)
        .unwrap();
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
