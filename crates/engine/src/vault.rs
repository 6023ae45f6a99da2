//! The vault: what my devices share beside messages, kept in step with the server.
//!
//! What stands there is read whenever its version is higher than the one that is known here, and
//! taken in. What is known here and not there is written a moment later. Versions never go back.
//!
//! What a newer version of the application sealed is left as it is, and nothing is written: this
//! device goes on with what it has, and its archive waits, until it is updated too.

use e2ee::{SealedError, Vault};
use protocol::{
    Code, Problem,
    rest::archive::{Vault as StoredVault, VaultUpdate},
};

use crate::{Notice, ResponseKind, engine::Step, jobs::Job, pins::leave_out};

/// Changes are gathered for so long before they are written, in milliseconds.
const GATHER: i64 = 1_000;

/// The vault on this connection.
#[derive(Default)]
pub(crate) struct VaultSession {
    /// The version that the server says stands; `None` until it has.
    stands: Option<u64>,
    /// The server said a lower version than is known here.
    doubted: bool,
    /// What is here was compared with what stands.
    checked: bool,
    /// What is here stands there.
    settled: bool,
    /// Version and digest of what is being written.
    sent: Option<(u64, [u8; 32])>,
    /// What stands was sealed by a newer version of the application, under this number.
    newer: Option<u64>,
    /// Pins of strangers were forgotten: once is enough.
    pub(crate) thinned: bool,
}

impl VaultSession {
    /// What is here is not what stands there any more.
    pub(crate) const fn unsettle(&mut self) {
        self.checked = false;
        self.settled = false;
    }
}

