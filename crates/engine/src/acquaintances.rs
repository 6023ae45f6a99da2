//! The device lists of people in groups, contacts or not: asked for where something is said, so that
//! whom it is sealed to is held against what they signed.

use std::collections::BTreeSet;

use protocol::{RoomId, UserId};

use crate::{engine::Step, jobs::Job};

/// People who are asked about at once: a large group comes in by and by.
const AT_A_TIME: usize = 8;

/// Groups and whom of them was asked about, since the connection began.
#[derive(Default)]
pub(crate) struct Acquaintances {
    /// Something was said there, and not everybody was asked about.
    asking: BTreeSet<RoomId>,
    /// Nobody is left to be asked about.
    done: BTreeSet<RoomId>,
}

impl Acquaintances {
    /// Something is said in a group.
    pub(crate) fn say(&mut self, room_id: RoomId) {
        if !self.done.contains(&room_id) {
            self.asking.insert(room_id);
        }
    }

    /// Others are in it now.
    pub(crate) fn changed(&mut self, room_id: RoomId) {
        self.done.remove(&room_id);
    }
}

impl Step<'_> {
    pub(crate) fn pump_acquaintances(&mut self) {
        let lookup = |job: &Job| matches!(job, Job::Devices(_));
        let open = self.session.jobs.running(lookup) + self.session.lookups.len();
        let mut free = AT_A_TIME.saturating_sub(open);
        for room_id in self.session.acquaintances.asking.clone() {
            let mut unknown = self.people_in(room_id);
            unknown.retain(|user| self.is_unasked(*user));
            if unknown.is_empty() {
                self.session.acquaintances.asking.remove(&room_id);
                self.session.acquaintances.done.insert(room_id);
            }
            let next: Vec<_> = unknown.into_iter().take(free).collect();
            free -= next.len();
            self.session.lookups.extend(next);
        }
    }

    fn is_unasked(&self, user: UserId) -> bool {
        let Self { session, .. } = self;
        let asked = session.looked_up.contains(&user) || session.lookups.contains(&user);
        !asked && !session.jobs.is_running(Job::Devices(user))
    }
}
