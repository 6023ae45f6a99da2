//! What becomes of a group, as lines of its conversation.

use std::collections::BTreeSet;

use protocol::{ClientId, RoomId, UserId, rest::rooms::RoomKind, socket::BinaryEnvelope};

use crate::{
    Body, Entry, EntryState, Extra, RoomEvent,
    engine::Step,
    state::{Leaf, position},
};

/// Where something happened to a group, and who did it.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) room_id: RoomId,
    pub(crate) seq: u64,
    pub(crate) id: ClientId,
    pub(crate) by: UserId,
    /// Milliseconds since 1970.
    pub(crate) at: i64,
}

impl Place {
    pub(crate) fn of(envelope: &BinaryEnvelope) -> Self {
        Self {
            room_id: envelope.room_id,
            seq: envelope.seq,
            id: envelope.client_id,
            by: envelope.sender_user,
            at: envelope.sent_at.unix_millis(),
        }
    }
}

/// What became of the people of a group.
struct Changes {
    /// Nothing was known before.
    created: bool,
    added: Vec<UserId>,
    /// Without those who said that they leave.
    out: Vec<UserId>,
    granted: Vec<UserId>,
    revoked: Vec<UserId>,
}

impl Changes {
    /// As what somebody did.
    fn done(self, by_admin: bool) -> Vec<RoomEvent> {
        let Self {
            created,
            added,
            out,
            granted,
            revoked,
        } = self;
        let mut events = Vec::new();
        if created {
            events.push(RoomEvent::Created);
        } else if !added.is_empty() {
            events.push(RoomEvent::Added { users: added });
        }
        if !out.is_empty() {
            events.push(match by_admin {
                true => RoomEvent::Removed { users: out },
                false => RoomEvent::Gone { users: out },
            });
        }
        let roles = !granted.is_empty() || !revoked.is_empty();
        if roles && !created {
            events.push(RoomEvent::Roles { granted, revoked });
        }
        events
    }

    /// As what is found by a device that comes back.
    fn found(self) -> Option<RoomEvent> {
        let Self {
            created,
            added,
            out: gone,
            granted,
            revoked,
        } = self;
        let all = [&added, &gone, &granted, &revoked];
        let news = !created && all.iter().any(|users| !users.is_empty());
        news.then_some(RoomEvent::Meanwhile {
            added,
            gone,
            granted,
            revoked,
        })
    }
}

