//! Devices whose clocks are wrong by a day.

use std::collections::BTreeMap;

use engine::ConversationId;
use protocol::UserId;

use crate::{
    chaos::Chaos,
    random::{friends, set_up},
    transcript::check,
    world::World,
};

const DAY: i64 = 24 * 60 * 60 * 1000;

#[test]
fn clocks_that_are_wrong_by_a_day_do_no_harm() {
    for (first, second) in [(-DAY, DAY), (DAY, -DAY), (DAY, 0)] {
        let mut world = World::new(1, Chaos::none(1));
        let mut users = friends(&mut world, 2);
        world.nodes[0].clock = first;
        world.nodes[1].clock = second;
        // One who makes all keys by a wrong clock.
        let cleo = UserId::from_bytes([9; 16]);
        for user in &users {
            world.server.befriend(*user, cleo);
        }
        let node = world.add(cleo, BTreeMap::new());
        world.nodes[node].clock = second;
        world.plan(10, node, set_up(cleo, None));
        users.push(cleo);
        world.run_for(5_000);

        for (from, to, text) in [(0, 1, "hi"), (1, 0, "ho"), (2, 0, "hey"), (1, 2, "there")] {
            let command = world.text(users[to], text);
            world.plan(1, from, command);
            world.run_for(3_000);
        }
        world.cut(1);
        world.run_for(20_000);
        // Shown when the server had it, whatever the clocks here say.
        let node = &world.nodes[0];
        for entry in node.history(ConversationId::direct(users[1])) {
            assert!((world.now - entry.sent_at).abs() < 60_000, "{entry:?}");
        }
        // What is to be done again is done when it is time.
        assert!(world.nodes.iter().all(|node| node.outbox == 0));
        world.settle();
        check(&world);
    }
}
