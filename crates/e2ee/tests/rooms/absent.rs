//! People whose last device was shut out: they belong to a group all the same, and come back.

use e2ee::*;
use uuid::Uuid;

use crate::support::*;

/// Ana, admin, with Bo and Cy in a group that the server knows.
fn group() -> ([Device; 3], PublicRoom) {
    let mut a = Person::new(1).device(1);
    let (mut b, mut c) = (Person::new(2).device(2), Person::new(3).device(3));
    let packages = [b.package(), c.package()];
    let kind = Kind::Group;
    let NewRoom { commit: made, tree } = a
        .client
        .create_room(ROOM, Suite::Classic, kind, &[a.user], &packages, &mut a.rng)
        .unwrap();
    let room = PublicRoom::create(ROOM, kind, a.name(), &made.group_info, &tree).unwrap();
    a.client.merge_own(ROOM).unwrap();
    a.client.take_changes();
    b.join(&made, &tree);
    c.join(&made, &tree);
    ([a, b, c], room)
}

/// A device makes a commit that the server and the others take.
fn commit(
    by: &mut Device,
    others: &mut [&mut Device],
    room: &mut PublicRoom,
    plan: Plan<'_>,
) -> Change {
    let made = by.client.change(ROOM, plan, &mut by.rng).unwrap();
    let change = room.accept(by.name(), &made.commit, &made.group_info);
    by.client.merge_own(ROOM).unwrap();
    by.client.take_changes();
    for other in others {
        assert!(matches!(
            other.open(by.name(), &made.commit),
            Ok(Opened::Commit(_))
        ));
    }
    change.unwrap()
}

fn absent(room: &PublicRoom) -> Vec<Uuid> {
    room.policy().absent.keys().copied().collect()
}

/// A device comes in by itself.
fn come_back(device: &mut Device, room: &mut PublicRoom) -> (Commit, Result<Change, Refusal>) {
    let (info, tree) = (room.group_info().to_vec(), room.tree().unwrap());
    let made = device.client.rejoin(ROOM, &info, &tree, &mut device.rng);
    let made = made.unwrap();
    let change = room.accept(device.name(), &made.commit, &made.group_info);
    (made, change)
}

#[test]
fn who_was_shut_out_everywhere_comes_back_by_the_same_account_key() {
    let ([mut a, b, mut c], mut room) = group();
    let plan = Plan {
        remove: &[b.id],
        absent: &[b.user],
        ..Plan::default()
    };
    // Anybody can be asked to remove what is due.
    let change = commit(&mut c, &mut [&mut a], &mut room, plan);
    assert_eq!((change.absent, change.admins), (vec![b.user], None));
    assert_eq!(room.members().unwrap().len(), 2);
    assert_eq!(absent(&room), [b.user]);
    let mut room = PublicRoom::load(&room.to_state().unwrap()).unwrap();
    let mut new = Person::new(2).device(9);
    let (made, change) = come_back(&mut new, &mut room);
    assert!(change.unwrap().absent.is_empty());
    for other in [&mut a, &mut c] {
        assert!(other.open(new.name(), &made.commit).is_ok());
    }
    same_epoch(&mut [&mut a, &mut c, &mut new]);
    let hello = new.seal("here again");
    assert_eq!(a.read(&new, &hello), "here again");
    // The next commit of whomever strikes the name, so that it is of no use later.
    assert_eq!(absent(&room), [b.user]);
    commit(&mut c, &mut [&mut a, &mut new], &mut room, Plan::default());
    assert!(absent(&room).is_empty());
    let gone = Plan {
        remove: &[new.id],
        ..Plan::default()
    };
    commit(&mut a, &mut [&mut c], &mut room, gone);
    let (_, change) = come_back(&mut Person::new(2).device(10), &mut room);
    assert_eq!(change, Err(Refusal::Policy(Rule::ForeignJoin)));
}

#[test]
fn who_starts_over_is_added_by_anybody_who_is_there() {
    let ([mut a, b, mut c], mut room) = group();
    let plan = Plan {
        remove: &[b.id],
        absent: &[b.user],
        ..Plan::default()
    };
    commit(&mut a, &mut [&mut c], &mut room, plan);
    let mut other = Person::new(2);
    other.account = AccountKey::generate(&mut rng(77));
    let mut new = other.device(9);
    let (_, change) = come_back(&mut new, &mut room);
    assert_eq!(change, Err(Refusal::Policy(Rule::ForeignJoin)));
    new.client.rollback();
    // Nobody else comes in that way.
    let stranger = [Person::new(7).device(7).package()];
    let made = c.client.commit(ROOM, &stranger, &[], &mut c.rng).unwrap();
    assert_eq!(
        room.accept(c.name(), &made.commit, &made.group_info),
        Err(Refusal::Policy(Rule::NotAdmin))
    );
    c.client.discard_own(ROOM).unwrap();
    let package = [new.package()];
    let plan = Plan {
        add: &package,
        ..Plan::default()
    };
    let change = commit(&mut c, &mut [&mut a], &mut room, plan);
    assert_eq!((change.added.len(), change.absent), (1, vec![]));
    assert!(absent(&room).is_empty());
}

#[test]
fn an_admin_says_that_somebody_belongs_to_the_group_no_more() {
    let ([mut a, b, mut c], mut room) = group();
    let plan = Plan {
        remove: &[b.id],
        absent: &[b.user],
        ..Plan::default()
    };
    commit(&mut a, &mut [&mut c], &mut room, plan);
    let dismiss = Plan {
        dismiss: &[b.user],
        ..Plan::default()
    };
    let made = c.client.change(ROOM, dismiss, &mut c.rng).unwrap();
    assert_eq!(
        room.accept(c.name(), &made.commit, &made.group_info),
        Err(Refusal::Policy(Rule::NotAdmin))
    );
    assert!(matches!(
        a.open(c.name(), &made.commit),
        Err(Error::Policy(Rule::NotAdmin))
    ));
    c.client.discard_own(ROOM).unwrap();
    let change = commit(&mut a, &mut [&mut c], &mut room, dismiss);
    assert!(change.absent.is_empty());
    let (_, change) = come_back(&mut Person::new(2).device(9), &mut room);
    assert_eq!(change, Err(Refusal::Policy(Rule::ForeignJoin)));
}

#[test]
fn an_absent_admin_stays_one() {
    let ([mut a, b, mut c], mut room) = group();
    let both = [a.user, b.user];
    let roles = Plan {
        admins: Some(&both),
        ..Plan::default()
    };
    commit(&mut a, &mut [&mut c], &mut room, roles);
    // All at once: the last leaf of an admin goes, and there is one more.
    let all = [a.user, b.user, c.user];
    let plan = Plan {
        remove: &[b.id],
        absent: &[b.user],
        admins: Some(&all),
        ..Plan::default()
    };
    let change = commit(&mut a, &mut [&mut c], &mut room, plan);
    assert_eq!(change.admins.as_deref(), Some(&all[..]));
    let mut new = Person::new(2).device(9);
    let (made, change) = come_back(&mut new, &mut room);
    change.unwrap();
    assert!(a.open(new.name(), &made.commit).is_ok());
    assert!(c.open(new.name(), &made.commit).is_ok());
    let package = [Person::new(7).device(7).package()];
    let plan = Plan {
        add: &package,
        ..Plan::default()
    };
    commit(&mut new, &mut [&mut a, &mut c], &mut room, plan);
    assert_eq!(room.members().unwrap().len(), 4);
}
