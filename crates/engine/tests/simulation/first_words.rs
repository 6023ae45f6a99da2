//! The first message of a connection between two people: nothing is sealed before the server has
//! said whose keys stand now.

use e2ee::{AccountKey, DeviceList};
use engine::{Command, ConversationId, Phase, Waiting};
use protocol::{Base64, ClientId, Code, UserId};
use rand_chacha::ChaCha12Rng;
use rand_core::SeedableRng;

use crate::{
    trust::{act, has_text, say, world},
    world::World,
};

/// Two who have talked; the first of them is away.
fn parted() -> (World, Vec<UserId>) {
    let (mut world, users) = world(2);
    say(&mut world, 0, users[1], "hi");
    world.hold(0, true);
    world.run_for(1_000);
    (world, users)
}

/// The server has another account key in a person's name and tells nobody; what stood before.
fn swap(world: &mut World, user: UserId) -> (Option<Vec<u8>>, Vec<u8>) {
    let forged = AccountKey::generate(&mut ChaCha12Rng::seed_from_u64(5));
    let list = DeviceList {
        user: user.0,
        version: 9,
        devices: Vec::new(),
        revoked: Vec::new(),
    };
    let row = world.server.users.get_mut(&user).unwrap();
    let key = Some(forged.public().as_bytes().to_vec());
    let list = list.sign(&forged);
    (
        std::mem::replace(&mut row.account_key, key),
        std::mem::replace(&mut row.device_list, list),
    )
}

/// Writes to the other while there is no network, and comes back.
fn write_and_return(world: &mut World, to: UserId, text: &str) -> ClientId {
    let command = world.text(to, text);
    let Command::SendText { id, .. } = command else {
        unreachable!()
    };
    act(world, 0, command);
    world.hold(0, false);
    world.run_for(5_000);
    id
}

/// Whether anything was sealed of a message.
fn sealed(world: &World, id: ClientId) -> bool {
    let mut sealed = world.nodes[0].sealed.keys();
    sealed.any(|(_, client_id, _)| *client_id == id)
}

#[test]
fn a_key_that_was_swapped_meanwhile_gets_nothing_before_it_is_accepted() {
    for declines in [true, false] {
        let (mut world, users) = parted();
        let (ann, bo) = (users[0], users[1]);
        let (to_ann, to_bo) = (ConversationId::direct(ann), ConversationId::direct(bo));
        let before = swap(&mut world, bo);
        let id = write_and_return(&mut world, bo, "secret");
        let row = &world.nodes[0].conversations[&to_bo];
        assert_eq!((row.waiting, row.outbox), (Some(Waiting::KeyChange), 1));
        let account_key: Base64 = world.nodes[0].claimed(bo).unwrap();
        if declines {
            let user_id = bo;
            let decline = Command::DeclineKeys {
                user_id,
                account_key,
            };
            act(&mut world, 0, decline);
        }
        world.run_for(60_000);
        assert!(!sealed(&world, id) && !has_text(&world, 1, to_ann, "secret"));
        // The true one is back.
        let row = world.server.users.get_mut(&bo).unwrap();
        (row.account_key, row.device_list) = before;
        world.cut(0);
        world.run_for(5_000);
        assert!(sealed(&world, id) && has_text(&world, 1, to_ann, "secret"));
    }
}

#[test]
fn it_waits_for_an_answer_and_not_for_a_better_one() {
    let (mut world, users) = parted();
    let ann = ConversationId::direct(users[0]);
    world.server.refuse_directory = Some(Code::Unavailable);
    let id = write_and_return(&mut world, users[1], "one");
    world.run_for(60_000);
    assert!(!sealed(&world, id) && world.nodes[0].outbox == 1);
    assert!(world.server.directories > 3);
    world.server.refuse_directory = None;
    world.run_for(60_000);
    assert!(has_text(&world, 1, ann, "one"));
    // Refused for good, it goes to who is known.
    world.hold(0, true);
    world.server.refuse_directory = Some(Code::Forbidden);
    write_and_return(&mut world, users[1], "two");
    assert!(has_text(&world, 1, ann, "two"));
    assert_eq!(world.nodes[0].outbox, 0);
}

#[test]
fn what_was_asked_on_another_connection_is_no_answer() {
    let (mut world, users) = parted();
    let bo = ConversationId::direct(users[1]);
    let command = world.text(users[1], "secret");
    act(&mut world, 0, command);
    let asked = world.server.directories;
    world.hold(0, false);
    while world.nodes[0].phase != Some(Phase::Live) {
        world.run_for(1);
    }
    // After Ann's own list, the true keys are on their way to her, for seconds.
    let usual = std::mem::replace(&mut world.chaos.delay, 5_000);
    while world.server.directories < asked + 2 {
        world.run_for(1);
    }
    world.chaos.delay = usual;
    swap(&mut world, users[1]);
    world.cut(0);
    world.run_for(60_000);
    let row = &world.nodes[0].conversations[&bo];
    assert_eq!((row.waiting, row.outbox), (Some(Waiting::KeyChange), 1));
    let ann = ConversationId::direct(users[0]);
    assert!(!has_text(&world, 1, ann, "secret"));
}
