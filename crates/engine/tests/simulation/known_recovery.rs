//! What the devices of a person know of a recovery key that another of them made.

use engine::{Command, LinkHow, OwnRecovery, Phase, RecoveryDue};
use protocol::UserId;

use crate::{
    own::{blank, link, past, recover, say, texts, world},
    random::load_everything,
    trust::device_of,
    world::World,
};

fn known(world: &World, node: usize) -> Option<OwnRecovery> {
    let own = world.nodes[node].own.as_ref().unwrap();
    own.recovery.clone()
}

fn stands(world: &mut World, user: UserId) -> u64 {
    let recovery = world.server.own(user).recovery.as_ref();
    recovery.map_or(0, |(version, _)| *version)
}

/// A new recovery key, made on a device.
fn make_key(world: &mut World, node: usize) -> String {
    world.plan(1, node, Command::MakeRecoveryKey);
    world.run_for(3_000);
    world.nodes[node].recovery_keys.last().unwrap().clone()
}

/// Another device of the person, let in by the first one.
fn another(world: &mut World, user: UserId) -> usize {
    let node = blank(world, user);
    link(world, 0, node, LinkHow::Scan);
    world.plan(1, 0, Command::CancelLink);
    world.run_for(1_000);
    assert_eq!(world.nodes[node].phase, Some(Phase::Live));
    node
}

fn revoke(world: &mut World, by: usize, node: usize) {
    let device_id = device_of(world, node);
    world.plan(1, by, Command::RevokeDevice { device_id });
    world.run_for(20_000);
    assert_eq!(world.nodes[node].phase, Some(Phase::Revoked));
    world.nodes[node].gone = true;
}

#[test]
fn every_device_knows_that_there_is_a_recovery_key() {
    let mut world = world();
    let users = past(&mut world);
    assert_eq!(known(&world, 0), None);
    let early = another(&mut world, users[0]);
    assert_eq!(known(&world, early), None);
    make_key(&mut world, 0);
    let late = another(&mut world, users[0]);
    let told = known(&world, late).unwrap();
    assert_eq!((told.version, told.due), (1, None));
    assert!(told.stored_at > 0);
    // One that was there already hears of it when its page is opened, and of the next one.
    world.plan(1, early, Command::RefreshOwn);
    world.run_for(2_000);
    assert_eq!(known(&world, early).unwrap().version, 1);
    make_key(&mut world, late);
    for node in [0, early] {
        world.plan(1, node, Command::RefreshOwn);
        world.run_for(2_000);
        let told = known(&world, node).unwrap();
        assert_eq!((told.version, told.due), (2, None));
    }
    // Nobody goes back to what an older answer says.
    world.server.own(users[0]).recovery.as_mut().unwrap().0 = 1;
    world.plan(1, 0, Command::RefreshOwn);
    world.run_for(2_000);
    assert_eq!(known(&world, 0).unwrap().version, 2);
}

#[test]
fn a_linked_device_that_revokes_seals_the_bundle_again_under_the_same_key() {
    let mut world = world();
    let users = past(&mut world);
    let paper = make_key(&mut world, 0);
    let new = another(&mut world, users[0]);
    revoke(&mut world, new, 0);
    assert_eq!(stands(&mut world, users[0]), 2);
    let told = known(&world, new).unwrap();
    assert_eq!((told.version, told.due), (2, Some(RecoveryDue::Revoked)));
    say(&mut world, new, users[1], "after the revocation");
    world.run_for(5_000);
    load_everything(&mut world);
    // The vault is lost: the bundle alone has the archive key of after the revocation.
    world.nodes[new].gone = true;
    world.cut(new);
    world.server.own(users[0]).vault = None;
    let found = blank(&mut world, users[0]);
    world.plan(1, found, recover(users[0], &paper));
    world.run_for(30_000);
    assert_eq!(world.nodes[found].phase, Some(Phase::Live));
    load_everything(&mut world);
    assert_eq!(texts(&world, found, users[1]), texts(&world, new, users[1]));
}

#[test]
fn a_key_that_took_the_place_of_the_handed_over_one_is_not_written_over() {
    // The other device hears of the new bundle before it revokes, or not.
    for hears in [true, false] {
        let mut world = world();
        let users = past(&mut world);
        make_key(&mut world, 0);
        let new = another(&mut world, users[0]);
        let third = another(&mut world, users[0]);
        let paper = make_key(&mut world, 0);
        if hears {
            world.plan(1, new, Command::RefreshOwn);
            world.run_for(2_000);
        }
        revoke(&mut world, new, third);
        assert_eq!(stands(&mut world, users[0]), 2);
        let told = known(&world, new).unwrap();
        assert_eq!(told.version, 2);
        let found = blank(&mut world, users[0]);
        world.plan(1, found, recover(users[0], &paper));
        world.run_for(30_000);
        assert_eq!(world.nodes[found].phase, Some(Phase::Live));
        // What came back by the key seals under it as before.
        revoke(&mut world, found, new);
        assert_eq!(stands(&mut world, users[0]), 3);
    }
}

#[test]
fn who_started_over_has_no_recovery_key() {
    let mut world = world();
    let users = past(&mut world);
    make_key(&mut world, 0);
    let reset = Command::ResetKeys {
        user_id: users[0],
        device_name: "Anew".to_owned(),
    };
    world.plan(1, 0, reset);
    world.run_for(20_000);
    assert_eq!(world.nodes[0].phase, Some(Phase::Live));
    assert_eq!(known(&world, 0), None);
    make_key(&mut world, 0);
    assert_eq!(known(&world, 0).unwrap().version, 2);
    let new = another(&mut world, users[0]);
    assert_eq!(known(&world, new).unwrap().version, 2);
}
