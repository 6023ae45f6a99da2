//! Changes of account keys, comparing them, and key packages that are no good.

use e2ee::{AccountKey, DeviceKeys, DeviceList};
use engine::{Body, Command, Comparison, ConversationId, RoomEvent, Waiting};
use protocol::{Base64, UserId};
use rand_chacha::ChaCha12Rng;
use rand_core::SeedableRng;

use crate::{
    trust::{
        GROUP, ROOM, account_key, act, bodies, device_of, group, has_text, say, say_all, tell_keys,
        world,
    },
    world::World,
};

/// How often a history says that somebody's keys changed.
fn key_lines(world: &World, node: usize, conversation: ConversationId, user: UserId) -> usize {
    let line = Body::Room {
        events: vec![RoomEvent::KeysChanged { user }],
    };
    let bodies = bodies(world, node, conversation);
    bodies.into_iter().filter(|body| *body == line).count()
}

/// The server answers with another account key in somebody's name; what stood before.
fn swap_keys(world: &mut World, user: UserId, seed: u64) -> (Vec<u8>, Vec<u8>) {
    let forged = AccountKey::generate(&mut ChaCha12Rng::seed_from_u64(seed));
    let list = DeviceList {
        user: user.0,
        version: 9,
        devices: Vec::new(),
        revoked: Vec::new(),
    };
    let row = world.server.users.get_mut(&user).unwrap();
    let before = (row.account_key.clone().unwrap(), row.device_list.clone());
    row.account_key = Some(forged.public().as_bytes().to_vec());
    row.device_list = list.sign(&forged);
    tell_keys(world, user);
    world.run_for(5_000);
    before
}

fn claimed(world: &World, node: usize, user: UserId) -> Base64 {
    let change = world.nodes[node].trust[&user].change.clone();
    change.unwrap().account_key
}

fn verify(world: &mut World, node: usize, other: usize) {
    let user_id = world.nodes[other].user;
    let account_key = account_key(world, other)
        .public()
        .as_bytes()
        .to_vec()
        .into();
    let mark = Command::SetVerified {
        user_id,
        account_key,
        verified: true,
    };
    act(world, node, mark);
    assert!(world.nodes[node].trust[&user_id].verified);
}

#[test]
fn a_changed_key_holds_two_people_always_and_a_group_when_it_was_compared() {
    for compared in [false, true] {
        let (mut world, users) = world(3);
        let bo = ConversationId::direct(users[1]);
        say(&mut world, 0, users[1], "hi");
        group(&mut world, &users[1..]);
        say_all(&mut world, 0, "hi, both");
        if compared {
            verify(&mut world, 0, 1);
        }
        let (key, list) = swap_keys(&mut world, users[1], 3);
        let change = world.nodes[0].trust[&users[1]].change.clone().unwrap();
        assert_eq!((change.was_verified, change.blocks), (compared, true));
        assert_eq!(change.previous, key.clone().into());
        assert!(!world.nodes[0].trust[&users[1]].verified);
        for conversation in [bo, GROUP] {
            assert_eq!(key_lines(&world, 0, conversation, users[1]), 1);
        }
        say(&mut world, 0, users[1], "secret");
        say_all(&mut world, 0, "to the group");
        let held = |row: &engine::Conversation| {
            row.waiting == Some(Waiting::KeyChange)
                && row.waiting_for == [users[1]]
                && row.outbox == 1
        };
        assert!(held(&world.nodes[0].conversations[&bo]));
        assert_eq!(held(&world.nodes[0].conversations[&GROUP]), compared);
        assert_eq!(has_text(&world, 2, GROUP, "to the group"), !compared);
        // Asked again after a restart, and held still after a no.
        world.nodes[0].trust.clear();
        world.kill(0);
        world.run_for(5_000);
        let account_key = claimed(&world, 0, users[1]);
        let decline = Command::DeclineKeys {
            user_id: users[1],
            account_key,
        };
        act(&mut world, 0, decline);
        let change = world.nodes[0].trust[&users[1]].change.clone().unwrap();
        assert!(change.declined);
        assert!(held(&world.nodes[0].conversations[&bo]));
        // The true key is back: nobody has to accept anything.
        let row = world.server.users.get_mut(&users[1]).unwrap();
        (row.account_key, row.device_list) = (Some(key), list);
        tell_keys(&mut world, users[1]);
        world.run_for(5_000);
        assert_eq!(world.nodes[0].trust[&users[1]].change, None);
        assert_eq!(world.nodes[0].trust[&users[1]].verified, compared);
        assert!(has_text(
            &world,
            1,
            ConversationId::direct(users[0]),
            "secret"
        ));
        assert!(has_text(&world, 2, GROUP, "to the group"));
        assert_eq!(key_lines(&world, 0, bo, users[1]), 1);
    }
}

#[test]
fn a_person_whose_key_is_not_accepted_can_be_removed_from_the_group() {
    let (mut world, users) = world(3);
    group(&mut world, &users[1..]);
    verify(&mut world, 0, 1);
    swap_keys(&mut world, users[1], 4);
    say_all(&mut world, 0, "without Bo");
    assert_eq!(world.nodes[0].outbox, 1);
    let remove = Command::RemoveMember {
        room_id: ROOM,
        user_id: users[1],
    };
    act(&mut world, 0, remove);
    world.run_for(5_000);
    assert!(has_text(&world, 2, GROUP, "without Bo"));
    assert!(!has_text(&world, 1, GROUP, "without Bo"));
}

/// The code that a person shows another, as their devices would.
fn code(world: &World, shower: usize, reader: usize) -> String {
    let side = |node: usize| e2ee::safety::Side {
        user: world.nodes[node].user.0,
        account_key: account_key(world, node).public(),
    };
    e2ee::safety::code(&side(shower), &side(reader))
}

