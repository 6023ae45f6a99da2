//! The same while processes die and wires break, and with a server that lies.

use engine::{Command, ConversationId, LinkFailure, LinkHow, LinkState, Phase, RecoveryFailure};
use protocol::{UserId, rest::links::LinkStep};

use crate::{
    chaos::Chaos,
    own::{blank, link, link_of, past, persons_part, recover, say, start_link, texts, world},
    random::Seed,
    transcript::check,
    world::World,
};

/// A person who does not give up: lets a device in, whatever dies meanwhile, and reads everything.
fn until_in(world: &mut World, old: usize, new: usize, how: LinkHow) {
    let user = world.nodes[new].user;
    for _ in 0..150 {
        let live = world.nodes[new].phase == Some(Phase::Live);
        if live {
            break;
        }
        let waits = matches!(world.nodes[new].phase, Some(Phase::NoKeys))
            && matches!(
                link_of(world, new),
                LinkState::Idle | LinkState::Done | LinkState::Failed { .. }
            );
        if waits && world.nodes[new].engine.is_some() {
            world.plan(1, old, Command::CancelLink);
            world.plan(1, new, Command::CancelLink);
            world.run_for(1_500);
            world.plan(1, new, start_link(user, how));
        }
        persons_part(world, old, new);
    }
}

fn read_everything(world: &mut World, node: usize, peer: UserId) {
    let conversation = ConversationId::direct(peer);
    for _ in 0..20 {
        if world.nodes[node]
            .histories
            .get(&conversation)
            .is_some_and(|it| !it.0)
        {
            break;
        }
        world.plan(1, node, Command::LoadOlder { conversation });
        world.run_for(5_000);
    }
}

fn ends_with_the_same(world: &mut World, new: usize, users: &[UserId]) {
    world.settle();
    read_everything(world, new, users[1]);
    world.settle();
    check(world);
    assert_eq!(texts(world, new, users[1]), texts(world, 0, users[1]));
}

#[test]
fn linking_survives_a_crash_before_every_effect() {
    for crash in 0..60 {
        let how = [LinkHow::Scan, LinkHow::Typed][crash as usize % 2];
        let _told = Seed(u64::from(crash));
        let mut world = World::new(u64::from(crash), Chaos::none(u64::from(crash)));
        let users = past(&mut world);
        let new = blank(&mut world, users[0]);
        world.chaos.crash_at = Some(crash);
        until_in(&mut world, 0, new, how);
        say(&mut world, 1, users[0], "after");
        ends_with_the_same(&mut world, new, &users);
    }
}

#[test]
fn linking_and_recovering_over_bad_wires() {
    for seed in 0..40 {
        let _told = Seed(seed);
        let mut world = World::new(seed, Chaos::none(seed));
        let users = past(&mut world);
        let by_key = seed % 3 == 0;
        world.plan(1, 0, Command::MakeRecoveryKey);
        world.run_for(3_000);
        let key = world.nodes[0].recovery_keys.last().unwrap().clone();
        let new = blank(&mut world, users[0]);
        world.chaos = Chaos::from_seed(seed);
        world.chaos.crash = world.chaos.crash.min(10);
        if by_key {
            for _ in 0..20 {
                if matches!(world.nodes[new].phase, Some(Phase::NoKeys) | None) {
                    world.plan(1, new, recover(users[0], &key));
                }
                world.run_for(10_000);
            }
        } else {
            let how = [LinkHow::Scan, LinkHow::Typed][seed as usize % 2];
            until_in(&mut world, 0, new, how);
        }
        let command = world.text(users[0], "meanwhile");
        world.plan(1, 1, command);
        world.run_for(30_000);
        world.chaos.calm();
        if world.nodes[new].phase == Some(Phase::NoKeys) {
            until_in(&mut world, 0, new, LinkHow::Scan);
        }
        ends_with_the_same(&mut world, new, &users);
    }
}

