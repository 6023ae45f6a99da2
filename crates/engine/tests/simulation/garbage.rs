//! Inputs that make no sense: nothing panics, nothing is lost.

use engine::{Input, Outcome, ServerEvent};
use proptest::prelude::*;
use protocol::{
    Base64, ClientId, DeviceId, Problem, RoomId, Timestamp, UserId,
    rest::rooms::{Envelope, EnvelopeKind},
    socket::{CommitWanted, Connected, Receipt, WelcomeEvent},
};

use crate::{chaos::Chaos, random::friends, transcript::check, world::World};

/// An input with everything in it taken from small sets, so that it hits what is there.
fn input() -> impl Strategy<Value = Input> {
    let world = world();
    let rooms: Vec<_> = world.server.rooms.keys().copied().collect();
    let devices = world.server.devices.iter();
    let devices: Vec<_> = devices.map(|(id, device)| (device.user, *id)).collect();
    let room = prop_oneof![
        3 => proptest::sample::select(rooms),
        1 => any::<[u8; 16]>().prop_map(RoomId::from_bytes),
    ]
    .boxed();
    let bytes = proptest::collection::vec(any::<u8>(), 0..80).boxed();
    let json = prop_oneof![
        Just(serde_json::json!({"ok": true})),
        Just(serde_json::json!({"ok": false})),
        Just(serde_json::json!([])),
        Just(serde_json::json!({"ok": true, "cursors": {}, "key_packages_left": 3})),
        Just(serde_json::json!({"ok": true, "envelopes": [], "next": {}, "more": true})),
        "[a-z]{0,5}".prop_map(serde_json::Value::from),
    ];
    let code = proptest::sample::select(protocol::Code::ALL);
    let outcome = prop_oneof![
        json.prop_map(|value| Outcome::Json { value }),
        bytes.clone().prop_map(|value| Outcome::Bytes {
            value: value.into()
        }),
        code.prop_map(|code| Outcome::Problem {
            problem: Problem::new(code)
        }),
    ];
    let sender = proptest::sample::select(devices);
    let commit = any::<bool>();
    let place = prop_oneof![9 => 0..8u64, 1 => any::<u64>()];
    let envelope = (room.clone(), place, 0..3u64, commit, sender, bytes.clone());
    let envelope = envelope.prop_map(|(room_id, seq, epoch, commit, sender, message)| {
        let kind = match commit {
            true => EnvelopeKind::Commit,
            false => EnvelopeKind::Application,
        };
        Input::Event {
            event: ServerEvent::NewMessage(Envelope {
                room_id,
                seq,
                epoch,
                kind,
                sender_user: sender.0,
                sender_device: sender.1,
                client_id: ClientId::from_bytes([1; 16]),
                sent_at: Timestamp::from_unix_millis(0),
                message: message.into(),
                href: None,
            }),
        }
    });
    let welcome = (room.clone(), bytes.clone(), 0..9u64).prop_map(|(room_id, message, seq)| {
        let message = message.into();
        let welcome = WelcomeEvent {
            room_id,
            message,
            epoch: 1,
            seq,
        };
        Input::Event {
            event: ServerEvent::Welcome(welcome),
        }
    });
    let wanted = room.clone().prop_map(|room_id| Input::Event {
        event: ServerEvent::CommitWanted(CommitWanted {
            room_id,
            remove: vec![DeviceId::from_bytes([3; 16])],
            absent: Vec::new(),
        }),
    });
    let receipt = (room, any::<u64>()).prop_map(|(room_id, seq)| Input::Event {
        event: ServerEvent::Delivered(Receipt {
            room_id,
            user_id: UserId::from_bytes([2; 16]),
            seq,
        }),
    });
    let connected = bytes.prop_map(|nonce| Input::Connected {
        connected: Connected {
            socket_id: String::new(),
            nonce: Base64::from(nonce),
            server_time: Timestamp::from_unix_millis(1_700_000_000_000),
            version: String::new(),
            user_id: None,
        },
    });
    prop_oneof![
        4 => (1..60u64, outcome).prop_map(|(id, outcome)| Input::Reply { id, outcome }),
        4 => envelope,
        1 => welcome,
        1 => wanted,
        1 => receipt,
        1 => connected,
        1 => Just(Input::Disconnected),
        1 => Just(Input::Tick),
    ]
}

/// Two friends who have written to each other.
fn world() -> World {
    let mut world = World::new(1, Chaos::none(1));
    let users = friends(&mut world, 2);
    let command = world.text(users[1], "hi");
    world.plan(1_000, 0, command);
    world.run_for(6_000);
    world
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn nothing_panics(inputs in proptest::collection::vec(input(), 40)) {
        let mut world = world();
        for input in inputs {
            world.step(1, input);
        }
        world.run_for(60_000);
    }

    #[test]
    fn garbled_answers_are_asked_for_again(ids in proptest::collection::vec(1..40u64, 0..20)) {
        let mut world = world();
        for id in ids {
            let outcome = Outcome::Json { value: serde_json::json!({"what": 1}) };
            world.step(1, Input::Reply { id, outcome });
            world.run_for(50);
        }
        let from = world.nodes[0].user;
        let command = world.text(from, "still here");
        world.plan(1, 1, command);
        world.run_for(5_000);
        world.settle();
        check(&world);
    }
}
