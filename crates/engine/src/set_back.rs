//! A server that goes on from an earlier state of a room: somebody has put an older copy of its
//! database into the place of the newer one, or it lies.
//!
//! It takes changes of that state alone, so whoever is ahead of it has to go back as well, by an
//! external commit. That is done without a question when nobody is in there, and nobody is an admin,
//! who is not now: otherwise the person is asked, see `broken.rs`.

use e2ee::{Member, Standing};
use protocol::{Base64, Problem, RoomId, UserId, limits::LOST_PLACES, socket::Cursors};

use crate::{
    ResponseKind,
    engine::Step,
    jobs::Job,
    state::{Draft, Leaf, Stage},
};

impl Step<'_> {
    /// The server refused what was made in an epoch of a room, and tells in which one it is.
    pub(crate) fn behind_us(&mut self, room_id: RoomId, ours: u64, problem: &Problem) {
        let theirs: Option<u64> = problem.member("epoch");
        if theirs.is_some_and(|theirs| theirs < ours) {
            self.go_back(room_id);
        }
    }

    /// The epoch that the change which is under way starts from.
    pub(crate) fn drafted_from(&self, room_id: RoomId) -> Option<u64> {
        match self.state.drafts.get(room_id)? {
            Draft::Commit(draft) => draft.epoch.checked_sub(1),
            Draft::Room(_) => None,
        }
    }

    /// Where the server goes on after the last page. Behind so many places that nobody ever saw, it
    /// was set back: what is written next should find everybody where the server is.
    pub(crate) fn notice_skips(&mut self, next: &Cursors) {
        for (room_id, seq) in next {
            let room = self.state.rooms.get(*room_id);
            if room.is_some_and(|room| seq.saturating_sub(room.cursor) > LOST_PLACES / 2) {
                self.suspect(*room_id);
            }
        }
    }

    /// The log of a room went on in an epoch that was left here, or in one that this device has not
    /// come to by the same changes.
    pub(crate) fn suspect(&mut self, room_id: RoomId) {
        if let Some(room) = self.state.rooms.get(room_id)
            && !room.suspect
            && let Some(room) = self.state.rooms.edit(room_id)
        {
            room.suspect = true;
        }
    }

    fn is_suspect(&self, room_id: RoomId) -> bool {
        let room = self.state.rooms.get(room_id);
        room.is_some_and(|room| room.suspect)
    }

    fn clear(&mut self, room_id: RoomId) {
        self.session.ahead.remove(&room_id);
        if let Some(room) = self.state.rooms.edit(room_id) {
            room.suspect = false;
        }
    }

    /// Asks where the server stands with such rooms.
    pub(crate) fn pump_suspects(&mut self) {
        let suspects = self.state.rooms.iter().filter(|(_, room)| room.suspect);
        let suspects: Vec<RoomId> = suspects.map(|(id, _)| id).collect();
        for room_id in suspects {
            let room = self.state.rooms.get(room_id);
            if room.is_none_or(|room| room.stage != Stage::Active || room.fault.is_some()) {
                self.clear(room_id);
                continue;
            }
            let job = Job::Standing(room_id);
            if !self.session.is_current(room_id) || !self.session.jobs.idle(job) {
                continue;
            }
            let Some(seen) = self.session.ahead.get(&room_id).copied() else {
                let path = format!("/api/rooms/{room_id}/group-info");
                self.get(job, path, ResponseKind::Bytes);
                continue;
            };
            // The whole log was read by now, and does not lead there.
            self.clear(room_id);
            if self.epoch(room_id).is_some_and(|epoch| epoch < seen) {
                self.go_back(room_id);
            }
        }
    }

    pub(crate) fn standing_reply(&mut self, room_id: RoomId, reply: Result<Vec<u8>, Box<Problem>>) {
        let job = Job::Standing(room_id);
        let info = match reply {
            Err(problem) if self.retries(job, &problem) => return,
            reply => reply,
        };
        self.session.jobs.succeeded(job);
        let standing = match (info, self.keys.as_mut()) {
            (Ok(info), Some(keys)) => keys.client.compare(room_id.0, &info).ok(),
            _ => None,
        };
        if let Some(Standing::Ahead(epoch)) = standing {
            self.session.ahead.insert(room_id, epoch);
            self.session.behind.insert(room_id);
            return;
        }
        self.clear(room_id);
        if let Some(Standing::Behind | Standing::Other) = standing {
            self.go_back(room_id);
        }
    }

    /// Something of an epoch that was merged here does not open. Where the log went on in an earlier
    /// one before, others have come to this one on another way.
    pub(crate) fn went_back(&mut self, room_id: RoomId) -> bool {
        let suspect = self.is_suspect(room_id);
        if suspect {
            self.clear(room_id);
            self.go_back(room_id);
        }
        suspect
    }

    fn go_back(&mut self, room_id: RoomId) {
        self.lose_room(room_id);
        if let Some(room) = self.state.rooms.edit(room_id) {
            room.set_back = true;
        }
    }

    /// Whether all devices of a group that was joined anew are in the room as it was last merged,
    /// and all its admins were admins there.
    pub(crate) fn knows_all(&mut self, room_id: RoomId, members: &[Member]) -> bool {
        let policy = self.keys.as_mut().map(|keys| keys.client.policy(room_id.0));
        let (Some(Ok(policy)), Some(room), Some(leaves)) = (
            policy,
            self.state.rooms.get(room_id),
            self.state.rosters.get(room_id),
        ) else {
            return false;
        };
        let mut present = leaves.iter().map(|leaf| (leaf.user, &leaf.account_key));
        let mut absent = policy.absent.iter();
        let mut admins = policy.admins.iter().copied().map(UserId::from);
        members.iter().all(|it| leaves.contains(&Leaf::from(it)))
            && absent.all(|(user, key)| {
                let (user, key) = (UserId::from(*user), key.as_bytes());
                let same = |known: &Base64| known.as_ref() == key;
                room.absent.get(&user).is_some_and(same)
                    || present.any(|(other, known)| other == user && same(known))
            })
            && admins.all(|user| room.admins.contains(&user))
    }
}
