//! Own devices: shown, named, shut out; let in by scan, by digits and by the recovery key.

use std::collections::BTreeMap;

use engine::{
    Command, ConversationId, LinkFailure, LinkHow, LinkState, Phase, RecoveryDue, RecoveryFailure,
};
use protocol::UserId;

use crate::{chaos::Chaos, random::friends, transcript::check, world::World};

pub(crate) fn world() -> World {
    World::new(1, Chaos::none(1))
}

pub(crate) fn say(world: &mut World, from: usize, to: UserId, text: &str) {
    let command = world.text(to, text);
    world.plan(1, from, command);
    world.run_for(3_000);
}

pub(crate) fn texts(world: &World, node: usize, peer: UserId) -> Vec<String> {
    let history = world.nodes[node].history(ConversationId::direct(peer));
    history
        .into_iter()
        .map(|entry| match entry.body {
            engine::Body::Text { text } => text.0,
            other => format!("{other:?}"),
        })
        .collect()
}

/// A browser without anything.
pub(crate) fn blank(world: &mut World, user: UserId) -> usize {
    let node = world.add(user, BTreeMap::new());
    world.nodes[node].first = false;
    world.run_for(200);
    node
}

pub(crate) fn start_link(user_id: UserId, how: LinkHow) -> Command {
    Command::StartLink {
        user_id,
        device_name: "New".to_owned(),
        how,
    }
}

pub(crate) fn link_of(world: &World, node: usize) -> LinkState {
    world.nodes[node].link.clone().unwrap_or(LinkState::Idle)
}

/// What a person in front of both devices would do next, and on which.
pub(crate) fn next_by_hand(world: &mut World, old: usize, new: usize) -> Option<(usize, Command)> {
    let shown = link_of(world, new);
    let asked = link_of(world, old);
    match (shown, asked) {
        (_, LinkState::NeedsFactor { .. }) => {
            let user = world.nodes[old].user;
            world.server.own(user).fresh = true;
            Some((old, Command::ContinueLink))
        }
        (LinkState::ShowCode { text, .. }, LinkState::Idle) => {
            Some((old, Command::ScanLink { text }))
        }
        (_, LinkState::Asked { .. }) => Some((old, Command::AnswerLink)),
        (LinkState::ShowDigits { digits, .. }, LinkState::EnterDigits { .. }) => {
            Some((old, Command::TypeLinkDigits { digits }))
        }
        (LinkState::Confirm { .. }, LinkState::Done) => Some((new, Command::ConfirmLink)),
        _ => None,
    }
}

/// The person does it, over and over.
pub(crate) fn persons_part(world: &mut World, old: usize, new: usize) {
    if let Some((node, command)) = next_by_hand(world, old, new) {
        world.plan(1, node, command);
    }
    world.run_for(1_000);
}

pub(crate) fn link(world: &mut World, old: usize, new: usize, how: LinkHow) {
    let user = world.nodes[new].user;
    world.plan(1, new, start_link(user, how));
    world.run_for(1_000);
    for _ in 0..40 {
        if link_of(world, new) == LinkState::Done {
            break;
        }
        persons_part(world, old, new);
    }
    world.run_for(20_000);
}

/// Two people with a past, and their second devices' archive keys in the vault.
pub(crate) fn past(world: &mut World) -> Vec<UserId> {
    let users = friends(world, 2);
    world.run_for(2_000);
    for number in 0..4 {
        say(world, 0, users[1], &format!("to Bo {number}"));
        say(world, 1, users[0], &format!("to Ann {number}"));
    }
    world.run_for(10_000);
    users
}

#[test]
fn a_device_is_let_in_by_scan_or_by_digits_and_has_everything() {
    for how in [LinkHow::Scan, LinkHow::Typed] {
        let mut world = world();
        let users = past(&mut world);
        world.server.own(users[0]).fresh = false;
        let new = blank(&mut world, users[0]);
        link(&mut world, 0, new, how);
        assert_eq!(link_of(&world, new), LinkState::Done);
        assert_eq!(link_of(&world, 0), LinkState::Done);
        assert_eq!(world.nodes[new].phase, Some(Phase::Live));
        // It came in by itself, and reads a page of what was before.
        say(&mut world, 1, users[0], "welcome");
        assert_eq!(texts(&world, new, users[1]).last().unwrap(), "welcome");
        let conversation = ConversationId::direct(users[1]);
        while world.nodes[new].histories[&conversation].0 {
            world.plan(1, new, Command::LoadOlder { conversation });
            world.run_for(2_000);
        }
        assert_eq!(world.nodes[new].histories[&conversation], (false, None));
        assert_eq!(texts(&world, new, users[1]), texts(&world, 0, users[1]));
        say(&mut world, new, users[1], "from the new one");
        for node in [0, 1] {
            let other = users[1 - node];
            assert_eq!(
                texts(&world, node, other).last().unwrap(),
                "from the new one"
            );
        }
        world.settle();
        check(&world);
        let own = world.nodes[0].own.clone().unwrap();
        assert_eq!(own.devices.len(), 2);
        assert_eq!(own.devices.iter().filter(|it| it.this).count(), 1);
    }
}

