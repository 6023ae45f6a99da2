//! Keeping: each entry that has its place waits here until my archive holds it.

use std::{fmt, str::FromStr};

use e2ee::archive::{self, Place};
use protocol::{
    Code, Problem, RoomId,
    limits::ARCHIVE_UPLOAD,
    rest::archive::{ArchiveStored, ArchiveUpload},
    socket::ArchiveEntry,
};
use serde::{Deserialize, Serialize};

use super::line;
use crate::{Body, Entry, RoomEvent, engine::Step, jobs::Job};

/// Entries are gathered for so long before they are uploaded, in milliseconds.
const GATHER: i64 = 1_500;
/// Most bytes of an upload, before Base64.
const BYTES: usize = 2 * 1024 * 1024;

/// An entry that waits.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) entry: Entry,
    /// It replaces what my archive holds: an edit. Else the first that was kept stays.
    pub(crate) replace: bool,
}

/// Where it stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct KeptPlace {
    pub(crate) room: RoomId,
    pub(crate) seq: u64,
}

impl fmt::Display for KeptPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.room, self.seq)
    }
}

impl FromStr for KeptPlace {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (room, seq) = text.split_once('/').ok_or(())?;
        Ok(Self {
            room: room.parse().map_err(|_| ())?,
            seq: seq.parse().map_err(|_| ())?,
        })
    }
}

/// Keeping on this connection.
#[derive(Default)]
pub(crate) struct Keeping {
    /// The server took no more.
    pub(crate) full: bool,
    /// What is being uploaded.
    sent: Vec<(KeptPlace, Kept)>,
    /// Everything is to be removed from the server.
    pub(crate) drop: bool,
}

impl Step<'_> {
    /// Keeps an entry as it is now. `replace` is for one that was changed: an edit, a deletion.
    /// What disappears, what was not opened and what is of this device alone is not kept.
    pub(crate) fn keep(&mut self, entry: &Entry, replace: bool) {
        let ring = self.state.ring.get();
        let off = ring.is_some_and(|ring| ring.archives == Some(false));
        let (Some(room), Some(seq)) = (entry.room_id, entry.seq) else {
            return;
        };
        if off || self.session.archive.full || !is_for_all_devices(entry) {
            return;
        }
        let place = KeptPlace { room, seq };
        let replace = replace || self.state.kept.get(place).is_some_and(|it| it.replace);
        let entry = entry.clone();
        self.state.kept.insert(place, Kept { entry, replace });
        if self.session.jobs.idle(Job::ArchiveStore) {
            let until = self.now + GATHER;
            self.session.jobs.pause(Job::ArchiveStore, until);
        }
    }

    /// How many entries wait.
    pub(crate) fn waiting_for_archive(&self) -> u32 {
        u32::try_from(self.state.kept.iter().count()).unwrap_or(u32::MAX)
    }

    /// The account's switch, as the server says.
    pub(crate) fn archive_switched(&mut self, on: bool) {
        self.ring().archives = Some(on);
        if !on {
            self.state.kept.clear();
        }
    }

    pub(crate) fn drop_archive(&mut self) {
        self.session.archive.drop = true;
        self.session.jobs.resume(Job::ArchiveDrop);
    }

    pub(crate) fn pump_archive(&mut self) {
        if self.session.archive.drop && self.session.jobs.idle(Job::ArchiveDrop) {
            self.delete(Job::ArchiveDrop, "/api/archive");
        }
        self.pump_reading();
        let ring = self.state.ring.get();
        let on = ring.is_some_and(|ring| ring.archives == Some(true));
        if !on || self.session.archive.full || self.state.kept.iter().next().is_none() {
            return;
        }
        // Sealed under a key that my other devices find in the vault.
        if self.is_vault_settled() && self.archive_keys().current().is_none() {
            let mut keys = self.archive_keys();
            keys.renew(&mut self.rng);
            self.set_archive_keys(&keys);
            return;
        }
        if self.is_vault_settled() && self.session.jobs.idle(Job::ArchiveStore) {
            self.upload_archive();
        }
    }

    fn upload_archive(&mut self) {
        let keys = self.archive_keys();
        let (Some(user), Some(key)) = (self.own_user(), keys.current()) else {
            return;
        };
        let (mut entries, mut sent, mut bytes) = (Vec::new(), Vec::new(), 0);
        let mut unfit = Vec::new();
        let first = self.state.kept.iter().next();
        let Some((first, replace)) = first.map(|(place, kept)| (place, kept.replace)) else {
            return;
        };
        for (place, kept) in self.state.kept.iter() {
            let fits = entries.len() < ARCHIVE_UPLOAD && bytes < BYTES;
            if place.room != first.room || kept.replace != replace || !fits {
                break;
            }
            let at = Place {
                user: user.0,
                room: place.room.0,
                seq: place.seq,
            };
            let sealed = line::encode(&kept.entry)
                .and_then(|line| archive::seal(key, &at, &line, &mut self.rng).ok());
            let Some(blob) = sealed else {
                unfit.push(place);
                continue;
            };
            bytes += blob.len();
            entries.push(ArchiveEntry {
                seq: place.seq,
                blob: blob.into(),
            });
            sent.push((place, kept.clone()));
        }
        for place in unfit {
            self.state.kept.remove(place);
        }
        if entries.is_empty() {
            return;
        }
        self.session.archive.sent = sent;
        let body = ArchiveUpload {
            room_id: first.room,
            entries,
            replace,
        };
        self.post(Job::ArchiveStore, "/api/archive", &body);
    }

    pub(crate) fn archive_store_reply(&mut self, reply: Result<ArchiveStored, Box<Problem>>) {
        let sent = std::mem::take(&mut self.session.archive.sent);
        match reply {
            Err(problem) if self.retries(Job::ArchiveStore, &problem) => return,
            Err(problem) if problem.code == Code::ArchiveOff => {
                self.archive_switched(false);
            }
            Err(problem) if problem.code == Code::ArchiveFull => {
                // Told; tried again with what comes on the next connection.
                self.session.archive.full = true;
                self.state.kept.clear();
            }
            // Places that the server does not take are not asked for again.
            Ok(_) | Err(_) => {
                for (place, kept) in sent {
                    // One that was changed meanwhile waits for the next upload.
                    if self.state.kept.get(place) == Some(&kept) {
                        self.state.kept.remove(place);
                    }
                }
            }
        }
        self.session.jobs.succeeded(Job::ArchiveStore);
        self.session.own.changed = true;
    }

    pub(crate) fn archive_drop_reply(&mut self, reply: Result<(), Box<Problem>>) {
        match reply {
            Err(problem) if self.retries(Job::ArchiveDrop, &problem) => return,
            Err(problem) => self.refuse(None, &problem),
            Ok(()) => self.session.jobs.succeeded(Job::ArchiveDrop),
        }
        self.session.archive.drop = false;
    }
}

/// Whether an entry is worth keeping: what every device of the person would write down.
fn is_for_all_devices(entry: &Entry) -> bool {
    if entry.extra.expires_after.is_some() || entry.extra.expires_at.is_some() {
        return false;
    }
    match &entry.body {
        Body::Unopened { .. } => false,
        Body::Room { events } => !events
            .iter()
            .any(|event| matches!(event, RoomEvent::Joined | RoomEvent::Rejoined)),
        _ => true,
    }
}
