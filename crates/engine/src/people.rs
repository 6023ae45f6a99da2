//! Whose keys are whose: pins, device lists, and changes that a person has to accept.

use std::collections::BTreeSet;

use e2ee::{AccountPublicKey, CheckedKeyPackage, Credential, DeviceList, KeyFault, SUITE};
use protocol::{
    Base64, Code, DeviceId, Problem, RoomId, UserId,
    rest::{
        keys::{ClaimRequest, ClaimedKeyPackage, Device, DevicesReply},
        rooms::RoomKind,
    },
    socket::{ContactChange, ContactsUpdated},
};

use crate::{
    ConversationId, Notice, Phase, ResponseKind, Waiting,
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

    pub(crate) fn contacts_updated(&mut self, update: &ContactsUpdated) {
        let user = update.contact.user_id;
        let conversation = ConversationId::direct(user);
        match update.change {
            ContactChange::Keys => {
                self.session.looked_up.remove(&user);
                self.session.no_packages.remove(&user);
                self.session.stuck.remove(&conversation);
                if self.concerns(user) {
                    self.session.lookups.insert(user);
                }
            }
            ContactChange::Added => {
                self.session.stuck.remove(&conversation);
                self.set_parted(conversation, false);
            }
            ContactChange::Removed => {
                if let Some(room) = self.state.threads.get(conversation).and_then(|it| it.room) {
                    self.close_room(room);
                }
                self.part(conversation);
            }
            ContactChange::Online | ContactChange::Offline | ContactChange::Profile => {}
        }
    }

    /// The two people of a conversation are no contacts: what waits in it fails.
    pub(crate) fn part(&mut self, conversation: ConversationId) {
        self.set_parted(conversation, true);
        self.fail_waiting(conversation, Code::NotAContact);
    }

    fn set_parted(&mut self, conversation: ConversationId, parted: bool) {
        if let Some(thread) = self.state.threads.edit(conversation) {
            thread.parted = parted;
            thread.awaiting = None;
            self.session.changed.insert(conversation);
        }
        self.set_waiting(conversation, None);
    }

    /// A device of mine came or went.
    pub(crate) fn own_devices_changed(&mut self) {
        if let Some(account) = self.state.account.get() {
            self.session.looked_up.remove(&account.user_id);
            self.session.no_packages.remove(&account.user_id);
            self.session.lookups.insert(account.user_id);
        }
    }

    /// Whether anything here depends on the person's keys.
    fn concerns(&self, user: UserId) -> bool {
        self.state
            .threads
            .get(ConversationId::direct(user))
            .is_some()
            || self.state.people.get(user).is_some()
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
                if is_me
                    && own.is_some_and(|account| account.registration == Registration::NeedsList)
                {
                    self.join_account(list);
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
        if !self.pin(user, &key) {
            return Ok(Some(list));
        }
        let Some(person) = self.state.people.get(user) else {
            return Ok(None);
        };
        if list.version < person.list_version {
            return Err(KeyFault::NotInDeviceList);
        }
        let (mut devices, mut faults) = (BTreeSet::new(), Vec::new());
        for device in &reply.devices {
            match check_device(user, &key, device) {
                Ok(()) if list.devices.contains(&device.device_id.0) => {
                    devices.insert(device.device_id);
                }
                // Registered, but not signed for yet.
                Ok(()) => {}
                Err(fault) => faults.push(fault.reason()),
            }
        }
        let news = person.list_version != list.version || person.devices != devices;
        if news && let Some(person) = self.state.people.edit(user) {
            person.list_version = list.version;
            person.devices = devices;
        }
        for reason in faults {
            self.notify(Notice::KeyRefused {
                user_id: user,
                reason,
            });
        }
        Ok(Some(list))
    }

    /// A further device of an account goes on with the list that stands.
    fn join_account(&mut self, list: Option<DeviceList>) {
        let user = self.state.account.get().map(|account| account.user_id);
        if let Some(list) = list {
            self.continue_list(&list);
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

    /// Compares an account key with the pin, and pins it when it is the first; says whether it may
    /// be trusted. My own key is pinned from the start: another one means that my account was
    /// reset elsewhere.
    pub(crate) fn pin(&mut self, user: UserId, key: &AccountPublicKey) -> bool {
        let own = self.state.account.get().map(|account| account.user_id);
        let Some(person) = self.state.people.get(user) else {
            self.state.people.insert(user, Person::new(key.as_bytes()));
            return true;
        };
        if person.account_key.as_ref() == key.as_bytes() {
            return person.changed.is_none();
        }
        if own == Some(user) {
            self.end_session(Phase::Revoked);
            return false;
        }
        let known = person.changed.as_ref().map(Base64::as_ref) == Some(key.as_bytes());
        if !known {
            if let Some(person) = self.state.people.edit(user) {
                person.changed = Some(key.as_bytes().to_vec().into());
            }
            self.tell_key_change(user);
        }
        false
    }

    pub(crate) fn accept_keys(&mut self, user: UserId, account_key: &Base64) {
        let accepted = self
            .state
            .people
            .get(user)
            .is_some_and(|person| person.changed.as_ref() == Some(account_key));
        if !accepted {
            return self.tell_key_change(user);
        }
        if let Ok(key) = <&[u8; 32]>::try_from(account_key.as_ref()) {
            self.state.people.insert(user, Person::new(key));
        }
        self.session.looked_up.remove(&user);
        self.session.no_packages.remove(&user);
        self.session.lookups.insert(user);
        let conversation = ConversationId::direct(user);
        self.session.stuck.remove(&conversation);
        self.set_waiting(conversation, None);
    }

    /// Whether the keys in a room are the ones known of its people; says in the conversation what
    /// it waits for otherwise.
    pub(crate) fn may_trust(&mut self, conversation: ConversationId, room: RoomId) -> bool {
        let own = self.state.account.get().map(|account| account.user_id);
        let leaves = self.state.rosters.get(room).cloned().unwrap_or_default();
        let peer = self
            .state
            .threads
            .get(conversation)
            .and_then(|thread| thread.peer);
        let trusted = leaves.iter().all(|leaf| {
            Some(leaf.user) == own
                || self
                    .state
                    .people
                    .get(leaf.user)
                    .is_some_and(|person| person.trusts(leaf.account_key.as_ref()))
        });
        let changed = leaves.iter().map(|leaf| leaf.user).chain(peer).any(|user| {
            let person = self.state.people.get(user);
            person.is_some_and(|person| person.changed.is_some())
        });
        let reaches = peer.is_none_or(|peer| leaves.iter().any(|leaf| leaf.user == peer));
        let waiting = match (changed, trusted, reaches) {
            (true, ..) => Some(Waiting::KeyChange),
            (false, true, true) => None,
            // The person's new device has to be let in first.
            (false, ..) => Some(Waiting::PeerSetup),
        };
        if waiting == Some(Waiting::PeerSetup)
            && let Some(peer) = peer
        {
            match self.session.looked_up.contains(&peer) {
                true => self.reconcile(peer),
                false => {
                    self.session.lookups.insert(peer);
                }
            }
        }
        self.set_waiting(conversation, waiting);
        waiting.is_none()
    }

    /// Finds the rooms that a person's devices are missing from.
    ///
    /// A person's own devices add each other; the other person of a direct room steps in where
    /// none of them is left, or all are of an account key that was given up.
    pub(crate) fn reconcile(&mut self, user: UserId) {
        let own = self.state.account.get().map(|account| account.user_id);
        let Some(person) = self.state.people.get(user).cloned() else {
            return;
        };
        if person.changed.is_some() || self.session.no_packages.contains(&user) {
            return;
        }
        for room_id in self.state.rooms.keys() {
            let Some(room) = self.state.rooms.get(room_id) else {
                continue;
            };
            if !room.sends() {
                continue;
            }
            let leaves = self
                .state
                .rosters
                .get(room_id)
                .map_or(&[][..], Vec::as_slice);
            let current = |device: DeviceId| {
                leaves
                    .iter()
                    .any(|leaf| leaf.device == device && person.trusts(leaf.account_key.as_ref()))
            };
            let alone = !leaves
                .iter()
                .any(|leaf| leaf.user == user && person.trusts(leaf.account_key.as_ref()));
            let mine = own == Some(user);
            let theirs =
                room.kind == RoomKind::Direct && room.conversation == ConversationId::direct(user);
            let missing = person.devices.iter().any(|device| !current(*device));
            if missing
                && (mine || theirs && alone)
                && !room.want_add.contains(&user)
                && let Some(room) = self.state.rooms.edit(room_id)
            {
                room.want_add.insert(user);
            }
        }
    }

    /// Asks for key packages.
    pub(crate) fn claim(&mut self, job: Job, user_ids: Vec<UserId>, device_ids: Vec<DeviceId>) {
        let device_id = self.state.account.get().map(|account| account.device_id);
        let request = ClaimRequest {
            user_ids,
            device_ids,
            suite: SUITE,
            device_id,
        };
        self.post(job, "/api/key-packages/claim", &request);
    }

    /// The key packages that may be used, one of each device; tells of those that may not.
    pub(crate) fn check_packages(
        &mut self,
        claimed: &[ClaimedKeyPackage],
    ) -> Vec<CheckedKeyPackage> {
        let mut seen = BTreeSet::new();
        let mut checked = Vec::new();
        for claim in claimed {
            match self.check_package(claim) {
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

    fn check_package(&self, claim: &ClaimedKeyPackage) -> Result<CheckedKeyPackage, KeyFault> {
        let seconds = self.server_seconds();
        let package = e2ee::key_package::inspect(claim.key_package.as_ref(), seconds)?;
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
