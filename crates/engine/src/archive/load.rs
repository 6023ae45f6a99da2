//! Reading: pages of what this device could not open, because it was not there yet.

use std::collections::BTreeSet;

use e2ee::archive::{self, Place};
use protocol::{
    Problem, RoomId,
    rest::{
        archive::{ArchivePage, ArchiveRoom},
        rooms::RoomKind,
    },
};
use serde::{Deserialize, Serialize};

use super::line;
use crate::{
    ConversationId, HistoryGap, Notice, ResponseKind,
    engine::Step,
    jobs::Job,
    state::{Stage, Thread},
};

/// Entries of a page.
const PAGE: u64 = 50;
/// What was empty when it was asked for is asked for again for so long, in milliseconds: another
/// device may still have been keeping it.
const LATE: i64 = 24 * 60 * 60 * 1000;

/// Places of a room that are not here and may be in the archive, both ends counted, rising.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Missing {
    gaps: Vec<(u64, u64)>,
    /// Were empty when they were asked for.
    late: Vec<(u64, u64)>,
    /// When that was first seen, in milliseconds since 1970.
    since: Option<i64>,
}

impl Missing {
    /// The newest places that are missing.
    fn newest(&self) -> Option<(u64, u64)> {
        self.gaps.last().copied()
    }

    fn add(&mut self, low: u64, high: u64) {
        let (mut low, mut high) = (low, high);
        if low > high {
            return;
        }
        self.gaps.retain(|(from, to)| {
            let touches = *from <= high.saturating_add(1) && low <= to.saturating_add(1);
            if touches {
                low = low.min(*from);
                high = high.max(*to);
            }
            !touches
        });
        self.gaps.push((low, high));
        self.gaps.sort_unstable();
    }
}

/// Reading on this connection.
#[derive(Default)]
pub(crate) struct Reading {
    /// Conversations whose next page is wanted.
    wanted: BTreeSet<ConversationId>,
    /// The pages that are asked for: whose, of which room, and between which places.
    asked: std::collections::BTreeMap<ConversationId, (RoomId, u64, u64)>,
    /// What was late is to be asked for once more.
    again: bool,
}

impl Reading {
    pub(crate) fn connected(&mut self) {
        self.asked.clear();
        self.again = true;
    }
}

