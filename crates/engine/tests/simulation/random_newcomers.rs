//! Random worlds of groups in which people come with new devices, lose some and shut them out.
//!
//! Two groups are made, talked in and changed by everybody at once while everything goes wrong.
//! Meanwhile new devices are let in by scan, by digits and by the recovery key, and come into the
//! groups by themselves; others are lost and revoked. What it has to come to: `random_same.rs`.

use std::collections::BTreeSet;

use engine::{Command, ConversationId, LinkHow, LinkState, Phase, Recipient, RecoveryDue};
use protocol::{RoomId, UserId};

use crate::{
    chaos::Chaos,
    own::{blank, link_of, next_by_hand, recover, start_link},
    random::{change_something, friends, load_everything, read_everything},
    random_same::check,
    seeds::{run_each, seeds},
    world::World,
};

const PEOPLE: usize = 3;
const GROUPS: [RoomId; 2] = [RoomId::from_bytes([77; 16]), RoomId::from_bytes([78; 16])];
/// So many seconds everybody is busy.
const BUSY: u32 = 120;
/// So many seconds a calm world has for letting in who is still outside, and shutting out who is to
/// go.
const CALM: u32 = 600;
/// So long a person waits before they begin to link anew, in milliseconds: a few links at a time are
/// all that an account may have.
const PATIENCE: i64 = 45_000;

/// How a new device comes in.
#[derive(Clone, Copy)]
enum Way {
    Link(LinkHow),
    RecoveryKey,
}

/// A new device that is not let in yet.
#[derive(Clone, Copy)]
struct Coming {
    node: usize,
    way: Way,
    /// The person does not begin anew before.
    patience: i64,
}

/// What people are about with their devices.
struct Devices {
    /// New ones.
    coming: Vec<Coming>,
    /// Lost ones, to be revoked.
    lost: Vec<usize>,
    users: Vec<UserId>,
}

fn run(seed: u64) {
    let mut world = World::new(seed, Chaos::from_seed(seed));
    let users = friends(&mut world, PEOPLE);
    for node in 0..PEOPLE {
        // What was before somebody was let in is not theirs: nobody has to have everything.
        world.nodes[node].first = false;
        world.plan(500 + 700 * node as i64, node, Command::MakeRecoveryKey);
    }
    let mut devices = Devices {
        coming: Vec::new(),
        lost: Vec::new(),
        users,
    };
    found(&mut world, &devices.users);
    let comings = 1 + world.chaos.below(3);
    let comings: Vec<_> = (0..comings).map(|_| world.chaos.below(BUSY - 10)).collect();
    let loss = 40 + world.chaos.below(BUSY);
    for second in 0..BUSY {
        world.run_for(1_000);
        devices.tend(&mut world, second);
        for _ in comings.iter().filter(|at| **at == second) {
            devices.arrive(&mut world);
        }
        if second == loss {
            devices.lose(&mut world);
        }
        something(&mut world, &devices.users);
    }
    world.chaos.calm();
    for node in 0..world.nodes.len() {
        world.cut(node);
    }
    for second in 0..CALM {
        world.run_for(1_000);
        devices.tend(&mut world, second);
        if devices.coming.is_empty() && devices.lost.is_empty() {
            break;
        }
    }
    let outside = devices.coming.iter().map(|coming| {
        let row = &world.nodes[coming.node];
        (coming.node, &row.phase, &row.link, row.recovery_failed)
    });
    let outside: Vec<_> = outside.collect();
    assert!(outside.is_empty(), "not let in: {outside:?}");
    assert!(devices.lost.is_empty(), "not shut out");
    for _ in 0..4 {
        world.settle();
        world.server.ask_for_removals();
        world.flush_server();
    }
    world.settle();
    load_everything(&mut world);
    check(&world);
}

/// The first two people make a group each.
fn found(world: &mut World, users: &[UserId]) {
    for (node, room_id) in GROUPS.into_iter().enumerate() {
        let mut members = users.to_vec();
        members.retain(|user| *user != users[node]);
        members.truncate(1 + world.chaos.below(2) as usize);
        let create = Command::CreateGroup {
            room_id,
            name: format!("group {node}").into(),
            members,
        };
        let delay = 500 + i64::from(world.chaos.below(20_000));
        world.plan(delay, node, create);
    }
}

