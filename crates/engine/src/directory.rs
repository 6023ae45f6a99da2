//! What the server says of people's devices: checked, then kept; and their key packages.

use std::collections::BTreeSet;

use e2ee::{AccountPublicKey, CheckedKeyPackage, Credential, DeviceList, KeyFault, Suite};
use protocol::{
    Code, DeviceId, Problem, UserId,
    rest::keys::{ClaimRequest, ClaimedKeyPackage, Device, DevicesReply},
};

use crate::{
    ConversationId, Notice, ResponseKind,
    engine::Step,
    jobs::Job,
    state::{Person, Registration},
};

impl Step<'_> {
    pub(crate) fn pump_lookups(&mut self) {
        for user in std::mem::take(&mut self.session.lookups) {
            let job = Job::Devices(user);
            if self.session.jobs.idle(job) {
                self.get(
                    job,
                    format!("/api/users/{user}/devices"),
                    ResponseKind::Json,
                );
            } else {
                self.session.lookups.insert(user);
            }
        }
    }

    pub(crate) fn devices_reply(
        &mut self,
        user: UserId,
        reply: Result<DevicesReply, Box<Problem>>,
    ) {
        let job = Job::Devices(user);
        let reply = match reply {
            Ok(reply) if reply.user_id == user => reply,
            Ok(_) => return self.back_off(job, None),
            Err(problem) if self.retries(job, &problem) => {
                self.session.lookups.insert(user);
                return;
            }
            Err(problem) => {
                // Asked again after the next `connected` or change of keys.
                self.session.looked_up.insert(user);
                if problem.code == Code::NotFound {
                    self.strike(user);
                }
                let conversation = ConversationId::direct(user);
                let homeless = self
                    .state
                    .threads
                    .get(conversation)
                    .is_some_and(|thread| thread.room.is_none());
                if homeless && matches!(problem.code, Code::NotAContact | Code::Forbidden) {
                    self.part(conversation);
                }
                return;
            }
        };
        self.session.jobs.succeeded(job);
        let own = self.state.account.get().cloned();
        let is_me = own.as_ref().is_some_and(|account| account.user_id == user);
        self.session.looked_up.insert(user);
        match self.directory(user, &reply) {
            Ok(list) => {
                self.session.stuck.remove(&ConversationId::direct(user));
                self.answer_safety(user);
                if is_me {
                    self.own_listed(&reply, list.as_ref());
                }
                if is_me
                    && own.is_some_and(|account| account.registration == Registration::NeedsList)
                {
                    self.join_account(&reply, list);
                }
                self.reconcile(user);
            }
            // Never trusted: what was known before stays.
            Err(fault) => self.notify(Notice::KeyRefused {
                user_id: user,
                reason: fault.reason(),
            }),
        }
    }

    /// Checks what the server says of a person's devices and takes it over; gives the list.
    fn directory(
        &mut self,
        user: UserId,
        reply: &DevicesReply,
    ) -> Result<Option<DeviceList>, KeyFault> {
        let (Some(account_key), Some(list)) = (&reply.account_key, &reply.device_list) else {
            return Ok(None);
        };
        let key = AccountPublicKey::parse(account_key.as_ref())?;
        let list = DeviceList::open(list.as_ref(), &key)?;
        if list.user != user.0 {
            return Err(KeyFault::WrongUser);
        }
        self.seen_now(user, &key);
        if !self.pin(user, &key) {
            return Ok(Some(list));
        }
        let Some(person) = self.state.people.get(user) else {
            return Ok(None);
        };
        if list.version < person.list_version {
            // An old list could hide a revocation.
            self.notify(Notice::KeyRefused {
                user_id: user,
                reason: "older-device-list".to_owned(),
            });
            return Ok(None);
        }
        let (mut devices, mut faults) = (BTreeSet::new(), Vec::new());
        let named = Named::of(person, &list, reply);
        if named.conflicts(person, &list) {
            // Two lists of one version: one of them is not what the person's devices agreed on.
            faults.push("conflicting-device-list".to_owned());
            devices.clone_from(&person.devices);
        } else {
            for device in &reply.devices {
                match check_device(user, &key, device) {
                    Ok(()) if named.listed.contains(&device.device_id) => {
                        devices.insert(device.device_id);
                    }
                    // Registered, but not signed for yet; or shut out.
                    Ok(()) => {}
                    Err(fault) => faults.push(fault.reason()),
                }
            }
            let answered = |device: &DeviceId| {
                let mut given = reply.devices.iter().map(|it| it.device_id);
                given.any(|it| it == *device) || named.reported.contains(device)
            };
            if !named.listed.iter().all(answered) {
                faults.push("device-left-out".to_owned());
            }
            devices.retain(|device| !named.reported.contains(device));
            self.take_list(user, list.version, devices, named);
        }
        for reason in faults {
            self.notify(Notice::KeyRefused {
                user_id: user,
                reason,
            });
        }
        Ok(Some(list))
    }

    fn take_list(&mut self, user: UserId, version: u64, devices: BTreeSet<DeviceId>, named: Named) {
        let Some(person) = self.state.people.get(user) else {
            return;
        };
        let revokes = person.revoked != named.revoked;
        let reports = person.reported != named.reported;
        let news = person.list_version != version
            || person.devices != devices
            || person.listed != named.listed
            || revokes
            || reports;
        if !news {
            if !self.session.doubted.is_empty() {
                // A device that was asked about is not in the newest list either.
                self.lists_changed(user);
            }
            return;
        }
        if let Some(person) = self.state.people.edit(user) {
            person.list_version = version;
            person.devices = devices;
            person.listed = named.listed;
            person.revoked = named.revoked;
            person.reported = named.reported;
        }
        if reports {
            self.trust_changed(user);
        }
        self.lists_changed(user);
    }

    /// A further device of an account goes on with the list that stands.
    fn join_account(&mut self, reply: &DevicesReply, list: Option<DeviceList>) {
        let user = self.own_user();
        let me = user.and_then(|user| self.state.people.get(user));
        let known = me.map_or(0, |me| me.list_version);
        let pinned = me.map(|me| me.account_key.clone());
        if reply.account_key.is_some() && reply.account_key != pinned {
            // The account was started over since this key was handed over or kept.
            return self.account_lost();
        }
        if let Some(list) = list {
            self.continue_list(&list);
        } else if known > 0 {
            // There is a list; this one is older, or none.
            if let Some(user) = user {
                self.back_off(Job::Devices(user), None);
            }
        } else if let Some(user) = user {
            // The account has no keys after all: this device is the first.
            self.continue_list(&DeviceList {
                user: user.0,
                version: 0,
                devices: Vec::new(),
                revoked: Vec::new(),
            });
        }
    }

    /// Asks for key packages.
    pub(crate) fn claim(
        &mut self,
        job: Job,
        suite: Suite,
        user_ids: Vec<UserId>,
        device_ids: Vec<DeviceId>,
    ) {
        let device_id = self.state.account.get().map(|account| account.device_id);
        let request = ClaimRequest {
            user_ids,
            device_ids,
            suite: suite.number(),
            device_id,
        };
        self.post(job, "/api/key-packages/claim", &request);
    }

    /// The key packages that may be used in a room of this suite, one of each device; tells of those
    /// that may not.
    pub(crate) fn check_packages(
        &mut self,
        claimed: &[ClaimedKeyPackage],
        suite: Suite,
    ) -> Vec<CheckedKeyPackage> {
        let mut seen = BTreeSet::new();
        let mut checked = Vec::new();
        for claim in claimed {
            match self.check_package(claim, suite) {
                Ok(package) if seen.insert(claim.device_id) => checked.push(package),
                // A device that is newer than the list: its owner's devices add it.
                Ok(_) | Err(KeyFault::NotInDeviceList) => {}
                Err(fault) => self.notify(Notice::KeyRefused {
                    user_id: claim.user_id,
                    reason: fault.reason(),
                }),
            }
        }
        checked
    }

    fn check_package(
        &self,
        claim: &ClaimedKeyPackage,
        suite: Suite,
    ) -> Result<CheckedKeyPackage, KeyFault> {
        let seconds = self.server_seconds();
        let package = e2ee::key_package::inspect(claim.key_package.as_ref(), seconds)?;
        if package.suite() != suite {
            return Err(KeyFault::WrongSuite);
        }
        let credential = package.credential();
        if credential.user != claim.user_id.0 {
            return Err(KeyFault::WrongUser);
        }
        if credential.device != claim.device_id.0 {
            return Err(KeyFault::WrongDevice);
        }
        let person = self.state.people.get(claim.user_id);
        let trusted = person.filter(|person| person.trusts(credential.account_key.as_bytes()));
        let listed = trusted
            .ok_or(KeyFault::WrongAccountKey)?
            .devices
            .contains(&claim.device_id);
        listed.then_some(package).ok_or(KeyFault::NotInDeviceList)
    }
}

