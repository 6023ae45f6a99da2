//! Devices that lost their place in a group and come back: what they are shown, and what they make
//! of it.

use e2ee::{Client, Kind, NewRoom, PublicRoom, Suite, key_package};
use engine::{Body, Command, Fault, RoomEvent, STATE_PREFIX};
use protocol::{Binary, UserId};
use rand_chacha::ChaCha12Rng;
use rand_core::SeedableRng;

use crate::{
    trust::{GROUP, ROOM, act, bodies, device_keys, device_of, group, has_text, say_all, world},
    world::World,
};

/// Bo's device is away while something happens, and does not find its groups when it is back.
fn lose(world: &mut World, meanwhile: impl FnOnce(&mut World)) {
    world.hold(1, true);
    meanwhile(world);
    world.kill(1);
    let groups = format!("{STATE_PREFIX}mls/");
    for (key, record) in &mut world.nodes[1].records {
        if key.starts_with(&groups) {
            *record = Binary::default();
        }
    }
    world.hold(1, false);
    world.run_for(20_000);
}

fn newest(world: &World) -> Body {
    bodies(world, 1, GROUP).pop().unwrap()
}

fn came_back(meanwhile: Option<RoomEvent>) -> Body {
    let events = [RoomEvent::Rejoined].into_iter().chain(meanwhile);
    Body::Room {
        events: events.collect(),
    }
}

/// A group that a device is shown: group info and tree.
fn standing(world: &World) -> (Vec<u8>, Vec<u8>) {
    let room = &world.server.rooms[&ROOM];
    let tree = room.trees[&room.public.epoch()].clone();
    (room.public.group_info().to_vec(), tree)
}

#[test]
fn who_came_went_and_became_an_admin_is_told_to_who_comes_back() {
    let (mut world, users) = world(4);
    group(&mut world, &users[1..3]);
    say_all(&mut world, 0, "hi");
    lose(&mut world, |world| {
        for command in [
            Command::Invite {
                room_id: ROOM,
                members: vec![users[3]],
            },
            Command::SetAdmin {
                room_id: ROOM,
                user_id: users[3],
                admin: true,
            },
            Command::RemoveMember {
                room_id: ROOM,
                user_id: users[2],
            },
        ] {
            act(world, 0, command);
        }
    });
    let meanwhile = RoomEvent::Meanwhile {
        added: vec![users[3]],
        gone: vec![users[2]],
        granted: vec![users[3]],
        revoked: Vec::new(),
    };
    assert_eq!(newest(&world), came_back(Some(meanwhile)));
    say_all(&mut world, 1, "I am back");
    assert!(has_text(&world, 3, GROUP, "I am back"));
    // Nothing happened the next time.
    lose(&mut world, |_| {});
    assert_eq!(newest(&world), came_back(None));
}

#[test]
fn a_group_as_it_was_before_somebody_was_removed_is_not_joined() {
    let (mut world, users) = world(3);
    group(&mut world, &users[1..]);
    say_all(&mut world, 0, "hi");
    let before = standing(&world);
    let remove = Command::RemoveMember {
        room_id: ROOM,
        user_id: users[2],
    };
    act(&mut world, 0, remove);
    world.server.shown_group = Some(before);
    lose(&mut world, |_| {});
    let row = &world.nodes[1].conversations[&GROUP];
    assert_eq!(row.fault, Some(Fault::Broken));
    assert_eq!(row.broken.clone().unwrap().reason, "older-group");
    say_all(&mut world, 1, "who reads this?");
    assert_eq!(world.nodes[1].outbox, 1);

    // The server mends its ways.
    world.server.shown_group = None;
    act(&mut world, 1, Command::RejoinRoom { room_id: ROOM });
    let row = &world.nodes[1].conversations[&GROUP];
    assert_eq!((row.fault, world.nodes[1].outbox), (None, 0));
    assert!(has_text(&world, 0, GROUP, "who reads this?"));
    assert!(bodies(&world, 1, GROUP).contains(&came_back(None)));
}

/// With the id of a room that Bo is in, made of the key packages that its people's devices left at
/// the server.
fn made_by(world: &mut World, node: usize, of: &[usize]) -> (Vec<u8>, Vec<u8>) {
    let mut rng = ChaCha12Rng::seed_from_u64(9);
    let keys = device_keys(world, node, 77);
    let (user, device) = (keys.credential().user, keys.credential().device);
    let now = world.now as u64 / 1000;
    let packages: Vec<_> = of
        .iter()
        .map(|node| {
            let device = device_of(world, *node);
            let package = &world.server.devices[&device].packages[0];
            key_package::inspect(package, now).unwrap()
        })
        .collect();
    let mut client = Client::new(keys, []);
    let made = client.create_room(
        ROOM.0,
        Suite::Classic,
        Kind::Group,
        &[user],
        &packages,
        &mut rng,
    );
    let NewRoom { commit, tree } = made.unwrap();
    let info = commit.group_info;
    let public = PublicRoom::create(ROOM.0, Kind::Group, (user, device), &info, &tree).unwrap();
    let room = world.server.rooms.get_mut(&ROOM).unwrap();
    room.public = public;
    (info, tree)
}

#[test]
fn a_group_that_the_server_made_up_does_not_hide_who_is_in_it() {
    let (mut world, users) = world(3);
    group(&mut world, &users[1..2]);
    say_all(&mut world, 0, "hi");
    lose(&mut world, |world| {
        let forged = made_by(world, 2, &[0, 1]);
        world.server.shown_group = Some(forged);
    });
    let meanwhile = RoomEvent::Meanwhile {
        added: vec![users[2]],
        gone: Vec::new(),
        granted: vec![users[2]],
        revoked: vec![users[0]],
    };
    assert_eq!(newest(&world), came_back(Some(meanwhile)));
    let members: Vec<UserId> = world.nodes[1].conversations[&GROUP].members.clone();
    assert!(members.contains(&users[2]), "{members:?}");
}
