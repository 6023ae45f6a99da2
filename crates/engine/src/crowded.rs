//! A new device of an account that has as many devices as it may: it comes in another's place.

use std::collections::BTreeSet;

use e2ee::DeviceList;
use protocol::{Code, DeviceId, Problem};

use crate::{engine::Step, jobs::Job, state::Registration};

impl Step<'_> {
    /// Whether this device waits for the person to say whose place it takes.
    pub(crate) fn is_crowded(&self) -> bool {
        let account = self.state.account.get();
        account.is_some_and(|account| match &account.registration {
            Registration::Refused(failure) => failure.code == Code::TooManyDevices,
            _ => self.takes_places(),
        })
    }

    /// Whether it is registering in the place of others.
    pub(crate) fn takes_places(&self) -> bool {
        let (account, ring) = (self.state.account.get(), self.state.ring.get());
        account.is_some_and(|account| {
            matches!(
                account.registration,
                Registration::NeedsList | Registration::Sending
            )
        }) && ring.is_some_and(|ring| !ring.revoking.is_empty())
    }

    pub(crate) fn replace_devices(&mut self, devices: BTreeSet<DeviceId>) {
        if !self.is_crowded() || self.takes_places() || devices.is_empty() {
            return self.refuse(None, &Problem::new(Code::Policy));
        }
        // When the list stands, they are shut out as by `Command::RevokeDevice`.
        self.ring().revoking = devices;
        self.session.jobs.resume(Job::Keys);
        self.own_devices_changed();
        self.set_registration(Registration::NeedsList);
    }

    /// Takes the places in a list that this device is about to sign.
    pub(crate) fn take_places(&self, list: &mut DeviceList) {
        let ring = self.state.ring.get();
        let wanted = ring.map(|ring| ring.revoking.clone()).unwrap_or_default();
        let is_wanted = |device: &uuid::Uuid| wanted.contains(&DeviceId(*device));
        let (gone, stay) = list.devices.drain(..).partition(is_wanted);
        list.devices = stay;
        list.revoked.extend::<Vec<_>>(gone);
    }

    /// The server does not take a list without them: it may ask for a factor first.
    pub(crate) fn places_refused(&mut self, problem: &Problem) {
        self.ring().revoking.clear();
        self.set_registration(Registration::Refused(Code::TooManyDevices.into()));
        self.refuse(None, problem);
    }

    /// Who is in the way is shown to the person, also after a restart.
    pub(crate) fn look_who_is_there(&mut self) {
        if let Some(user) = self.own_user()
            && self.is_crowded()
            && !self.session.looked_up.contains(&user)
        {
            self.session.lookups.insert(user);
        }
    }
}
