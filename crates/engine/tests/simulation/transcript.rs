//! What every world has to come to: all honest devices show the same.

use std::collections::{BTreeMap, BTreeSet};

use engine::{Body, ConversationId, Entry, EntryState, Phase, Said, open_picture};
use protocol::UserId;

use crate::world::World;

/// What a history says of one message: by whom, which, what, and what was made of it.
type Line = (UserId, protocol::ClientId, String, String);

fn transcript(world: &World, node: usize, peer: UserId) -> Vec<Line> {
    let history = world.nodes[node].history(ConversationId::direct(peer));
    let mut seen = BTreeSet::new();
    history
        .into_iter()
        .map(|entry| {
            assert_eq!(entry.state, EntryState::Sent, "node {node}: {entry:?}");
            assert!(seen.insert(entry.id), "node {node} has {entry:?} twice");
            let body = entry.body.clone();
            let text = match body {
                Body::Text { text } => text,
                Body::Picture {
                    attachment_id: Some(id),
                    picture,
                } => {
                    let (room, file) = &world.server.pictures[&id];
                    assert_eq!(entry.room_id, Some(*room), "node {node} cannot fetch {id}");
                    open_picture(file, &picture).unwrap();
                    picture.caption
                }
                Body::File {
                    attachment_id: Some(id),
                    file,
                } => {
                    let (room, ciphertext) = &world.server.pictures[&id];
                    assert_eq!(entry.room_id, Some(*room), "node {node} cannot fetch {id}");
                    crate::files::open(ciphertext, &file).unwrap();
                    file.caption
                }
                Body::Deleted => DELETED.into(),
                other => panic!("node {node} could not open {:?}: {other:?}", entry.position),
            };
            let made = made_of(&entry, world.nodes[node].first || world.nodes[node].whole);
            (entry.sender, entry.id, text.0, made)
        })
        .collect()
}

/// Reactions, edits and quotes in words. What a further device quotes may be from before it.
pub(crate) fn made_of(entry: &Entry, first: bool) -> String {
    let reactions = entry.extra.reactions.iter();
    let reactions: Vec<_> = reactions.map(|it| (&it.emoji, &it.users)).collect();
    let quote = entry.extra.reply_to.as_ref();
    let missing = quote.is_some_and(|quote| quote.said == Said::Missing);
    assert!(!first || !missing, "{entry:?} answers nothing");
    let looking = quote.is_some_and(|quote| quote.said == Said::Looking);
    assert!(!looking, "{entry:?} still looks");
    let quote = quote.map(|quote| match &quote.said {
        Said::Text { text } => format!("{} {:?}", quote.message.id, text.0),
        said => format!("{} {said:?}", quote.message.id),
    });
    let quote = quote.filter(|_| !missing).unwrap_or_default();
    format!("{reactions:?} {:?} {quote}", entry.extra.edited_at)
}

/// What is left of a message that was taken back.
const DELETED: &str = "(deleted)";

pub(crate) fn check(world: &World) {
    for (number, node) in world.nodes.iter().enumerate() {
        if node.gone {
            continue;
        }
        assert_eq!(node.phase, Some(Phase::Live), "node {number}");
        assert_eq!(node.outbox, 0, "node {number} still sends");
        let waits = |key: &&String| key.starts_with("state/work/");
        assert_eq!(node.records.keys().find(waits), None, "node {number}");
        for row in node.conversations.values() {
            assert_eq!((row.fault, row.waiting), (None, None), "node {number}");
            let last = node.history(row.id).pop();
            let shown = |entry: &Entry| (entry.position.clone(), entry.body.clone());
            assert!(
                row.last.as_ref().map(|it| it.position.clone())
                    == last.as_ref().map(|it| it.position.clone()),
                "node {number} shows another last line: {:?}",
                last.as_ref().map(shown)
            );
        }
    }
    let users: BTreeSet<_> = world.nodes.iter().map(|node| node.user).collect();
    for left in &users {
        for right in users.range(left..).skip(1) {
            check_pair(world, *left, *right);
        }
    }
    for (id, room) in &world.server.rooms {
        assert!(
            room.removals.is_empty(),
            "{id} still has {:?}",
            room.removals
        );
        for (device, member) in &room.members {
            let revoked = world.server.devices[device].revoked;
            assert!(
                revoked || member.left.is_some() || member.acked == room.head,
                "{device} acknowledged {} of {} in {id}",
                member.acked,
                room.head
            );
        }
    }
}

