//! Devices that have a group's history and no place in it.

use engine::{Command, ConversationId, Fault, LinkHow, Phase, RoomEvent};
use protocol::UserId;

use crate::{
    absent::{accept, leaves, talks_to_all, three, told},
    own::{blank, link},
    trust::{GROUP, has_text, say},
    world::World,
};

/// Somebody else has one of Bo's two devices, and with it the keys of the account: Bo starts over on
/// the other one, which is in use.
fn kept() -> (World, Vec<UserId>, usize) {
    let (mut world, users, _) = three(1);
    let kept = blank(&mut world, users[1]);
    link(&mut world, 1, kept, LinkHow::Scan);
    world.plan(1, 1, Command::CancelLink);
    world.run_for(5_000);
    talks_to_all(&mut world, 1, &[0, 2, kept]);
    say(&mut world, 0, users[1], "to Bo");
    world.server.own(users[1]).fresh = true;
    let reset = Command::ResetKeys {
        user_id: users[1],
        device_name: "Kept".to_owned(),
    };
    world.plan(1, kept, reset);
    world.run_for(30_000);
    assert_eq!(world.nodes[1].phase, Some(Phase::Revoked));
    assert_eq!(world.nodes[kept].phase, Some(Phase::Live));
    world.nodes[1].gone = true;
    assert_eq!(leaves(&world, users[1]), 0);
    (world, users, kept)
}

fn fault(world: &World, node: usize) -> Option<Fault> {
    world.nodes[node].conversations[&GROUP].fault
}

#[test]
fn who_starts_over_on_a_device_in_use_keeps_what_is_on_it() {
    let (mut world, users, kept) = kept();
    let (ann, bo) = (
        ConversationId::direct(users[0]),
        ConversationId::direct(users[1]),
    );
    // It belongs to the group and waits, after a restart as well.
    for _ in 0..2 {
        assert_eq!(fault(&world, kept), Some(Fault::Outside));
        world.kill(kept);
        world.run_for(10_000);
    }
    for node in [0, 2] {
        accept(&mut world, node, users[1]);
    }
    assert_eq!(fault(&world, kept), None);
    assert_eq!(told(&world, kept).last(), Some(&RoomEvent::Entered));
    talks_to_all(&mut world, kept, &[0, 2]);
    talks_to_all(&mut world, 0, &[kept, 2]);
    assert!(has_text(&world, kept, GROUP, "from 1 to [0, 2, 3]"));
    say(&mut world, kept, users[0], "it is me");
    assert!(has_text(&world, 0, bo, "it is me"));
    assert!(has_text(&world, kept, ann, "to Bo"));
}

#[test]
fn keys_are_not_blamed_for_a_room_that_is_full() {
    let (mut world, users, kept) = kept();
    world.server.refuse_entries = Some("room-full");
    world.cut(kept);
    world.run_for(30_000);
    assert_eq!(fault(&world, kept), Some(Fault::Barred));
    assert!(has_text(&world, kept, GROUP, "from 1 to [0, 2, 3]"));
    world.kill(kept);
    world.run_for(30_000);
    assert_eq!(fault(&world, kept), Some(Fault::Barred));
    // Somebody left; what is in the way now are the keys.
    world.server.refuse_entries = None;
    world.cut(kept);
    world.run_for(30_000);
    assert_eq!(fault(&world, kept), Some(Fault::Outside));
    accept(&mut world, 0, users[1]);
    assert_eq!(fault(&world, kept), None);
    talks_to_all(&mut world, kept, &[0]);
}
