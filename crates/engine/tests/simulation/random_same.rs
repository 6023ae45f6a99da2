//! What a world of groups with newcomers has to come to: the devices of a person show the same.
//!
//! All of it: the same conversations, and in each the same lines with the same that was made of
//! them, whenever a device came in. What one device shows alone is its own trouble (it joined, it
//! joined again) and what it wrote and nobody took.
//!
//! Between people: who could read something has it, and what it looks like is the same for everybody
//! who was there from then on. What a lost device was the only one of its person to have read may be
//! missing on those that came after it, and is missing on all of them.

use std::collections::{BTreeMap, BTreeSet};

use e2ee::{
    ArchiveKeys,
    archive::{Place, key_id},
};
use engine::{Body, ConversationId, Entry, EntryState, Fault, MessageRef, Quote, RoomEvent, Said};
use protocol::{Base64, ClientId, RoomId, UserId};

use crate::{
    random_rest::{conversations, is_at_rest, is_in_its_rooms, membership, row_of},
    world::World,
};

/// Where a line stands.
type Seat = (RoomId, u64);
/// By whom, which, what, what was made of it, and what it answers.
type Line = (UserId, ClientId, Body, String, Option<Quote>);

pub(crate) fn check(world: &World) {
    let standing: Vec<_> = (0..world.nodes.len())
        .filter(|node| !world.nodes[*node].gone)
        .collect();
    for room in world.server.rooms.values() {
        assert!(room.removals.is_empty(), "still to go: {:?}", room.removals);
    }
    let mut firsts: BTreeMap<UserId, usize> = BTreeMap::new();
    for node in standing.iter().copied() {
        is_at_rest(world, node);
        is_in_its_rooms(world, node);
        has_what_it_could_read(world, node);
        quotes_are_true(world, node);
        sent_what_was_written(world, node);
        let first = *firsts.entry(world.nodes[node].user).or_insert(node);
        show_the_same(world, first, node);
    }
    agree(world, &standing);
}

/// The same without those that hold nothing but what this device wrote and nobody took.
fn listed(world: &World, node: usize) -> BTreeSet<ConversationId> {
    let mut listed = conversations(world, node);
    listed.retain(|id| {
        let history = world.nodes[node].history(*id);
        history.is_empty() || history.iter().any(|entry| entry.seq.is_some())
    });
    listed
}

/// What of a line is of one device alone.
fn is_own(entry: &Entry) -> bool {
    let own = |event: &RoomEvent| {
        use RoomEvent::{Entered, Joined, Meanwhile, Rejoined};
        matches!(event, Joined | Entered | Rejoined | Meanwhile { .. })
    };
    matches!(&entry.body, Body::Room { events } if events.iter().all(own))
}

/// Where a device shows of a conversation that it joined: what the others see there it does not.
fn joined_at(world: &World, number: usize, of: ConversationId) -> BTreeSet<Seat> {
    let history = world.nodes[number].history(of).into_iter();
    let own = history.filter(is_own);
    own.filter_map(|entry| entry.room_id.zip(entry.seq))
        .collect()
}

/// The first name or picture that a device hears of a group is none that changed: it shows no line
/// where the others show one.
fn is_first_name(
    lines: &BTreeMap<Seat, Line>,
    joined: &BTreeSet<Seat>,
    seat: &Seat,
    body: &Body,
) -> bool {
    let Some(from) = joined.range(..*seat).next_back() else {
        return false;
    };
    let since = lines.range(*from..*seat);
    is_name(body) && from.0 == seat.0 && !since.into_iter().any(|(_, line)| is_name(&line.2))
}

/// A line as others tell it.
fn told((seat, line): (&Seat, &Line)) -> (Seat, (UserId, Body)) {
    (*seat, (line.0, line.2.clone()))
}

/// A device that came in between somebody's good-bye and the commit that took them out did not know
/// that they left: it shows a second line about it.
fn is_farewell(said: &BTreeMap<Seat, (UserId, Body)>, seat: &Seat, body: &Body) -> bool {
    let Body::Room { events } = body else {
        return false;
    };
    let left = |user: &UserId| {
        let before = said.range((seat.0, 0)..*seat).rev();
        let mut moves = before.filter_map(|(_, (by, body))| match body {
            Body::Room { events } => events.iter().find_map(|event| match event {
                RoomEvent::Left if by == user => Some(true),
                RoomEvent::Added { users } if users.contains(user) => Some(false),
                _ => None,
            }),
            _ => None,
        });
        moves.next() == Some(true)
    };
    events.iter().all(|event| match event {
        RoomEvent::Removed { users } | RoomEvent::Gone { users } => users.iter().all(left),
        _ => false,
    })
}

fn is_name(body: &Body) -> bool {
    let named =
        |event: &RoomEvent| matches!(event, RoomEvent::Named { .. } | RoomEvent::Pictured { .. });
    matches!(body, Body::Room { events } if events.iter().all(named))
}