impl Step<'_> {
    /// Reads who is in a room from its group after a commit, and writes down what that means for
    /// people.
    pub(crate) fn read_roster(&mut self, place: Place) {
        let room = self.state.rooms.get(place.room_id);
        let by_admin = room.is_some_and(|room| room.admins.contains(&place.by));
        if let Some(changes) = self.take_roster(place) {
            self.write_events(place, changes.done(by_admin));
        }
    }

    /// The same after this device came back by itself.
    pub(crate) fn read_roster_again(&mut self, place: Place, how: RoomEvent) {
        let found = self.take_roster(place).and_then(Changes::found);
        let events = [how].into_iter().chain(found);
        self.write_events(place, events.collect());
    }

    /// Reads who is in a room from its group; gives what is new to people, in a group.
    fn take_roster(&mut self, place: Place) -> Option<Changes> {
        let room_id = place.room_id;
        let keys = self.keys.as_mut()?;
        let (Ok(members), Ok(policy)) = (
            keys.client.members(room_id.0),
            keys.client.policy(room_id.0),
        ) else {
            return None;
        };
        let created = self.state.rosters.get(room_id).is_none();
        let (before, present) = (self.people_in(room_id), self.present_in(room_id));
        let leaves: Vec<Leaf> = members.iter().map(Leaf::from).collect();
        let devices: BTreeSet<_> = leaves.iter().map(|leaf| leaf.device).collect();
        self.state.rosters.insert(room_id, leaves);
        self.read_absent(room_id, &policy);
        let after = self.people_in(room_id);
        let back: Vec<_> = self
            .present_in(room_id)
            .difference(&present)
            .copied()
            .collect();
        let admins: BTreeSet<UserId> = policy.admins.into_iter().map(UserId::from).collect();
        let epoch = self.epoch(room_id);
        let room = self.state.rooms.edit(room_id)?;
        room.epoch = epoch.unwrap_or(room.epoch);
        // There always is one, but where the row was mended.
        let known = !room.admins.is_empty();
        let granted = admins.difference(&room.admins).copied();
        let granted: Vec<_> = granted.filter(|it| known && after.contains(it)).collect();
        let revoked = room.admins.difference(&admins);
        let revoked: Vec<_> = revoked.copied().filter(|it| after.contains(it)).collect();
        let added: Vec<_> = after.difference(&before).copied().collect();
        let out: Vec<_> = before.difference(&after).copied().collect();
        let out: Vec<_> = out.into_iter().filter(|it| !room.gone.remove(it)).collect();
        room.admins = admins;
        // Who was removed and comes back is not to be removed again.
        room.want_remove.retain(|device| devices.contains(device));
        let (kind, conversation) = (room.kind, room.conversation);
        if kind == RoomKind::Group && !created {
            for user in &back {
                // What was before them does not wait for them.
                let mark = self.state.marks.edit(room_id, *user);
                (mark.delivered, mark.read) = (place.seq, place.seq);
            }
        }
        self.session.changed.insert(conversation);
        self.session.acquaintances.changed(room_id);
        if kind != RoomKind::Group {
            // Who has no device in there any more is let in by this side.
            let peer = self.state.threads.get(conversation);
            if let Some(peer) = peer.and_then(|thread| thread.peer) {
                self.reconcile(peer);
            }
            return None;
        }
        self.bring_back(room_id);
        Some(Changes {
            created,
            added,
            out,
            granted,
            revoked,
        })
    }

    /// Writes a line of what happened.
    pub(crate) fn write_events(&mut self, place: Place, events: Vec<RoomEvent>) {
        let Some(room) = self.state.rooms.get(place.room_id) else {
            return;
        };
        // In a conversation of two, but for the own trouble, devices come and go unseen.
        let trouble = matches!(events[..], [RoomEvent::Rejoined | RoomEvent::SetBack]);
        let of_two = room.kind == RoomKind::Direct && !trouble;
        if events.is_empty() || of_two {
            return;
        }
        let own = self.state.account.get().map(|account| account.user_id);
        let conversation = room.conversation;
        let entry = Entry {
            key: format!("{}/{}", place.room_id, place.seq),
            position: position(room.generation, place.seq),
            id: place.id,
            room_id: Some(place.room_id),
            seq: Some(place.seq),
            sender: place.by,
            mine: own == Some(place.by),
            sent_at: place.at,
            state: EntryState::Sent,
            failure: None,
            body: Body::Room { events },
            extra: Extra::default(),
        };
        self.write_entry(conversation, entry);
    }

    /// The same for what was said from here.
    pub(crate) fn write_own_events(
        &mut self,
        room_id: RoomId,
        seq: u64,
        id: ClientId,
        at: i64,
        events: Vec<RoomEvent>,
    ) {
        if let Some(by) = self.own_user() {
            let place = Place {
                room_id,
                seq,
                id,
                by,
                at,
            };
            self.write_events(place, events);
        }
    }

    /// Somebody said that they leave; on another device, if it was me.
    pub(crate) fn goodbye(&mut self, envelope: &BinaryEnvelope) {
        let own = self.state.account.get().map(|account| account.user_id);
        let user = envelope.sender_user;
        if let Some(room) = self.state.rooms.edit(envelope.room_id)
            && own != Some(user)
        {
            room.gone.insert(user);
        }
        self.write_events(Place::of(envelope), vec![RoomEvent::Left]);
    }
}
