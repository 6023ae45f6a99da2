//! Keeping: each entry that has its place waits here until my archive holds it.
//!
//! What the server answers, and what becomes of what waits then: `answers.rs`.

use std::{fmt, str::FromStr};

use e2ee::archive::{self, Place};
use protocol::{
    RoomId, limits::ARCHIVE_UPLOAD, rest::archive::ArchiveUpload, socket::ArchiveEntry,
};
use serde::{Deserialize, Serialize};

use super::{
    Fill, Marks,
    late::Late,
    line::{self, GroupName, Line},
};
use crate::{Body, ConversationId, Entry, RoomEvent, engine::Step, jobs::Job};

/// Entries are gathered for so long before they are uploaded, in milliseconds.
const GATHER: i64 = 1_500;
/// Most bytes of an upload, before Base64.
const BYTES: usize = 2 * 1024 * 1024;
/// Entries that wait, at most: of more it is known where they begin, and they are read again.
const MOST_WAITING: usize = 1_000;

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
    /// What may be overtaken by an upload that was not answered.
    pub(super) late: Late,
    /// What is being uploaded.
    pub(super) sent: Vec<(KeptPlace, Kept)>,
    /// Most entries of the next upload, after one was refused.
    pub(super) most: Option<usize>,
    /// Everything is to be removed from the server; what waited when that was asked for.
    pub(crate) drop: bool,
    pub(super) dropping: Vec<KeptPlace>,
    /// Which conversation is being taken through, and how many entries were.
    pub(super) filling: Option<(ConversationId, Fill)>,
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
        if off || self.is_parted(room) || !is_for_all_devices(entry) {
            return;
        }
        let place = KeptPlace { room, seq };
        let before = self.state.kept.get(place);
        let replace = replace || before.is_some_and(|it| it.replace);
        // What replaces a line always waits: words that were taken back are to go.
        if before.is_none() && !replace && self.state.kept.iter().count() >= MOST_WAITING {
            return self.fill_from(entry);
        }
        let entry = entry.clone();
        let kept = Kept {
            entry,
            replace,
            marks,
            checked,
        };
        self.state.kept.insert(place, kept);
        // Told, because it stays; otherwise it is gone in a moment.
        self.session.own.changed |= self.session.archive.full;
        if self.session.jobs.idle(Job::ArchiveStore) || replace && self.session.archive.full {
            let until = self.now + GATHER;
            self.session.jobs.pause(Job::ArchiveStore, until);
        }
    }

    /// Whether a room is of two people who are no contacts any more: who parts drops the archive of
    /// what they said.
    fn is_parted(&self, room: RoomId) -> bool {
        let room = self.state.rooms.get(room);
        let thread = room.and_then(|room| self.state.threads.get(room.conversation));
        thread.is_some_and(|thread| thread.parted)
    }

    /// How many entries wait.
    pub(crate) fn waiting_for_archive(&self) -> u32 {
        u32::try_from(self.state.kept.iter().count()).unwrap_or(u32::MAX)
    }

    pub(crate) fn pump_archive(&mut self) {
        self.pump_reading();
        if self.session.archive.drop {
            // What is uploaded meanwhile would come behind it.
            return self.pump_dropping();
        }
        let ring = self.state.ring.get();
        if ring.is_none_or(|ring| ring.archives != Some(true)) {
            return;
        }
        if !self.session.archive.full {
            self.pump_filling();
        }
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
        let full = self.session.archive.full;
        let ready = || {
            let kept = self.state.kept.iter();
            kept.filter(|(place, kept)| self.may_upload(*place, kept))
        };
        // A full archive takes what is no longer than the line that it replaces.
        let shorter = ready().find(|(_, kept)| full && kept.replace);
        let first = shorter.or_else(|| ready().next());
        first.map(|(place, kept)| (place, kept.replace))
    }

    /// Whether something waits to replace a line, and may.
    pub(super) fn may_replace_some(&self) -> bool {
        let mut kept = self.state.kept.iter();
        kept.any(|(place, kept)| kept.replace && self.may_upload(place, kept))
    }

    /// Whether an entry is as it is to stay: nothing waits to be done to it, and what my archive
    /// may know beyond this device is in it.
    fn may_upload(&self, place: KeptPlace, kept: &Kept) -> bool {
        let room = self.state.rooms.get(place.room);
        let waits = room.is_some_and(|it| self.has_work(it.conversation, kept.entry.message()));
        let late = self.session.archive.late.waits(place, self.now);
        !waits && !late && (!kept.replace || kept.checked || !self.is_before(place))
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
        let most = self.session.archive.most.unwrap_or(ARCHIVE_UPLOAD);
        let ready = self.state.kept.iter().filter(|(place, kept)| {
            let with = place.room == first.room && kept.replace == replace;
            with && self.may_upload(*place, kept)
        });
        let ready = ready.take(most);
        let ready: Vec<(KeptPlace, Kept)> = ready.map(|(at, kept)| (at, kept.clone())).collect();
        for (place, kept) in ready {
            if bytes >= BYTES {
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
        let named = profile.filter(|profile| profile.revision > 0);
        Line {
            entry: kept.entry.clone(),
            marks: kept.marks.clone(),
            group: named.map(|profile| GroupName {
                revision: profile.revision,
                seq: profile.seq,
                name: profile.name.clone(),
            }),
        }
    }
}

/// Whether an entry is worth keeping: what every device of the person would write down.
fn is_for_all_devices(entry: &Entry) -> bool {
    if entry.extra.expires_after.is_some() || entry.extra.expires_at.is_some() {
        return false;
    }
    match &entry.body {
        Body::Unopened { .. } => false,
        Body::Room { events } => !events.iter().any(|event| {
            use RoomEvent::{Entered, Joined, Rejoined, SetBack};
            matches!(event, Joined | Entered | Rejoined | SetBack)
        }),
        _ => true,
    }
}
