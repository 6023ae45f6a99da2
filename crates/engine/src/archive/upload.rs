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

use super::{
    Marks,
    line::{self, GroupName, Line},
};
use crate::{Body, ConversationId, Entry, Notice, RoomEvent, engine::Step, jobs::Job};

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
    /// Where its changes stand.
    #[serde(default)]
    pub(crate) marks: Marks,
    /// What my archive holds of it was read, and is in here.
    #[serde(default)]
    pub(crate) checked: bool,
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
    /// Which conversation is being taken through, and how many entries were.
    pub(super) filling: Option<ConversationId>,
    pub(super) filled: u32,
}

impl Step<'_> {
    /// Keeps an entry that came. What disappears, what was not opened and what is of this device
    /// alone is not kept.
    pub(crate) fn keep(&mut self, entry: &Entry) {
        self.keep_line(entry, false, Marks::default(), false);
    }

    /// Keeps an entry that was changed: an edit, a deletion. `merged` is what my archive held a
    /// moment ago, when that is part of it.
    pub(crate) fn keep_change(&mut self, entry: &Entry, marks: Marks, merged: Option<&Marks>) {
        let (Some(room), Some(seq)) = (entry.room_id, entry.seq) else {
            return;
        };
        let place = KeptPlace { room, seq };
        if merged == Some(&marks) {
            return self.forget_kept(entry);
        }
        let checked = merged.is_some() && self.may_replace(place);
        self.keep_line(entry, true, marks, checked);
    }

    /// Keeps an entry of before the archive was switched on.
    pub(crate) fn keep_older(&mut self, entry: &Entry, marks: Marks) {
        let place = entry.room_id.zip(entry.seq);
        let place = place.map(|(room, seq)| KeptPlace { room, seq });
        if place.is_some_and(|place| self.state.kept.get(place).is_none()) {
            self.keep_line(entry, false, marks, false);
        }
    }

    /// Lets go of what waits to replace a line.
    pub(crate) fn forget_kept(&mut self, entry: &Entry) {
        if let (Some(room), Some(seq)) = (entry.room_id, entry.seq) {
            self.state.kept.remove(KeptPlace { room, seq });
        }
    }

    fn keep_line(&mut self, entry: &Entry, replace: bool, marks: Marks, checked: bool) {
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
        let kept = Kept {
            entry,
            replace,
            marks,
            checked,
        };
        self.state.kept.insert(place, kept);
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
        let before = self.state.ring.get().and_then(|ring| ring.archives);
        self.ring().archives = Some(on);
        if !on {
            self.state.kept.clear();
            self.state.fills.clear();
        } else if before == Some(false) {
            self.begin_filling();
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
        if !on || self.session.archive.full {
            return;
        }
        self.pump_filling();
        if self.first_to_upload().is_none() {
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

    fn first_to_upload(&self) -> Option<(KeptPlace, bool)> {
        let mut kept = self.state.kept.iter();
        let first = kept.find(|(place, kept)| self.may_upload(*place, kept));
        first.map(|(place, kept)| (place, kept.replace))
    }

    /// Whether an entry is as it is to stay: nothing waits to be done to it, and what my archive
    /// may know beyond this device is in it.
    fn may_upload(&self, place: KeptPlace, kept: &Kept) -> bool {
        let room = self.state.rooms.get(place.room);
        let waits = room.is_some_and(|it| self.has_work(it.conversation, kept.entry.message()));
        !waits && (!kept.replace || kept.checked || !self.is_before(place))
    }

    fn upload_archive(&mut self) {
        let keys = self.archive_keys();
        let (Some(user), Some(key)) = (self.own_user(), keys.current()) else {
            return;
        };
        let (mut entries, mut sent, mut bytes) = (Vec::new(), Vec::new(), 0);
        let mut unfit = Vec::new();
        let Some((first, replace)) = self.first_to_upload() else {
            return;
        };
        let ready = self.state.kept.iter();
        let ready = ready.filter(|(place, kept)| self.may_upload(*place, kept));
        let ready = ready.take(ARCHIVE_UPLOAD);
        let ready: Vec<(KeptPlace, Kept)> = ready.map(|(at, kept)| (at, kept.clone())).collect();
        for (place, kept) in ready {
            let fits = entries.len() < ARCHIVE_UPLOAD && bytes < BYTES;
            if place.room != first.room || kept.replace != replace || !fits {
                break;
            }
            let at = Place {
                user: user.0,
                room: place.room.0,
                seq: place.seq,
            };
            let sealed = line::encode(&self.line(&kept))
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
            sent.push((place, kept));
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

    /// What is sealed of an entry.
    fn line(&self, kept: &Kept) -> Line {
        let room = kept.entry.room_id.and_then(|id| self.state.rooms.get(id));
        let thread = room.and_then(|room| self.state.threads.get(room.conversation));
        let profile = thread.map(|thread| &thread.profile);
        let happened = matches!(kept.entry.body, Body::Room { .. });
        let named = profile.filter(|profile| happened && profile.revision > 0);
        Line {
            entry: kept.entry.clone(),
            marks: kept.marks.clone(),
            group: named.map(|profile| GroupName {
                revision: profile.revision,
                name: profile.name.clone(),
            }),
        }
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
            Ok(()) => {
                self.session.jobs.succeeded(Job::ArchiveDrop);
                self.notify(Notice::ArchiveDropped);
            }
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