/// Everything that a device shows of a conversation and that has its place.
fn lines(world: &World, number: usize, of: ConversationId) -> BTreeMap<Seat, Line> {
    let mut lines = BTreeMap::new();
    for entry in world.nodes[number].history(of) {
        assert!(
            !matches!(entry.body, Body::Unopened { .. }),
            "node {number} could not open {entry:?}"
        );
        let (Some(room), Some(seq)) = (entry.room_id, entry.seq) else {
            assert_eq!(entry.state, EntryState::Failed, "node {number} waits");
            continue;
        };
        if is_own(&entry) {
            continue;
        }
        let reactions = entry.extra.reactions.iter();
        let reactions: Vec<_> = reactions.map(|it| (&it.emoji, &it.users)).collect();
        let made = format!("{reactions:?} {:?}", entry.extra.edited_at);
        // Where it stands is every device's own affair.
        let quote = entry.extra.reply_to.map(|quote| Quote {
            position: None,
            ..quote
        });
        let line = (entry.sender, entry.id, entry.body, made, quote);
        let twice = lines.insert((room, seq), line);
        assert_eq!(twice, None, "node {number} shows two lines at {seq}");
    }
    lines
}

/// Two devices of a person.
fn show_the_same(world: &World, first: usize, second: usize) {
    let both = format!("nodes {first} and {second}");
    let listed = listed(world, first);
    assert_eq!(listed, self::listed(world, second), "{both}");
    for id in listed {
        let (mut here, mut there) = (lines(world, first, id), lines(world, second, id));
        let shown = [here.clone(), there.clone()];
        let said: BTreeMap<_, _> = shown.iter().flatten().map(told).collect();
        for (of, lines, other) in [
            (first, &shown[0], &mut there),
            (second, &shown[1], &mut here),
        ] {
            let joined = joined_at(world, of, id);
            other.retain(|seat, line| {
                let excused = !lines.contains_key(seat) && joined.contains(seat);
                let event = matches!(line.2, Body::Room { .. });
                assert!(event || !excused, "node {of} shows no message at {seat:?}");
                !excused
                    && (lines.contains_key(seat)
                        || !is_first_name(lines, &joined, seat, &line.2)
                            && !is_farewell(&said, seat, &line.2))
            });
        }
        let differs = here
            .iter()
            .find(|(seat, line)| there.get(seat) != Some(*line));
        let other = differs.and_then(|it| there.get(it.0));
        assert!(
            differs.is_none() && here.len() == there.len(),
            "{both} in {id}: {differs:?}, {other:?}; {:?}, {:?}",
            here.keys().collect::<Vec<_>>(),
            there.keys().collect::<Vec<_>>(),
        );
        let row = |node: usize| world.nodes[node].conversations[&id].clone();
        let (here, there) = (row(first), row(second));
        // One that came in and was out before anybody said a name may not have heard of it.
        let over = here.fault == Some(Fault::Removed);
        let nameless = over && (here.name.is_none() || there.name.is_none());
        assert!(
            nameless || here.name == there.name,
            "{both} in {id}: {:?}, {:?}",
            here.name,
            there.name
        );
        assert_eq!(here.fault, there.fault, "{both} in {id}");
    }
}

/// What the archive of a device's person holds, opened with that device's keys.
fn archived(world: &World, number: usize) -> BTreeMap<Seat, (UserId, Body)> {
    let node = &world.nodes[number];
    let ring = node.records["state/ring"].clone();
    let ring: serde_json::Value = serde_json::from_slice(ring.as_ref()).unwrap();
    let keys = serde_json::from_value::<Base64>(ring["archive_keys"].clone());
    let keys = keys
        .ok()
        .map(|keys| ArchiveKeys::from_bytes(keys.as_ref()).unwrap());
    let kept = world.server.own.get(&node.user).into_iter();
    kept.flat_map(|own| &own.archive)
        .map(|(seat, blob)| {
            let key = keys
                .as_ref()
                .and_then(|keys| keys.find(key_id(blob).unwrap()));
            let place = Place {
                user: node.user.0,
                room: seat.0.0,
                seq: seat.1,
            };
            let key = key.unwrap_or_else(|| panic!("node {number} has no key for {seat:?}"));
            let line = e2ee::archive::open(key, &place, blob).unwrap();
            let (size, rest) = line[1..].split_first_chunk::<4>().unwrap();
            let head = &rest[..u32::from_be_bytes(*size) as usize];
            let head: serde_json::Value = serde_json::from_slice(head).unwrap();
            let sender = serde_json::from_value(head["sender"].clone()).unwrap();
            let body = serde_json::from_value(head["body"].clone()).unwrap();
            (*seat, (sender, body))
        })
        .collect()
}

