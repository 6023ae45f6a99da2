//! Looking again at lines of before this device: another one may have been changing them while
//! they were read.
//!
//! A change that was sent before this device came in reaches it by the archive alone, when a
//! device that was there has heard of it and replaced the line. So lines are looked at again, a
//! few times over the first week, and merged. This device replaces such a line itself only after
//! the others had their time, and what it held a moment before is part of what it says.

use protocol::{Problem, RoomId, rest::archive::ArchivePage};

use super::{
    KeptPlace,
    load::{PAGE, reached},
    missing::Ranges,
};
use crate::{HistoryGap, ResponseKind, engine::Step, jobs::Job};

const MINUTE: i64 = 60 * 1000;
const HOUR: i64 = 60 * MINUTE;

/// So long after coming in lines are looked at again; what passed meanwhile is made up for by one
/// look on the next connection.
pub(super) const LOOKS: [i64; 7] = [
    MINUTE / 3,
    2 * MINUTE,
    SETTLED,
    2 * HOUR,
    24 * HOUR,
    3 * 24 * HOUR,
    7 * 24 * HOUR,
];
/// So long after coming in lines of before are left to the devices that were there.
const SETTLED: i64 = 10 * MINUTE;
/// Rooms looked at at a time.
const AT_A_TIME: usize = 2;

/// What is looked at of a room.
pub(super) struct Look {
    /// What is left of it.
    ranges: Ranges,
    /// Everything that was asked for before; and since when.
    whole: Option<i64>,
}

impl Step<'_> {
    /// Whether a place is of before this device.
    pub(super) fn is_before(&self, place: KeptPlace) -> bool {
        let missing = self.state.missing.get(place.room);
        missing.is_some_and(|missing| missing.parts.contains(place.seq))
    }

    /// Whether the devices that were there had their time to change a line.
    pub(super) fn may_replace(&self, place: KeptPlace) -> bool {
        let missing = self.state.missing.get(place.room);
        missing.is_none_or(|missing| self.now >= missing.came + SETTLED)
    }

    /// What waits to replace a line has nothing to take over from it.
    pub(super) fn line_checked(&mut self, place: KeptPlace) {
        let waits = self.state.kept.get(place);
        if waits.is_some_and(|kept| kept.replace && !kept.checked)
            && self.may_replace(place)
            && let Some(kept) = self.state.kept.edit(place)
        {
            kept.checked = true;
        }
    }

    pub(super) fn pump_looks(&mut self) {
        let mut next = self.plan_looks();
        self.plan_checks(&mut next);
        let again = self.session.archive.late.next(self.now);
        let list = self.next_list().filter(|at| *at > self.now);
        for at in [again, list].into_iter().flatten() {
            next = Some(next.map_or(at, |next| next.min(at)));
        }
        if let Some(next) = next {
            self.session.jobs.pause(Job::LookAgain, next);
        }
        let rooms: Vec<RoomId> = self.session.pages.looks.keys().copied().collect();
        for room_id in rooms.into_iter().take(AT_A_TIME) {
            let ranges = self.session.pages.looks.get(&room_id).map(|it| &it.ranges);
            let job = Job::ArchiveLook(room_id);
            let Some((_, high)) = ranges.and_then(Ranges::last) else {
                self.looked(room_id);
                continue;
            };
            if self.session.jobs.idle(job) {
                let before = high.saturating_add(1);
                let path =
                    format!("/api/archive?room_id={room_id}&before_seq={before}&limit={PAGE}");
                self.get(job, path, ResponseKind::Json);
            }
        }
    }

    /// Begins the looks that are due; says when the next one is.
    fn plan_looks(&mut self) -> Option<i64> {
        let (now, mut next) = (self.now, None);
        for (room_id, missing) in self.state.missing.iter() {
            let Some(after) = LOOKS.get(missing.looks) else {
                continue;
            };
            let at = missing.came + after;
            if at > now {
                next = Some(next.map_or(at, |next: i64| next.min(at)));
            } else {
                let looks = self.session.pages.looks.entry(room_id);
                looks.or_insert_with(|| Look {
                    ranges: missing.asked(),
                    whole: Some(now),
                });
            }
        }
        next
    }

    /// Lines that are to be replaced are looked at before.
    fn plan_checks(&mut self, next: &mut Option<i64>) {
        for (place, kept) in self.state.kept.iter() {
            if !kept.replace || kept.checked || !self.is_before(place) {
                continue;
            }
            if !self.may_replace(place) {
                let came = self.state.missing.get(place.room).map_or(0, |it| it.came);
                let at = came + SETTLED;
                *next = Some(next.map_or(at, |next| next.min(at)));
                continue;
            }
            let message = kept.entry.message();
            let room = self.state.rooms.get(place.room);
            if room.is_some_and(|room| self.has_work(room.conversation, message)) {
                continue;
            }
            let looks = &mut self.session.pages.looks;
            looks.entry(place.room).or_insert_with(|| Look {
                ranges: Ranges::of(place.seq, place.seq),
                whole: None,
            });
        }
    }

    /// A look is over.
    fn looked(&mut self, room_id: RoomId) {
        let look = self.session.pages.looks.remove(&room_id);
        if let Some(at) = look.and_then(|look| look.whole)
            && let Some(missing) = self.state.missing.edit(room_id)
        {
            let over = |after: &i64| missing.came + after <= at;
            missing.looks = LOOKS.iter().take_while(|after| over(after)).count();
        }
    }

    pub(crate) fn archive_look_reply(
        &mut self,
        room_id: RoomId,
        reply: Result<ArchivePage, Box<Problem>>,
    ) {
        let job = Job::ArchiveLook(room_id);
        let page = match reply {
            Ok(page) => page,
            Err(problem) if self.retries(job, &problem) => return,
            // The next look may have more luck.
            Err(_) => return self.looked(room_id),
        };
        self.session.jobs.succeeded(job);
        let look = self.session.pages.looks.get(&room_id);
        let Some((low, high)) = look.and_then(|look| look.ranges.last()) else {
            return;
        };
        let reached = reached(&page, low, high);
        let room = self.state.rooms.get(room_id);
        let conversation = room.map(|room| room.conversation);
        let lacked = conversation.and_then(|conversation| self.not_kept(conversation));
        self.read_lines(room_id, &page, low, high);
        if let (Some(conversation), Some(HistoryGap::NotKept)) = (conversation, lacked)
            && self.not_kept(conversation).is_none()
        {
            self.tell_history(conversation, None);
        }
        // There is nothing to take over from a line that is not there.
        for place in self.state.kept.keys() {
            let here = place.room == room_id && (reached..=high).contains(&place.seq);
            if here && !page.entries.iter().any(|entry| entry.seq == place.seq) {
                self.line_checked(place);
            }
        }
        if let Some(look) = self.session.pages.looks.get_mut(&room_id) {
            look.ranges.remove(reached, high);
            if look.ranges.last().is_none() {
                self.looked(room_id);
            }
        }
    }
}
