//! Reading: pages of what this device could not open, because it was not there yet.

use std::collections::{BTreeMap, BTreeSet};

use e2ee::{
    ArchiveKeys, SealedError,
    archive::{self, Place},
};
use protocol::{Problem, RoomId, rest::archive::ArchivePage};
use zeroize::Zeroizing;

use super::{
    KeptPlace, Missing,
    line::{self, Line, Unread},
    look::Look,
};
use crate::{
    Body, ConversationId, HistoryGap, Notice, ResponseKind, RoomEvent,
    engine::Step,
    jobs::Job,
    profile::check_name,
    state::{Profile, Stage, Task},
};

/// Entries of a page.
pub(super) const PAGE: u64 = 50;
/// Pages of a conversation that are read on a connection although nobody looks at them, because
/// something was said about messages that are not here.
const SOUGHT: u32 = 8;

/// The place of the first message of two people: their room is made to send it.
const FIRST: u64 = 2;

/// Reading on this connection.
#[derive(Default)]
pub(crate) struct Reading {
    /// Conversations whose next page is wanted.
    wanted: BTreeSet<ConversationId>,
    /// The pages that are asked for: whose, of which room, and between which places.
    asked: BTreeMap<ConversationId, (RoomId, u64, u64)>,
    /// How many were read for what was said about messages that are not here.
    sought: BTreeMap<ConversationId, u32>,
    /// What is looked at again.
    pub(super) looks: BTreeMap<RoomId, Look>,
    /// A room was given up unread: the rooms of the archive are to be listed again.
    pub(crate) list: bool,
    /// When they were asked for.
    pub(super) listing: i64,
}

impl Reading {
    pub(crate) fn connected(&mut self) {
        self.asked.clear();
        self.sought.clear();
        self.looks.clear();
    }
}

