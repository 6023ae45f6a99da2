//! Groups: single stories. Random ones are in `group_worlds.rs`.

use std::collections::BTreeMap;

use engine::{
    Body, Command, Conversation, ConversationId, EntryState, Fault, Recipient, RoomEvent, Text,
};
use protocol::{RoomId, UserId};

use crate::{
    chaos::Chaos,
    group_worlds::check,
    random::{friends, set_up},
    world::World,
};

pub(crate) const ROOM: RoomId = RoomId::from_bytes([77; 16]);
pub(crate) const GROUP: ConversationId = ConversationId::group(ROOM);

pub(crate) fn create(members: &[UserId]) -> Command {
    Command::CreateGroup {
        room_id: ROOM,
        name: "Sunday hikes".into(),
        members: members.to_vec(),
    }
}

fn say(world: &mut World, from: usize, text: &str) {
    let command = world.text_to(Recipient::Room { room_id: ROOM }, text);
    act(world, from, command);
}

fn act(world: &mut World, node: usize, command: Command) {
    world.plan(1, node, command);
    world.run_for(5_000);
}

pub(crate) fn remove(user_id: UserId) -> Command {
    Command::RemoveMember {
        room_id: ROOM,
        user_id,
    }
}

pub(crate) const LEAVE: Command = Command::LeaveRoom { room_id: ROOM };

/// A calm world with a group of everybody in it, made by the first.
fn group(count: usize) -> (World, Vec<UserId>) {
    let mut world = World::new(1, Chaos::none(1));
    let users = friends(&mut world, count);
    world.run_for(1_000);
    act(&mut world, 0, create(&users[1..]));
    (world, users)
}

fn row(world: &World, node: usize) -> &Conversation {
    &world.nodes[node].conversations[&GROUP]
}

/// A history in words: texts as they are, events of the group in brackets.
fn lines(world: &World, node: usize) -> Vec<String> {
    let history = world.nodes[node].history(GROUP);
    let line = |body| match body {
        Body::Text { text } => vec![text.0],
        Body::Room { events } => events.iter().map(|it| format!("{it:?}")).collect(),
        other => vec![format!("{other:?}")],
    };
    let lines = history.into_iter().flat_map(|entry| line(entry.body));
    lines
        .map(|line| match line.split_once([' ', '(']) {
            Some((kind, _)) if line.contains("UserId") || line.contains("Text(") => {
                format!("[{kind}]")
            }
            _ if ["Created", "Joined", "Left"].contains(&line.as_str()) => format!("[{line}]"),
            _ => line,
        })
        .collect()
}

#[test]
fn a_group_is_made_and_talks() {
    let (mut world, users) = group(3);
    say(&mut world, 0, "hello");
    say(&mut world, 2, "hi");
    for node in 0..3 {
        let row = row(&world, node);
        assert_eq!(row.name, Some(Text::from("Sunday hikes")));
        assert_eq!(row.members, users);
        assert_eq!(row.admins, [users[0]]);
        assert_eq!((row.fault, row.waiting), (None, None));
    }
    assert_eq!(lines(&world, 0), ["[Created]", "hello", "hi"]);
    assert_eq!(lines(&world, 1), ["[Joined]", "hello", "hi"]);
    assert_eq!(row(&world, 1).unread, 2);
    world.settle();
    check(&world);
}

#[test]
fn who_is_removed_reads_nothing_new() {
    let (mut world, users) = group(3);
    say(&mut world, 0, "before");
    act(&mut world, 0, remove(users[2]));
    say(&mut world, 1, "after");
    assert_eq!(lines(&world, 2), ["[Joined]", "before", "[Removed]"]);
    assert_eq!(row(&world, 2).fault, Some(Fault::Removed));
    assert_eq!(
        lines(&world, 1),
        ["[Joined]", "before", "[Removed]", "after"]
    );
    say(&mut world, 2, "let me in");
    let last = world.nodes[2].history(GROUP).pop().unwrap();
    assert_eq!(last.state, EntryState::Failed);
    assert_eq!(row(&world, 0).members, users[..2]);

    // And comes back, to what is said from then on.
    let members = vec![users[2]];
    let room_id = ROOM;
    act(&mut world, 0, Command::Invite { room_id, members });
    say(&mut world, 1, "welcome back");
    let back = lines(&world, 2);
    assert!(back.contains(&"welcome back".to_owned()), "{back:?}");
    assert!(!back.contains(&"after".to_owned()), "{back:?}");
    assert_eq!(row(&world, 2).name, Some(Text::from("Sunday hikes")));
}

