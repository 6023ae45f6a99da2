//! A device's side of its rooms.
//!
//! Every operation changes an overlay over the stored records: [`Client::take_changes`] keeps a
//! step, [`Client::rollback`] undoes it. Nothing that leaves the device may leave before the
//! step's changes are durable, or a ratchet key could be used twice.

mod commits;
#[cfg(test)]
mod forged;
mod messages;
mod rejoin;

use std::collections::BTreeMap;

use openmls::prelude::{GroupId, MlsGroup};
use rand_core::CryptoRng;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    error::Error,
    identity::{DeviceKeys, Member},
    key_package::{self, CheckedKeyPackage},
    policy::{self, RoomPolicy},
    provider::{Crypto, Provider},
    store::Store,
    suite::Suite,
};

pub use rejoin::Standing;

/// A device with its key and the state of its rooms.
pub struct Client {
    keys: DeviceKeys,
    provider: Provider,
    /// Groups that were read; dropped when a step is undone.
    groups: BTreeMap<Uuid, MlsGroup>,
}

/// A commit that this device made and that waits for the server's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// The MLSMessage for everybody in the room.
    pub commit: Vec<u8>,
    /// The MLSMessage for the devices that join.
    pub welcome: Option<Vec<u8>>,
    /// The devices that join, each with the reference of the key package that was used.
    pub added: Vec<(Uuid, Vec<u8>)>,
    /// The group info of the epoch that it leads to.
    pub group_info: Vec<u8>,
    /// The epoch that it leads to.
    pub epoch: u64,
}

/// A room that this device made and that waits for the server's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRoom {
    /// The first commit, which adds everybody.
    pub commit: Commit,
    /// The ratchet tree of the epoch that it leads to. The server has none to begin with, and works
    /// out those of later epochs itself.
    pub tree: Vec<u8>,
}

/// What a commit is to change.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plan<'a> {
    /// Devices that come in.
    pub add: &'a [CheckedKeyPackage],
    /// Devices that go.
    pub remove: &'a [Uuid],
    /// Of the people whose last device goes from a group, those who belong to it all the same.
    pub absent: &'a [Uuid],
    /// People who were absent and belong to the group no more.
    pub dismiss: &'a [Uuid],
    /// The admins from now on, where they change.
    pub admins: Option<&'a [Uuid]>,
}

/// What a commit changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Leaves that join; one that joins by external commit is its own committer.
    pub added: Vec<Member>,
    /// Leaves that go.
    pub removed: Vec<Member>,
    /// Who belongs to the room from now on without a leaf in it.
    pub absent: Vec<Uuid>,
    /// The room's admins from now on, when they change.
    pub admins: Option<Vec<Uuid>>,
    /// Whose commit it is.
    pub committer: Member,
    /// This device was removed.
    pub removed_me: bool,
    /// The epoch that it leads to.
    pub epoch: u64,
}

/// What a message held. `Debug` prints no plaintext.
#[derive(Clone, PartialEq, Eq)]
pub enum Opened {
    /// The plaintext of an application message.
    Application(Zeroizing<Vec<u8>>),
    /// A commit of another device: checked and merged.
    Commit(Change),
    /// The pending commit of this device came back: [`Client::merge_own`] merges it.
    OwnCommit,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Application(_) => f.write_str("Application(…)"),
            Self::Commit(change) => f.debug_tuple("Commit").field(change).finish(),
            Self::OwnCommit => f.write_str("OwnCommit"),
        }
    }
}

impl Client {
    /// A device with its stored records.
    pub fn new(keys: DeviceKeys, records: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>) -> Self {
        let provider = Provider {
            crypto: Crypto::without_randomness(),
            store: Store::new(records),
        };
        Self {
            keys,
            provider,
            groups: BTreeMap::new(),
        }
    }

    /// The device's keys.
    pub const fn keys(&self) -> &DeviceKeys {
        &self.keys
    }