impl Step<'_> {
    /// The server says which version stands. A lower one than was said before is old news.
    pub(crate) fn vault_stands(&mut self, version: u64) {
        let known = self.state.ring.get().map_or(0, |ring| ring.vault);
        let stands = &mut self.session.vault.stands;
        // As the first word on a connection it may be a lie: what is there is looked at.
        self.session.vault.doubted |= stands.is_none() && version < known;
        *stands = (*stands).max(Some(version));
    }

    /// Whether all of my devices find in the vault what is known here.
    pub(crate) const fn is_vault_settled(&self) -> bool {
        self.session.vault.settled
    }

    pub(crate) fn pump_vault(&mut self) {
        let known = self.state.ring.get().map_or(0, |ring| ring.vault);
        let Some(stands) = self.session.vault.stands else {
            return;
        };
        if self.session.vault.newer.is_some_and(|it| stands <= it) {
            return;
        }
        let unread = stands == known && known > 0 && !self.is_vault_known();
        if stands > known || unread || self.session.vault.doubted {
            if self.session.jobs.idle(Job::VaultLoad) {
                self.get(Job::VaultLoad, "/api/vault".to_owned(), ResponseKind::Json);
            }
            return;
        }
        let pins = std::mem::take(&mut self.session.pins_changed);
        let changed = pins || self.state.people.is_dirty() || self.state.ring.is_dirty();
        if changed || !self.session.vault.checked {
            self.forget_strangers();
            self.compare_vault();
        }
        if !self.session.vault.settled && self.session.jobs.idle(Job::VaultStore) {
            self.store_vault(known.saturating_add(1));
        }
    }

    fn compare_vault(&mut self) {
        let vault = self.vault();
        let ring = self.state.ring.get();
        let known = ring.and_then(|ring| ring.vault_digest.clone());
        let settled = match known {
            Some(digest) => digest.as_ref() == vault.digest(),
            None => vault == Vault::default() && ring.is_none_or(|ring| ring.vault == 0),
        };
        let session = &mut self.session.vault;
        let news = !settled && (session.settled || !session.checked);
        session.checked = true;
        session.settled = settled;
        if news {
            let until = self.now + GATHER;
            self.session.jobs.pause(Job::VaultStore, until);
        }
    }

    /// What my devices find in the vault: see `pins.rs` for what does not fit.
    fn vault(&self) -> Vault {
        let mut vault = Vault {
            pins: self.pins(),
            archive_keys: self.archive_keys(),
        };
        leave_out(&mut vault);
        vault
    }

    fn store_vault(&mut self, version: u64) {
        let (Some(user), Some(keys)) = (self.own_user(), self.keys.as_ref()) else {
            return;
        };
        let vault = self.vault();
        let Ok(blob) = vault.seal(&keys.account, user.0, version, &mut self.rng) else {
            return;
        };
        self.session.vault.sent = Some((version, vault.digest()));
        let blob = blob.into();
        self.put(
            Job::VaultStore,
            "/api/vault",
            &VaultUpdate { version, blob },
        );
    }

    pub(crate) fn vault_store_reply(&mut self, reply: Result<(), Box<Problem>>) {
        let Some((version, digest)) = self.session.vault.sent.take() else {
            return;
        };
        match reply {
            Ok(()) => {
                self.session.jobs.succeeded(Job::VaultStore);
                let ring = self.ring();
                if version > ring.vault {
                    ring.vault = version;
                    ring.vault_digest = Some(digest.to_vec().into());
                }
                self.vault_stands(version);
                self.session.vault.checked = false;
            }
            Err(problem) if self.retries(Job::VaultStore, &problem) => {}
            Err(problem) if problem.code == Code::StaleVersion => {
                // Another device was faster, or an answer was lost: read, take in, write again.
                self.vault_stands(problem.member("version").unwrap_or(version));
                self.repeat(Job::VaultStore);
            }
            // Asked again on the next connection.
            Err(_) => self.session.vault.stands = None,
        }
    }

    pub(crate) fn vault_load_reply(&mut self, reply: Result<StoredVault, Box<Problem>>) {
        let stored = match reply {
            Ok(stored) => stored,
            Err(problem) if self.retries(Job::VaultLoad, &problem) => return,
            Err(problem) => {
                let known = self.state.ring.get().map_or(0, |ring| ring.vault);
                match problem.code {
                    Code::NotFound if known > 0 => self.replace_older_vault(known),
                    _ => self.session.vault.stands = None,
                }
                return;
            }
        };
        self.session.jobs.succeeded(Job::VaultLoad);
        let (Some(user), Some(keys)) = (self.own_user(), self.keys.as_ref()) else {
            return;
        };
        let known = self.state.ring.get().map_or(0, |ring| ring.vault);
        // Whatever was said before: this is what it gives.
        self.session.vault.stands = Some(stored.version);
        self.session.vault.doubted = false;
        if stored.version < known {
            return self.replace_older_vault(known);
        }
        if stored.version == known && self.is_vault_known() {
            return;
        }
        let blob = stored.blob.as_ref();
        let opened = Vault::open(blob, &keys.account, user.0, stored.version);
        if matches!(opened, Err(SealedError::Newer)) {
            return self.leave_newer_vault(stored.version);
        }
        // None fits what did not open: it is written over.
        let digest = opened.as_ref().map_or([0; 32], |it| it.digest()).to_vec();
        match opened {
            Ok(theirs) => {
                let mut archive_keys = self.archive_keys();
                if archive_keys.merge(&theirs.archive_keys) {
                    self.set_archive_keys(&archive_keys);
                }
                self.merge_pins(&theirs.pins);
            }
            // Nothing of it is believed; what is known here is written over it.
            Err(_) => self.refuse_vault("changed-vault"),
        }
        let ring = self.ring();
        ring.vault = stored.version;
        ring.vault_digest = Some(digest.into());
        ring.outdated = false;
        self.session.vault.newer = None;
        self.session.vault.stands = Some(stored.version);
        self.session.vault.checked = false;
    }

    /// What stands says more than this version understands. It is asked for again on the next
    /// connection, and read once this device is updated.
    fn leave_newer_vault(&mut self, version: u64) {
        self.session.vault.newer = Some(version);
        self.session.vault.unsettle();
        let ring = self.ring();
        ring.vault = version;
        ring.vault_digest = None;
        if !std::mem::replace(&mut ring.outdated, true) {
            self.notify(Notice::Outdated);
        }
    }

    /// Whether what stands is of a newer version of the application.
    pub(crate) const fn is_vault_newer(&self) -> bool {
        self.session.vault.newer.is_some()
    }

    /// Whether the version that is known here was read or written here.
    fn is_vault_known(&self) -> bool {
        let ring = self.state.ring.get();
        ring.is_some_and(|ring| ring.vault_digest.is_some())
    }

    /// The server has none any more, or one of a version before the one that is known here: with
    /// keys of contacts that were trusted once, and without later archive keys. Nothing of it is
    /// taken in. A server that was set back has lost it for good: what is known here is written
    /// over it, under the version after the known one.
    fn replace_older_vault(&mut self, known: u64) {
        self.refuse_vault("older-vault");
        let session = &mut self.session.vault;
        session.stands = Some(known);
        session.doubted = false;
        session.checked = false;
        session.newer = None;
        // Fits nothing: it is written.
        let ring = self.ring();
        ring.vault_digest = Some([0; 32].to_vec().into());
        ring.outdated = false;
    }

    fn refuse_vault(&mut self, reason: &str) {
        if let Some(user_id) = self.own_user() {
            let reason = reason.to_owned();
            self.notify(Notice::KeyRefused { user_id, reason });
        }
    }
}
