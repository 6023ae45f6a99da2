//! Several devices shut out at once.

use engine::{Command, LinkHow, Phase};
use protocol::{DeviceId, UserId};

use crate::{
    chaos::Chaos,
    own::{blank, link, past, say, texts},
    transcript::check,
    trust::device_of,
    world::World,
};

/// Ann with three devices.
fn with_two_more(seed: u64) -> (World, Vec<UserId>, [(usize, DeviceId); 2]) {
    let mut world = World::new(seed, Chaos::none(seed));
    let users = past(&mut world);
    let more = [(); 2].map(|()| {
        let node = blank(&mut world, users[0]);
        link(&mut world, 0, node, LinkHow::Scan);
        world.plan(1, 0, Command::CancelLink);
        world.run_for(1_000);
        (node, device_of(&world, node))
    });
    (world, users, more)
}

/// Both are out of the list and of every room.
fn are_out(world: &mut World, users: &[UserId], more: [(usize, DeviceId); 2]) {
    say(world, 1, users[0], "without them");
    assert_eq!(texts(world, 0, users[1]).last().unwrap(), "without them");
    let key = crate::trust::account_key(world, 0).public();
    let list = &world.server.users[&users[0]].device_list;
    let list = e2ee::DeviceList::open(list, &key).unwrap();
    for (node, device) in more {
        assert!(list.revoked.contains(&device.0) && !list.devices.contains(&device.0));
        assert_eq!(world.nodes[node].phase, Some(Phase::Revoked));
        assert_ne!(texts(world, node, users[1]).last().unwrap(), "without them");
        for room in world.server.rooms.values() {
            let members = room.public.members().unwrap();
            assert!(members.iter().all(|member| member.device != device.0));
        }
        world.nodes[node].gone = true;
    }
    world.settle();
    check(world);
}

#[test]
fn a_second_revocation_does_not_take_the_place_of_the_first() {
    // The second comes before the first is sent, while it is on its way, and after it.
    for pause in [0, 5, 15, 40, 200] {
        let (mut world, users, more) = with_two_more(1);
        for (number, (_, device_id)) in more.into_iter().enumerate() {
            let delay = 1 + pause * number as i64;
            world.plan(delay, 0, Command::RevokeDevice { device_id });
        }
        world.run_for(60_000);
        are_out(&mut world, &users, more);
    }
}

#[test]
fn two_revocations_survive_a_crash_before_every_effect() {
    for crash in 0..16 {
        let (mut world, users, more) = with_two_more(u64::from(crash));
        for (number, (_, device_id)) in more.into_iter().enumerate() {
            let delay = 1 + 10 * number as i64;
            world.plan(delay, 0, Command::RevokeDevice { device_id });
        }
        world.chaos.crash_at = Some(crash);
        world.run_for(120_000);
        are_out(&mut world, &users, more);
    }
}

#[test]
fn a_refusal_ends_the_wishes_that_were_sent_and_no_others() {
    let (mut world, users, more) = with_two_more(1);
    world.server.own(users[0]).fresh = false;
    let [(_, first), (_, second)] = more;
    world.plan(1, 0, Command::RevokeDevice { device_id: first });
    world.run_for(3_000);
    assert!(world.nodes[0].complaints.last().unwrap().contains("factor"));
    world.server.own(users[0]).fresh = true;
    let device_id = second;
    world.plan(1, 0, Command::RevokeDevice { device_id });
    world.run_for(30_000);
    let phases = more.map(|(node, _)| world.nodes[node].phase.clone());
    assert_eq!(phases, [Some(Phase::Live), Some(Phase::Revoked)]);
}
