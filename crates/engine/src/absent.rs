//! People of a group whose last device was shut out: signed out for good, or lost with all others.
//!
//! They belong to it all the same. Whoever takes out their last leaf names them in the group's
//! context, with the account key that they had; a new device of theirs comes in by itself under the
//! same key. Who starts over has another one, and is added by somebody who has accepted it.

use std::collections::BTreeSet;

use e2ee::{CheckedKeyPackage, RoomPolicy};
use protocol::{Code, DeviceId, Problem, RoomId, UserId, rest::rooms::RoomKind};

use crate::{engine::Step, state::Room};

impl Step<'_> {
    /// Everybody who belongs to a room.
    pub(crate) fn people_in(&self, room_id: RoomId) -> BTreeSet<UserId> {
        let room = self.state.rooms.get(room_id);
        let absent = room.into_iter().flat_map(|room| room.absent.keys());
        let mut people = self.present_in(room_id);
        people.extend(absent);
        people
    }

    /// Everybody with a device in a room.
    pub(crate) fn present_in(&self, room_id: RoomId) -> BTreeSet<UserId> {
        let leaves = self.state.rosters.get(room_id);
        leaves.into_iter().flatten().map(|leaf| leaf.user).collect()
    }

    /// Reads who is absent, after the roster was.
    pub(crate) fn read_absent(&mut self, room_id: RoomId, policy: &RoomPolicy) {
        let present = self.present_in(room_id);
        let Some(room) = self.state.rooms.edit(room_id) else {
            return;
        };
        let named = policy.absent.iter();
        let named = named.map(|(user, key)| (UserId(*user), key.as_bytes().to_vec().into()));
        // Who came in by itself could not strike its name.
        room.absent = named.filter(|(user, _)| !present.contains(user)).collect();
        room.away.retain(|user| present.contains(user));
    }

    /// Of the people whose last device a commit takes out of a group, those who are to be named as
    /// absent: their removal is due because they shut the device out, and they have not left.
    pub(crate) fn to_be_absent(
        &self,
        room_id: RoomId,
        add: &[CheckedKeyPackage],
        remove: &BTreeSet<DeviceId>,
    ) -> BTreeSet<UserId> {
        let leaves = self.state.rosters.get(room_id).into_iter().flatten();
        let Some(room) = self.state.rooms.get(room_id) else {
            return BTreeSet::new();
        };
        let (going, staying): (Vec<_>, Vec<_>) =
            leaves.partition(|leaf| remove.contains(&leaf.device));
        let is_revoked = |user: UserId| {
            let person = self.state.people.get(user);
            let mut devices = going.iter().filter(|leaf| leaf.user == user);
            person.is_some_and(|it| devices.all(|leaf| it.revoked.contains(&leaf.device)))
        };
        let named = |user: &UserId| {
            let stays = staying.iter().any(|leaf| leaf.user == *user);
            let comes = add.iter().any(|it| it.credential().user == user.0);
            let wished = room.want_out.contains(user) || room.gone.contains(user);
            !stays && !comes && !wished && (room.away.contains(user) || is_revoked(*user))
        };
        let users: BTreeSet<_> = going.iter().map(|leaf| leaf.user).collect();
        match room.kind {
            RoomKind::Direct => BTreeSet::new(),
            RoomKind::Group => users.into_iter().filter(named).collect(),
        }
    }

    /// The server says that somebody whom this device named has left before: says whether there was
    /// such a one, so that the commit is made again without the name.
    pub(crate) fn not_absent(&mut self, room_id: RoomId, problem: &Problem) -> bool {
        let rule: Option<String> = problem.member("rule");
        if problem.code != Code::Policy || rule.as_deref() != Some("not-absent") {
            return false;
        }
        let remove = self.wanted(room_id).map(|it| it.remove);
        let named = self.to_be_absent(room_id, &[], &remove.unwrap_or_default());
        let found = !named.is_empty();
        if let Some(room) = self.state.rooms.edit(room_id) {
            room.away.retain(|user| !named.contains(user));
            room.gone.extend(named);
        }
        found
    }

    /// Lets those in who started over, where they are absent.
    pub(crate) fn bring_back(&mut self, room_id: RoomId) {
        let room = self.state.rooms.get(room_id);
        let absent: Vec<_> = room.map_or(Vec::new(), |it| it.absent.keys().copied().collect());
        for user in absent {
            self.reconcile(user);
        }
    }

    /// There is no such person any more: admins strike their name.
    pub(crate) fn strike(&mut self, user: UserId) {
        let own = self.own_user();
        let is_listed = |room: &Room| {
            let mine = own.is_some_and(|own| room.admins.contains(&own));
            mine && room.absent.contains_key(&user)
        };
        let rooms = self.state.rooms.iter();
        let rooms: Vec<_> = rooms.filter(|(_, room)| is_listed(room)).collect();
        let rooms: Vec<RoomId> = rooms.into_iter().map(|(id, _)| id).collect();
        for room_id in rooms {
            self.remove_member(room_id, user);
        }
    }
}

impl Room {
    /// Whether somebody is absent under another key than the one that they are known by: nobody
    /// comes in by that themselves.
    pub(crate) fn misses(&self, user: UserId, trusts: impl Fn(&[u8]) -> bool) -> bool {
        let key = self.absent.get(&user);
        key.is_some_and(|key| !trusts(key.as_ref()))
    }
}
