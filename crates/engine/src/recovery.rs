//! The recovery key: making one, keeping what it opens up to date, and coming back by it.

use e2ee::{AccountKey, BundleKey, Keyring, RecoveryKey, SealedError};
use protocol::{
    Base64, Code, Problem, UserId,
    rest::archive::{Recovery, RecoveryStands, RecoveryUpdate},
};

use crate::{
    Notice, OwnRecovery, RecoveryDue, RecoveryFailure, ResponseKind,
    engine::Step,
    jobs::Job,
    state::{Registration, Ring},
};

/// What is under way with the recovery key. Nothing of it is stored but that it is.
#[derive(Default)]
pub(crate) struct RecoverySession {
    /// A bundle that is being stored.
    storing: Option<Storing>,
    /// A device that wants to come back by the key.
    coming: Option<Coming>,
    /// The bundle may be sealed again: a fresh factor was given a moment ago.
    reseal: bool,
    /// The bundle is fetched before: the key that is kept may not be its key any more.
    checking: bool,
    /// The new key was told: the next step knows that it was shown.
    shown: bool,
    /// Came back by the key, and has not registered yet.
    pub(crate) came: bool,
}

struct Storing {
    /// The new key; none when the bundle is sealed again under the one that stands.
    new: Option<RecoveryKey>,
    update: RecoveryUpdate,
    /// A key that nobody saw may stand, whatever becomes of this one.
    unseen: bool,
    /// An answer may have been lost: this bundle may stand already.
    repeated: bool,
}

struct Coming {
    user: UserId,
    name: String,
    key: BundleKey,
}