#[test]
fn nothing_is_sealed_before_a_fresh_factor() {
    for how in [LinkHow::Scan, LinkHow::Typed] {
        let mut world = world();
        let users = past(&mut world);
        world.server.own(users[0]).fresh = false;
        let new = blank(&mut world, users[0]);
        world.plan(1, new, start_link(users[0], how));
        world.run_for(2_000);
        for _ in 0..10 {
            if matches!(link_of(&world, 0), LinkState::NeedsFactor { .. }) {
                break;
            }
            persons_part(&mut world, 0, new);
        }
        assert!(matches!(link_of(&world, 0), LinkState::NeedsFactor { .. }));
        let links: Vec<_> = world.server.own(users[0]).links.values().cloned().collect();
        let approved = |link: &protocol::rest::links::Link| {
            link.steps
                .iter()
                .any(|step| step.step == protocol::rest::links::LinkStep::Approval)
        };
        assert!(!links.iter().any(approved));
        // Two minutes later it is over, on both sides.
        world.run_for(130_000);
        for node in [0, new] {
            let expired = LinkState::Failed {
                reason: LinkFailure::Expired,
            };
            let ended = LinkState::Failed {
                reason: LinkFailure::Ended,
            };
            let link = link_of(&world, node);
            assert!(link == expired || link == ended, "{link:?}");
        }
    }
}

#[test]
fn a_revoked_device_is_out_and_seals_nothing_that_is_read() {
    let mut world = world();
    let users = past(&mut world);
    let new = blank(&mut world, users[0]);
    link(&mut world, 0, new, LinkHow::Scan);
    let device_id = world.nodes[new]
        .engine
        .as_ref()
        .unwrap()
        .device_id()
        .unwrap();
    let ring = |world: &World| world.nodes[0].records["state/ring"].clone();
    let keys = |world: &World| {
        let ring: serde_json::Value = serde_json::from_slice(ring(world).as_ref()).unwrap();
        ring["archive_keys"].as_str().unwrap().len()
    };
    let before = keys(&world);
    world.server.own(users[0]).fresh = false;
    world.plan(1, 0, Command::RevokeDevice { device_id });
    world.run_for(3_000);
    let told = world.nodes[0].complaints.last().unwrap();
    assert!(told.contains("factor"), "{told}");
    assert_eq!(world.nodes[new].phase, Some(Phase::Live));
    world.server.own(users[0]).fresh = true;
    world.plan(1, 0, Command::RevokeDevice { device_id });
    world.run_for(30_000);
    assert_eq!(world.nodes[new].phase, Some(Phase::Revoked));
    assert!(keys(&world) > before, "no new archive key");
    say(&mut world, 1, users[0], "without it");
    assert_eq!(texts(&world, 0, users[1]).last().unwrap(), "without it");
    assert_ne!(texts(&world, new, users[1]).last().unwrap(), "without it");
    assert_eq!(world.nodes[0].own.as_ref().unwrap().devices.len(), 1);
    world.nodes[new].gone = true;
    world.settle();
    check(&world);
}

#[test]
fn devices_are_named() {
    let mut world = world();
    let users = friends(&mut world, 1);
    world.run_for(2_000);
    let device_id = world.nodes[0].engine.as_ref().unwrap().device_id().unwrap();
    let name = "Kitchen".to_owned();
    world.plan(1, 0, Command::RenameDevice { device_id, name });
    world.run_for(3_000);
    let own = world.nodes[0].own.as_ref().unwrap();
    assert_eq!(own.devices[0].name, "Kitchen");
    assert!(own.devices[0].this && own.archive.unwrap().on);
    assert_eq!(own.recovery, None);
    let _ = users;
}

pub(crate) fn recover(user_id: UserId, key: &str) -> Command {
    Command::Recover {
        user_id,
        device_name: "Found".to_owned(),
        key: key.into(),
    }
}