/// Somebody does something, or something goes wrong.
fn something(world: &mut World, users: &[UserId]) {
    let node = world.chaos.below(world.nodes.len() as u32) as usize;
    match world.chaos.below(24) {
        0..6 => say(world, node, users),
        6..9 => change_group(world, node, users),
        9 | 10 => change_something(world, node),
        11 => read_everything(world, node),
        12 if runs(world, node) => world.cut(node),
        13 if runs(world, node) => world.kill(node),
        _ => {}
    }
}

fn runs(world: &World, node: usize) -> bool {
    let row = &world.nodes[node];
    !row.gone && row.engine.is_some()
}

fn say(world: &mut World, node: usize, users: &[UserId]) {
    let me = world.nodes[node].user;
    let room_id = GROUPS[world.chaos.below(2) as usize];
    let others: Vec<_> = users.iter().filter(|user| **user != me).collect();
    let other = *others[world.chaos.below(others.len() as u32) as usize];
    let to = match world.chaos.below(4) {
        0 if device_of(world, node).is_none() => return,
        0 => Recipient::Direct { user_id: other },
        // Who does not see a group does not write in it.
        _ if !sees(world, node, room_id) => return,
        _ => Recipient::Room { room_id },
    };
    let words = format!("message {}", world.chaos.below(100_000));
    let command = match world.chaos.below(10) {
        0 => world.picture_to(to, &words),
        1 => world.file_to(node, to, &words),
        _ => world.text_to(to, &words),
    };
    world.plan(1, node, command);
}

fn sees(world: &World, node: usize, room_id: RoomId) -> bool {
    let rows = &world.nodes[node].conversations;
    rows.contains_key(&ConversationId::group(room_id))
}

fn change_group(world: &mut World, node: usize, users: &[UserId]) {
    let room_id = GROUPS[world.chaos.below(2) as usize];
    let whom = users[world.chaos.below(users.len() as u32) as usize];
    let number = world.chaos.below(1_000);
    let command = match world.chaos.below(11) {
        0..3 => Command::Invite {
            room_id,
            members: vec![whom],
        },
        3 | 4 => Command::RemoveMember {
            room_id,
            user_id: whom,
        },
        5 | 6 => Command::SetAdmin {
            room_id,
            user_id: whom,
            admin: world.chaos.below(3) > 0,
        },
        7 => Command::RenameRoom {
            room_id,
            name: format!("name {number}").into(),
        },
        8 => Command::SetRoomPicture {
            room_id,
            picture: (!number.is_multiple_of(4)).then(|| {
                let file = [b"GIF89a".as_slice(), &number.to_be_bytes()].concat();
                file.into()
            }),
        },
        _ => Command::LeaveRoom { room_id },
    };
    world.plan(1, node, command);
}

impl Devices {
    /// Somebody has a new device.
    fn arrive(&mut self, world: &mut World) {
        let user = self.users[world.chaos.below(PEOPLE as u32) as usize];
        let way = match world.chaos.below(3) {
            0 => Way::Link(LinkHow::Scan),
            1 => Way::Link(LinkHow::Typed),
            _ => Way::RecoveryKey,
        };
        self.come(world, user, way);
    }

    fn come(&mut self, world: &mut World, user: UserId, way: Way) {
        let node = blank(world, user);
        let patience = 0;
        self.coming.push(Coming {
            node,
            way,
            patience,
        });
    }

    /// Somebody loses a device. Who has no other comes back by the recovery key, if they have one.
    fn lose(&mut self, world: &mut World) {
        let user = self.users[world.chaos.below(PEOPLE as u32) as usize];
        let standing = standing(world, user);
        let node = standing[world.chaos.below(standing.len() as u32) as usize];
        if standing.len() == 1 {
            let own = world.nodes[node].own.as_ref();
            let recovery = own.and_then(|own| own.recovery.as_ref());
            let whole = recovery.is_some_and(|it| it.due != Some(RecoveryDue::Interrupted));
            if !whole || key_of(world, user).is_none() {
                return;
            }
            self.come(world, user, Way::RecoveryKey);
        }
        world.nodes[node].gone = true;
        if world.chaos.below(2) == 0 {
            world.cut(node);
        }
        self.lost.push(node);
    }