fn check_pair(world: &World, left: UserId, right: UserId) {
    let full = world
        .nodes
        .iter()
        .position(|node| node.user == left)
        .unwrap();
    let full = transcript(world, full, right);
    for (number, node) in world.nodes.iter().enumerate() {
        let peer = match node.user {
            user if user == left => right,
            user if user == right => left,
            _ => continue,
        };
        if node.gone {
            continue;
        }
        let lines = transcript(world, number, peer);
        if node.first || node.whole {
            assert_eq!(lines, full, "node {number} and its peers differ");
        } else {
            // What was before it joined is not here; what it wrote itself always is.
            let rest = full.get(full.len().saturating_sub(lines.len())..);
            let same = |(one, other): (&Line, &Line)| {
                let quotes = one.3.starts_with(&other.3) || one.3 == other.3;
                (one.0, one.1, &one.2) == (other.0, other.1, &other.2) && quotes
            };
            let rest = rest.unwrap_or_default();
            let differs = rest.iter().zip(&lines).find(|it| !same(*it));
            assert_eq!(differs, None, "node {number}");
            assert_eq!(rest.len(), lines.len(), "node {number} misses something");
        }
        check_marks(world, number, peer);
    }
    let between = |sent: &&crate::world::Sent| {
        let from = world.nodes[sent.node].user;
        let to = |user| sent.to == ConversationId::direct(user);
        from == left && to(right) || from == right && to(left)
    };
    let mut order: BTreeMap<usize, Vec<Line>> = BTreeMap::new();
    for sent in world.sent.iter().filter(between) {
        let node = &world.nodes[sent.node];
        let line = full.iter().find(|it| (it.0, it.1) == (node.user, sent.id));
        assert!(line.is_some() || node.gone, "{sent:?} was lost");
        if let Some(line) = line {
            let as_sent = line.2 == sent.text;
            let changed = line.2 == DELETED || line.2.starts_with("edit ");
            assert!(as_sent || changed, "{sent:?} became {line:?}");
            order.entry(sent.node).or_default().push(line.clone());
        }
    }
    let count: usize = order.values().map(Vec::len).sum();
    assert_eq!(count, full.len(), "something arrived that nobody sent");
    for (node, lines) in order {
        let mut of_node = full.clone();
        of_node.retain(|line| lines.contains(line));
        assert_eq!(of_node, lines, "node {node}'s messages changed their order");
    }
}

/// Everybody knows how many of their own messages were delivered, and how many were read.
pub(crate) fn check_marks(world: &World, node: usize, peer: UserId) {
    let row = world.nodes[node]
        .conversations
        .get(&ConversationId::direct(peer));
    for mark in row.into_iter().flat_map(|row| &row.marks) {
        let room = &world.server.rooms[&mark.room_id];
        let own = |sender: &UserId| *sender == world.nodes[node].user;
        let passed = |place: u64| {
            let upto = room.senders.range(..=place);
            upto.filter(|(_, sender)| own(sender)).count()
        };
        let (delivered, read) = (room.delivered(peer), room.read.get(&peer).copied());
        let read = read.unwrap_or(0);
        assert!(mark.delivered <= delivered.max(read) && mark.read <= read);
        assert_eq!(passed(mark.delivered), passed(delivered), "node {node}");
        assert_eq!(passed(mark.read), passed(read), "node {node}");
    }
}