#[test]
fn who_lost_every_device_comes_back_by_the_recovery_key() {
    let mut world = world();
    let users = past(&mut world);
    world.server.own(users[0]).fresh = false;
    world.plan(1, 0, Command::MakeRecoveryKey);
    world.run_for(3_000);
    assert!(world.nodes[0].recovery_keys.is_empty());
    world.server.own(users[0]).fresh = true;
    world.plan(1, 0, Command::MakeRecoveryKey);
    world.run_for(3_000);
    let first = world.nodes[0].recovery_keys[0].clone();
    world.plan(1, 0, Command::MakeRecoveryKey);
    world.run_for(3_000);
    let key = world.nodes[0].recovery_keys[1].clone();
    let recovery = world.nodes[0].own.clone().unwrap().recovery.unwrap();
    assert_eq!((recovery.version, recovery.due), (2, None));
    let stored = String::from_utf8_lossy(world.nodes[0].records["state/ring"].as_ref());
    assert!(!stored.contains(&key) && !stored.contains(&key[..11]));

    let found = blank(&mut world, users[0]);
    let mut typo = key.clone().into_bytes();
    typo[7] = if typo[7] == b'A' { b'B' } else { b'A' };
    let typo = String::from_utf8(typo).unwrap();
    for (typed, reason) in [
        (typo.as_str(), RecoveryFailure::Typo { group: 2 }),
        // The one before is worth nothing any more.
        (first.as_str(), RecoveryFailure::Wrong),
    ] {
        world.plan(1, found, recover(users[0], typed));
        world.run_for(3_000);
        assert_eq!(world.nodes[found].recovery_failed, Some(reason));
    }
    world.plan(
        1,
        found,
        recover(users[0], &key.to_lowercase().replace('-', " ")),
    );
    world.run_for(30_000);
    assert_eq!(world.nodes[found].phase, Some(Phase::Live));
    let conversation = ConversationId::direct(users[1]);
    while world.nodes[found].histories[&conversation].0 {
        world.plan(1, found, Command::LoadOlder { conversation });
        world.run_for(2_000);
    }
    assert_eq!(texts(&world, found, users[1]), texts(&world, 0, users[1]));
    say(&mut world, found, users[1], "back");
    assert_eq!(texts(&world, 1, users[0]).last().unwrap(), "back");
    world.settle();
    check(&world);

    let nobody = UserId::from_bytes([9; 16]);
    let none = blank(&mut world, nobody);
    world.plan(1, none, recover(nobody, &key));
    world.run_for(3_000);
    assert_eq!(
        world.nodes[none].recovery_failed,
        Some(RecoveryFailure::None)
    );
}

#[test]
fn a_recovery_key_that_nobody_saw_is_told() {
    // A crash before each effect of making one.
    for crash in 0..8 {
        let mut world = World::new(crash, Chaos::none(crash));
        let users = past(&mut world);
        world.chaos.crash_at = Some(crash as u32);
        let step = engine::Input::Command {
            command: Command::MakeRecoveryKey,
        };
        world.step(0, step);
        world.run_for(20_000);
        world.settle();
        let stands = world.server.own(users[0]).recovery.is_some();
        let shown = !world.nodes[0].recovery_keys.is_empty();
        let own = world.nodes[0].own.clone().unwrap();
        let due = own.recovery.and_then(|recovery| recovery.due);
        assert!(
            !stands || shown || due == Some(RecoveryDue::Interrupted),
            "crash {crash}: stands {stands}, shown {shown}, due {due:?}"
        );
    }
}

#[test]
fn that_nobody_has_the_key_that_stands_is_told_until_there_is_another() {
    let mut world = world();
    let users = past(&mut world);
    let make = |world: &mut World, fresh| {
        world.server.own(users[0]).fresh = fresh;
        world.plan(1, 0, Command::MakeRecoveryKey);
        world.run_for(3_000);
        let own = world.nodes[0].own.clone().unwrap();
        own.recovery.and_then(|recovery| recovery.due)
    };
    // Refused: nothing stands that nobody has.
    assert_eq!(make(&mut world, false), None);
    assert_eq!(make(&mut world, true), None);
    // It dies while the next one is on its way.
    let command = Command::MakeRecoveryKey;
    world.step(0, engine::Input::Command { command });
    world.kill(0);
    world.run_for(20_000);
    for _ in 0..2 {
        assert_eq!(make(&mut world, false), Some(RecoveryDue::Interrupted));
    }
    world.kill(0);
    world.run_for(20_000);
    assert_eq!(make(&mut world, false), Some(RecoveryDue::Interrupted));
    assert_eq!(make(&mut world, true), None);
}