    /// Takes the changes of a step, to be made durable: `None` deletes a record.
    pub fn take_changes(&mut self) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
        self.provider.crypto.forget();
        self.provider.store.take_changes()
    }

    /// Undoes the changes since the last [`Client::take_changes`].
    pub fn rollback(&mut self) {
        self.provider.crypto.forget();
        self.provider.store.rollback();
        self.groups.clear();
    }

    /// A new key package, to be used once. `now` is in seconds since 1970.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn key_package(
        &mut self,
        suite: Suite,
        now: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, Error> {
        self.provider.crypto.seed(rng);
        key_package::make(&self.provider, &self.keys, suite, now, false)
    }

    /// A new key package for when all others are used up.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn last_resort(
        &mut self,
        suite: Suite,
        now: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, Error> {
        self.provider.crypto.seed(rng);
        key_package::make(&self.provider, &self.keys, suite, now, true)
    }

    /// The room's epoch; `None` when this device has no state for it or was removed.
    pub fn epoch(&mut self, room: Uuid) -> Option<u64> {
        self.group(room).ok().map(|group| group.epoch().as_u64())
    }

    /// Everybody in the room.
    ///
    /// # Errors
    /// [`Error::UnknownRoom`] or [`Error::Removed`].
    pub fn members(&mut self, room: Uuid) -> Result<Vec<Member>, Error> {
        policy::members_of(self.group(room)?.public_group()).map_err(Error::Policy)
    }

    /// The room's policy.
    ///
    /// # Errors
    /// [`Error::UnknownRoom`] or [`Error::Removed`].
    pub fn policy(&mut self, room: Uuid) -> Result<RoomPolicy, Error> {
        RoomPolicy::of_context(self.group(room)?.public_group().group_context())
            .map_err(Error::Policy)
    }

    /// The suite that the room was made with; `None` without state for it, or after removal.
    pub fn suite(&mut self, room: Uuid) -> Option<Suite> {
        self.group(room)
            .ok()
            .and_then(|group| Suite::of(group.ciphersuite()))
    }

    /// A secret that is equal on all devices of an epoch and tells nothing: for tests and for
    /// finding forks (RFC 9420, section 8.7).
    ///
    /// # Errors
    /// [`Error::UnknownRoom`] or [`Error::Removed`].
    pub fn epoch_authenticator(&mut self, room: Uuid) -> Result<Vec<u8>, Error> {
        Ok(self.group(room)?.epoch_authenticator().as_slice().to_vec())
    }

    /// Whether a commit of this device waits for the server's answer.
    pub fn has_pending(&mut self, room: Uuid) -> bool {
        self.group(room)
            .is_ok_and(|group| group.pending_commit().is_some())
    }

    /// Drops everything that this device knows of a room.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn forget(&mut self, room: Uuid) -> Result<(), Error> {
        let stored = match self.groups.remove(&room) {
            Some(group) => Some(group),
            None => self.load(room)?,
        };
        stored.map_or(Ok(()), |mut group| {
            group.delete(&self.provider.store).map_err(state)
        })
    }

    fn load(&self, room: Uuid) -> Result<Option<MlsGroup>, Error> {
        MlsGroup::load(&self.provider.store, &group_id(room)).map_err(state)
    }

    /// The group of a room that this device is in.
    fn group(&mut self, room: Uuid) -> Result<&mut MlsGroup, Error> {
        self.parts(room).map(|(group, ..)| group)
    }

    /// The group with what its operations need.
    fn parts(&mut self, room: Uuid) -> Result<(&mut MlsGroup, &Provider, &DeviceKeys), Error> {
        if !self.groups.contains_key(&room) {
            let group = self.load(room)?.ok_or(Error::UnknownRoom)?;
            self.groups.insert(room, group);
        }
        let group = self.groups.get_mut(&room).ok_or(Error::UnknownRoom)?;
        if !group.is_active() {
            return Err(Error::Removed);
        }
        Ok((group, &self.provider, &self.keys))
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Client({:?}, …)", self.keys)
    }
}

fn group_id(room: Uuid) -> GroupId {
    GroupId::from_slice(room.as_bytes())
}

fn state(error: impl std::fmt::Display) -> Error {
    Error::State(error.to_string())
}
