//! Whose keys are whose: pins, device lists, and changes that a person has to accept.

use e2ee::{AccountPublicKey, Pin};
use protocol::{
    Base64, Code, DeviceId, UserId,
    rest::rooms::RoomKind,
    socket::{ContactChange, ContactsUpdated},
};

use crate::{ConversationId, Phase, engine::Step, state::Person};

impl Step<'_> {
    pub(crate) fn contacts_updated(&mut self, update: &ContactsUpdated) {
        let user = update.contact.user_id;
        let conversation = ConversationId::direct(user);
        match update.change {
            ContactChange::Keys => {
                self.session.looked_up.remove(&user);
                self.session.may_have_packages(user);
                self.session.stuck.remove(&conversation);
                // Rooms of keys that were given up are closed: a new one may be possible.
                if let Some(thread) = self.state.threads.edit(conversation) {
                    thread.awaiting = None;
                }
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

    /// The two people of a conversation are no contacts: what waits in it fails, and what waits for
    /// the archive does not come behind its end.
    pub(crate) fn part(&mut self, conversation: ConversationId) {
        self.set_parted(conversation, true);
        self.forget_kept_of(conversation);
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

    /// A device of mine was shut out: this one, or another.
    pub(crate) fn device_revoked(&mut self, event: protocol::socket::DeviceEvent) {
        let account = self.state.account.get();
        if account.is_some_and(|account| account.device_id == event.device_id) {
            return self.end_session(Phase::Revoked);
        }
        self.own_devices_changed();
    }

    /// A device of mine came or went.
    pub(crate) fn own_devices_changed(&mut self) {
        if let Some(account) = self.state.account.get() {
            self.session.looked_up.remove(&account.user_id);
            self.session.may_have_packages(account.user_id);
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

    /// Compares an account key with the pin, and pins it when it is the first; says whether it may
    /// be trusted. My own key is pinned from the start: another one means that my account was
    /// reset elsewhere.
    pub(crate) fn pin(&mut self, user: UserId, key: &AccountPublicKey) -> bool {
        let own = self.state.account.get().map(|account| account.user_id);
        let Some(person) = self.state.people.get(user) else {
            self.state.people.insert(user, Person::new(key.as_bytes()));
            self.session.pins_changed = true;
            self.tell_safety(user);
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
                person.declined = false;
            }
            self.keys_changed(user);
        }
        false
    }

    /// The pinned key is claimed again: the other one is not asked about any more.
    fn withdraw_change(&mut self, user: UserId) {
        if let Some(person) = self.state.people.edit(user) {
            person.changed = None;
            person.declined = false;
        }
        self.trust_changed(user);
        self.session.stuck.remove(&ConversationId::direct(user));
    }

    /// Withdraws a claim when the server is back with the pinned key.
    pub(crate) fn seen_now(&mut self, user: UserId, key: &AccountPublicKey) {
        let person = self.state.people.get(user);
        let back = person.is_some_and(|person| {
            person.changed.is_some() && person.account_key.as_ref() == key.as_bytes()
        });
        if back {
            self.withdraw_change(user);
        }
    }

    pub(crate) fn accept_keys(&mut self, user: UserId, account_key: &Base64) {
        if self.is_claimed(user, account_key) {
            self.take_keys(user, account_key, None);
        } else {
            self.tell_person(user);
        }
    }

    pub(crate) fn decline_keys(&mut self, user: UserId, account_key: &Base64) {
        if self.is_claimed(user, account_key)
            && let Some(person) = self.state.people.edit(user)
            && !person.declined
        {
            person.declined = true;
            // My other devices stay with the pin as well.
            person.revision = person.revision.saturating_add(1);
            self.session.pins_changed = true;
        }
        self.trust_changed(user);
    }

    pub(crate) fn is_claimed(&self, user: UserId, account_key: &Base64) -> bool {
        let person = self.state.people.get(user);
        person.is_some_and(|person| person.changed.as_ref() == Some(account_key))
    }

    /// Pins another key; `pin` says more of it than that it is accepted.
    pub(crate) fn take_keys(&mut self, user: UserId, account_key: &Base64, pin: Option<&Pin>) {
        let Ok(key) = <&[u8; 32]>::try_from(account_key.as_ref()) else {
            return;
        };
        let before = self.state.people.get(user).map(|person| person.revision);
        let mut person = Person::new(key);
        person.revision = match pin {
            Some(pin) => pin.revision,
            None => before.map_or(1, |before| before.saturating_add(1)),
        };
        person.verified_at = pin.and_then(|pin| pin.verified_at);
        self.state.people.insert(user, person);
        self.session.pins_changed = true;
        self.session.looked_up.remove(&user);
        self.session.may_have_packages(user);
        self.session.lookups.insert(user);
        let conversation = ConversationId::direct(user);
        self.session.stuck.remove(&conversation);
        self.set_waiting(conversation, None);
        self.trust_changed(user);
    }

    /// Finds the rooms that a person's devices are missing from.
    ///
    /// A person's own devices come in by themselves; the other person of a direct room steps in where
    /// none of them is left, or all are of an account key that was given up.
    pub(crate) fn reconcile(&mut self, user: UserId) {
        let own = self.state.account.get().map(|account| account.user_id);
        let Some(person) = self.state.people.get(user).cloned() else {
            return;
        };
        if person.changed.is_some() {
            return;
        }
        for room_id in self.state.rooms.keys() {
            let Some(room) = self.state.rooms.get(room_id) else {
                continue;
            };
            if !room.sends() || self.session.lacks(user, self.suite_of(room_id)) {
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
            let theirs = match room.kind {
                RoomKind::Direct => room.conversation == ConversationId::direct(user),
                // Who started over is let in again by an admin, and where no old device of theirs
                // stands in the way by anybody.
                RoomKind::Group => {
                    own.is_some_and(|own| room.admins.contains(&own))
                        && leaves.iter().any(|leaf| leaf.user == user)
                        || room.misses(user, |key| person.trusts(key))
                }
            };
            let missing = person.devices.iter().any(|device| !current(*device));
            if missing
                && theirs
                && alone
                && !room.want_add.contains(&user)
                && let Some(room) = self.state.rooms.edit(room_id)
            {
                room.want_add.insert(user);
            }
        }
    }
}
