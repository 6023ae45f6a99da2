//! A thousand random worlds.

use std::{collections::BTreeMap, sync::OnceLock};

use engine::{Body, Command, ConversationId, EntryState, MessageRef, Phase, Recipient};
use protocol::{Binary, DeviceId, RoomId, UserId};

use crate::{
    chaos::Chaos,
    random_newcomers,
    seeds::{named, run_each, seeds},
    server::{Account, Device},
    transcript::check,
    trust::revoke_signed,
    world::World,
};

/// Most people in a world.
const PEOPLE: u32 = 4;

/// A person's first device, registered: made once, used by every seed.
#[derive(Clone)]
struct Registered {
    user: UserId,
    records: BTreeMap<String, Binary>,
    account: Account,
    device: (DeviceId, Device),
}

fn registered() -> &'static [Registered] {
    static PEOPLE_OF_ALL: OnceLock<Vec<Registered>> = OnceLock::new();
    PEOPLE_OF_ALL.get_or_init(|| {
        (1..=PEOPLE)
            .map(|number| {
                let mut world = World::new(u64::from(number), Chaos::none(1));
                let user = UserId::from_bytes([number as u8; 16]);
                let node = world.add(user, BTreeMap::new());
                world.plan(10, node, set_up(user, None));
                world.settle();
                assert_eq!(world.nodes[node].phase, Some(Phase::Live));
                let device = world.server.devices.pop_first().unwrap();
                Registered {
                    user,
                    records: world.nodes[node].records.clone(),
                    account: world.server.users[&user].clone(),
                    device,
                }
            })
            .collect()
    })
}

pub(crate) fn set_up(user_id: UserId, account_key: Option<Binary>) -> Command {
    Command::SetUp {
        user_id,
        device_name: "Test".to_owned(),
        account_key,
    }
}

/// People with one device each, all of them contacts.
pub(crate) fn friends(world: &mut World, count: usize) -> Vec<UserId> {
    let people = &registered()[..count];
    for person in people {
        world.add(person.user, person.records.clone());
        world
            .server
            .users
            .insert(person.user, person.account.clone());
        let (id, device) = person.device.clone();
        world.server.devices.insert(id, device);
        for other in people {
            if other.user != person.user {
                world.server.befriend(person.user, other.user);
            }
        }
    }
    people.iter().map(|person| person.user).collect()
}

/// A further device of a person, which is handed the account key of the first.
pub(crate) fn further_device(world: &mut World, first: usize, delay: i64) -> usize {
    let user = world.nodes[first].user;
    let key = world.nodes[first].records["state/keys/account"].clone();
    let node = world.add(user, BTreeMap::new());
    world.nodes[node].first = false;
    world.plan(delay, node, set_up(user, Some(key)));
    node
}

/// One world: people write to each other while everything goes wrong; then it calms down, and
/// everybody has to have everything.
fn run(seed: u64) {
    run_with(seed, |_| {});
}

/// The same, with something planned before it begins.
pub(crate) fn run_with(seed: u64, plan: impl FnOnce(&mut World)) {
    let mut world = World::new(seed, Chaos::from_seed(seed));
    let count = 2 + world.chaos.below(PEOPLE - 1) as usize;
    let users = friends(&mut world, count);
    let further = match world.chaos.below(4) {
        0 => 1 + world.chaos.below(2) as usize,
        _ => 0,
    };
    let mut devices: Vec<usize> = (0..count).collect();
    let mut seconds = Vec::new();
    for _ in 0..further.min(5 - count) {
        let first = world.chaos.below(count as u32) as usize;
        let delay = i64::from(world.chaos.below(60_000));
        seconds.push(further_device(&mut world, first, delay));
    }
    devices.extend(&seconds);
    plan(&mut world);
    let messages = 4 + world.chaos.below(16);
    for number in 0..messages {
        let node = devices[world.chaos.below(devices.len() as u32) as usize];
        let me = world.nodes[node].user;
        let others: Vec<_> = users.iter().filter(|user| **user != me).collect();
        let to = *others[world.chaos.below(others.len() as u32) as usize];
        let delay = i64::from(world.chaos.below(90_000));
        let (to, words) = (
            Recipient::Direct { user_id: to },
            format!("message {number}"),
        );
        let command = match world.chaos.below(10) {
            0 => world.picture_to(to, &words),
            1 => world.file_to(node, to, &words),
            _ => world.text_to(to, &words),
        };
        let late = if world.nodes[node].first { 0 } else { 60_000 };
        world.plan(delay + late, node, command);
    }
    for _ in 0..world.chaos.below(12) {
        let pause = world.chaos.below(9_000);
        world.run_for(i64::from(pause) + 1);
        let node = devices[world.chaos.below(devices.len() as u32) as usize];
        change_something(&mut world, node);
    }
    for _ in 0..world.chaos.below(6) {
        let node = world.chaos.below(count as u32) as usize;
        let pause = world.chaos.below(20_000);
        world.run_for(i64::from(pause) + 1);
        match world.chaos.below(3) {
            0 => world.cut(node),
            1 => world.kill(node),
            _ => read_everything(&mut world, node),
        }
    }
    world.run_for(100_000);
    if world.chaos.below(3) == 0
        && let Some(node) = seconds.first()
        && let Some(device) = world.nodes[*node]
            .engine
            .as_ref()
            .and_then(engine::Engine::device_id)
    {
        world.nodes[*node].gone = true;
        if world.chaos.below(2) == 0 {
            let user = world.nodes[*node].user;
            let first = world.nodes.iter().position(|node| node.user == user);
            revoke_signed(&mut world, first.unwrap(), device);
        } else {
            world.server.revoke(device);
            world.flush_server();
        }
    }
    world.settle();
    // Removals are asked for again when a lease is over.
    for _ in 0..3 {
        world.server.ask_for_removals();
        world.flush_server();
        world.settle();
    }
    load_everything(&mut world);
    check(&world);
}

