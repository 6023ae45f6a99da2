//! People of a group whose last device was shut out: they belong to it all the same, and are in it
//! again with the next one.

use engine::{Body, Command, Phase, RoomEvent};
use protocol::UserId;

use crate::{
    own::{blank, recover},
    random::set_up,
    trust::{GROUP, ROOM, act, bodies, device_of, group, has_text, say_all, world},
    world::World,
};

/// Ann, the only admin, Bo and Cy, of whom one has a recovery key.
pub(crate) fn three(with_key: usize) -> (World, Vec<UserId>, String) {
    let (mut world, users) = world(3);
    group(&mut world, &users[1..]);
    say_all(&mut world, 0, "hi");
    world.server.own(users[with_key]).fresh = true;
    act(&mut world, with_key, Command::MakeRecoveryKey);
    let key = world.nodes[with_key].recovery_keys[0].clone();
    world.run_for(20_000);
    (world, users, key)
}

fn sign_off(world: &mut World, node: usize) {
    world.plan(1, node, Command::SignOff);
    world.run_for(30_000);
    assert_eq!(world.nodes[node].phase, Some(Phase::Revoked));
    world.nodes[node].gone = true;
}

/// A new browser of somebody's, let in by the recovery key.
fn found(world: &mut World, user: UserId, key: &str) -> usize {
    let node = blank(world, user);
    world.plan(1, node, recover(user, key));
    world.run_for(30_000);
    assert_eq!(world.nodes[node].phase, Some(Phase::Live));
    node
}

/// A new browser of somebody's who gives up everything.
fn start_over(world: &mut World, user: UserId) -> usize {
    let node = blank(world, user);
    world.plan(10, node, set_up(user, None));
    world.run_for(2_000);
    let reset = Command::ResetKeys {
        user_id: user,
        device_name: "New".to_owned(),
    };
    world.plan(10, node, reset);
    world.run_for(30_000);
    assert_eq!(world.nodes[node].phase, Some(Phase::Live));
    node
}

pub(crate) fn accept(world: &mut World, node: usize, user: UserId) {
    let account_key = world.nodes[node].claimed(user).unwrap();
    let accept = Command::AcceptKeys {
        user_id: user,
        account_key,
    };
    world.plan(1, node, accept);
    world.run_for(10_000);
}

/// How many devices somebody has in the group itself.
pub(crate) fn leaves(world: &World, user: UserId) -> usize {
    let members = world.server.rooms[&ROOM].public.members().unwrap();
    members.iter().filter(|it| it.user == user.0).count()
}

/// Who is named as absent, and has no leaf.
fn absent(world: &World) -> Vec<UserId> {
    let named = world.server.rooms[&ROOM].public.policy().absent.keys();
    let named = named.map(|user| UserId(*user));
    named.filter(|user| leaves(world, *user) == 0).collect()
}

fn is_member(world: &World, user: UserId) -> bool {
    world.server.rooms[&ROOM].people.contains(&user)
}

/// What was told of the group behind its first line.
pub(crate) fn told(world: &World, node: usize) -> Vec<RoomEvent> {
    let lines = bodies(world, node, GROUP).into_iter();
    let events = lines.filter_map(|body| match body {
        Body::Room { events } => Some(events),
        _ => None,
    });
    events.skip(1).flatten().collect()
}

/// The people of the group as somebody sees them.
fn shown(world: &World, node: usize) -> Vec<UserId> {
    world.nodes[node].conversations[&GROUP].members.clone()
}

pub(crate) fn talks_to_all(world: &mut World, from: usize, nodes: &[usize]) {
    let words = format!("from {from} to {nodes:?}");
    say_all(world, from, &words);
    for node in nodes {
        assert!(has_text(world, *node, GROUP, &words), "{words}: {node}");
    }
}

