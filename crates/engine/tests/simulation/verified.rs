//! Marks of people whose keys were compared: the same on every device of mine.

use engine::{Command, LinkHow};
use protocol::UserId;

use crate::{
    own::{blank, link},
    trust::{account_key, act, say, world},
    world::World,
};

fn mark(world: &World, other: usize, verified: bool) -> Command {
    let key = account_key(world, other).public();
    Command::SetVerified {
        user_id: world.nodes[other].user,
        account_key: key.as_bytes().to_vec().into(),
        verified,
    }
}

fn verified(world: &World, node: usize, user: UserId) -> bool {
    let trust = world.nodes[node].trust.get(&user);
    trust.is_some_and(|trust| trust.verified)
}

#[test]
fn who_was_compared_on_one_device_is_so_on_the_others() {
    let (mut world, users) = world(3);
    for user in &users[1..] {
        say(&mut world, 0, *user, "hi");
    }
    let compared = mark(&world, 1, true);
    act(&mut world, 0, compared);
    world.run_for(10_000);
    // A device that comes in later has it from the vault.
    let new = blank(&mut world, users[0]);
    link(&mut world, 0, new, LinkHow::Scan);
    world.plan(1, 0, Command::CancelLink);
    world.run_for(20_000);
    assert!(verified(&world, new, users[1]));
    assert!(!verified(&world, new, users[2]));
    // What is marked there is marked here, and no more when it is taken back.
    let compared = mark(&world, 2, true);
    act(&mut world, new, compared);
    world.run_for(20_000);
    assert!(verified(&world, 0, users[2]));
    let withdrawn = mark(&world, 1, false);
    act(&mut world, new, withdrawn);
    world.run_for(20_000);
    for node in [0, new] {
        assert!(!verified(&world, node, users[1]));
        assert!(verified(&world, node, users[2]));
    }
    // It is nobody else's.
    assert!(!verified(&world, 1, users[0]) && !verified(&world, 1, users[2]));
}

#[test]
fn a_mark_goes_on_every_device_when_the_key_is_another() {
    let (mut world, users) = world(2);
    say(&mut world, 0, users[1], "hi");
    let compared = mark(&world, 1, true);
    act(&mut world, 0, compared);
    let new = blank(&mut world, users[0]);
    link(&mut world, 0, new, LinkHow::Scan);
    world.plan(1, 0, Command::CancelLink);
    world.run_for(20_000);
    assert!(verified(&world, new, users[1]));
    world.server.own(users[1]).fresh = true;
    let reset = Command::ResetKeys {
        user_id: users[1],
        device_name: "New".to_owned(),
    };
    act(&mut world, 1, reset);
    world.run_for(20_000);
    for node in [0, new] {
        assert!(!verified(&world, node, users[1]));
        let trust = &world.nodes[node].trust[&users[1]];
        assert!(
            trust
                .change
                .as_ref()
                .is_some_and(|it| it.was_verified && it.blocks)
        );
    }
    // Accepted on one: pinned on both, and compared on none.
    let account_key = world.nodes[new].claimed(users[1]).unwrap();
    let accept = Command::AcceptKeys {
        user_id: users[1],
        account_key,
    };
    act(&mut world, new, accept);
    world.run_for(20_000);
    for node in [0, new] {
        let trust = &world.nodes[node].trust[&users[1]];
        assert!(trust.change.is_none() && !trust.verified);
    }
}