/// Everybody who came in later reads what was before them, to its beginning: from now on they have
/// to show the same as everybody else.
pub(crate) fn load_everything(world: &mut World) {
    let later = (0..world.nodes.len()).filter(|node| !world.nodes[*node].first);
    for node in later.collect::<Vec<_>>() {
        // What was told before a crash may be out of date.
        world.nodes[node].histories.clear();
        for _ in 0..60 {
            let row = &world.nodes[node];
            let all = |of: &ConversationId| row.histories.get(of).is_some_and(|told| !told.0);
            let more = row.conversations.keys().copied();
            let more: Vec<_> = more.filter(|of| !all(of)).collect();
            if more.is_empty() || row.gone {
                break;
            }
            for conversation in more {
                world.plan(1, node, Command::LoadOlder { conversation });
            }
            world.run_for(5_000);
        }
        world.nodes[node].whole = true;
    }
    world.settle();
}

/// Reacts to something that a device shows, changes or deletes it, or answers it.
pub(crate) fn change_something(world: &mut World, node: usize) {
    let rows = world.nodes[node].conversations.keys().copied();
    let entries: Vec<_> = rows
        .flat_map(|row| {
            let history = world.nodes[node].history(row).into_iter();
            history.map(move |entry| (row, entry))
        })
        .filter(|(_, entry)| entry.state == EntryState::Sent)
        .filter(|(_, entry)| !matches!(entry.body, Body::Room { .. }))
        .collect();
    if entries.is_empty() {
        return;
    }
    let (conversation, entry) = &entries[world.chaos.below(entries.len() as u32) as usize];
    let (conversation, id, sender) = (*conversation, entry.id, entry.sender);
    let message = MessageRef { sender, id };
    let number = world.chaos.below(1_000);
    let command = match world.chaos.below(8) {
        0..4 => Command::React {
            conversation,
            message,
            emoji: ["👍", "❤️", "🌿"][number as usize % 3].to_owned(),
            on: !number.is_multiple_of(4),
        },
        4 | 5 if entry.mine => Command::Edit {
            conversation,
            id,
            text: format!("edit {number}").as_str().into(),
        },
        6 if entry.mine => Command::Delete {
            conversation,
            message,
            for_everyone: true,
        },
        _ => {
            let room_id = RoomId(conversation.0);
            let to = match world.server.rooms.contains_key(&room_id) {
                true => Recipient::Room { room_id },
                false => Recipient::Direct {
                    user_id: UserId(conversation.0),
                },
            };
            let mut command = world.text_to(to, &format!("answer {number}"));
            if let Command::SendText { reply_to, .. } = &mut command {
                *reply_to = Some(message);
            }
            command
        }
    };
    world.plan(1, node, command);
}

pub(crate) fn read_everything(world: &mut World, node: usize) {
    let rows = world.nodes[node].conversations.clone();
    for (conversation, row) in rows {
        if let Some(last) = row.last
            && let (Some(room_id), Some(seq)) = (last.room_id, last.seq)
        {
            let command = Command::MarkRead {
                conversation,
                room_id,
                seq,
            };
            world.plan(1, node, command);
        }
    }
}

/// Says which seed it was when a world fails.
pub(crate) struct Seed(pub(crate) u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("replay with SNUG_SEED={}", self.0);
        }
    }
}

seeds! {
    run by "SNUG_SEED";
    seeds_0_to_124 0..125;
    seeds_125_to_249 125..250;
    seeds_250_to_374 250..375;
    seeds_375_to_499 375..500;
    seeds_500_to_624 500..625;
    seeds_625_to_749 625..750;
    seeds_750_to_874 750..875;
    seeds_875_to_999 875..1000;
}

/// Runs the seed, or the seeds `from..to`, named by the environment, or one more; of the worlds of
/// groups with newcomers when it says so.
#[test]
fn replay() {
    let seeds = named("SNUG_SEED");
    match std::env::var("SNUG_WORLD").as_deref() {
        Ok("newcomers") => random_newcomers::replay(seeds),
        _ => run_each("SNUG_SEED", seeds, run),
    }
}