#[test]
fn who_erased_their_last_browser_is_in_the_group_again_with_the_next() {
    let (mut world, users, key) = three(1);
    sign_off(&mut world, 1);
    assert_eq!(
        (leaves(&world, users[1]), absent(&world)),
        (0, vec![users[1]])
    );
    say_all(&mut world, 2, "while Bo is away");
    for node in [0, 2] {
        // Nobody was removed, and nothing is waited for.
        assert_eq!(shown(&world, node), users);
        assert_eq!(told(&world, node), []);
    }
    // Nobody else has to be there.
    for node in [0, 2] {
        world.hold(node, true);
    }
    let new = found(&mut world, users[1], &key);
    assert_eq!(leaves(&world, users[1]), 1);
    for node in [0, 2] {
        world.hold(node, false);
    }
    world.run_for(20_000);
    talks_to_all(&mut world, new, &[0, 2]);
    talks_to_all(&mut world, 0, &[new, 2]);
    // What was before is in the archive; what was said meanwhile was never theirs.
    world.plan(
        1,
        new,
        Command::LoadOlder {
            conversation: GROUP,
        },
    );
    world.run_for(5_000);
    assert!(has_text(&world, new, GROUP, "hi"));
    assert!(!has_text(&world, new, GROUP, "while Bo is away"));
    for node in [0, 2] {
        assert_eq!(told(&world, node), []);
    }
    let came = Body::Room {
        events: vec![RoomEvent::Entered],
    };
    assert!(bodies(&world, new, GROUP).contains(&came));
    // The name is struck by whoever commits next, here for somebody who is taken out.
    let remove = Command::RemoveMember {
        room_id: ROOM,
        user_id: users[2],
    };
    act(&mut world, 0, remove);
    assert!(world.server.rooms[&ROOM].public.policy().absent.is_empty());
    world.nodes[2].gone = true;
    world.settle();
}

#[test]
fn the_only_admin_comes_back_as_one() {
    let (mut world, users, key) = three(0);
    sign_off(&mut world, 0);
    assert_eq!(world.nodes[1].conversations[&GROUP].admins, [users[0]]);
    let new = found(&mut world, users[0], &key);
    let remove = Command::RemoveMember {
        room_id: ROOM,
        user_id: users[2],
    };
    act(&mut world, new, remove);
    assert!(!is_member(&world, users[2]));
    talks_to_all(&mut world, 1, &[new]);
}

#[test]
fn when_everybody_is_away_the_first_who_is_back_finds_the_group() {
    let (mut world, users, key) = three(0);
    world.server.own(users[1]).fresh = true;
    act(&mut world, 1, Command::MakeRecoveryKey);
    let other = world.nodes[1].recovery_keys[0].clone();
    act(&mut world, 2, Command::LeaveRoom { room_id: ROOM });
    sign_off(&mut world, 0);
    // Nobody is left who could take out the last leaf.
    sign_off(&mut world, 1);
    assert_eq!(
        (leaves(&world, users[1]), absent(&world)),
        (1, vec![users[0]])
    );
    let ann = found(&mut world, users[0], &key);
    world.run_for(20_000);
    assert_eq!(
        (leaves(&world, users[1]), absent(&world)),
        (0, vec![users[1]])
    );
    let bo = found(&mut world, users[1], &other);
    talks_to_all(&mut world, ann, &[bo]);
    talks_to_all(&mut world, bo, &[ann]);
}

#[test]
fn a_lost_device_may_go_before_the_new_one_is_in() {
    for delay in [1, 5, 20, 50, 100, 300, 1_000] {
        let (mut world, users, key) = three(1);
        let lost = device_of(&world, 1);
        world.hold(1, true);
        world.nodes[1].gone = true;
        let new = blank(&mut world, users[1]);
        world.plan(1, new, recover(users[1], &key));
        world.run_for(delay);
        world.server.own(users[1]).fresh = true;
        let revoke = Command::RevokeDevice { device_id: lost };
        // Refused until the device is registered.
        for _ in 0..5 {
            world.plan(1, new, revoke.clone());
            world.run_for(1_000);
        }
        world.run_for(60_000);
        assert_eq!(leaves(&world, users[1]), 1, "{delay}");
        talks_to_all(&mut world, new, &[0, 2]);
        talks_to_all(&mut world, 2, &[0, new]);
        assert_eq!(told(&world, 0), [], "{delay}");
    }
}

#[test]
fn who_starts_over_is_let_in_by_anybody_who_accepts_the_keys() {
    // An admin, and somebody who is none; and where the only admin is the one.
    for (gone, by) in [(1, 0), (1, 2), (0, 2)] {
        let (mut world, users, _) = three(gone);
        let new = start_over(&mut world, users[gone]);
        world.nodes[gone].gone = true;
        world.run_for(20_000);
        assert_eq!(
            (leaves(&world, users[gone]), is_member(&world, users[gone])),
            (0, true)
        );
        assert_eq!(shown(&world, by), users);
        say_all(&mut world, by, "not for new keys");
        accept(&mut world, by, users[gone]);
        assert_eq!(leaves(&world, users[gone]), 1, "{gone} by {by}");
        talks_to_all(&mut world, by, &[new]);
        assert!(!has_text(&world, new, GROUP, "not for new keys"));
        talks_to_all(&mut world, new, &[by]);
        // The others were told in the group.
        let third = 3 - gone - by;
        let changed = RoomEvent::KeysChanged { user: users[gone] };
        assert_eq!(told(&world, third), [changed]);
        if gone == 0 {
            let remove = Command::RemoveMember {
                room_id: ROOM,
                user_id: users[1],
            };
            act(&mut world, new, remove);
            assert!(!is_member(&world, users[1]));
        }
    }
}

