//! Leaving the account for good, as the host is about to erase everything here.
//!
//! The device signs a list that revokes itself, so that everybody sees a leaving that was signed,
//! not a device that the server says to be gone. It makes no new archive key: one that is made here
//! would be known here.

use std::collections::BTreeSet;

use protocol::{Code, DeviceId, Problem};

use crate::{engine::Step, jobs::Job, state::Registration};

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
        let ring = self.state.ring.get();
        match (self.session.own.leaving, self.state.account.get()) {
            (true, Some(account)) => BTreeSet::from([account.device_id]),
            _ => ring.map(|ring| ring.revoking.clone()).unwrap_or_default(),
        }
    }
}
