//! Making this device's keys and registering them; keeping key packages on the server.

use e2ee::{AccountKey, Client, DeviceKeys, DeviceList, Suite};
use protocol::{
    Base64, Code, DeviceId, Problem, UserId,
    limits::{KEY_PACKAGES, KEY_PACKAGES_LOW},
    rest::keys::{KeyPackageCount, KeyPackagesRequest, KeysReply, KeysRequest, NewDevice},
};

use crate::{
    Notice,
    engine::Step,
    jobs::Job,
    session::Link,
    state::{Account, Keys, Person, Registration, Upload},
};

/// A last resort is replaced after 30 days, in milliseconds.
pub(crate) const LAST_RESORT_AGE: i64 = 30 * 24 * 60 * 60 * 1000;

impl Step<'_> {
    pub(crate) fn set_up(&mut self, user: UserId, name: String, account_key: Option<&[u8]>) {
        if self.keys.is_some() {
            // Made before: what was refused is tried again.
            self.resend_keys(false);
            return;
        }
        let (account, registration) = match account_key.map(<[u8; 32]>::try_from) {
            Some(Ok(seed)) => (AccountKey::from_bytes(&seed), Registration::NeedsList),
            Some(Err(_)) => return self.refuse(None, &Problem::new(Code::InvalidKey)),
            None => (AccountKey::generate(&mut self.rng), Registration::Sending),
        };
        self.make_keys(user, name, account, registration, false);
    }

    pub(crate) fn reset_keys(&mut self, user: UserId, name: String) {
        let registered = self
            .state
            .account
            .get()
            .is_some_and(|account| account.registration == Registration::Done);
        if self.keys.is_some() && !registered && !self.is_crowded() {
            self.resend_keys(true);
            return;
        }
        // A socket in which no device has proved itself serves the new one.
        let unproved = (!registered).then(|| self.session.link.clone());
        self.forget_groups();
        self.session.link = unproved.unwrap_or(Link::Offline);
        let ring = self.ring();
        ring.bundle_key = None;
        ring.bundle_version = 0;
        ring.bundle_stale = false;
        ring.recovery = None;
        ring.revoking.clear();
        ring.replaced.clear();
        if ring.archive_keys.is_some() {
            // Other devices had what sealed until now.
            let mut keys = self.archive_keys();
            keys.renew(&mut self.rng);
            self.set_archive_keys(&keys);
        }
        let account = AccountKey::generate(&mut self.rng);
        self.make_keys(user, name, account, Registration::Sending, true);
    }

    /// Becomes a device of an account whose key was handed over or kept. Lists older than
    /// `list_version` are refused.
    pub(crate) fn join_with(
        &mut self,
        user: UserId,
        name: String,
        account: AccountKey,
        list_version: u64,
    ) {
        // Asked for once more while what came first was being registered: that goes on.
        let goes_on = self.state.account.get().is_some_and(|account| {
            let registration = &account.registration;
            !matches!(
                registration,
                Registration::Elsewhere | Registration::Refused(_)
            )
        });
        if goes_on {
            return;
        }
        self.make_keys(user, name, account, Registration::NeedsList, false);
        if let Some(me) = self.state.people.edit(user) {
            me.list_version = list_version;
        }
        self.session.jobs.resume(Job::Keys);
        self.session.looked_up.remove(&user);
    }

    /// The account has another key than the one that this device came with.
    pub(crate) fn account_lost(&mut self) {
        self.session.ended = None;
        self.set_registration(Registration::Elsewhere);
        match std::mem::take(&mut self.session.recovery.came) {
            true => self.recovery_failed(crate::RecoveryFailure::OtherKeys),
            false => self.tell_link(crate::LinkState::Failed {
                reason: crate::LinkFailure::OtherKeys,
            }),
        }
    }

    fn resend_keys(&mut self, reset: bool) {
        let Some(account) = self.state.account.get() else {
            return;
        };
        if matches!(
            account.registration,
            Registration::Done | Registration::NeedsList
        ) {
            return;
        }
        if reset && let Some(Upload::Keys(body)) = self.state.upload.edit() {
            body.reset = true;
        }
        self.session.jobs.resume(Job::Keys);
        self.set_registration(Registration::Sending);
    }

    /// Gives up the groups of a device that was replaced. History and conversations stay; messages
    /// that wait are sent by the new device.
    fn forget_groups(&mut self) {
        if let Some(mut keys) = self.keys.take() {
            for room in self.state.rooms.keys() {
                // One that does not read any more is no use either.
                let _ = keys.client.forget(room.0);
            }
            keys.flush(&mut self.batch);
        }
        for (_, number) in self.outbox_numbers() {
            if let Some(outgoing) = self.state.outbox.edit(number) {
                outgoing.sealed = None;
            }
        }
        for conversation in self.state.threads.keys() {
            if let Some(thread) = self.state.threads.edit(conversation) {
                thread.room = None;
                thread.awaiting = None;
            }
            self.session.changed.insert(conversation);
        }
        for room in self.state.rooms.keys() {
            if let Some(room) = self.state.rooms.edit(room) {
                room.give_up_place();
            }
        }
        self.state.rosters.clear();
        self.state.drafts.clear();
        self.session.disconnected();
        self.session.ended = None;
    }

    fn make_keys(
        &mut self,
        user_id: UserId,
        name: String,
        account: AccountKey,
        registration: Registration,
        reset: bool,
    ) {
        let seconds = self.server_seconds();
        let device_id = DeviceId::from_parts(self.unix_millis(), self.random());
        let device = DeviceKeys::generate(user_id.0, device_id.0, &account, seconds, &mut self.rng);
        let credential = device.credential().to_bytes();
        let mut keys = Keys {
            client: Client::new(device, []),
            account,
        };
        let packages = key_packages(&mut keys, Suite::Classic, KEY_PACKAGES, seconds, self);
        let last_resort = keys
            .client
            .last_resort(Suite::Classic, seconds, &mut self.rng);
        let (Ok(key_packages), Ok(last_resort)) = (packages, last_resort) else {
            return self.refuse(None, &Problem::new(Code::Internal));
        };
        let first = DeviceList {
            user: user_id.0,
            // Greater than any version that an account key before this one has signed.
            version: if reset { seconds } else { 1 },
            devices: vec![device_id.0],
            revoked: Vec::new(),
        };
        self.state
            .upload
            .set(Some(Upload::Keys(Box::new(KeysRequest {
                account_key: keys.account.public().as_bytes().to_vec().into(),
                device_list: first.sign(&keys.account).into(),
                device: NewDevice {
                    name,
                    credential: credential.into(),
                },
                key_packages,
                last_resort: last_resort.into(),
                reset,
            }))));
        self.state
            .people
            .insert(user_id, Person::new(keys.account.public().as_bytes()));
        self.state.account.set(Some(Account {
            user_id,
            device_id,
            registration,
            last_resort_at: self.now,
        }));
        if let Some(experiment) = self.state.experiment.edit() {
            experiment.begin_anew();
        }
        keys.store(&mut self.batch);
        *self.keys = Some(keys);
    }

    pub(crate) fn pump_setup(&mut self) {
        let Some(account) = self.state.account.get() else {
            return;
        };
        match account.registration {
            Registration::NeedsList => {
                self.session.lookups.insert(account.user_id);
            }
            Registration::Sending => {
                if self.session.jobs.idle(Job::Keys)
                    && let Some(Upload::Keys(body)) = self.state.upload.get().cloned()
                {
                    self.post(Job::Keys, "/api/keys", &body);
                }
            }
            Registration::Done => {
                if self.session.jobs.idle(Job::KeyPackages)
                    && let Some(Upload::Packages(body)) = self.state.upload.get().cloned()
                {
                    self.post(Job::KeyPackages, "/api/key-packages", &body);
                }
                self.pump_experiment();
            }
            Registration::Refused(_) => self.look_who_is_there(),
            Registration::Elsewhere => {}
        }
    }

    /// The device list that stands, for a device that joins an account: continued with this one.
    pub(crate) fn continue_list(&mut self, standing: &DeviceList) {
        let (Some(account), Some(keys)) = (self.state.account.get(), self.keys.as_ref()) else {
            return;
        };
        let own = account.device_id.0;
        let mut list = standing.clone();
        if !list.devices.contains(&own) {
            self.take_places(&mut list);
            list.version += 1;
            list.devices.push(own);
        }
        let signed = list.sign(&keys.account);
        if let Some(Upload::Keys(body)) = self.state.upload.edit() {
            body.device_list = signed.into();
        }
        self.set_registration(Registration::Sending);
    }

    pub(crate) fn keys_reply(&mut self, reply: Result<KeysReply, Box<Problem>>) {
        match reply {
            Ok(_) => {
                self.session.jobs.succeeded(Job::Keys);
                self.state.upload.set(None);
                // What was fetched of it was from before.
                self.session.own.list = None;
                self.set_registration(Registration::Done);
            }
            Err(problem) if self.retries(Job::Keys, &problem) => {}
            Err(problem) => match problem.code {
                Code::AccountKeyExists => self.set_registration(Registration::Elsewhere),
                Code::StaleDeviceList => {
                    self.back_off(Job::Keys, None);
                    self.set_registration(Registration::NeedsList);
                }
                _ if self.takes_places() => self.places_refused(&problem),
                _ => {
                    self.session.own.changed = true;
                    self.set_registration(Registration::Refused((&*problem).into()));
                }
            },
        }
    }

    pub(crate) fn set_registration(&mut self, registration: Registration) {
        if let Some(account) = self.state.account.edit() {
            account.registration = registration;
        }
    }

    /// Makes up for key packages that were handed out. `left` is the server's count.
    pub(crate) fn replenish(&mut self, left: u32) {
        let left = left as usize;
        let (Some(account), None) = (self.state.account.get(), self.state.upload.get()) else {
            return;
        };
        let old = self.now - account.last_resort_at > LAST_RESORT_AGE;
        let device_id = account.device_id;
        let missing = match left < KEY_PACKAGES_LOW {
            true => KEY_PACKAGES - left,
            false if old => 0,
            false => return,
        };
        let seconds = self.server_seconds();
        let Some(mut keys) = self.keys.take() else {
            return;
        };
        let packages = key_packages(&mut keys, Suite::Classic, missing, seconds, self);
        let last_resort = old.then(|| {
            keys.client
                .last_resort(Suite::Classic, seconds, &mut self.rng)
        });
        *self.keys = Some(keys);
        let (Ok(key_packages), Ok(last_resort)) = (packages, last_resort.transpose()) else {
            return;
        };
        if old && let Some(account) = self.state.account.edit() {
            account.last_resort_at = self.now;
        }
        self.state
            .upload
            .set(Some(Upload::Packages(KeyPackagesRequest {
                device_id,
                key_packages,
                last_resort: last_resort.map(Base64::from),
            })));
    }

    pub(crate) fn key_packages_reply(&mut self, reply: Result<KeyPackageCount, Box<Problem>>) {
        match reply {
            Err(problem) if self.retries(Job::KeyPackages, &problem) => {}
            // A refusal is not repeated: a package that was stored before a crash is one. The
            // server tells again when there are few.
            _ => {
                self.session.jobs.succeeded(Job::KeyPackages);
                self.state.upload.set(None);
            }
        }
    }

    /// Tells that a command was not carried out.
    pub(crate) fn refuse(&mut self, id: Option<protocol::ClientId>, problem: &Problem) {
        self.notify(Notice::Refused {
            id,
            failure: problem.into(),
        });
    }
}

pub(crate) fn key_packages(
    keys: &mut Keys,
    suite: Suite,
    count: usize,
    seconds: u64,
    step: &mut Step<'_>,
) -> Result<Vec<Base64>, e2ee::Error> {
    (0..count)
        .map(|_| {
            keys.client
                .key_package(suite, seconds, &mut step.rng)
                .map(Base64::from)
        })
        .collect()
}
