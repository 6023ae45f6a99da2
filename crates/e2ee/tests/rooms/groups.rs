//! Groups: roles, and coming back by external commit.

use e2ee::*;

use crate::support::*;

/// Ana, admin, with Bo in a group that the server knows.
fn group() -> (Device, Device, PublicRoom) {
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
    let room = PublicRoom::create(ROOM, Kind::Group, a.name(), &made.group_info, &tree).unwrap();
    a.client.merge_own(ROOM).unwrap();
    a.client.take_changes();
    b.join(&made, &tree);
    (a, b, room)
}

#[test]
fn an_admin_makes_another_one_who_then_lets_people_in() {
    let (mut a, mut b, mut room) = group();
    let both = [a.user, b.user];
    let made = a.client.change_admins(ROOM, &both, &mut a.rng).unwrap();
    let change = room
        .accept(a.name(), &made.commit, &made.group_info)
        .unwrap();
    assert_eq!(change.admins.as_deref(), Some(&both[..]));
    assert_eq!(room.policy().admins, both);
    let room_again = PublicRoom::load(&room.to_state().unwrap()).unwrap();
    assert_eq!(room_again.policy().admins, both);
    a.client.merge_own(ROOM).unwrap();
    assert!(matches!(
        b.open(a.name(), &made.commit),
        Ok(Opened::Commit(_))
    ));
    assert_eq!(b.client.policy(ROOM).unwrap().admins, both);
    let cy = Person::new(3).device(6).package();
    let made = b.client.commit(ROOM, &[cy], &[], &mut b.rng).unwrap();
    let change = room.accept(b.name(), &made.commit, &made.group_info);
    assert_eq!(change.unwrap().admins, None);
    assert!(matches!(
        a.open(b.name(), &made.commit),
        Ok(Opened::Commit(_))
    ));
}

#[test]
fn roles_are_changed_by_admins_of_groups_to_people_in_the_room() {
    let (mut a, mut b, mut room) = group();
    let (ana, bo, nobody) = (a.user, b.user, Person::new(9).user);
    let made = b.client.change_admins(ROOM, &[bo], &mut b.rng).unwrap();
    assert_eq!(
        room.accept(b.name(), &made.commit, &made.group_info),
        Err(Refusal::Policy(Rule::NotAdmin))
    );
    assert!(matches!(
        a.open(b.name(), &made.commit),
        Err(Error::Policy(Rule::NotAdmin))
    ));
    for wrong in [vec![], vec![ana, nobody]] {
        let made = a.client.change_admins(ROOM, &wrong, &mut a.rng).unwrap();
        assert_eq!(
            room.accept(a.name(), &made.commit, &made.group_info),
            Err(Refusal::Policy(Rule::ContextChanged)),
            "{wrong:?}"
        );
        a.client.discard_own(ROOM).unwrap();
    }
    let (mut a, _, mut room) = direct_room();
    let made = a.client.change_admins(ROOM, &[ana], &mut a.rng).unwrap();
    assert_eq!(
        room.accept(a.name(), &made.commit, &made.group_info),
        Err(Refusal::Policy(Rule::ContextChanged))
    );
}

#[test]
fn a_device_that_lost_its_state_comes_back_by_itself() {
    let (mut a, mut b, mut room) = group();
    let (info, tree) = (room.group_info().to_vec(), room.tree().unwrap());
    b.client.forget(ROOM).unwrap();
    b.client.take_changes();
    let made = b.client.rejoin(ROOM, &info, &tree, &mut b.rng).unwrap();
    b.client.take_changes();
    let change = room
        .accept(b.name(), &made.commit, &made.group_info)
        .unwrap();
    assert_eq!((change.added.len(), change.removed.len()), (1, 1));
    assert_eq!(room.members().unwrap().len(), 2);
    assert!(matches!(
        a.open(b.name(), &made.commit),
        Ok(Opened::Commit(_))
    ));
    same_epoch(&mut [&mut a, &mut b]);
    let hello = b.seal("back again");
    assert_eq!(a.read(&b, &hello), "back again");
    let hello = a.seal("welcome back");
    assert_eq!(b.read(&a, &hello), "welcome back");
}

