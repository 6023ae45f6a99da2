//! Coming back into a room whose group this device has lost its place in: by an external commit.
//!
//! It is made from the server's group info and tree, stored, and sent until it is answered. What
//! was said between the last thing that was opened and the new place cannot be opened here.

use e2ee::{AccountPublicKey, Commit};
use protocol::{ClientId, Code, Problem, RoomId, UserId, socket::CommitAck};

use crate::{
    Fault, ResponseKind, RoomEvent,
    engine::Step,
    jobs::Job,
    room_events::Place,
    state::{Draft, DraftCommit, Room, Stage},
};

impl Room {
    /// Whether this device has to join anew before it can do anything in it.
    pub(crate) fn is_lost(&self) -> bool {
        let lost = matches!(self.fault, Some(Fault::RolledBack | Fault::Lost));
        self.stage == Stage::Active && lost || self.stage == Stage::Joining
    }
}

impl Step<'_> {
    /// A change that leads up to what comes now is not here and will not come.
    pub(crate) fn lose_room(&mut self, room_id: RoomId) {
        self.state.drafts.remove(room_id);
        self.session.jobs.forget(Job::Commit(room_id));
        self.set_fault(room_id, Fault::Lost);
    }

    pub(crate) fn pump_rejoins(&mut self) {
        let lost: Vec<RoomId> = self
            .state
            .rooms
            .iter()
            .filter(|(_, room)| room.is_lost())
            .map(|(id, _)| id)
            .filter(|id| self.session.is_current(*id))
            // An invitation goes first, unless the own way in was sent already.
            .filter(|id| self.is_rejoining(*id) || !self.session.welcomes.contains_key(id))
            .collect();
        for room_id in lost {
            if let Some(Draft::Commit(draft)) = self.state.drafts.get(room_id)
                && self.is_rejoining(room_id)
            {
                let job = Job::Commit(room_id);
                if self.session.jobs.idle(job) {
                    let payload = draft.payload(room_id);
                    self.send_commit(job, payload);
                }
                continue;
            }
            let (info, tree) = (Job::GroupInfo(room_id), Job::RejoinTree(room_id));
            if self.session.jobs.idle(info) && self.session.jobs.idle(tree) {
                let path = format!("/api/rooms/{room_id}/group-info");
                self.get(info, path, ResponseKind::Bytes);
            }
        }
    }

    pub(crate) fn is_rejoining(&self, room_id: RoomId) -> bool {
        let room = self.state.rooms.get(room_id);
        room.is_some_and(|room| room.rejoining)
    }

    pub(crate) fn group_info_reply(
        &mut self,
        room_id: RoomId,
        reply: Result<Vec<u8>, Box<Problem>>,
    ) {
        let Some(info) = self.fetched(Job::GroupInfo(room_id), room_id, reply) else {
            return;
        };
        self.session.group_infos.insert(room_id, info);
        let path = format!("/api/rooms/{room_id}/tree");
        self.get(Job::RejoinTree(room_id), path, ResponseKind::Bytes);
    }

    pub(crate) fn rejoin_tree_reply(
        &mut self,
        room_id: RoomId,
        reply: Result<Vec<u8>, Box<Problem>>,
    ) {
        let job = Job::RejoinTree(room_id);
        let (Some(tree), Some(info)) = (
            self.fetched(job, room_id, reply),
            self.session.group_infos.remove(&room_id),
        ) else {
            return;
        };
        let lost = self.state.rooms.get(room_id).is_some_and(Room::is_lost);
        if !lost {
            return;
        }
        if self.is_entering(room_id) && self.session.welcomes.contains_key(&room_id) {
            return;
        }
        if self.is_awaited(room_id, &tree) {
            self.session.awaited.insert(room_id);
            return self.stay_out(room_id, None);
        }
        let Some(keys) = self.keys else {
            return;
        };
        let made = keys.client.rejoin(room_id.0, &info, &tree, &mut self.rng);
        let members = made.and_then(|made| Ok((made, keys.client.members(room_id.0)?)));
        match members {
            // Of an account key that was given up: an admin lets this one in.
            Ok((_, members)) if self.is_entering(room_id) && self.has_ghost(&members) => {
                self.undo_groups();
                self.wait_outside(room_id);
            }
            // Of before the last change that was merged here: who was removed since may read along.
            Ok((commit, members))
                if self.is_behind(room_id, &commit) && !self.knows_all(room_id, &members) =>
            {
                self.undo_groups();
                self.break_off(room_id, "older-group", None);
            }
            Ok(_) if !self.fits(room_id) => {
                self.undo_groups();
                match self.is_entering(room_id) {
                    true => self.stay_out(room_id, Some("other-room")),
                    false => self.back_off(Job::GroupInfo(room_id), None),
                }
            }
            Ok((commit, members)) if !self.has_ghost(&members) => {
                for member in &members {
                    self.pin(member.user.into(), &member.account_key);
                }
                let behind = self.is_behind(room_id, &commit);
                let client_id = ClientId::from_parts(self.unix_millis(), self.random());
                let draft = DraftCommit::new(client_id, commit);
                self.state.drafts.insert(room_id, Draft::Commit(draft));
                if let Some(room) = self.state.rooms.edit(room_id) {
                    room.rejoining = true;
                    room.set_back |= behind;
                }
            }
            Err(error @ e2ee::Error::Policy(_)) if self.is_entering(room_id) => {
                self.undo_groups();
                self.stay_out(room_id, Some(&crate::broken::reason(&error)));
            }
            Ok(_) => {
                // Somebody in there claims to be me.
                self.undo_groups();
                self.break_off(room_id, "wrong-account-key", None);
            }
            Err(error @ e2ee::Error::Policy(_)) => {
                self.undo_groups();
                self.break_off(room_id, &crate::broken::reason(&error), None);
            }
            Err(e2ee::Error::UnknownSuite) => {
                self.undo_groups();
                if !self.cannot_speak(room_id) {
                    self.back_off(Job::GroupInfo(room_id), None);
                }
            }
            // Another commit came between the two, or the server is at fault.
            Err(_) => {
                self.undo_groups();
                self.back_off(Job::GroupInfo(room_id), None);
            }
        }
    }

    /// Whether what the server showed of a room is of an epoch before one that this device was in.
    fn is_behind(&self, room_id: RoomId, commit: &Commit) -> bool {
        let room = self.state.rooms.get(room_id);
        room.is_some_and(|room| commit.epoch <= room.epoch)
    }

    fn has_ghost(&self, members: &[e2ee::Member]) -> bool {
        let own = self.state.account.get().map(|account| account.user_id);
        let mine = own.and_then(|own| self.state.people.get(own));
        let is_mine = |key: &AccountPublicKey| {
            mine.is_some_and(|me| me.account_key.as_ref() == key.as_bytes())
        };
        members
            .iter()
            .any(|member| own == Some(UserId(member.user)) && !is_mine(&member.account_key))
    }

    fn fetched(
        &mut self,
        job: Job,
        room_id: RoomId,
        reply: Result<Vec<u8>, Box<Problem>>,
    ) -> Option<Vec<u8>> {
        match reply {
            Ok(bytes) => {
                self.session.jobs.succeeded(job);
                Some(bytes)
            }
            Err(problem) => {
                if problem.code == Code::NotAMember {
                    self.not_let_in(room_id);
                } else {
                    // Without it there is no way on: asked again, seldom.
                    self.back_off(Job::GroupInfo(room_id), Some(&problem));
                }
                None
            }
        }
    }

    /// The answer to an external commit.
    pub(crate) fn rejoin_reply(&mut self, room_id: RoomId, reply: Result<CommitAck, Box<Problem>>) {
        let job = Job::Commit(room_id);
        let ack = match reply {
            Ok(ack) => ack,
            Err(problem) if self.retries(job, &problem) => return,
            Err(problem) => {
                self.state.drafts.remove(room_id);
                if let Some(room) = self.state.rooms.edit(room_id) {
                    room.rejoining = false;
                }
                return match problem.code {
                    Code::RoomClosed => self.close_room(room_id),
                    Code::NotAMember => self.not_let_in(room_id),
                    // Another commit was faster: from the new state.
                    Code::StaleEpoch => {
                        if self.is_entering(room_id) {
                            // Or this one was, and its answer was lost.
                            self.set_fault(room_id, Fault::Lost);
                        }
                        self.repeat(Job::GroupInfo(room_id));
                    }
                    _ if self.is_entering(room_id) => {
                        let rule = match problem.code {
                            Code::Policy => problem.member::<String>("rule"),
                            _ => None,
                        };
                        match rule.as_deref() {
                            // Who started over has no leaf there: somebody else lets them in.
                            Some("foreign-join" | "two-account-keys") => self.wait_outside(room_id),
                            rule => {
                                let reason = rule.unwrap_or(problem.code.as_str());
                                self.stay_out(room_id, Some(reason));
                            }
                        }
                    }
                    code => self.break_off(room_id, code.as_str(), None),
                };
            }
        };
        self.session.jobs.succeeded(job);
        let Some(Draft::Commit(draft)) = self.state.drafts.remove(room_id) else {
            return;
        };
        let by = self.own_user();
        let (Some(room), Some(by)) = (self.state.rooms.edit(room_id), by) else {
            return;
        };
        let (entering, before) = (room.stage == Stage::Joining, room.cursor);
        let how = match std::mem::take(&mut room.set_back) {
            true => RoomEvent::SetBack,
            false => RoomEvent::Rejoined,
        };
        room.rejoining = false;
        room.fault = None;
        room.broken = None;
        room.cursor = ack.seq;
        room.joined = ack.seq;
        room.sent.clear();
        if entering {
            self.entered(room_id, ack.seq, &draft);
            self.session.behind.insert(room_id);
            return;
        }
        // What was said in between may have been read on another device.
        self.missing_before(room_id, before + 1, ack.seq);
        let place = Place {
            room_id,
            seq: ack.seq,
            id: draft.client_id,
            by,
            at: self.now + self.session.clock_offset,
        };
        self.renewed(room_id);
        self.note_suite(room_id);
        self.read_roster_again(place, how);
        self.expel(room_id);
        self.session.behind.insert(room_id);
    }
}