impl Step<'_> {
    /// Places of a room, from `low` up to the one before `end`, are not here.
    pub(crate) fn missing_before(&mut self, room_id: RoomId, low: u64, end: u64) {
        let now = self.now;
        if low < end {
            let missing = self.state.missing.edit_or(room_id, Missing::default);
            missing.gaps.add(low, end - 1);
            missing.parts.add(low, end - 1);
            missing.came = now;
            missing.looks = 0;
        }
        if let Some(room) = self.state.rooms.get(room_id) {
            let conversation = room.conversation;
            self.session.pages.wanted.insert(conversation);
        }
    }

    /// This device's person was in the room before this device.
    pub(crate) fn was_there(&mut self, room_id: RoomId) {
        if let Some(missing) = self.state.missing.edit(room_id) {
            missing.late = true;
        }
    }

    pub(crate) fn load_older(&mut self, conversation: ConversationId) {
        self.session.pages.wanted.insert(conversation);
        self.session.jobs.resume(Job::ArchivePage(conversation));
    }

    pub(crate) fn pump_reading(&mut self) {
        if !self.is_vault_settled() {
            // Keys of the archive may be in there.
            return self.tell_outdated();
        }
        self.pump_list();
        if !self.state.ring.get().is_some_and(|ring| ring.listed) {
            return;
        }
        self.pump_looks();
        self.seek_awaited();
        for conversation in self.session.pages.wanted.clone() {
            if self.session.jobs.idle(Job::ArchivePage(conversation)) {
                self.read_page(conversation);
            }
        }
    }

    /// Nothing is read of the archive while a newer version of the application has its keys: what
    /// is wanted is not answered by waiting.
    fn tell_outdated(&mut self) {
        if !self.is_vault_newer() {
            return;
        }
        for conversation in std::mem::take(&mut self.session.pages.wanted) {
            self.notify(Notice::History {
                conversation,
                more: false,
                reason: Some(HistoryGap::Newer),
            });
        }
    }

    /// A reaction, an edit or an answer to a message that may stand on one of the next pages: my
    /// other devices learn of it by what this one makes of the line.
    fn seek_awaited(&mut self) {
        let threads = self.state.threads.iter();
        let awaiting = threads.filter(|(_, thread)| !thread.awaited.is_empty());
        let awaiting: Vec<ConversationId> = awaiting.map(|(id, _)| id).collect();
        for conversation in awaiting {
            let pages = &self.session.pages;
            let sought = pages.sought.get(&conversation).copied().unwrap_or(0);
            let under_way =
                pages.wanted.contains(&conversation) || pages.asked.contains_key(&conversation);
            if sought < SOUGHT && !under_way && self.next_missing(conversation).is_some() {
                self.session.pages.wanted.insert(conversation);
                self.session.pages.sought.insert(conversation, sought + 1);
            }
        }
    }

    fn read_page(&mut self, conversation: ConversationId) {
        self.session.pages.wanted.remove(&conversation);
        let Some((room_id, low, high)) = self.next_missing(conversation) else {
            return self.tell_history(conversation, None);
        };
        let asked = (room_id, low, high);
        self.session.pages.asked.insert(conversation, asked);
        let before = high.saturating_add(1);
        let path = format!("/api/archive?room_id={room_id}&before_seq={before}&limit={PAGE}");
        self.get(Job::ArchivePage(conversation), path, ResponseKind::Json);
    }

    /// The newest places of a conversation that may be read.
    fn next_missing(&self, conversation: ConversationId) -> Option<(RoomId, u64, u64)> {
        let thread = self.state.threads.get(conversation)?;
        let rooms = thread.rooms.iter().filter_map(|room_id| {
            let (low, high) = self.state.missing.get(*room_id)?.gaps.last()?;
            let generation = self.state.rooms.get(*room_id)?.generation;
            Some((generation, *room_id, low, high))
        });
        let (_, room_id, low, high) = rooms.max()?;
        Some((room_id, low, high))
    }

    pub(super) fn tell_history(
        &mut self,
        conversation: ConversationId,
        reason: Option<HistoryGap>,
    ) {
        let more = self.next_missing(conversation).is_some();
        let reason = reason.or_else(|| self.not_kept(conversation).filter(|_| !more));
        self.notify(Notice::History {
            conversation,
            more,
            reason,
        });
    }

    /// Why a conversation that was read to its end may have begun before that end.
    pub(super) fn not_kept(&self, conversation: ConversationId) -> Option<HistoryGap> {
        let thread = self.state.threads.get(conversation)?;
        let rooms = thread.rooms.iter();
        let mut rows = rooms.filter_map(|room_id| self.state.missing.get(*room_id));
        if !rows.any(Missing::lacks_beginning) {
            return None;
        }
        let ring = self.state.ring.get();
        if ring.is_some_and(|ring| ring.archives == Some(false)) {
            return Some(HistoryGap::Off);
        }
        let generation = |room_id: &&RoomId| {
            let room = self.state.rooms.get(**room_id);
            room.map(|room| room.generation)
        };
        let first = thread.rooms.iter().min_by_key(generation)?;
        let missing = self.state.missing.get(*first)?;
        let found = missing.found.first();
        let not_kept = match thread.peer {
            Some(_) => missing.lacks_beginning() && found.is_none_or(|place| place > FIRST),
            // Whom somebody let into a group was not there before.
            None => missing.late && found.is_none(),
        };
        not_kept.then_some(HistoryGap::NotKept)
    }

    pub(crate) fn archive_page_reply(
        &mut self,
        conversation: ConversationId,
        reply: Result<ArchivePage, Box<Problem>>,
    ) {
        let job = Job::ArchivePage(conversation);
        let Some((room_id, low, high)) = self.session.pages.asked.remove(&conversation) else {
            return;
        };
        let page = match reply {
            Ok(page) => page,
            Err(problem) => {
                if self.retries(job, &problem) {
                    self.session.pages.wanted.insert(conversation);
                }
                return self.tell_history(conversation, Some(HistoryGap::Unavailable));
            }
        };
        self.session.jobs.succeeded(job);
        let reached = reached(&page, low, high);
        let reason = self.read_lines(room_id, &page, low, high);
        if let Some(missing) = self.state.missing.edit(room_id) {
            missing.gaps.remove(reached, high);
        }
        self.tell_history(conversation, reason);
    }

    /// Takes over what the archive says of places between the two.
    pub(super) fn read_lines(
        &mut self,
        room_id: RoomId,
        page: &ArchivePage,
        low: u64,
        high: u64,
    ) -> Option<HistoryGap> {
        let keys = self.archive_keys();
        let user = self.own_user()?;
        let room = self.state.rooms.get(room_id)?;
        let (generation, conversation) = (room.generation, room.conversation);
        let mut gap = None;
        for kept in &page.entries {
            if !(low..=high).contains(&kept.seq) {
                continue;
            }
            let at = Place {
                user: user.0,
                room: room_id.0,
                seq: kept.seq,
            };
            let place = KeptPlace {
                room: room_id,
                seq: kept.seq,
            };
            let blob = kept.blob.as_ref();
            let opened = open(&keys, &at, blob);
            let line = opened.and_then(|bytes| {
                line::decode(&bytes, room_id, generation, kept.seq).map_err(HistoryGap::from)
            });
            match line {
                Ok(mut line) => {
                    line.entry.mine = line.entry.sender == user;
                    self.line_read(conversation, room_id, line);
                }
                Err(why) => {
                    gap = match why {
                        HistoryGap::Damaged => Some(why),
                        _ => gap.or(Some(why)),
                    };
                    self.line_unread(place, why);
                }
            }
        }
        gap
    }

    fn line_read(&mut self, conversation: ConversationId, room_id: RoomId, line: Line) {
        self.group_was_called(conversation, room_id, &line);
        self.people_moved(room_id, &line);
        let seq = line.entry.seq.unwrap_or(0);
        let missing = self.state.missing.edit_or(room_id, Missing::default);
        if !missing.found.contains(seq) {
            missing.found.add(seq, seq);
            self.write_archived(conversation, line);
        } else if !line.marks.is_none() {
            let message = line.entry.message();
            self.add_work(conversation, message, Task::Merge(Box::new(line)));
        } else {
            self.line_checked(KeptPlace { room: room_id, seq });
        }
    }

    /// Who said good-bye before this device came in, and whose devices are not out of the room yet:
    /// when they go, nobody removed them.
    fn people_moved(&mut self, room_id: RoomId, line: &Line) {
        let (Body::Room { events }, Some(seq)) = (&line.entry.body, line.entry.seq) else {
            return;
        };
        let missing = self.state.missing.edit_or(room_id, Missing::default);
        let mut left = false;
        for event in events {
            match event {
                RoomEvent::Added { users } => {
                    for user in users {
                        missing.moved(*user, seq);
                    }
                }
                RoomEvent::Left => left = missing.moved(line.entry.sender, seq),
                _ => {}
            }
        }
        if left
            && self.own_user() != Some(line.entry.sender)
            && self.people_in(room_id).contains(&line.entry.sender)
            && let Some(room) = self.state.rooms.edit(room_id)
        {
            room.gone.insert(line.entry.sender);
        }
    }

    /// Nothing is taken over from a line. One that says more than this version understands is not
    /// replaced by what is known here, unless its words are to go.
    fn line_unread(&mut self, place: KeptPlace, why: HistoryGap) {
        let waits = self.state.kept.get(place);
        let deletes = waits.is_some_and(|kept| kept.entry.body == Body::Deleted);
        if why == HistoryGap::Newer && !deletes {
            self.state.kept.remove(place);
        } else {
            self.line_checked(place);
        }
    }

    /// Nobody tells what a group was called that this device is not in, and in one that it has just
    /// come into somebody is yet to: the newest name that its lines carry.
    fn group_was_called(&mut self, conversation: ConversationId, room_id: RoomId, line: &Line) {
        let room = self.state.rooms.get(room_id);
        let removed = room.is_some_and(|room| room.stage == Stage::Removed);
        if let Some(group) = &line.group
            && let Some(name) = check_name(group.name.as_str().into())
            && let Some(thread) = self.state.threads.edit(conversation)
            && (removed || !thread.profile.heard)
        {
            let called = Profile {
                heard: false,
                by_admin: false,
                revision: group.revision.max(1),
                seq: group.seq.max(1),
                name,
            };
            let known = &thread.profile;
            if (known.revision, known.seq) < (called.revision, called.seq) {
                thread.profile = called;
                self.session.changed.insert(conversation);
                if !removed {
                    self.say_archived_name(room_id);
                }
            }
        }
    }
}

/// What is sealed in a place.
fn open(keys: &ArchiveKeys, at: &Place, blob: &[u8]) -> Result<Zeroizing<Vec<u8>>, HistoryGap> {
    let key = keys.find(archive::key_id(blob)?);
    Ok(archive::open(key.ok_or(HistoryGap::NoKey)?, at, blob)?)
}

impl From<SealedError> for HistoryGap {
    fn from(error: SealedError) -> Self {
        match error {
            SealedError::Newer => Self::Newer,
            SealedError::WrongKey | SealedError::Malformed | SealedError::TooLong => Self::Damaged,
        }
    }
}

impl From<Unread> for HistoryGap {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Newer => Self::Newer,
            Unread::Malformed => Self::Damaged,
        }
    }
}

/// The place down to which a page tells everything.
pub(super) fn reached(page: &ArchivePage, low: u64, high: u64) -> u64 {
    let places = page.entries.iter().map(|entry| entry.seq);
    let oldest = places.filter(|seq| (low..=high).contains(seq)).min();
    // A page that is not the last and holds nothing new is no page.
    match oldest {
        Some(oldest) if page.has_more => oldest,
        _ => low,
    }
}