impl Step<'_> {
    /// Places of a room, from `low` up to the one before `end`, are not here.
    pub(crate) fn missing_before(&mut self, room_id: RoomId, low: u64, end: u64) {
        if low < end {
            let missing = self.state.missing.edit_or(room_id, Missing::default);
            missing.add(low, end - 1);
        }
        if let Some(room) = self.state.rooms.get(room_id) {
            let conversation = room.conversation;
            self.session.pages.wanted.insert(conversation);
        }
    }

    pub(crate) fn load_older(&mut self, conversation: ConversationId) {
        self.session.pages.wanted.insert(conversation);
        self.session.jobs.resume(Job::ArchivePage(conversation));
    }

    pub(crate) fn pump_reading(&mut self) {
        let ring = self.state.ring.get();
        let listed = ring.is_some_and(|ring| ring.listed);
        if !self.is_vault_settled() {
            // Keys of the archive may be in there.
            return;
        }
        if !listed {
            if self.session.jobs.idle(Job::ArchiveRooms) {
                let path = "/api/archive/rooms".to_owned();
                self.get(Job::ArchiveRooms, path, ResponseKind::Json);
            }
            return;
        }
        if std::mem::take(&mut self.session.pages.again) {
            self.ask_again();
        }
        for conversation in self.session.pages.wanted.clone() {
            if self.session.jobs.idle(Job::ArchivePage(conversation)) {
                self.read_page(conversation);
            }
        }
    }

    /// What was empty a while ago may be there by now.
    fn ask_again(&mut self) {
        for room_id in self.state.missing.keys() {
            let late = self.state.missing.get(room_id);
            if late.is_none_or(|missing| missing.late.is_empty()) {
                continue;
            }
            let (now, mut found) = (self.now, false);
            if let Some(missing) = self.state.missing.edit(room_id) {
                let recent = missing.since.is_some_and(|since| now - since < LATE);
                for (low, high) in std::mem::take(&mut missing.late) {
                    if recent {
                        found = true;
                        missing.add(low, high);
                    }
                }
            }
            if found && let Some(room) = self.state.rooms.get(room_id) {
                let conversation = room.conversation;
                self.session.pages.wanted.insert(conversation);
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
        let before = high + 1;
        let path = format!("/api/archive?room_id={room_id}&before_seq={before}&limit={PAGE}");
        self.get(Job::ArchivePage(conversation), path, ResponseKind::Json);
    }

    /// The newest places of a conversation that may be read.
    fn next_missing(&self, conversation: ConversationId) -> Option<(RoomId, u64, u64)> {
        let thread = self.state.threads.get(conversation)?;
        let rooms = thread.rooms.iter().filter_map(|room_id| {
            let (low, high) = self.state.missing.get(*room_id)?.newest()?;
            let generation = self.state.rooms.get(*room_id)?.generation;
            Some((generation, *room_id, low, high))
        });
        let (_, room_id, low, high) = rooms.max()?;
        Some((room_id, low, high))
    }

    fn tell_history(&mut self, conversation: ConversationId, reason: Option<HistoryGap>) {
        let more = self.next_missing(conversation).is_some();
        let ring = self.state.ring.get();
        let off = ring.is_some_and(|ring| ring.archives == Some(false));
        let reason = reason.or((off && !more).then_some(HistoryGap::Off));
        self.notify(Notice::History {
            conversation,
            more,
            reason,
        });
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
        let inside = |seq: &u64| (low..=high).contains(seq);
        let places = page.entries.iter().map(|entry| entry.seq);
        let places: Vec<u64> = places.filter(inside).collect();
        let reached = match page.has_more {
            true => places.iter().min().copied(),
            false => None,
        };
        let reason = self.read_entries(room_id, &page, low, high);
        let now = self.now;
        if let Some(missing) = self.state.missing.edit(room_id) {
            missing.gaps.retain(|gap| *gap != (low, high));
            // A page that is not the last and holds nothing new is no page.
            if let Some(reached) = reached
                && reached > low
            {
                missing.add(low, reached - 1);
            }
            let newest = places.iter().max().copied().unwrap_or(low - 1);
            if newest < high {
                missing.late.push((newest + 1, high));
                missing.since.get_or_insert(now);
            }
        }
        self.tell_history(conversation, reason);
    }

    fn read_entries(
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
            let blob = kept.blob.as_ref();
            let Some(key) = archive::key_id(blob).ok().and_then(|id| keys.find(id)) else {
                gap = gap.or(Some(HistoryGap::NoKey));
                continue;
            };
            let opened = archive::open(key, &at, blob).ok();
            let entry =
                opened.and_then(|bytes| line::decode(&bytes, room_id, generation, kept.seq));
            match entry {
                Some(mut entry) => {
                    entry.mine = entry.sender == user;
                    self.write_archived(conversation, entry);
                }
                None => gap = Some(HistoryGap::Damaged),
            }
        }
        gap
    }

    pub(crate) fn archive_rooms_reply(&mut self, reply: Result<Vec<ArchiveRoom>, Box<Problem>>) {
        let rooms = match reply {
            Ok(rooms) => rooms,
            Err(problem) => {
                self.retries(Job::ArchiveRooms, &problem);
                return;
            }
        };
        self.session.jobs.succeeded(Job::ArchiveRooms);
        for room in rooms {
            self.room_of_archive(&room);
        }
        self.ring().listed = true;
    }

    /// A room that is not known here is one that was left, or that is gone: it can be read.
    fn room_of_archive(&mut self, room: &ArchiveRoom) {
        if self.state.rooms.get(room.room_id).is_some() {
            return;
        }
        let kind = room.kind.unwrap_or(RoomKind::Group);
        let (conversation, peer) = match (kind, room.peer) {
            (RoomKind::Direct, Some(peer)) => (ConversationId::direct(peer), Some(peer)),
            (RoomKind::Direct, None) => return,
            (RoomKind::Group, _) => (ConversationId::group(room.room_id), None),
        };
        self.state.threads.edit_or(conversation, || match peer {
            Some(peer) => Thread::direct(peer),
            None => Thread::group(),
        });
        self.add_room(
            room.room_id,
            conversation,
            kind,
            Stage::Removed,
            room.last_seq,
        );
        self.session.changed.insert(conversation);
        self.missing_before(room.room_id, 1, room.last_seq + 1);
    }
}
