//! Fresh leaf keys now and then, so that secrets that leaked are worth nothing before long.
//!
//! Every commit of one's own renews. A device that makes none for other reasons makes an empty one
//! [`RENEW_AFTER`] after a room was used under the keys that it has, give or take
//! [`RENEW_JITTER`]; rooms that nobody uses are left alone.

use protocol::RoomId;

use crate::{engine::Step, jobs::Job};

/// Seven days, in milliseconds.
pub(crate) const RENEW_AFTER: i64 = 7 * 24 * 60 * 60 * 1000;
/// Up to a day more, so that the devices of a room do not all come at once.
pub(crate) const RENEW_JITTER: i64 = 24 * 60 * 60 * 1000;
/// After a device of one's own was shut out, within ten minutes.
const RENEW_SOON: i64 = 10 * 60 * 1000;

impl Step<'_> {
    /// Renews what is due.
    pub(crate) fn pump_renewals(&mut self) {
        let latest = self.now + RENEW_AFTER + RENEW_JITTER;
        for room_id in self.state.rooms.keys() {
            let Some(room) = self.state.rooms.get(room_id) else {
                continue;
            };
            if !room.used || !room.sends() {
                continue;
            }
            if room.renew_at == 0 || room.renew_at > latest {
                // The second is a clock that was set back.
                self.renew_within(room_id, RENEW_AFTER, RENEW_JITTER);
            } else if room.renew_at <= self.now
                && !room.wants()
                && self.state.drafts.get(room_id).is_none()
                && self.session.jobs.idle(Job::Commit(room_id))
                && self.session.is_current(room_id)
            {
                // Another commit may win the epoch: then it is tried again a little later, not at
                // once and by everybody.
                self.renew_within(room_id, 0, RENEW_SOON);
                self.renew(room_id);
            }
        }
    }

    /// A device of my own was removed from a room: whoever has it knew what this one sent with.
    pub(crate) fn renew_soon(&mut self, room_id: RoomId) {
        if let Some(room) = self.state.rooms.edit(room_id) {
            room.used = true;
        }
        self.renew_within(room_id, 0, RENEW_SOON);
    }

    fn renew_within(&mut self, room_id: RoomId, after: i64, jitter: i64) {
        let random = i64::from(u32::from_be_bytes(self.random()));
        let at = self.now + after + 1 + random % jitter;
        if let Some(room) = self.state.rooms.edit(room_id) {
            room.renew_at = at;
        }
    }

    /// This device's leaf has fresh keys.
    pub(crate) fn renewed(&mut self, room_id: RoomId) {
        if let Some(room) = self.state.rooms.edit(room_id) {
            room.used = false;
            room.renew_at = 0;
        }
    }

    /// When the next room is due.
    pub(crate) fn next_renewal(&self) -> Option<i64> {
        let rooms = self.state.rooms.iter().map(|(_, room)| room);
        rooms
            .filter(|room| self.session.is_live() && room.used && room.sends())
            .map(|room| room.renew_at)
            .filter(|at| *at > self.now)
            .min()
    }
}