#[test]
fn a_vault_that_is_changed_or_older_is_not_believed() {
    let mut world = world();
    let users = past(&mut world);
    let first = world.server.own(users[0]).vault.clone().unwrap();
    let new = blank(&mut world, users[0]);
    link(&mut world, 0, new, LinkHow::Scan);
    let device_id = world.nodes[new]
        .engine
        .as_ref()
        .unwrap()
        .device_id()
        .unwrap();
    world.plan(1, 0, Command::RevokeDevice { device_id });
    world.run_for(20_000);
    world.nodes[new].gone = true;
    let stands = world.server.own(users[0]).vault.clone().unwrap();
    assert!(stands.0 > first.0);

    // The version of the first, and what it held; then none at all, as of a server that was set
    // back. Neither is believed, and both are written over: the archive goes on.
    let mut known = stands.0;
    for lost in [Some(first.clone()), None] {
        world.server.own(users[0]).vault = lost;
        world.nodes[0].complaints.clear();
        world.cut(0);
        world.run_for(10_000);
        assert_eq!(world.nodes[0].complaints, ["older-vault"]);
        known += 1;
        assert_eq!(world.server.own(users[0]).vault.as_ref().unwrap().0, known);
        let kept = world.server.own(users[0]).archive.len();
        say(&mut world, 0, users[1], &format!("as of vault {known}"));
        world.run_for(10_000);
        assert_eq!(world.server.own(users[0]).archive.len(), kept + 1);
        world.nodes[0].complaints.clear();
        world.cut(0);
        world.run_for(10_000);
        assert_eq!(world.nodes[0].complaints, [""; 0]);
        assert_eq!(world.server.own(users[0]).vault.as_ref().unwrap().0, known);
    }
    // What the first held, under a new number; then bytes that are none.
    for (blob, ahead) in [(first.1, 10), (vec![7; 4096], 20)] {
        let version = stands.0 + ahead;
        world.server.own(users[0]).vault = Some((version, blob));
        world.nodes[0].complaints.clear();
        world.cut(0);
        world.run_for(20_000);
        assert_eq!(world.nodes[0].complaints, ["changed-vault"]);
        // What this device knows is written over it.
        assert_eq!(
            world.server.own(users[0]).vault.as_ref().unwrap().0,
            version + 1
        );
    }
    // A device that comes in finds the archive key of the revocation in it.
    world.plan(1, 0, Command::CancelLink);
    let new = blank(&mut world, users[0]);
    link(&mut world, 0, new, LinkHow::Scan);
    read_everything(&mut world, new, users[1]);
    assert_eq!(texts(&world, new, users[1]), texts(&world, 0, users[1]));
    world.settle();
    check(&world);
}

#[test]
fn a_server_that_changes_the_steps_of_a_link_gets_nothing() {
    for step in [
        LinkStep::Commit,
        LinkStep::Answer,
        LinkStep::Reveal,
        LinkStep::Approval,
    ] {
        for how in [LinkHow::Typed, LinkHow::Scan] {
            let mut world = world();
            let users = past(&mut world);
            let new = blank(&mut world, users[0]);
            world.server.own(users[0]).tampers = Some(step);
            world.plan(1, new, start_link(users[0], how));
            world.run_for(500);
            for _ in 0..20 {
                persons_part(&mut world, 0, new);
            }
            let untouched = how == LinkHow::Scan && step != LinkStep::Approval;
            let phase = world.nodes[new].phase.clone();
            assert_eq!(phase == Some(Phase::Live), untouched, "{step:?} {how:?}");
            if !untouched {
                let ended = |node| matches!(link_of(&world, node), LinkState::Failed { .. });
                assert!(ended(new), "{step:?} {how:?}: {:?}", link_of(&world, new));
                assert_ne!(
                    link_of(&world, new),
                    LinkState::Failed {
                        reason: LinkFailure::Expired
                    }
                );
            }
        }
    }
}

#[test]
fn bundles_of_others_and_older_ones_do_not_open() {
    let mut world = world();
    let users = past(&mut world);
    for node in [0, 1, 0] {
        world.plan(1, node, Command::MakeRecoveryKey);
        world.run_for(3_000);
    }
    let first = world.nodes[0].recovery_keys[0].clone();
    let key = world.nodes[0].recovery_keys[1].clone();
    let own = world.server.own(users[0]).recovery.clone().unwrap();
    let foreign = world.server.own(users[1]).recovery.clone().unwrap().1;
    let mut changed = own.1.clone();
    changed[30] ^= 1;
    let found = blank(&mut world, users[0]);
    for (version, bundle) in [
        (own.0, foreign),
        (own.0, changed),
        (own.0 + 1, own.1.clone()),
    ] {
        world.server.own(users[0]).recovery = Some((version, bundle));
        world.nodes[found].recovery_failed = None;
        world.plan(1, found, recover(users[0], &key));
        world.run_for(3_000);
        let failed = world.nodes[found].recovery_failed;
        assert_eq!(failed, Some(RecoveryFailure::Wrong));
    }
    world.server.own(users[0]).recovery = Some(own);
    world.plan(1, found, recover(users[0], &first));
    world.run_for(3_000);
    assert_eq!(world.nodes[found].phase, Some(Phase::NoKeys));
}

#[test]
fn archived_entries_that_are_moved_or_changed_are_not_shown() {
    let mut world = world();
    let users = past(&mut world);
    let before = texts(&world, 0, users[1]);
    let places: Vec<_> = world.server.own(users[0]).archive.keys().copied().collect();
    let archive = &mut world.server.own(users[0]).archive;
    let (one, two) = (archive[&places[0]].clone(), archive[&places[1]].clone());
    archive.insert(places[0], two);
    archive.insert(places[1], one);
    archive.get_mut(&places[2]).unwrap()[60] ^= 1;
    let new = blank(&mut world, users[0]);
    link(&mut world, 0, new, LinkHow::Scan);
    read_everything(&mut world, new, users[1]);
    assert_eq!(texts(&world, new, users[1]), before[3..]);
    world.settle();
    check(&world);
}