#[test]
fn the_last_admin_hands_over_before_leaving() {
    let (mut world, users) = group(3);
    act(&mut world, 0, LEAVE);
    assert!(
        world.nodes[0]
            .complaints
            .pop()
            .unwrap()
            .contains("somebody else"),
    );
    let promote = Command::SetAdmin {
        room_id: ROOM,
        user_id: users[1],
        admin: true,
    };
    act(&mut world, 0, promote);
    assert_eq!(row(&world, 2).admins, users[..2]);
    act(&mut world, 0, LEAVE);
    say(&mut world, 2, "bye, Ann");
    assert_eq!(row(&world, 1).members, users[1..]);
    assert_eq!(
        lines(&world, 2),
        ["[Joined]", "[Roles]", "[Left]", "bye, Ann"]
    );
    assert_eq!(lines(&world, 0), ["[Created]", "[Roles]", "[Left]"]);
    assert_eq!(row(&world, 0).fault, Some(Fault::Removed));
    // Who left as an admin comes back as a member.
    let invite = Command::Invite {
        room_id: ROOM,
        members: vec![users[0]],
    };
    act(&mut world, 1, invite);
    assert_eq!(row(&world, 0).fault, None);
    assert_eq!(row(&world, 0).admins, [users[1]]);
    world.settle();
    check(&world);
}

#[test]
fn only_admins_change_a_group() {
    let (mut world, users) = group(3);
    let name = Text::from("Mine");
    let room_id = ROOM;
    act(&mut world, 1, remove(users[2]));
    act(&mut world, 1, Command::RenameRoom { room_id, name });
    assert_eq!(world.nodes[1].complaints.len(), 2);
    assert_eq!(row(&world, 1).members, users);
    let name = Text::from("Monday hikes");
    act(&mut world, 0, Command::RenameRoom { room_id, name });
    for node in 0..3 {
        let row = row(&world, node);
        assert_eq!(row.name, Some(Text::from("Monday hikes")));
        let Some(Body::Room { events }) = row.last.as_ref().map(|entry| entry.body.clone()) else {
            panic!("no line");
        };
        let name = Text::from("Monday hikes");
        assert_eq!(events, [RoomEvent::Named { name }]);
    }
}

#[test]
fn who_has_no_device_yet_is_added_later() {
    let mut world = World::new(1, Chaos::none(1));
    let users = friends(&mut world, 2);
    let cy = UserId::from_bytes([9; 16]);
    world.server.befriend(users[0], cy);
    world.run_for(1_000);
    act(&mut world, 0, create(&[users[1], cy]));
    say(&mut world, 0, "early");
    assert_eq!(row(&world, 0).invited, [cy]);
    assert_eq!(row(&world, 0).members, users);
    let node = world.add(cy, BTreeMap::new());
    world.plan(10, node, set_up(cy, None));
    world.run_for(10_000);
    say(&mut world, 1, "late");
    assert_eq!(lines(&world, node), ["[Joined]", "late"]);
    assert_eq!(row(&world, node).name, Some(Text::from("Sunday hikes")));
    assert!(row(&world, 0).invited.is_empty());
}

#[test]
fn a_further_device_learns_the_name_from_its_owner() {
    let (mut world, users) = group(3);
    let node = crate::random::further_device(&mut world, 1, 10);
    world.run_for(20_000);
    say(&mut world, 0, "both");
    assert_eq!(row(&world, node).name, Some(Text::from("Sunday hikes")));
    assert_eq!(row(&world, node).members, users);
    assert!(lines(&world, node).contains(&"both".to_owned()));
    // Leaving is the person's: every device knows.
    act(&mut world, 1, LEAVE);
    world.settle();
    assert_eq!(row(&world, 1).fault, Some(Fault::Removed));
    assert_eq!(row(&world, node).fault, Some(Fault::Removed));
    check(&world);
}