#[test]
fn a_group_info_is_compared_with_what_was_merged() {
    let (mut a, mut b, mut room) = group();
    let before = room.group_info().to_vec();
    let public = room.to_state().unwrap();
    assert_eq!(a.client.compare(ROOM, &before).unwrap(), Standing::Same);
    let made = a.client.commit(ROOM, &[], &[], &mut a.rng).unwrap();
    // What is not merged yet counts for nothing.
    let standing = a.client.compare(ROOM, &made.group_info).unwrap();
    assert_eq!(standing, Standing::Ahead(made.epoch));
    room.accept(a.name(), &made.commit, &made.group_info)
        .unwrap();
    a.client.merge_own(ROOM).unwrap();
    let standing = a.client.compare(ROOM, room.group_info()).unwrap();
    assert_eq!(standing, Standing::Same);
    let standing = a.client.compare(ROOM, &before).unwrap();
    assert_eq!(standing, Standing::Behind);

    // From the state before, somebody else comes to the same epoch.
    let mut copy = PublicRoom::load(&public).unwrap();
    let rival = b.client.commit(ROOM, &[], &[], &mut b.rng).unwrap();
    copy.accept(b.name(), &rival.commit, &rival.group_info)
        .unwrap();
    assert_eq!(rival.epoch, made.epoch);
    let standing = a.client.compare(ROOM, copy.group_info()).unwrap();
    assert_eq!(standing, Standing::Other);

    let strange = uuid::Uuid::from_u128(0x4009);
    for (of, info) in [(ROOM, &[][..]), (ROOM, b"group info"), (strange, &before)] {
        let refused = a.client.compare(of, info);
        assert!(matches!(refused, Err(Error::Malformed)));
    }
    a.client.forget(ROOM).unwrap();
    let refused = a.client.compare(ROOM, &before);
    assert!(matches!(refused, Err(Error::UnknownRoom)));
}

#[test]
fn a_refused_return_is_undone() {
    let (mut a, mut b, mut room) = group();
    let (info, tree) = (room.group_info().to_vec(), room.tree().unwrap());
    let before = b.client.epoch_authenticator(ROOM).unwrap();
    let late = b.client.rejoin(ROOM, &info, &tree, &mut b.rng).unwrap();
    let won = a.client.commit(ROOM, &[], &[], &mut a.rng).unwrap();
    room.accept(a.name(), &won.commit, &won.group_info).unwrap();
    assert_eq!(
        room.accept(b.name(), &late.commit, &late.group_info),
        Err(Refusal::StaleEpoch { epoch: 2 })
    );
    b.client.rollback();
    assert_eq!(b.client.epoch_authenticator(ROOM).unwrap(), before);
    assert!(matches!(
        b.open(a.name(), &won.commit),
        Ok(Opened::Commit(_))
    ));
    // A group info of another room, or a tree that is not of its epoch.
    let tree = &tree[..tree.len() - 1];
    assert!(b.client.rejoin(ROOM, &info, tree, &mut b.rng).is_err());
    b.client.rollback();
    let other = uuid::Uuid::from_u128(0x4009);
    assert!(b.client.rejoin(other, &info, tree, &mut b.rng).is_err());
}

#[test]
fn nobody_new_comes_in_by_themselves() {
    let (_, _, mut room) = group();
    let mut stranger = Person::new(7).device(7);
    let (info, tree) = (room.group_info().to_vec(), room.tree().unwrap());
    let made = stranger
        .client
        .rejoin(ROOM, &info, &tree, &mut stranger.rng)
        .unwrap();
    assert_eq!(
        room.accept(stranger.name(), &made.commit, &made.group_info),
        Err(Refusal::Policy(Rule::ForeignJoin))
    );
}
