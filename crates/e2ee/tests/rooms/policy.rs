//! What server and clients refuse alike.

use e2ee::*;
use uuid::Uuid;

use crate::support::*;

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
    let NewRoom { commit: made, tree } = a
        .client
        .create_room(
            ROOM,
            Suite::Classic,
            Kind::Group,
            &[ana.user],
            &[package],
            &mut a.rng,
        )
        .unwrap();
    let mut room =
        PublicRoom::create(ROOM, Kind::Group, a.name(), &made.group_info, &tree).unwrap();
    a.client.merge_own(ROOM).unwrap();
    b.join(&made, &tree);
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
    let NewRoom { commit: made, tree } = a
        .client
        .create_room(
            ROOM,
            Suite::Classic,
            Kind::Direct,
            &[ana.user, bo.user],
            &[b.package()],
            &mut a.rng,
        )
        .unwrap();
    let create = |room, kind, creator, info: &[u8], tree: &[u8]| {
        PublicRoom::create(room, kind, creator, info, tree).err()
    };
    let (info, tree) = (&made.group_info, &tree);
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