#[test]
fn numbers_and_codes_are_compared_and_the_mark_is_kept() {
    let (mut world, users) = world(3);
    say(&mut world, 0, users[1], "hi");
    let show = |user_id| Command::ShowSafety { user_id };
    act(&mut world, 0, show(users[1]));
    act(&mut world, 1, show(users[0]));
    let (number, shown) = world.nodes[0].safety[&users[1]].clone();
    assert_eq!(number.len(), 60);
    assert_eq!(number, world.nodes[1].safety[&users[0]].0);
    assert_eq!(shown, code(&world, 0, 1));
    let spaced = number.replace("00", "0 0").replace('1', "1 ");
    let wrong = number.chars().rev().collect::<String>();
    for (text, expected) in [
        (shown.as_str(), Comparison::Own),
        (&code(&world, 2, 0), Comparison::OtherPerson),
        ("hello", Comparison::Unreadable),
        (&number[..59], Comparison::Unreadable),
        (&wrong, Comparison::Different),
        (&spaced, Comparison::Same),
    ] {
        assert!(!world.nodes[0].trust.contains_key(&users[1]), "{text}");
        let compare = Command::CompareCode {
            user_id: users[1],
            text: text.into(),
        };
        act(&mut world, 0, compare);
        assert_eq!(world.nodes[0].compared, Some(expected), "{text}");
    }
    assert!(world.nodes[0].trust[&users[1]].verified);
    world.nodes[0].trust.clear();
    world.kill(0);
    world.run_for(5_000);
    assert!(world.nodes[0].trust[&users[1]].verified);
    let back = Command::SetVerified {
        user_id: users[1],
        account_key: account_key(&world, 1).public().as_bytes().to_vec().into(),
        verified: false,
    };
    act(&mut world, 0, back);
    assert!(!world.nodes[0].trust[&users[1]].verified);
    // Bo's own screen settles it from a camera.
    let compare = Command::CompareCode {
        user_id: users[1],
        text: code(&world, 1, 0).into(),
    };
    act(&mut world, 0, compare);
    assert!(world.nodes[0].trust[&users[1]].verified);
    // A key that was not shown is not marked.
    let other = Command::SetVerified {
        user_id: users[2],
        account_key: vec![3; 32].into(),
        verified: true,
    };
    act(&mut world, 0, other);
    let carol = world.nodes[0].trust.get(&users[2]);
    assert!(carol.is_none_or(|carol| !carol.verified));
}

#[test]
fn a_code_unmasks_a_key_that_the_server_made_up() {
    let (mut world, users) = world(2);
    say(&mut world, 0, users[1], "hi");
    swap_keys(&mut world, users[1], 5);
    let compare = Command::CompareCode {
        user_id: users[1],
        text: code(&world, 1, 0).into(),
    };
    act(&mut world, 0, compare);
    assert_eq!(world.nodes[0].compared, Some(Comparison::Previous));
    let trust = &world.nodes[0].trust[&users[1]];
    assert!(trust.change.is_some() && !trust.verified);
}

#[test]
fn comparing_a_claimed_key_accepts_it() {
    let (mut world, users) = world(2);
    say(&mut world, 0, users[1], "hi");
    swap_keys(&mut world, users[1], 5);
    let account_key = claimed(&world, 0, users[1]);
    let mark = Command::SetVerified {
        user_id: users[1],
        account_key,
        verified: true,
    };
    act(&mut world, 0, mark);
    let trust = &world.nodes[0].trust[&users[1]];
    assert!(trust.verified && trust.change.is_none());
}

/// Bo's key package as the server hands it out, replaced.
fn hand_out(world: &mut World, change: impl Fn(&DeviceKeys, Vec<u8>) -> Vec<u8>) {
    let device = device_of(world, 1);
    let stored = world.nodes[1].records["state/keys/device"].as_ref();
    let keys = DeviceKeys::from_bytes(stored).unwrap();
    let row = world.server.devices.get_mut(&device).unwrap();
    let good = row.packages[0].clone();
    row.packages = [change(&keys, good)].into();
}

#[test]
fn key_packages_that_are_over_or_weak_are_refused() {
    let refused = |change: &dyn Fn(&DeviceKeys, Vec<u8>) -> Vec<u8>, reason: &str| {
        // Each in a world of its own: a device that gave its last package away brings good ones.
        let (mut world, users) = world(2);
        world.nodes[0].complaints.clear();
        hand_out(&mut world, change);
        world.cut(0);
        world.run_for(2_000);
        let command = world.text(users[1], "secret");
        act(&mut world, 0, command);
        assert_eq!(world.nodes[0].complaints, [reason]);
    };
    let today = world(2).0.now as u64 / 1000;
    let at = |days: u64| {
        move |keys: &DeviceKeys, _: Vec<u8>| {
            let mut rng = ChaCha12Rng::seed_from_u64(1);
            let keys = DeviceKeys::from_bytes(&keys.to_bytes()[..]).unwrap();
            let mut client = e2ee::Client::new(keys, []);
            let time = today + 400 * 86_400 - days * 86_400;
            client
                .key_package(e2ee::Suite::Classic, time, &mut rng)
                .unwrap()
        }
    };
    refused(&at(800), "expired");
    // Less than 60 days are left.
    refused(&at(720), "expired");
    refused(&at(300), "not-yet-valid");
    refused(
        &|keys, good| {
            let key =
                ed25519_dalek::SigningKey::from_bytes(keys.to_bytes()[..32].try_into().unwrap());
            crate::forge::forge(&good, &key, Some(&[0; 32]), None)
        },
        "low-order",
    );
    refused(
        &|_, mut good| {
            *good.last_mut().unwrap() ^= 1;
            good
        },
        "bad-signature",
    );
}