/// What was said while a device was in a room, and what the archive of its person holds.
fn has_what_it_could_read(world: &World, number: usize) {
    let node = &world.nodes[number];
    let (mut shown, mut joined) = (BTreeMap::new(), BTreeSet::new());
    for id in conversations(world, number) {
        shown.extend(lines(world, number, id));
        joined.extend(joined_at(world, number, id));
    }
    let mut kept = archived(world, number);
    let mut said = kept.clone();
    said.extend(shown.iter().map(told));
    kept.retain(|seat, (_, body)| {
        let first = is_first_name(&shown, &joined, seat, body);
        let excused = first || is_farewell(&said, seat, body);
        !joined.contains(seat) && (shown.contains_key(seat) || !excused)
    });
    let unread = kept.iter().find(|(seat, _)| !shown.contains_key(*seat));
    let unkept = shown.keys().find(|seat| !kept.contains_key(*seat));
    assert_eq!(unread, None, "node {number} does not show it");
    assert_eq!(unkept, None, "node {number} did not keep it");
    for (id, room) in &world.server.rooms {
        let last = room.members.values().filter(|it| it.user == node.user);
        let last = last.map(|it| it.left.unwrap_or(room.head)).max();
        let mut read = shown.keys().filter(|(of, _)| of == id);
        assert!(
            read.all(|(_, seq)| Some(*seq) <= last),
            "node {number} reads on in {id}"
        );
    }
}

/// What an answer quotes is what this device shows of it.
fn quotes_are_true(world: &World, number: usize) {
    for id in conversations(world, number) {
        let lines = lines(world, number, id);
        let said = |message: MessageRef| {
            let mut lines = lines.values();
            let line = lines.find(|it| (it.0, it.1) == (message.sender, message.id));
            match line.map(|line| &line.2) {
                Some(Body::Text { text }) => Said::Text { text: text.clone() },
                Some(Body::Picture { picture, .. }) => Said::Picture {
                    caption: picture.caption.clone(),
                },
                Some(Body::File { file, .. }) => Said::File {
                    name: file.name.clone(),
                },
                Some(Body::Deleted) => Said::Deleted,
                Some(other) => panic!("{other:?} is answered"),
                None => Said::Missing,
            }
        };
        for quote in lines.values().filter_map(|line| line.4.as_ref()) {
            let said = said(quote.message);
            assert_eq!(quote.said, said, "node {number} in {id}");
        }
    }
}

fn sent_what_was_written(world: &World, number: usize) {
    for sent in world.sent.iter().filter(|sent| sent.node == number) {
        let history = world.nodes[number].history(sent.to);
        let mut found = history.iter().filter(|entry| entry.id == sent.id);
        let entry = found.next();
        assert!(
            entry.is_some_and(|entry| entry.state != EntryState::Sending),
            "{sent:?} was lost"
        );
        assert_eq!(found.next(), None, "{sent:?} is there twice");
    }
}

/// One line stands in a place, and looks the same to all who were there from then on.
fn agree(world: &World, standing: &[usize]) {
    let mut canon: BTreeMap<Seat, (UserId, ClientId)> = BTreeMap::new();
    let mut looks: BTreeMap<Seat, (Body, String)> = BTreeMap::new();
    let mut names: BTreeMap<RoomId, Vec<_>> = BTreeMap::new();
    for node in standing.iter().copied() {
        for id in conversations(world, node) {
            for (seat, (sender, message, body, made, _)) in lines(world, node, id) {
                if matches!(body, Body::Room { .. }) {
                    continue;
                }
                let line = (sender, message);
                let first = canon.entry(seat).or_insert(line);
                assert_eq!(*first, line, "node {node} has something else at {seat:?}");
                let member = membership(world, node, &world.server.rooms[&seat.0]);
                if member.is_some_and(|it| it.left.is_none() && it.entitled(seat.1)) {
                    let first = looks.entry(seat).or_insert((body.clone(), made.clone()));
                    let look = (body, made);
                    assert_eq!(*first, look, "node {node} at {seat:?}");
                }
            }
        }
    }
    for node in standing.iter().copied() {
        for (id, room) in &world.server.rooms {
            let Some(member) = membership(world, node, room) else {
                continue;
            };
            let row = row_of(world, node, *id);
            let here = row
                .map(|row| lines(world, node, row.id))
                .unwrap_or_default();
            let said = canon.keys().filter(|seat| seat.0 == *id);
            let missing = said.filter(|it| member.entitled(it.1) && !here.contains_key(*it));
            let missing: Vec<_> = missing.collect();
            assert!(missing.is_empty(), "node {node} misses {missing:?} in {id}");
            if let Some(row) = row.filter(|row| row.fault.is_none()) {
                let picture = world.nodes[node].room_pictures.get(id).cloned();
                names
                    .entry(*id)
                    .or_default()
                    .push((row.name.clone(), picture));
            }
        }
    }
    for (id, mut names) in names {
        names.dedup();
        assert!(
            names.len() < 2,
            "the names or pictures differ in {id}: {names:?}"
        );
    }
}
