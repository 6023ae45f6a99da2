//! An archive that is off, or was dropped, and what a device that comes in later says of it.

use engine::{Command, ConversationId, HistoryGap, LinkHow};

use crate::{
    groups::{GROUP, create},
    own::{blank, link, past, say, texts, world},
    transcript::check,
    world::World,
};

#[test]
fn the_archive_can_be_switched_off_and_dropped() {
    let mut world = world();
    let users = past(&mut world);
    let kept = world.server.own(users[0]).archive.len();
    assert_eq!(kept, 8);
    world.plan(1, 0, Command::SetArchive { on: false });
    world.run_for(3_000);
    say(&mut world, 1, users[0], "not kept");
    world.run_for(20_000);
    assert_eq!(world.server.own(users[0]).archive.len(), kept);
    assert_eq!(world.server.own(users[1]).archive.len(), 9);
    assert!(!world.nodes[0].own.as_ref().unwrap().archive.unwrap().on);
    world.plan(1, 0, Command::DropArchive);
    world.run_for(3_000);
    assert!(world.server.own(users[0]).archive.is_empty());
    let new = blank(&mut world, users[0]);
    link(&mut world, 0, new, LinkHow::Scan);
    let conversation = ConversationId::direct(users[1]);
    world.plan(1, new, Command::LoadOlder { conversation });
    world.run_for(3_000);
    let history = world.nodes[new].histories[&conversation];
    assert_eq!(history, (false, Some(HistoryGap::Off)));
    // Who was there from the beginning lacks nothing.
    world.plan(1, 0, Command::LoadOlder { conversation });
    world.run_for(3_000);
    let history = world.nodes[0].histories[&conversation];
    assert_eq!(history, (false, None));
    world.settle();
    check(&world);
}

#[test]
fn what_was_dropped_is_no_beginning() {
    let mut world = world();
    let users = past(&mut world);
    let direct = ConversationId::direct(users[1]);
    let new = blank(&mut world, users[0]);
    let told = |world: &mut World, node, conversation| {
        world.plan(1, node, Command::LoadOlder { conversation });
        world.run_for(3_000);
        world.nodes[node].histories[&conversation]
    };
    world.plan(1, 0, create(&users[1..]));
    world.run_for(10_000);
    world.plan(1, 0, Command::DropArchive);
    world.run_for(3_000);
    // What is said then is kept, and stands behind a gap.
    say(&mut world, 1, users[0], "after it");
    world.run_for(20_000);
    assert_eq!(world.server.own(users[0]).archive.len(), 1);
    link(&mut world, 0, new, LinkHow::Scan);
    world.run_for(5_000);
    let not_kept = (false, Some(HistoryGap::NotKept));
    assert_eq!(told(&mut world, new, direct), not_kept);
    assert_eq!(texts(&world, new, users[1]), ["after it"]);
    assert_eq!(told(&mut world, new, GROUP), not_kept);
    for node in [0, 1] {
        assert_eq!(told(&mut world, node, GROUP), (false, None));
    }
    assert_eq!(told(&mut world, 0, direct), (false, None));
    // Switched off and on, the old device keeps what it has: the new one looks again.
    for on in [false, true] {
        world.plan(1, 0, Command::SetArchive { on });
        world.run_for(3_000);
    }
    world.run_for(10 * 60_000);
    for conversation in [direct, GROUP] {
        assert_eq!(world.nodes[new].histories[&conversation], (false, None));
    }
    world.settle();
    check(&world);
}
