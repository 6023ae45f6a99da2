//! Links that end before a device is in.

use engine::{Command, LinkFailure, LinkHow, LinkState, Phase, Text};

use crate::{
    own::{blank, link, link_of, past, start_link, world},
    world::World,
};

#[test]
fn wrong_digits_foreign_codes_and_a_cancelled_link_end_it() {
    let mut world = world();
    let users = past(&mut world);
    let new = blank(&mut world, users[0]);
    let failed = |reason| LinkState::Failed { reason };

    world.plan(1, new, start_link(users[0], LinkHow::Typed));
    world.run_for(2_000);
    world.plan(1, 0, Command::AnswerLink);
    world.run_for(8_000);
    let digits: Text = "0000000".into();
    world.plan(1, 0, Command::TypeLinkDigits { digits });
    world.run_for(8_000);
    assert_eq!(link_of(&world, 0), failed(LinkFailure::WrongDigits));
    assert_eq!(link_of(&world, new), failed(LinkFailure::Ended));
    assert_eq!(world.nodes[new].phase, Some(Phase::NoKeys));

    world.plan(1, new, start_link(users[0], LinkHow::Scan));
    world.run_for(2_000);
    let LinkState::ShowCode { text, .. } = link_of(&world, new) else {
        panic!("{:?}", link_of(&world, new));
    };
    for (text, reason) in [
        (text, LinkFailure::OtherAccount),
        ("SNUG".into(), LinkFailure::NotACode),
    ] {
        world.plan(1, 1, Command::ScanLink { text });
        world.run_for(2_000);
        assert_eq!(link_of(&world, 1), failed(reason));
    }
    world.plan(1, new, Command::CancelLink);
    world.run_for(2_000);
    assert_eq!(link_of(&world, new), LinkState::Idle);
    assert!(world.server.own(users[0]).links.is_empty());
}

#[test]
fn a_link_that_nobody_asked_for_ends_at_once_for_all() {
    let mut world = world();
    let users = past(&mut world);
    let other = blank(&mut world, users[0]);
    link(&mut world, 0, other, LinkHow::Scan);
    let thief = blank(&mut world, users[0]);
    let asked = |world: &World, node| matches!(link_of(world, node), LinkState::Asked { .. });
    let ended = LinkState::Failed {
        reason: LinkFailure::Ended,
    };

    let before = world.server.own(users[0]).links.len();
    world.plan(1, thief, start_link(users[0], LinkHow::Typed));
    world.run_for(2_000);
    assert!(asked(&world, 0) && asked(&world, other));
    // Who only closes the question leaves it to the other device.
    world.plan(1, 0, Command::CancelLink);
    world.run_for(5_000);
    assert!(asked(&world, other));
    assert_ne!(link_of(&world, thief), ended);
    world.plan(1, other, Command::RefuseLink);
    world.run_for(5_000);
    assert_eq!(world.server.own(users[0]).links.len(), before);
    assert_eq!(link_of(&world, thief), ended);
    assert_eq!(link_of(&world, other), LinkState::Idle);
}
