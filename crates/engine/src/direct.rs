//! Making the room of a direct conversation.

use e2ee::{Kind, Suite};
use protocol::{
    Code, Problem, RoomId, UserId,
    rest::{keys::ClaimReply, rooms::RoomKind},
    socket::CommitAck,
};

use crate::{
    ConversationId, Waiting,
    engine::Step,
    jobs::Job,
    state::{Draft, DraftRoom, Room, Stage},
};

impl Step<'_> {
    /// Takes the next step towards a room with a person.
    pub(crate) fn open_direct(&mut self, conversation: ConversationId, peer: UserId) {
        let Some(thread) = self.state.threads.get(conversation) else {
            return;
        };
        if thread.awaiting.is_some() {
            return self.set_waiting(conversation, Some(Waiting::Invitation));
        }
        let creating = |room: &RoomId| {
            self.state
                .rooms
                .get(*room)
                .is_some_and(|room| matches!(room.stage, Stage::Creating | Stage::Joining))
        };
        if thread.rooms.iter().any(creating) || self.session.stuck.contains(&conversation) {
            return;
        }
        let Some(own) = self.state.account.get().map(|account| account.user_id) else {
            return;
        };
        let person = self.state.people.get(peer);
        if person.is_some_and(|person| person.changed.is_some()) {
            return self.set_waiting(conversation, Some(Waiting::KeyChange));
        }
        let unknown: Vec<_> = [own, peer]
            .into_iter()
            .filter(|user| !self.session.looked_up.contains(user))
            .collect();
        if !unknown.is_empty() {
            self.session.lookups.extend(unknown);
            return;
        }
        if person.is_none_or(|person| person.devices.is_empty()) {
            return self.wait_for_peer(conversation);
        }
        self.set_waiting(conversation, None);
        let job = |suite| Job::ClaimForRoom(conversation, suite);
        if self.may_claim(job) {
            let suite = self.first_choice();
            self.claim(job(suite), suite, vec![own, peer], Vec::new());
        }
    }

    /// Nothing can be done until something is heard of the person's keys.
    fn wait_for_peer(&mut self, conversation: ConversationId) {
        self.session.stuck.insert(conversation);
        self.set_waiting(conversation, Some(Waiting::PeerSetup));
    }

    pub(crate) fn room_claim_reply(
        &mut self,
        conversation: ConversationId,
        suite: Suite,
        reply: Result<ClaimReply, Box<Problem>>,
    ) {
        let job = Job::ClaimForRoom(conversation, suite);
        let claimed = match reply {
            Ok(reply) => reply.key_packages,
            Err(problem) if self.retries(job, &problem) => return,
            Err(problem) if problem.code == Code::NotAContact => return self.part(conversation),
            Err(problem) => return self.fail_waiting(conversation, problem.code),
        };
        self.session.jobs.succeeded(job);
        let Some(thread) = self.state.threads.get(conversation) else {
            return;
        };
        let (Some(peer), None, None) = (thread.peer, thread.room, thread.awaiting) else {
            // Invited meanwhile.
            return;
        };
        let Some(own) = self.own_user() else {
            return;
        };
        let packages = self.check_packages(&claimed, suite);
        if suite != Suite::Classic && !self.reach_all([own, peer], &packages) {
            let job = Job::ClaimForRoom(conversation, Suite::Classic);
            return self.claim(job, Suite::Classic, vec![own, peer], Vec::new());
        }
        let reaches = packages
            .iter()
            .any(|package| package.credential().user == peer.0);
        if !reaches {
            let held = self.state.people.get(peer);
            return match held.is_some_and(|person| person.changed.is_some()) {
                true => self.set_waiting(conversation, Some(Waiting::KeyChange)),
                false => self.wait_for_peer(conversation),
            };
        }
        let room_id = RoomId::from_parts(self.unix_millis(), self.random());
        let Some(keys) = self.keys else {
            return;
        };
        let made = keys.client.create_room(
            room_id.0,
            suite,
            Kind::Direct,
            &[own.0, peer.0],
            &packages,
            &mut self.rng,
        );
        let Ok(room) = made else {
            self.undo_groups();
            return self.back_off(job, None);
        };
        self.state
            .drafts
            .insert(room_id, Draft::Room(DraftRoom::new(room)));
        self.add_room(room_id, conversation, RoomKind::Direct, Stage::Creating, 0);
        self.suite_chosen(room_id, conversation);
    }

    /// A room of a conversation: a new one, or one that this device comes back to.
    pub(crate) fn add_room(
        &mut self,
        room_id: RoomId,
        conversation: ConversationId,
        kind: RoomKind,
        stage: Stage,
        joined: u64,
    ) {
        let before = self.state.rooms.get(room_id).map(|room| room.generation);
        let rooms = self.state.rooms.iter();
        let newest = rooms
            .filter(|(_, room)| room.conversation == conversation)
            .map(|(_, room)| room.generation)
            .max();
        // Rooms of a conversation stand in the order in which they were made, whenever this device
        // hears of them.
        let made = room_id.0.get_timestamp().map_or(0, |made| made.to_unix().0);
        let made = u32::try_from(made).unwrap_or(0);
        let past = stage == Stage::Removed;
        let taken = |generation: &u32| {
            let mut rooms = self.state.rooms.iter();
            rooms.any(|(_, it)| it.conversation == conversation && it.generation == *generation)
        };
        let generation = before.unwrap_or_else(|| match newest {
            Some(newest) if !past => made.max(newest.saturating_add(1)),
            // Made in the same second as one that is known, and before it.
            _ => (0..=made).rev().find(|it| !taken(it)).unwrap_or(made),
        });
        if let Some(thread) = self.state.threads.edit(conversation)
            && !thread.rooms.contains(&room_id)
        {
            thread.rooms.push(room_id);
        }
        let room = Room::new(conversation, kind, generation, stage, joined);
        self.state.rooms.insert(room_id, room);
        if stage == Stage::Active {
            self.enter_room(room_id, conversation);
        }
    }

    /// The conversation lives in this room from now on.
    pub(crate) fn enter_room(&mut self, room_id: RoomId, conversation: ConversationId) {
        if let Some(thread) = self.state.threads.edit(conversation) {
            thread.room = Some(room_id);
            thread.awaiting = None;
            thread.parted = false;
        }
        self.note_suite(room_id);
        self.set_waiting(conversation, None);
        self.session.changed.insert(conversation);
    }

    /// Sends the rooms that were made here and are not acknowledged.
    pub(crate) fn pump_rooms(&mut self) {
        let creating: Vec<_> = self
            .state
            .rooms
            .iter()
            .filter(|(_, room)| room.stage == Stage::Creating)
            .map(|(id, room)| (id, room.kind))
            .collect();
        for (room_id, kind) in creating {
            let job = Job::CreateRoom(room_id);
            if self.session.jobs.idle(job)
                && self.session.is_current(room_id)
                && let Some(Draft::Room(draft)) = self.state.drafts.get(room_id)
            {
                let payload = draft.payload(room_id, kind);
                self.send_room(job, payload);
            }
        }
        self.pump_room_list();
    }

    pub(crate) fn create_reply(&mut self, room_id: RoomId, reply: Result<CommitAck, Box<Problem>>) {
        let job = Job::CreateRoom(room_id);
        match reply {
            Ok(ack) => {
                self.session.jobs.succeeded(job);
                self.draft_acknowledged(room_id, ack.seq);
            }
            Err(problem) if self.retries(job, &problem) => {}
            Err(problem) => {
                let winner = problem.member::<RoomId>("room_id");
                if problem.code == Code::RoomExists && winner == Some(room_id) {
                    // It is this one: an acknowledgement was lost.
                    self.session.behind.insert(room_id);
                } else {
                    self.drop_room(room_id, &problem, winner);
                }
            }
        }
    }

    /// Gives up a room that the server did not take.
    pub(crate) fn drop_room(&mut self, room_id: RoomId, problem: &Problem, winner: Option<RoomId>) {
        let Some(room) = self.state.rooms.remove(room_id) else {
            return;
        };
        let conversation = room.conversation;
        self.session.changed.insert(conversation);
        if room.kind == RoomKind::Group {
            self.refuse(None, problem);
        }
        self.state.drafts.remove(room_id);
        self.state.rosters.remove(room_id);
        self.state.marks.forget(room_id);
        if let Some(keys) = self.keys
            && keys.client.forget(room_id.0).is_err()
        {
            self.undo_groups();
        }
        let known = winner.is_some_and(|winner| {
            let room = self.state.rooms.get(winner);
            room.is_some_and(|room| room.stage == Stage::Active)
        });
        if let Some(thread) = self.state.threads.edit(conversation) {
            thread.rooms.retain(|room| *room != room_id);
            if problem.code == Code::RoomExists && !known {
                thread.awaiting = winner;
            }
        }
        if problem.code != Code::RoomExists {
            let waits = self.state.threads.get(conversation);
            if waits.is_some_and(|thread| thread.room.is_none()) {
                match problem.code {
                    Code::NotAContact if room.kind == RoomKind::Direct => self.part(conversation),
                    code => self.fail_waiting(conversation, code),
                }
            }
        }
    }
}