impl Step<'_> {
    pub(crate) fn make_recovery_key(&mut self) {
        if self.session.recovery.storing.is_some() {
            return;
        }
        let known = self.state.ring.get().and_then(|ring| ring.recovery.clone());
        let version = known.map_or(0, |known| known.version).saturating_add(1);
        let key = RecoveryKey::generate(&mut self.rng);
        let unseen = self.state.ring.get().is_some_and(|it| it.making_recovery);
        self.store_bundle(Some(key), version, unseen);
    }

    /// What the bundle holds has changed: sealed again under the same key, where that is here.
    pub(crate) fn reseal_bundle(&mut self) {
        self.session.recovery.reseal = true;
    }

    fn store_bundle(&mut self, new: Option<RecoveryKey>, version: u64, unseen: bool) {
        let account = self.state.account.get();
        let registered = account.is_some_and(|it| it.registration == Registration::Done);
        let (Some(user), Some(keys), true) = (self.own_user(), self.keys.as_ref(), registered)
        else {
            return self.refuse(None, &Problem::new(Code::DeviceRequired));
        };
        let key = match &new {
            Some(new) => Some(new.bundle_key(user.0)),
            None => self.kept_bundle_key(user),
        };
        let keyring = Keyring {
            account_key: AccountKey::from_bytes(&keys.account.to_bytes()),
            list_version: self.state.people.get(user).map_or(0, |me| me.list_version),
            archive_keys: self.archive_keys(),
        };
        let sealed = key.map(|key| key.seal(&keyring, version, &mut self.rng));
        if let Some(Ok(bundle)) = sealed {
            // Stored before it is sent: a crash in between is told by it.
            if new.is_some() {
                self.ring().making_recovery = true;
            }
            let bundle = bundle.into();
            let update = RecoveryUpdate { version, bundle };
            self.session.recovery.storing = Some(Storing {
                new,
                update,
                unseen,
                repeated: false,
            });
        }
    }

    fn kept_bundle_key(&self, user: UserId) -> Option<BundleKey> {
        let ring = self.state.ring.get()?;
        let key = ring.bundle_key.as_ref()?.as_ref().try_into().ok()?;
        Some(BundleKey::from_bytes(user.0, key))
    }

    pub(crate) fn recover(&mut self, user: UserId, name: String, text: &str) {
        let key = match RecoveryKey::parse(text) {
            Ok(key) => key.bundle_key(user.0),
            Err(wrong) => {
                let group = u8::try_from(wrong.group).unwrap_or(u8::MAX);
                return self.recovery_failed(RecoveryFailure::Typo { group });
            }
        };
        if !self.may_come_in(user) {
            return self.refuse(None, &Problem::new(Code::Policy));
        }
        self.session.recovery.coming = Some(Coming { user, name, key });
        self.session.jobs.resume(Job::RecoveryLoad);
    }

    /// A step has begun: what the one before told was told.
    pub(crate) fn recovery_shown(&mut self) {
        if std::mem::take(&mut self.session.recovery.shown) {
            self.ring().making_recovery = false;
        }
    }

    pub(crate) fn pump_recovery(&mut self) {
        if self.session.recovery.coming.is_some() && self.session.jobs.idle(Job::RecoveryLoad) {
            let path = "/api/recovery".to_owned();
            self.get(Job::RecoveryLoad, path, ResponseKind::Json);
        }
        if self.session.recovery.storing.is_none()
            && std::mem::take(&mut self.session.recovery.reseal)
            && let Some(ring) = self.state.ring.get()
            && ring.bundle_stale
            && ring.bundle_key.is_some()
        {
            let known = ring.recovery.as_ref().map(|known| known.version);
            match known {
                Some(version) if version == ring.bundle_version => {
                    self.store_bundle(None, version.saturating_add(1), false);
                }
                _ => self.session.recovery.checking = true,
            }
        }
        if self.session.recovery.checking && self.session.jobs.idle(Job::RecoveryCheck) {
            let path = "/api/recovery".to_owned();
            self.get(Job::RecoveryCheck, path, ResponseKind::Json);
        }
        if let Some(storing) = &self.session.recovery.storing
            && self.session.jobs.idle(Job::RecoveryStore)
        {
            let update = storing.update.clone();
            self.put(Job::RecoveryStore, "/api/recovery", &update);
        }
    }

    pub(crate) fn recovery_store_reply(&mut self, reply: Result<(), Box<Problem>>) {
        if let Err(problem) = &reply
            && self.retries(Job::RecoveryStore, problem)
        {
            if let Some(storing) = &mut self.session.recovery.storing {
                storing.repeated = true;
            }
            return;
        }
        let Some(storing) = self.session.recovery.storing.take() else {
            return;
        };
        let (new, update) = (storing.new, storing.update);
        match (reply, new) {
            (Ok(()), new) => {
                self.session.jobs.succeeded(Job::RecoveryStore);
                self.bundle_stored(new, update.version);
            }
            (Err(problem), Some(new)) if problem.code == Code::StaleVersion => {
                // Another bundle stands, or this one, its answer lost: the new key follows both.
                let stands = problem.member("version").unwrap_or(update.version);
                let ours = storing.repeated && stands == update.version;
                self.store_bundle(Some(new), stands + 1, storing.unseen || ours);
                self.repeat(Job::RecoveryStore);
            }
            (Err(problem), None) if problem.code == Code::StaleVersion => {
                // Another key may stand there: it is not written over.
                let ring = self.ring();
                ring.bundle_key = None;
                ring.bundle_stale = false;
            }
            (Err(problem), Some(_)) => {
                // As it was: of a key that nobody saw the person still has to hear.
                self.ring().making_recovery = storing.unseen;
                self.refuse(None, &problem);
            }
            // Without a fresh factor it stays as it is: the vault has what it lacks.
            (Err(_), None) => {}
        }
    }

    fn bundle_stored(&mut self, new: Option<RecoveryKey>, version: u64) {
        let stored_at = self.now + self.session.clock_offset;
        let user = self.own_user();
        let ring = self.ring();
        ring.bundle_stale = false;
        ring.bundle_version = version;
        let due = match new {
            Some(_) => None,
            None => ring.recovery.as_ref().and_then(|known| known.due),
        };
        ring.recovery = Some(OwnRecovery {
            version,
            stored_at,
            due,
        });
        if let (Some(new), Some(user)) = (new, user) {
            ring.bundle_key = Some(new.bundle_key(user.0).to_bytes().to_vec().into());
            let text = new.to_text().as_str().into();
            self.session.recovery.shown = true;
            self.notify(Notice::RecoveryKey { text });
        }
    }

    /// Which bundle stands, as the server tells beside other things. Not what is in it: a key that
    /// is kept for it has to be tried before anything is sealed with it.
    pub(crate) fn recovery_stands(&mut self, stands: RecoveryStands) {
        let ring = self.state.ring.get();
        let known = ring.and_then(|ring| ring.recovery.as_ref());
        // What is being stored is told of by its own answer.
        if self.session.recovery.storing.is_none()
            && known.is_none_or(|known| known.version < stands.version)
        {
            self.ring().recovery = Some(OwnRecovery {
                version: stands.version,
                stored_at: stands.stored_at.unix_millis(),
                due: None,
            });
        }
    }

    /// The bundle that stands, when it was asked for another reason than to come back by it.
    pub(crate) fn recovery_seen(&mut self, seen: &Recovery) {
        let (Some(user), Some(ring)) = (self.own_user(), self.state.ring.get()) else {
            return;
        };
        let known = ring.recovery.clone();
        if known.as_ref().is_some_and(|it| it.version > seen.version) {
            return;
        }
        // Made on another device, perhaps: of what this one kept, it may be the key no more.
        let opened = self
            .kept_bundle_key(user)
            .map(|key| key.open(seen.bundle.as_ref(), seen.version));
        let opens = matches!(opened, Some(Ok(_)));
        let ring = self.ring();
        match opened {
            Some(Ok(_)) => ring.bundle_version = seen.version,
            // Sealed by a newer version: it stays as it is, and the key is tried again when this
            // device is updated.
            Some(Err(SealedError::Newer)) => {}
            _ => {
                ring.bundle_key = None;
                ring.bundle_stale = false;
            }
        }
        let due = known.as_ref().and_then(|known| known.due);
        let same = known.is_some_and(|known| known.version == seen.version);
        ring.recovery = Some(OwnRecovery {
            version: seen.version,
            stored_at: seen.stored_at.unix_millis(),
            due: due.filter(|_| opens || same),
        });
    }

    pub(crate) fn recovery_check_reply(&mut self, reply: Result<Recovery, Box<Problem>>) {
        if let Err(problem) = &reply
            && self.retries(Job::RecoveryCheck, problem)
        {
            return;
        }
        self.session.recovery.checking = false;
        // Without a fresh factor it stays as it is: the vault has what it lacks.
        let Ok(seen) = reply else {
            return;
        };
        self.session.jobs.succeeded(Job::RecoveryCheck);
        self.recovery_seen(&seen);
        // Not when the server gave an older one than it tells of: it would be asked without end.
        let ring = self.state.ring.get();
        let fits = ring.is_some_and(|ring| {
            let known = ring.recovery.as_ref().map(|known| known.version);
            known == Some(ring.bundle_version)
        });
        if fits {
            self.reseal_bundle();
        }
    }

    pub(crate) fn recovery_load_reply(&mut self, reply: Result<Recovery, Box<Problem>>) {
        if let Err(problem) = &reply
            && self.retries(Job::RecoveryLoad, problem)
        {
            return;
        }
        let Some(coming) = self.session.recovery.coming.take() else {
            return;
        };
        let stored = match reply {
            Ok(stored) => stored,
            Err(problem) if problem.code == Code::NotFound => {
                return self.recovery_failed(RecoveryFailure::None);
            }
            Err(problem) => return self.refuse(None, &problem),
        };
        self.session.jobs.succeeded(Job::RecoveryLoad);
        let keyring = match coming.key.open(stored.bundle.as_ref(), stored.version) {
            Ok(keyring) => keyring,
            Err(SealedError::Newer) => return self.recovery_failed(RecoveryFailure::Newer),
            Err(_) => return self.recovery_failed(RecoveryFailure::Wrong),
        };
        self.begin(coming.user, coming.name, keyring);
        self.session.recovery.came = true;
        let key: Base64 = coming.key.to_bytes().to_vec().into();
        let ring = self.ring();
        ring.bundle_key = Some(key);
        ring.bundle_version = stored.version;
        ring.recovery = Some(OwnRecovery {
            version: stored.version,
            stored_at: stored.stored_at.unix_millis(),
            due: None,
        });
    }

    pub(crate) fn recovery_failed(&mut self, reason: RecoveryFailure) {
        self.notify(Notice::RecoveryFailed { reason });
    }

    /// The recovery key as the person should see it.
    pub(crate) fn own_recovery(&self) -> Option<OwnRecovery> {
        let ring: &Ring = self.state.ring.get()?;
        let session = &self.session.recovery;
        let interrupted = ring.making_recovery && session.storing.is_none() && !session.shown;
        match (&ring.recovery, interrupted) {
            (known, false) => known.clone(),
            (known, true) => Some(OwnRecovery {
                version: known.as_ref().map_or(0, |known| known.version),
                stored_at: known.as_ref().map_or(0, |known| known.stored_at),
                due: Some(RecoveryDue::Interrupted),
            }),
        }
    }
}