    /// What people do with their devices in a second.
    fn tend(&mut self, world: &mut World, second: u32) {
        self.coming.retain(|coming| {
            let engine = world.nodes[coming.node].engine.as_ref();
            engine.is_none_or(|it| it.device_id().is_none())
        });
        let mut busy = BTreeSet::new();
        for coming in &mut self.coming {
            let node = &world.nodes[coming.node];
            // A person lets in one at a time.
            if node.engine.is_some() && busy.insert(node.user) {
                come_in(world, coming);
            }
        }
        self.lost.retain(|node| {
            let device = device_of(world, *node);
            !device.is_some_and(|it| world.server.devices[&it].revoked)
        });
        for node in &self.lost {
            let others = standing(world, world.nodes[*node].user);
            if second.is_multiple_of(7)
                && let (Some(device_id), Some(other)) = (device_of(world, *node), others.first())
            {
                world.plan(1, *other, Command::RevokeDevice { device_id });
            }
        }
    }
}

fn device_of(world: &World, node: usize) -> Option<protocol::DeviceId> {
    let device = world.nodes[node].records.get("state/account")?;
    let account: serde_json::Value = serde_json::from_slice(device.as_ref()).unwrap();
    serde_json::from_value(account["device_id"].clone()).ok()
}

/// The devices of a person that the server knows and that are not lost.
fn standing(world: &World, user: UserId) -> Vec<usize> {
    let stands = |node: &usize| {
        let row = &world.nodes[*node];
        let device = device_of(world, *node);
        let known = device.is_some_and(|it| world.server.devices.contains_key(&it));
        row.user == user && !row.gone && known
    };
    (0..world.nodes.len()).filter(stands).collect()
}

/// The recovery key that a person has on paper.
fn key_of(world: &World, user: UserId) -> Option<String> {
    let mut nodes = world.nodes.iter().filter(|node| node.user == user);
    nodes.find_map(|node| node.recovery_keys.last().cloned())
}

/// What is done with a new device in a second.
fn come_in(world: &mut World, coming: &mut Coming) {
    let node = coming.node;
    let user = world.nodes[node].user;
    let waits = world.now < coming.patience;
    let old = standing(world, user).first().copied();
    match (coming.way, key_of(world, user), old) {
        (Way::RecoveryKey, Some(key), _) | (_, Some(key), None) => {
            if !waits {
                coming.patience = world.now + 9_000;
                world.plan(1, node, recover(user, &key));
            }
        }
        (way, _, Some(old)) => {
            let how = match way {
                Way::Link(how) => how,
                Way::RecoveryKey => LinkHow::Scan,
            };
            let live = world.nodes[old].phase == Some(Phase::Live);
            let (here, there) = (link_of(world, node), link_of(world, old));
            let begins = matches!(here, LinkState::Idle | LinkState::Failed { .. });
            if begins && live && !waits {
                coming.patience = world.now + PATIENCE;
                if there != LinkState::Idle {
                    world.plan(1, old, Command::CancelLink);
                }
                world.plan(10, node, start_link(user, how));
            } else if let Some((at, command)) = next_by_hand(world, old, node) {
                world.plan(1, at, command);
            }
        }
        (_, None, None) => panic!("node {node} has no way in"),
    }
}

/// How one of these worlds is run again.
const REPLAY: &str = "SNUG_WORLD=newcomers SNUG_SEED";

/// Runs such worlds for `random::replay`.
pub(crate) fn replay(seeds: std::ops::Range<u64>) {
    run_each(REPLAY, seeds, run);
}

seeds! {
    run by REPLAY;
    newcomer_seeds_0_to_74 0..75;
    newcomer_seeds_75_to_149 75..150;
    newcomer_seeds_150_to_224 150..225;
    newcomer_seeds_225_to_299 225..300;
}
