//! What a device of a world that came to rest looks like by itself: nothing waits, and it is in the
//! rooms of its person as they are.

use std::collections::BTreeSet;

use engine::{Conversation, ConversationId, Fault, Phase};
use protocol::{RoomId, rest::rooms::RoomKind};

use crate::{
    server::{Membership, Room},
    transcript::check_marks,
    world::World,
};

pub(crate) fn is_at_rest(world: &World, number: usize) {
    let node = &world.nodes[number];
    assert_eq!(node.phase, Some(Phase::Live), "node {number}");
    assert_eq!(node.outbox, 0, "node {number} still sends");
    for waits in ["state/work/", "state/kept/"] {
        let mut keys = node.records.keys();
        let found = keys.find(|key| key.starts_with(waits));
        assert_eq!(found, None, "node {number}");
    }
    for row in node.conversations.values() {
        assert_eq!(row.waiting, None, "node {number}");
        let last = node.history(row.id).pop();
        assert_eq!(
            row.last.as_ref().map(|it| &it.position),
            last.as_ref().map(|it| &it.position),
            "node {number} shows another last line"
        );
        if row.kind == RoomKind::Direct {
            let peer = row.peer.unwrap();
            check_marks(world, number, peer);
        }
    }
}

/// Of a device in a room.
pub(crate) fn membership(world: &World, node: usize, room: &Room) -> Option<Membership> {
    let device = world.nodes[node].engine.as_ref()?.device_id()?;
    room.members.get(&device).copied()
}

/// In every room of its person, as the room is; out of every other.
pub(crate) fn is_in_its_rooms(world: &World, number: usize) {
    let node = &world.nodes[number];
    for (id, room) in &world.server.rooms {
        let member = membership(world, number, room);
        let member = member.filter(|member| member.left.is_none());
        let inside = room.people.contains(&node.user);
        assert_eq!(member.is_some(), inside, "node {number} in {id}");
        let row = row_of(world, number, *id);
        let (Some(member), Some(row)) = (member, row) else {
            let fault = row.map(|row| row.fault);
            assert!(!inside, "node {number} does not show {id}");
            let removed = fault.is_none_or(|it| it == Some(Fault::Removed));
            assert!(removed, "node {number} in {id}: {fault:?}");
            continue;
        };
        assert_eq!(row.fault, None, "node {number} in {id}");
        let same = row.members.iter().eq(&room.people);
        assert!(
            same,
            "node {number} in {id}: {:?}, {:?}",
            row.members, room.people
        );
        if room.kind == RoomKind::Group {
            assert_eq!(row.admins, room.admins(), "node {number} in {id}");
        }
        assert_eq!(member.acked, room.head, "node {number} in {id}");
    }
}

pub(crate) fn row_of(world: &World, node: usize, room_id: RoomId) -> Option<&Conversation> {
    let rows = &world.nodes[node].conversations;
    let room = &world.server.rooms[&room_id];
    let id = match room.kind {
        RoomKind::Group => ConversationId::group(room_id),
        RoomKind::Direct => {
            let own = room.people.contains(&world.nodes[node].user);
            let mut people = room.people.iter().filter(|_| own);
            ConversationId::direct(*people.find(|it| **it != world.nodes[node].user)?)
        }
    };
    // One that was never entered is told no more to who asks from now on.
    let stored = conversations(world, node).contains(&id);
    rows.get(&id).filter(|_| stored)
}

/// The conversations of a device, as it stores them.
pub(crate) fn conversations(world: &World, node: usize) -> BTreeSet<ConversationId> {
    let keys = world.nodes[node].records.keys();
    let ids = keys.filter_map(|key| key.strip_prefix("state/thread/"));
    ids.map(|id| ConversationId(id.parse().unwrap())).collect()
}