/// The devices of a person, as a list and the server's word name them.
struct Named {
    listed: BTreeSet<DeviceId>,
    revoked: BTreeSet<DeviceId>,
    reported: BTreeSet<DeviceId>,
}

impl Named {
    /// What was ever revoked stays revoked, whatever a later list says.
    fn of(person: &Person, list: &DeviceList, reply: &DevicesReply) -> Self {
        let mut revoked = person.revoked.clone();
        revoked.extend(list.revoked.iter().map(|device| DeviceId(*device)));
        let listed = list.devices.iter().map(|device| DeviceId(*device));
        let reported = reply.reported.iter().copied();
        Self {
            listed: listed.filter(|device| !revoked.contains(device)).collect(),
            reported: reported.filter(|it| !revoked.contains(it)).collect(),
            revoked,
        }
    }

    fn conflicts(&self, person: &Person, list: &DeviceList) -> bool {
        person.list_version == list.version
            && !person.listed.is_empty()
            && (person.listed != self.listed || person.revoked != self.revoked)
    }
}

/// Checks a device that the server lists: its credential is by this account key, for this person.
fn check_device(user: UserId, key: &AccountPublicKey, device: &Device) -> Result<(), KeyFault> {
    let credential = Credential::open(device.credential.as_ref())?;
    if credential.user != user.0 {
        return Err(KeyFault::WrongUser);
    }
    if credential.account_key != *key {
        return Err(KeyFault::WrongAccountKey);
    }
    if credential.device != device.device_id.0 {
        return Err(KeyFault::WrongDevice);
    }
    Ok(())
}
