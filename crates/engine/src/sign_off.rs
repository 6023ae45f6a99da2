//! Leaving the account for good, as the host is about to erase everything here.
//!
//! The device signs a list that revokes itself, so that everybody sees a leaving that was signed,
//! not a device that the server says to be gone. It makes no new archive key: one that is made here
//! would be known here.

use std::collections::BTreeSet;

use protocol::{Code, DeviceId, Problem};

use crate::{
    engine::Step,
    jobs::Job,
    state::{Registration, Ring, Stage},
};

impl Step<'_> {
    pub(crate) fn sign_off(&mut self) {
        let account = self.state.account.get();
        if !account.is_some_and(|it| it.registration == Registration::Done) {
            return self.refuse(None, &Problem::new(Code::DeviceRequired));
        }
        self.session.own.leaving = true;
        self.session.jobs.resume(Job::DeviceList);
        self.own_devices_changed();
    }

    /// What the next list revokes: this device alone when it leaves, since revoking another one
    /// takes a factor.
    pub(crate) fn to_revoke(&self) -> BTreeSet<DeviceId> {
        let (own, ring) = (&self.session.own, self.state.ring.get());
        match (own.leaving, self.state.account.get(), ring) {
            (true, Some(account), _) => BTreeSet::from([account.device_id]),
            (_, _, Some(ring)) => {
                let more = ring.replaced.iter().filter(|_| self.replaces(ring));
                ring.revoking.iter().chain(more).copied().collect()
            }
            _ => BTreeSet::new(),
        }
    }

    /// Whether the devices go that this browser was before: with others, or by themselves once the
    /// rooms are entered. Refused for want of a factor, they wait for the others.
    fn replaces(&self, ring: &Ring) -> bool {
        let mut rooms = self.state.rooms.iter();
        let entered = self.session.to_enter.is_empty()
            && !rooms.any(|(_, room)| room.stage == Stage::Joining);
        !ring.revoking.is_empty() || entered && !self.session.own.replacing_refused
    }
}
