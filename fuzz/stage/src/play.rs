//! What is played: two friends talk, one goes away, comes back and catches up.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use engine::{Command, Effect, Input, Outcome, Recipient};
use protocol::{Base64, RoomId, UserId, rest::rooms::RoomKind};

use crate::{
    chaos::Chaos,
    device::{Device, Disk},
    server::Room,
    world::World,
};

/// Most inputs that are taken down.
const MOST_INPUTS: usize = 300;

/// A device that comes back.
pub struct Play {
    /// What it stored before.
    pub disk: Disk,
    /// When it comes back, in milliseconds since 1970.
    pub now: i64,
    /// What it gets then, in order.
    pub inputs: Vec<Input>,
}

/// Plays it. The same every day but for the dates.
///
/// # Panics
/// When the world does not hold together.
pub fn play() -> Play {
    let mut world = World::new(7, Chaos::none(7));
    let [ana, bo, cy] = [1, 2, 3].map(|number| UserId::from_bytes([number; 16]));
    for user in [ana, bo, cy] {
        let node = world.add(user, BTreeMap::new());
        let device_name = "Test".to_owned();
        let set_up = Command::SetUp {
            user_id: user,
            device_name,
            account_key: None,
        };
        world.plan(10, node, set_up);
    }
    for (one, other) in [(ana, bo), (ana, cy), (bo, cy)] {
        world.server.befriend(one, other);
    }
    world.run_for(5_000);
    let group = RoomId::from_bytes([9; 16]);
    let create = Command::CreateGroup {
        room_id: group,
        name: "Walks".into(),
        members: vec![bo],
    };
    say(&mut world, 0, create);
    for (node, to, words) in [(0, bo, "hello"), (1, ana, "hello to you"), (2, ana, "hi")] {
        let text = world.text(to, words);
        say(&mut world, node, text);
    }
    let picture = world.picture_to(Recipient::Direct { user_id: ana }, "the lake");
    say(&mut world, 1, picture);
    say(&mut world, 0, Command::MakeRecoveryKey);
    world.settle();

    world.hold(0, true);
    let disk = world.nodes[0].records.clone();
    for words in ["are you there?", "no?"] {
        let text = world.text(ana, words);
        say(&mut world, 1, text);
        let text = world.text_to(Recipient::Room { room_id: group }, words);
        say(&mut world, 1, text);
    }
    let timer = Command::SetTimer {
        conversation: engine::ConversationId::direct(ana),
        seconds: Some(60),
    };
    say(&mut world, 1, timer);
    let second = Command::CreateGroup {
        room_id: RoomId::from_bytes([8; 16]),
        name: "Cakes".into(),
        members: vec![ana, bo],
    };
    say(&mut world, 2, second);
    world.run_for(20_000);

    let now = world.now;
    let inputs = back(&mut world, ana, bo, disk.clone(), now);
    Play { disk, now, inputs }
}

fn say(world: &mut World, node: usize, command: Command) {
    world.plan(1, node, command);
    world.run_for(5_000);
}

/// The device comes back: the server's answers are taken down.
fn back(world: &mut World, user: UserId, friend: UserId, disk: Disk, now: i64) -> Vec<Input> {
    let mut device = Device::start(disk, now);
    let mut rooms = world.server.rooms.iter();
    let together = |room: &Room| {
        room.kind == RoomKind::Direct && room.people == BTreeSet::from([user, friend])
    };
    let direct = rooms.find(|(_, room)| together(room)).map(|(id, _)| *id);
    let direct = direct.expect("their room");
    let (socket, connected) = world.server.connect(user);
    let mut coming = VecDeque::from([Input::Started, Input::Connected { connected }]);
    let mut later = VecDeque::from([
        world.text(friend, "I am back"),
        Command::MarkRead {
            conversation: engine::ConversationId::direct(friend),
            room_id: direct,
            seq: 2,
        },
        Command::LeaveRoom {
            room_id: RoomId::from_bytes([9; 16]),
        },
        Command::RefreshOwn,
    ]);
    let mut inputs = Vec::new();
    while inputs.len() < MOST_INPUTS {
        let next = coming.pop_front();
        let command = || later.pop_front().map(|command| Input::Command { command });
        let Some(input) = next.or_else(command) else {
            break;
        };
        inputs.push(input.clone());
        for effect in device.step(input) {
            if let Some((id, outcome)) = answer(world, user, socket, effect, &device) {
                coming.push_back(Input::Reply { id, outcome });
            }
        }
        for (to, event) in std::mem::take(&mut world.server.out) {
            if to == socket {
                coming.push_back(Input::Event { event });
            }
        }
    }
    inputs
}

fn answer(
    world: &mut World,
    user: UserId,
    socket: u64,
    effect: Effect,
    device: &Device,
) -> Option<(u64, Outcome)> {
    Some(match effect {
        Effect::Request {
            id,
            method,
            path,
            body,
            ..
        } => {
            let path = format!("{} {path}", method.as_str());
            (id, world.server.request(user, &path, body))
        }
        Effect::Upload { id, room_id, file } => {
            let file = device.disk.get(&file).cloned().unwrap_or_default();
            let body = serde_json::to_value(Base64::from(file)).unwrap();
            let path = format!("/api/messages/image?{room_id}");
            (id, world.server.request(user, &path, Some(body)))
        }
        Effect::Emit { id, event } => (id, world.server.event(socket, event)?),
        _ => return None,
    })
}
