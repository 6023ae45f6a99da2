//! What the engine knows, as it is stored.

mod account;
mod index;
mod marks;
mod mend;
mod message;
mod person;
mod ring;
mod room;
mod suites;
mod thread;
mod timer;

use std::collections::BTreeSet;

use e2ee::{AccountKey, Client, DeviceKeys};
use protocol::{Base64, RoomId, UserId};
use uuid::Uuid;
use zeroize::Zeroizing;

pub(crate) use account::{Account, Registration, Upload};
pub(crate) use index::{
    Change, Changed, Edited, Fading, Fate, Index, Place, Reacted, Task, Work, index_key, place_of,
};
pub(crate) use marks::Marks;
pub(crate) use mend::OUTBOX;
pub(crate) use message::{
    Attached, Outgoing, OutgoingBody, Sealed, failed_position, line_position, position,
    sending_position,
};
pub(crate) use person::Person;
pub(crate) use ring::Ring;
pub(crate) use room::{Draft, DraftCommit, DraftRoom, Leaf, Room, Stage};
pub(crate) use suites::Experiment;
pub(crate) use thread::{Profile, Thread};
pub(crate) use timer::Timer;

use crate::{
    ConversationId, Record,
    archive::{Fill, Kept, KeptPlace, Missing},
    table::{Batch, Slot, Table},
};

const ACCOUNT_KEY: &str = "state/keys/account";
const DEVICE_KEYS: &str = "state/keys/device";
const MLS: &str = "state/mls/";

/// Everything but the keys and the groups.
pub(crate) struct State {
    pub(crate) account: Slot<Account>,
    pub(crate) upload: Slot<Upload>,
    pub(crate) ring: Slot<Ring>,
    /// The experimental suite on this device.
    pub(crate) experiment: Slot<Experiment>,
    pub(crate) rooms: Table<RoomId, Room>,
    pub(crate) rosters: Table<RoomId, Vec<Leaf>>,
    pub(crate) marks: Marks,
    pub(crate) drafts: Table<RoomId, Draft>,
    pub(crate) threads: Table<ConversationId, Thread>,
    pub(crate) outbox: Table<u64, Outgoing>,
    pub(crate) people: Table<UserId, Person>,
    /// What is to be done to entries, in order.
    pub(crate) works: Table<u64, Work>,
    /// Messages that go away.
    pub(crate) fading: Table<Fading, Fate>,
    /// Groups' pictures.
    pub(crate) pictures: Table<RoomId, Base64>,
    /// Entries that my archive does not hold yet.
    pub(crate) kept: Table<KeptPlace, Kept>,
    /// Conversations that my archive is to hold as they were before it was switched on.
    pub(crate) fills: Table<ConversationId, Fill>,
    /// What of a room is not here and may be in my archive.
    pub(crate) missing: Table<RoomId, Missing>,
    /// Messages on their way out whose records do not open: told in their conversations.
    pub(crate) lost_outgoing: BTreeSet<u64>,
    /// Keys of stored records that are of no use: to be removed with the next step.
    useless: Vec<String>,
}

/// The secret half: the account key and the device with its groups.
pub(crate) struct Keys {
    pub(crate) account: AccountKey,
    pub(crate) client: Client,
}

impl Keys {
    /// Writes the keys themselves; the groups are written as they change.
    pub(crate) fn store(&self, batch: &mut Batch) {
        batch.put(ACCOUNT_KEY.to_owned(), self.account.to_bytes().to_vec());
        let device = self.client.keys().to_bytes();
        batch.put(DEVICE_KEYS.to_owned(), device.to_vec());
    }

    /// Moves what changed in the groups since the last time into the batch.
    pub(crate) fn flush(&mut self, batch: &mut Batch) {
        for (key, value) in self.client.take_changes() {
            let path = mls_path(&key);
            match value {
                Some(value) => batch.put(path, value),
                None => batch.delete(path),
            }
        }
    }
}

impl State {
    /// Sorts stored records into tables, keys and groups. One that does not read is made up for:
    /// see `mend.rs`. A host gives those that it cannot open itself an empty value.
    pub(crate) fn load(records: Vec<Record>) -> (Self, Option<Keys>) {
        let mut state = Self {
            account: Slot::new("state/account"),
            upload: Slot::new("state/upload"),
            ring: Slot::new("state/ring"),
            experiment: Slot::new("state/experiment"),
            rooms: Table::new("state/room/"),
            rosters: Table::new("state/roster/"),
            marks: Marks::new(),
            drafts: Table::new("state/draft/"),
            threads: Table::new("state/thread/"),
            outbox: Table::new(OUTBOX),
            people: Table::new("state/person/"),
            works: Table::new("state/work/"),
            fading: Table::new("state/fading/"),
            pictures: Table::new("state/picture/"),
            kept: Table::new("state/kept/"),
            fills: Table::new("state/fill/"),
            missing: Table::new("state/missing/"),
            lost_outgoing: BTreeSet::new(),
            useless: Vec::new(),
        };
        let (mut account_key, mut device_keys, mut groups) = (None, None, Vec::new());
        let mut damaged = Vec::new();
        for Record { key, value } in records {
            let read = if key == ACCOUNT_KEY {
                let seed = <[u8; 32]>::try_from(value.as_ref()).ok();
                account_key = seed.map(|seed| AccountKey::from_bytes(&Zeroizing::new(seed)));
                account_key.is_some()
            } else if key == DEVICE_KEYS {
                device_keys = DeviceKeys::from_bytes(value.as_ref()).ok();
                device_keys.is_some()
            } else if let Some(path) = key.strip_prefix(MLS) {
                let path = from_hex(path).filter(|_| !value.as_ref().is_empty());
                let read = path.is_some();
                groups.extend(path.map(|path| (path, value.0.to_vec())));
                read
            } else {
                state.restore(&key, value.as_ref()).is_some()
            };
            if !read {
                damaged.push(key);
            }
        }
        if !damaged.is_empty() {
            state.mend(&damaged);
        }
        state.move_marks();
        // What was to be registered is gone, and cannot be made again as it was.
        let unregistered = damaged.iter().any(|key| key == "state/upload")
            && state
                .account
                .get()
                .is_some_and(|account| account.registration != Registration::Done);
        let keys = match (account_key, device_keys, state.account.get()) {
            (Some(account), Some(device), Some(_)) if !unregistered => Some(Keys {
                account,
                client: Client::new(device, groups),
            }),
            (None, None, None) if groups.is_empty() && damaged.is_empty() => None,
            _ => {
                state.begin_anew();
                let keys = [ACCOUNT_KEY, DEVICE_KEYS].map(str::to_owned);
                let paths = groups.iter().map(|(path, _)| mls_path(path));
                state.useless.extend(keys.into_iter().chain(paths));
                None
            }
        };
        damaged.retain(|key| !state.is_lost_outgoing(key));
        state.useless.extend(damaged);
        (state, keys)
    }

