//! Invitations that a device cannot use: it has a leaf in the room, and comes in by itself.

use std::collections::VecDeque;

use e2ee::{Client, DeviceKeys, Suite};
use engine::{Body, ConversationId, Fault, RoomEvent};
use protocol::{Binary, RoomId, UserId, socket::WelcomeEvent};
use rand_chacha::ChaCha12Rng;
use rand_core::SeedableRng;

use crate::{
    trust::{GROUP, ROOM, bodies, device_of, group, has_text, say, say_all, world},
    world::World,
};

/// How Bo's device lost what its key packages need.
#[derive(Clone, Copy, Debug)]
enum Lost {
    /// The records do not open any more.
    Damaged,
    /// The disk is an older copy: the packages were made after it.
    SetBack,
}

fn lose_packages(world: &mut World, lost: Lost) {
    match lost {
        Lost::Damaged => {
            world.kill(1);
            let records = world.nodes[1].records.iter_mut();
            for (_, value) in records.filter(|(key, _)| key.starts_with("state/mls/")) {
                *value = Binary::default();
            }
        }
        Lost::SetBack => {
            let device = device_of(world, 1);
            let keys = world.nodes[1].records["state/keys/device"].as_ref();
            let mut made = Client::new(DeviceKeys::from_bytes(keys).unwrap(), []);
            let mut rng = ChaCha12Rng::seed_from_u64(9);
            let now = world.now as u64 / 1000;
            let packages = (0..4).map(|_| made.key_package(Suite::Classic, now, &mut rng));
            let packages: VecDeque<_> = packages.map(Result::unwrap).collect();
            world.server.devices.get_mut(&device).unwrap().packages = packages;
        }
    }
    world.run_for(10_000);
}

/// Ann has written to Bo, alone and in a group, and his device could not use the invitations.
fn invited(lost: Lost) -> (World, Vec<UserId>) {
    let (mut world, users) = world(3);
    lose_packages(&mut world, lost);
    say(&mut world, 0, users[1], "early");
    group(&mut world, &users[1..]);
    world.run_for(10_000);
    (world, users)
}

#[test]
fn a_device_whose_key_packages_are_gone_comes_in_by_itself() {
    for lost in [Lost::Damaged, Lost::SetBack] {
        let (mut world, users) = invited(lost);
        let (ann, bo) = (
            ConversationId::direct(users[0]),
            ConversationId::direct(users[1]),
        );
        say(&mut world, 0, users[1], "do you hear me?");
        say(&mut world, 1, users[0], "yes");
        say_all(&mut world, 2, "and all of you?");
        say_all(&mut world, 1, "here");
        assert!(has_text(&world, 1, ann, "do you hear me?"), "{lost:?}");
        assert!(has_text(&world, 0, bo, "yes"), "{lost:?}");
        assert!(has_text(&world, 1, GROUP, "and all of you?"), "{lost:?}");
        assert!(has_text(&world, 2, GROUP, "here"), "{lost:?}");
        // The person is told that something may be missing, and nothing else.
        let rejoined = Body::Room {
            events: vec![RoomEvent::Rejoined],
        };
        for conversation in [ann, GROUP] {
            let told = bodies(&world, 1, conversation);
            let lines = told.iter().filter(|body| **body == rejoined).count();
            assert_eq!(lines, 1, "{lost:?}: {told:?}");
        }
        assert_eq!(world.nodes[1].complaints, [""; 0], "{lost:?}");
        assert!(world.server.welcomes.is_empty(), "{lost:?}");
        let heads = |world: &World| -> Vec<u64> {
            let rooms = world.server.rooms.values();
            rooms.map(|room| room.head).collect()
        };
        let before = heads(&world);
        world.kill(1);
        world.run_for(10_000);
        assert_eq!(heads(&world), before, "joined again and again: {lost:?}");
    }
}

#[test]
fn the_way_in_survives_a_crash_before_every_effect() {
    for crash in 0..40 {
        let (mut world, users) = world(2);
        lose_packages(&mut world, Lost::SetBack);
        let command = world.text(users[1], "early");
        world.plan(1, 0, command);
        world.chaos.crash_at = Some(crash);
        world.run_for(30_000);
        // The first may have died with its writer.
        say(&mut world, 0, users[1], "are you there?");
        world.settle();
        say(&mut world, 0, users[1], "do you hear me?");
        let ann = ConversationId::direct(users[0]);
        assert!(has_text(&world, 1, ann, "do you hear me?"), "crash {crash}");
        assert!(world.server.welcomes.is_empty(), "crash {crash}");
    }
}

#[test]
fn an_invitation_into_a_room_of_others_is_told() {
    let (mut world, _) = world(2);
    let room_id = RoomId::from_bytes([55; 16]);
    let welcome = WelcomeEvent {
        room_id,
        message: vec![1; 40].into(),
        epoch: 1,
        seq: 1,
    };
    let event = engine::ServerEvent::Welcome(welcome);
    world.step(1, engine::Input::Event { event });
    world.run_for(5_000);
    assert_eq!(world.nodes[1].complaints, ["not-found"]);
    assert!(world.nodes[1].conversations.is_empty());
}

#[test]
fn who_was_removed_and_is_invited_again_comes_in_by_itself_too() {
    for lost in [Lost::Damaged, Lost::SetBack] {
        let (mut world, users) = world(3);
        group(&mut world, &users[1..]);
        say_all(&mut world, 0, "all here");
        let remove = engine::Command::RemoveMember {
            room_id: ROOM,
            user_id: users[1],
        };
        world.plan(1, 0, remove);
        world.run_for(10_000);
        let row = &world.nodes[1].conversations[&GROUP];
        assert_eq!(row.fault, Some(Fault::Removed));
        lose_packages(&mut world, lost);
        let invite = engine::Command::Invite {
            room_id: ROOM,
            members: vec![users[1]],
        };
        world.plan(1, 0, invite);
        world.run_for(20_000);
        say_all(&mut world, 0, "back again");
        assert!(has_text(&world, 1, GROUP, "back again"), "{lost:?}");
        assert!(world.server.welcomes.is_empty(), "{lost:?}");
    }
}
