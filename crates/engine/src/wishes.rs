//! What is still wanted of a room's group: whom to add, whom to remove, who is to be an admin.
//!
//! Wishes are stored, commits are made from them: when another commit takes the epoch, what has not
//! come true by it is made again.

use std::collections::BTreeSet;

use protocol::{DeviceId, RoomId, UserId, rest::rooms::RoomKind};

use crate::{
    engine::Step,
    state::{Leaf, Room},
};

/// The next changes of a group.
pub(crate) struct Wishes {
    /// Devices to be added, person by person.
    pub(crate) missing: Vec<(UserId, DeviceId)>,
    /// Devices to be removed.
    pub(crate) remove: BTreeSet<DeviceId>,
    /// People who are absent and are to belong to the group no more.
    pub(crate) dismiss: BTreeSet<UserId>,
    /// Who is to be an admin, where that changes.
    pub(crate) admins: Option<BTreeSet<UserId>>,
}

impl Step<'_> {
    /// What is still to be changed; `None` while that is not known.
    pub(crate) fn wanted(&mut self, room_id: RoomId) -> Option<Wishes> {
        self.forget_fulfilled(room_id);
        let leaves = self.state.rosters.get(room_id)?;
        let room = self.state.rooms.get(room_id)?;
        let suite = self.suite_of(room_id);
        let unknown: Vec<_> = room
            .want_add
            .iter()
            .copied()
            .filter(|user| !self.session.looked_up.contains(user))
            .collect();
        if !unknown.is_empty() {
            self.session.lookups.extend(unknown);
            return None;
        }
        let goes = |leaf: &&Leaf| {
            room.want_remove.contains(&leaf.device)
                || room.want_out.contains(&leaf.user) && !room.admins.contains(&leaf.user)
        };
        let going = leaves.iter().filter(goes);
        let mut remove: BTreeSet<_> = going.map(|leaf| leaf.device).collect();
        let mut missing = Vec::new();
        for user in &room.want_add {
            let Some(person) = self.state.people.get(*user) else {
                continue;
            };
            // An admin who left comes back as a member: the role goes first.
            let returns = room.kind == RoomKind::Group
                && room.admins.contains(user)
                && !room.absent.contains_key(user)
                && !has_leaf(leaves, *user);
            if returns || person.changed.is_some() || self.session.lacks(*user, suite) {
                continue;
            }
            let of_user = || leaves.iter().filter(|leaf| leaf.user == *user);
            let new: Vec<_> = person
                .devices
                .iter()
                .filter(|device| !of_user().any(|leaf| leaf.device == **device))
                .copied()
                .collect();
            if !new.is_empty() {
                missing.extend(new.into_iter().map(|device| (*user, device)));
                // Leaves of an account key that was given up go with the commit that brings the
                // new.
                remove.extend(
                    of_user()
                        .filter(|leaf| !person.trusts(leaf.account_key.as_ref()))
                        .map(|leaf| leaf.device),
                );
            }
        }
        let dismissed =
            |user: &&UserId| room.absent.contains_key(*user) && !room.admins.contains(*user);
        Some(Wishes {
            missing,
            remove,
            dismiss: room.want_out.iter().filter(dismissed).copied().collect(),
            admins: admins_wanted(room, leaves),
        })
    }

    /// Forgets wishes that have come true, or cannot any more.
    fn forget_fulfilled(&mut self, room_id: RoomId) {
        let own = self.state.account.get().map(|account| account.user_id);
        let (Some(leaves), Some(room)) = (
            self.state.rosters.get(room_id),
            self.state.rooms.get(room_id),
        ) else {
            return;
        };
        let admin =
            room.kind == RoomKind::Group && own.is_some_and(|own| room.admins.contains(&own));
        let open = |user: &UserId| {
            if !self.session.looked_up.contains(user) {
                return true;
            }
            if admin && (!has_leaf(leaves, *user) || room.gone.contains(user)) {
                // An invitation stands until they have a device; who left is removed before.
                return true;
            }
            if room.absent.contains_key(user) {
                // Who started over is let in by anybody.
                return true;
            }
            if room.kind == RoomKind::Group && !admin && own != Some(*user) {
                return false;
            }
            self.state.people.get(*user).is_some_and(|person| {
                let of_user = |device: &DeviceId| {
                    leaves
                        .iter()
                        .any(|leaf| leaf.user == *user && leaf.device == *device)
                };
                person.changed.is_none() && !person.devices.iter().all(of_user)
            })
        };
        let add: BTreeSet<_> = room.want_add.iter().copied().filter(open).collect();
        let mut remove = room.want_remove.clone();
        remove.retain(|device| leaves.iter().any(|leaf| leaf.device == *device));
        let mut out = room.want_out.clone();
        out.retain(|user| admin && belongs(room, leaves, *user));
        let mut roles = room.want_roles.clone();
        roles.retain(|user, role| {
            let possible = belongs(room, leaves, *user) || !*role;
            admin && room.admins.contains(user) != *role && possible
        });
        let before = (
            &room.want_add,
            &room.want_remove,
            &room.want_out,
            &room.want_roles,
        );
        if before != (&add, &remove, &out, &roles)
            && let Some(room) = self.state.rooms.edit(room_id)
        {
            room.want_add = add;
            room.want_remove = remove;
            room.want_out = out;
            room.want_roles = roles;
            let conversation = room.conversation;
            self.session.changed.insert(conversation);
        }
    }

    /// The server, or this device, cannot make what is wanted come true.
    pub(crate) fn give_up_wishes(&mut self, room_id: RoomId) {
        let suite = self.suite_of(room_id);
        if let Some(room) = self.state.rooms.edit(room_id) {
            let users = room.want_add.clone();
            room.want_nothing();
            let conversation = room.conversation;
            let users = users.into_iter().map(|user| (user, suite));
            self.session.no_packages.extend(users);
            self.session.changed.insert(conversation);
        }
    }
}

fn belongs(room: &Room, leaves: &[Leaf], user: UserId) -> bool {
    has_leaf(leaves, user) || room.absent.contains_key(&user)
}

fn has_leaf(leaves: &[Leaf], user: UserId) -> bool {
    leaves.iter().any(|leaf| leaf.user == user)
}

/// The admins with the wishes carried out: all of them in the room, as the policy wants it, and
/// never none.
fn admins_wanted(room: &Room, leaves: &[Leaf]) -> Option<BTreeSet<UserId>> {
    if room.want_roles.is_empty() {
        return None;
    }
    let mut admins = room.admins.clone();
    for (user, admin) in &room.want_roles {
        match admin {
            true => admins.insert(*user),
            false => admins.remove(user),
        };
    }
    admins.retain(|user| belongs(room, leaves, *user));
    (!admins.is_empty() && admins != room.admins).then_some(admins)
}
