//! Changes of a group: other devices' commits, and this device's own.
//!
//! An own commit is stored, then sent, then merged when its place in the log is reached. When
//! another commit takes its epoch, that one is processed and what is still wanted is made again.

use std::collections::BTreeSet;

use e2ee::{Change, CheckedKeyPackage, Plan, Suite};
use protocol::{
    ClientId, Code, DeviceId, Problem, RoomId, UserId,
    rest::{keys::ClaimReply, rooms::RoomKind},
    socket::{BinaryEnvelope, CommitAck, CommitWanted},
};

use crate::{
    RoomEvent,
    engine::Step,
    jobs::Job,
    room_events::Place,
    state::{Draft, DraftCommit, Room, Stage},
    suites::at_once,
};

impl Step<'_> {
    /// Another device's commit was merged. Says whether it may stay.
    pub(crate) fn changed(&mut self, envelope: &BinaryEnvelope, change: &Change) -> bool {
        let room_id = envelope.room_id;
        let own = self.state.account.get().map(|account| account.user_id);
        for member in change.added.iter().chain([&change.committer]) {
            let user = member.user.into();
            // A key that is not the pinned one holds the room; it is merged all the same, or this
            // device would be alone in the old epoch.
            self.pin(user, &member.account_key);
        }
        // The pending commit of this device, if any, went with its epoch.
        self.state.drafts.remove(room_id);
        self.session.jobs.forget(Job::Commit(room_id));
        if change.removed_me {
            if self.state.rooms.get(room_id).is_some_and(Room::receives) {
                let users = own.into_iter().collect();
                self.write_events(Place::of(envelope), vec![RoomEvent::Removed { users }]);
            }
            self.leave_room(room_id);
            return true;
        }
        let committer = DeviceId::from(change.committer.device);
        let known = self.state.rosters.get(room_id).into_iter().flatten();
        let joined = own == Some(change.committer.user.into())
            && !known.into_iter().any(|leaf| leaf.device == committer);
        let before = self.people_in(room_id);
        self.read_roster(Place::of(envelope));
        if joined {
            // Another device of mine came in by itself: nobody added it who would tell it.
            self.tell_joined(room_id);
        } else if change
            .added
            .iter()
            .any(|it| it.device == change.committer.device)
        {
            self.name_for(room_id);
        }
        self.tell_of_joined(room_id, &before, change);
        if change.removed.iter().any(|it| own == Some(it.user.into())) {
            self.renew_soon(room_id);
        }
        self.expel(room_id);
        if let Some(own) = own {
            self.session
                .changed
                .extend(self.state.rooms.get(room_id).map(|room| room.conversation));
            self.reconcile(own);
        }
        true
    }

    /// Who comes in under keys that nobody here has accepted is told of in this room as well.
    fn tell_of_joined(&mut self, room_id: RoomId, before: &BTreeSet<UserId>, change: &Change) {
        let users = change.added.iter().map(|member| UserId::from(member.user));
        let users: BTreeSet<_> = users.filter(|user| !before.contains(user)).collect();
        for user in users {
            let person = self.state.people.get(user);
            let changed = person.is_some_and(|person| person.changed.is_some());
            if let Some(room) = self.state.rooms.get(room_id).filter(|_| changed) {
                self.write_keys_line(room.conversation, user);
            }
        }
    }

    /// The server took a commit of this device and gave it a place.
    pub(crate) fn draft_acknowledged(&mut self, room_id: RoomId, seq: u64) {
        let next = self
            .state
            .rooms
            .get(room_id)
            .is_some_and(|room| seq.checked_sub(1) == Some(room.cursor));
        if next
            && self.merge_draft(room_id, seq, self.now + self.session.clock_offset)
            && let Some(room) = self.state.rooms.edit(room_id)
        {
            room.cursor = seq;
        }
        // Otherwise it is merged in its place. Live delivery starts with a page, too.
        self.session.behind.insert(room_id);
    }

    /// Merges the commit of this device whose place in the log is reached.
    pub(crate) fn merge_draft(&mut self, room_id: RoomId, seq: u64, at: i64) -> bool {
        let own = self.state.account.get().map(|account| account.user_id);
        let (Some(by), Some(draft)) = (own, self.state.drafts.remove(room_id)) else {
            return true;
        };
        let merged = match self.keys {
            Some(keys) => keys.client.merge_own(room_id.0).is_ok(),
            None => false,
        };
        if !merged {
            self.undo_groups();
            self.break_off(room_id, "own-commit", None);
            return false;
        }
        let (id, adds) = match &draft {
            Draft::Room(_) => (ClientId(room_id.0), false),
            Draft::Commit(draft) => (draft.client_id, !draft.devices.is_empty()),
        };
        self.renewed(room_id);
        self.read_roster(Place {
            room_id,
            seq,
            id,
            by,
            at,
        });
        if adds {
            self.tell_joined(room_id);
        }
        if let Draft::Room(_) = draft {
            let Some(room) = self.state.rooms.edit(room_id) else {
                return false;
            };
            room.stage = Stage::Active;
            let conversation = room.conversation;
            self.session.jobs.forget(Job::CreateRoom(room_id));
            self.enter_room(room_id, conversation);
            // A conversation of two may have lived in another room before.
            self.say_timer(conversation);
        }
        self.session.jobs.forget(Job::Commit(room_id));
        true
    }

    /// Who joined knows neither what a group is called nor when messages go away.
    pub(crate) fn tell_joined(&mut self, room_id: RoomId) {
        let room = self.state.rooms.get(room_id);
        if let Some(conversation) = room.map(|room| room.conversation) {
            self.say_profile(conversation);
            self.say_timer(conversation);
        }
    }

    /// The server asks this device to remove others from a room.
    pub(crate) fn commit_wanted(&mut self, wanted: &CommitWanted) {
        if let Some(room) = self.state.rooms.edit(wanted.room_id) {
            room.want_remove.extend(&wanted.remove);
            room.away.extend(&wanted.absent);
            self.session.jobs.resume(Job::Commit(wanted.room_id));
        }
    }

    pub(crate) fn pump_commits(&mut self) {
        let wanting: Vec<RoomId> = self
            .state
            .rooms
            .iter()
            .filter(|(id, room)| {
                room.sends() && (room.wants() || self.state.drafts.get(*id).is_some())
            })
            .map(|(id, _)| id)
            .filter(|id| self.session.is_current(*id))
            .collect();
        for room in wanting {
            if self.state.drafts.get(room).is_none() {
                self.advance_commit(room);
            }
            let job = Job::Commit(room);
            if self.session.jobs.idle(job)
                && let Some(Draft::Commit(draft)) = self.state.drafts.get(room)
            {
                let payload = draft.payload(room);
                self.send_commit(job, payload);
            }
        }
    }

    /// Takes the next step towards a commit that is wanted.
    fn advance_commit(&mut self, room_id: RoomId) {
        let Some(wishes) = self.wanted(room_id) else {
            return;
        };
        if !wishes.missing.is_empty() {
            let job = Job::ClaimForCommit(room_id);
            if self.session.jobs.idle(job) {
                let suite = self.suite_of(room_id);
                let asked = at_once(&wishes.missing, suite).map(|(_, device)| *device);
                self.claim(job, suite, Vec::new(), asked.collect());
            }
        } else if self.session.jobs.idle(Job::Commit(room_id)) {
            match wishes.admins {
                // What is due to be removed goes first: the server takes nothing else before.
                _ if !wishes.remove.is_empty() || !wishes.dismiss.is_empty() => {
                    self.make_commit(room_id, &[], &wishes.remove, &wishes.dismiss);
                }
                Some(admins) => self.make_admins(room_id, &admins),
                None => {}
            }
        }
    }

    pub(crate) fn commit_claim_reply(
        &mut self,
        room_id: RoomId,
        reply: Result<ClaimReply, Box<Problem>>,
    ) {
        let job = Job::ClaimForCommit(room_id);
        let claimed = match reply {
            Ok(reply) => reply.key_packages,
            Err(problem) if self.retries(job, &problem) => return,
            Err(problem) => {
                let own = self.state.account.get().map(|account| account.user_id);
                if let Some(room) = self.state.rooms.get(room_id)
                    && room.want_add.iter().any(|user| Some(*user) != own)
                    && room.kind == RoomKind::Group
                {
                    self.refuse(None, &problem);
                    return self.give_up_wishes(room_id);
                }
                Vec::new()
            }
        };
        self.session.jobs.succeeded(job);
        let ready = self
            .state
            .rooms
            .get(room_id)
            .is_some_and(|room| room.sends())
            && self.state.drafts.get(room_id).is_none()
            && self.session.is_current(room_id);
        if !ready {
            return;
        }
        let Some(wishes) = self.wanted(room_id) else {
            return;
        };
        let suite = self.suite_of(room_id);
        let asked: BTreeSet<_> = at_once(&wishes.missing, suite).copied().collect();
        let mut packages = self.check_packages(&claimed, suite);
        packages.retain(|package| {
            let credential = package.credential();
            asked.contains(&(credential.user.into(), credential.device.into()))
        });
        if suite != Suite::Classic {
            self.without_packages(room_id, &asked, &packages);
        }
        if packages.is_empty() {
            // Nobody to add after all; the next `connected` or change of keys asks again.
            if suite == Suite::Classic
                && let Some(room) = self.state.rooms.get(room_id)
            {
                let users = room.want_add.iter().map(|user| (*user, suite));
                self.session.no_packages.extend(users);
            }
            return;
        }
        self.make_commit(room_id, &packages, &wishes.remove, &wishes.dismiss);
    }

    /// A commit that changes nothing but this device's keys.
    pub(crate) fn renew(&mut self, room_id: RoomId) {
        self.make_commit(room_id, &[], &BTreeSet::new(), &BTreeSet::new());
    }

    fn make_commit(
        &mut self,
        room_id: RoomId,
        add: &[CheckedKeyPackage],
        remove: &BTreeSet<DeviceId>,
        dismiss: &BTreeSet<UserId>,
    ) {
        let ids = |users: &BTreeSet<UserId>| users.iter().map(|user| user.0).collect::<Vec<_>>();
        let absent = ids(&self.to_be_absent(room_id, add, remove));
        let remove: Vec<_> = remove.iter().map(|device| device.0).collect();
        let Some(keys) = self.keys else {
            return;
        };
        let plan = Plan {
            add,
            remove: &remove,
            absent: &absent,
            dismiss: &ids(dismiss),
            admins: None,
        };
        let made = keys.client.change(room_id.0, plan, &mut self.rng);
        self.keep_commit(room_id, made);
    }

    fn make_admins(&mut self, room_id: RoomId, admins: &BTreeSet<UserId>) {
        let admins: Vec<_> = admins.iter().map(|user| user.0).collect();
        let Some(keys) = self.keys else {
            return;
        };
        let made = keys.client.change_admins(room_id.0, &admins, &mut self.rng);
        self.keep_commit(room_id, made);
    }

    fn keep_commit(&mut self, room_id: RoomId, made: Result<e2ee::Commit, e2ee::Error>) {
        match made {
            Ok(commit) => {
                let client_id = ClientId::from_parts(self.unix_millis(), self.random());
                let draft = DraftCommit::new(client_id, commit);
                self.state.drafts.insert(room_id, Draft::Commit(draft));
            }
            Err(_) => {
                self.undo_groups();
                self.give_up_wishes(room_id);
            }
        }
    }

    pub(crate) fn commit_reply(&mut self, room_id: RoomId, reply: Result<CommitAck, Box<Problem>>) {
        let job = Job::Commit(room_id);
        if self.is_rejoining(room_id) {
            return self.rejoin_reply(room_id, reply);
        }
        match reply {
            Ok(ack) => {
                self.session.jobs.succeeded(job);
                self.draft_acknowledged(room_id, ack.seq);
            }
            Err(problem) if self.retries(job, &problem) => {}
            Err(problem) => match problem.code {
                Code::StaleEpoch => {
                    // Another commit took the epoch, or this one did and the answer was lost: the
                    // log tells.
                    self.session.behind.insert(room_id);
                    if let Some(from) = self.drafted_from(room_id) {
                        self.behind_us(room_id, from, &problem);
                    }
                    self.repeat(job);
                }
                Code::RemovalRequired => {
                    self.discard_draft(room_id);
                    let devices: Vec<DeviceId> = problem.member("devices").unwrap_or_default();
                    let away: Vec<UserId> = problem.member("absent").unwrap_or_default();
                    if let Some(room) = self.state.rooms.edit(room_id) {
                        room.want_remove.extend(devices);
                        room.away.extend(away);
                    }
                    self.repeat(job);
                }
                Code::Policy if self.not_absent(room_id, &problem) => {
                    self.discard_draft(room_id);
                    self.repeat(job);
                }
                Code::RoomClosed => self.close_room(room_id),
                Code::NotAMember => self.room_ended(room_id),
                _ => {
                    self.discard_draft(room_id);
                    self.session.unremovable.insert(room_id);
                    self.give_up_wishes(room_id);
                    self.refuse(None, &problem);
                }
            },
        }
    }

    fn discard_draft(&mut self, room_id: RoomId) {
        self.state.drafts.remove(room_id);
        if let Some(keys) = self.keys
            && keys.client.discard_own(room_id.0).is_err()
        {
            self.undo_groups();
        }
    }
}