#[test]
fn who_left_is_not_absent() {
    for delay in [0, 5, 20, 100, 1_000] {
        let (mut world, users, key) = three(1);
        world.plan(1, 1, Command::LeaveRoom { room_id: ROOM });
        world.run_for(delay);
        sign_off(&mut world, 1);
        world.run_for(20_000);
        // The leaving was on its way, or the browser was erased before it said so.
        let left = !is_member(&world, users[1]);
        assert_eq!(
            (leaves(&world, users[1]), absent(&world).is_empty()),
            (0, left)
        );
        let new = found(&mut world, users[1], &key);
        assert_eq!(leaves(&world, users[1]), usize::from(!left), "{delay}");
        let row = world.nodes[new].conversations.get(&GROUP);
        let inside = row.is_some_and(|row| row.fault.is_none() && !row.members.is_empty());
        assert_eq!(inside, !left, "{delay}");
    }
}

#[test]
fn an_admin_removes_somebody_who_is_away() {
    let (mut world, users, key) = three(1);
    sign_off(&mut world, 1);
    let remove = Command::RemoveMember {
        room_id: ROOM,
        user_id: users[1],
    };
    // Who is no admin is refused.
    act(&mut world, 2, remove.clone());
    assert!(is_member(&world, users[1]));
    act(&mut world, 0, remove);
    assert!(!is_member(&world, users[1]) && absent(&world).is_empty());
    let removed = RoomEvent::Removed {
        users: vec![users[1]],
    };
    for node in [0, 2] {
        assert_eq!(shown(&world, node), [users[0], users[2]]);
        assert_eq!(told(&world, node), std::slice::from_ref(&removed));
    }
    let new = found(&mut world, users[1], &key);
    assert_eq!(leaves(&world, users[1]), 0);
    assert!(
        !world.nodes[new].conversations.contains_key(&GROUP) || {
            let row = &world.nodes[new].conversations[&GROUP];
            row.fault.is_some() || row.members.is_empty()
        }
    );
    // And an invitation is as good as ever.
    let invite = Command::Invite {
        room_id: ROOM,
        members: vec![users[1]],
    };
    act(&mut world, 0, invite);
    talks_to_all(&mut world, new, &[0, 2]);
}

#[test]
fn whose_account_is_gone_is_struck_by_an_admin() {
    let (mut world, users, _) = three(1);
    sign_off(&mut world, 1);
    world.server.gone.insert(users[1]);
    let room = world.server.rooms.get_mut(&ROOM).unwrap();
    room.away.clear();
    room.people.remove(&users[1]);
    for node in [0, 2] {
        world.cut(node);
    }
    world.run_for(5_000);
    say_all(&mut world, 0, "is Bo still there?");
    world.run_for(10_000);
    assert!(absent(&world).is_empty());
    assert_eq!(shown(&world, 2), [users[0], users[2]]);
}

/// Somebody leaves where nobody's device hears of it, a session without a device say, and shuts the
/// device out: the server alone knows both.
#[test]
fn who_the_server_says_has_left_is_not_named() {
    let (mut world, users, _) = three(1);
    for node in [0, 2] {
        world.hold(node, true);
    }
    sign_off(&mut world, 1);
    let room = world.server.rooms.get_mut(&ROOM).unwrap();
    assert!(room.away.remove(&users[1]) && room.people.remove(&users[1]));
    let complaints = [0, 2].map(|node| world.nodes[node].complaints.len());
    for node in [0, 2] {
        world.hold(node, false);
    }
    world.run_for(30_000);
    assert_eq!(leaves(&world, users[1]), 0);
    assert!(world.server.rooms[&ROOM].public.policy().absent.is_empty());
    for node in [0, 2] {
        assert_eq!(shown(&world, node), [users[0], users[2]]);
    }
    let after = [0, 2].map(|node| world.nodes[node].complaints.len());
    assert_eq!(complaints, after);
    talks_to_all(&mut world, 2, &[0]);
}