    /// Takes one record; one that this version does not know is left alone.
    fn restore(&mut self, key: &str, value: &[u8]) -> Option<()> {
        let mut parts = key.splitn(3, '/').skip(1);
        let (kind, id) = (parts.next()?, parts.next().unwrap_or_default());
        let uuid = || id.parse::<Uuid>().ok();
        match kind {
            "mark" => return self.marks.restore(id, value),
            "account" => self.account.restore(value),
            "upload" => self.upload.restore(value),
            "ring" => self.ring.restore(value),
            "experiment" => self.experiment.restore(value),
            "room" => self.rooms.restore(RoomId(uuid()?), value),
            "roster" => self.rosters.restore(RoomId(uuid()?), value),
            "draft" => self.drafts.restore(RoomId(uuid()?), value),
            "thread" => self.threads.restore(ConversationId(uuid()?), value),
            "outbox" => self.outbox.restore(id.parse().ok()?, value),
            "person" => self.people.restore(UserId(uuid()?), value),
            "work" => self.works.restore(id.parse().ok()?, value),
            "fading" => self.fading.restore(id.parse().ok()?, value),
            "picture" => self.pictures.restore(RoomId(uuid()?), value),
            "kept" => self.kept.restore(id.parse().ok()?, value),
            "fill" => self.fills.restore(ConversationId(uuid()?), value),
            "missing" => self.missing.restore(RoomId(uuid()?), value),
            _ => Ok(()),
        }
        .ok()
    }

    /// Keys of stored records that did not read.
    #[cfg(feature = "fuzzing")]
    pub(crate) fn damaged(records: Vec<Record>) -> Vec<String> {
        Self::load(records).0.useless
    }

    /// Writes what changed.
    pub(crate) fn flush(&mut self, batch: &mut Batch) {
        for key in std::mem::take(&mut self.useless) {
            batch.delete(key);
        }
        self.account.flush(batch);
        self.upload.flush(batch);
        self.ring.flush(batch);
        self.experiment.flush(batch);
        self.rooms.flush(batch);
        self.rosters.flush(batch);
        self.marks.flush(batch);
        self.drafts.flush(batch);
        self.threads.flush(batch);
        self.outbox.flush(batch);
        self.people.flush(batch);
        self.works.flush(batch);
        self.fading.flush(batch);
        self.pictures.flush(batch);
        self.kept.flush(batch);
        self.fills.flush(batch);
        self.missing.flush(batch);
    }
}

/// Removes a group record of a device that is given up.
pub(crate) fn mls_path(key: &[u8]) -> String {
    use std::fmt::Write;
    let mut path = String::with_capacity(MLS.len() + 2 * key.len());
    path.push_str(MLS);
    for byte in key {
        let _ = write!(path, "{byte:02x}");
    }
    path
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs
        .iter()
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn group_keys_have_paths() {
        let path = mls_path(&[0, 0xab, 0xff]);
        assert_eq!(path, "state/mls/00abff");
        assert_eq!(from_hex("00abff").unwrap(), [0, 0xab, 0xff]);
        assert!(from_hex("0").is_none() && from_hex("zz").is_none());
    }

    fn record(key: &str, value: &[u8]) -> Record {
        Record {
            key: key.to_owned(),
            value: value.to_vec().into(),
        }
    }

    #[test]
    fn incomplete_keys_are_given_up() {
        let (mut state, keys) = State::load(vec![
            record(ACCOUNT_KEY, &[1; 32]),
            record("state/mls/00ab", b"group"),
            record("state/outbox/x", b""),
        ]);
        assert!(keys.is_none());
        let mut batch = Batch::default();
        state.flush(&mut batch);
        let (puts, deletes) = batch.split().unwrap();
        assert!(puts.is_empty());
        for key in [ACCOUNT_KEY, "state/mls/00ab", "state/outbox/x"] {
            assert!(deletes.iter().any(|it| it == key), "{key}");
        }
    }

    proptest! {
        #[test]
        fn any_record_is_read_or_refused(
            kind in "(account|upload|ring|room|roster|mark|draft|thread|outbox|person|work|fading|picture|kept|fill|missing|mls|keys|new)",
            id in "[0-9a-f.-]{0,40}",
            value in proptest::collection::vec(any::<u8>(), 0..100),
        ) {
            let record = Record { key: format!("state/{kind}/{id}"), value: value.into() };
            let _ = State::load(vec![record]);
        }
    }
}
