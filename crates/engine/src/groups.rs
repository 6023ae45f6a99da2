//! What a person does with a group: make it, let people in, remove them, name admins, leave.

use e2ee::{Kind, Suite};
use protocol::{
    Code, Problem, RoomId, UserId,
    rest::{keys::ClaimReply, rooms::RoomKind},
};

use crate::{
    ConversationId, Text,
    engine::Step,
    jobs::Job,
    profile::check_name,
    state::{Draft, DraftRoom, OutgoingBody, Profile, Room, Stage, Thread},
    suites::first_adds,
};

impl Step<'_> {
    pub(crate) fn create_group(&mut self, room_id: RoomId, name: Text, members: &[UserId]) {
        if self.state.rooms.get(room_id).is_some() {
            return;
        }
        let Some(own) = self.state.account.get().map(|account| account.user_id) else {
            return self.refuse(None, &Problem::new(Code::DeviceRequired));
        };
        let Some(name) = check_name(name) else {
            return self.refuse(None, &Problem::new(Code::InvalidBody));
        };
        let conversation = ConversationId::group(room_id);
        let thread = self.state.threads.edit_or(conversation, Thread::group);
        thread.profile = Profile {
            heard: true,
            by_admin: true,
            revision: 1,
            seq: 0,
            name,
        };
        self.add_room(room_id, conversation, RoomKind::Group, Stage::Creating, 0);
        if let Some(room) = self.state.rooms.edit(room_id) {
            room.admins.insert(own);
            room.want_add.extend(members);
            room.want_add.remove(&own);
        }
        self.say_profile(conversation);
        self.session.changed.insert(conversation);
    }

    pub(crate) fn invite(&mut self, room_id: RoomId, members: &[UserId]) {
        let Some(own) = self.administers(room_id) else {
            return;
        };
        let present = self.people_in(room_id);
        let Some(room) = self.state.rooms.edit(room_id) else {
            return;
        };
        for user in members.iter().filter(|user| **user != own) {
            room.want_out.remove(user);
            if room.admins.contains(user) && !present.contains(user) {
                // An admin who left comes back as a member.
                room.want_roles.insert(*user, false);
            }
            room.want_add.insert(*user);
            self.session.may_have_packages(*user);
        }
        let conversation = room.conversation;
        self.session.changed.insert(conversation);
    }

    pub(crate) fn remove_member(&mut self, room_id: RoomId, user: UserId) {
        let Some(own) = self.administers(room_id) else {
            return;
        };
        let present = self.people_in(room_id).contains(&user);
        if let Some(room) = self.state.rooms.edit(room_id)
            && user != own
        {
            room.want_add.remove(&user);
            room.want_roles.remove(&user);
            if present {
                room.want_out.insert(user);
            }
            if present && room.admins.contains(&user) {
                room.want_roles.insert(user, false);
            }
            let conversation = room.conversation;
            self.session.changed.insert(conversation);
        }
    }

    pub(crate) fn set_admin(&mut self, room_id: RoomId, user: UserId, admin: bool) {
        if self.administers(room_id).is_none() {
            return;
        }
        let present = self.people_in(room_id);
        let Some(room) = self.state.rooms.edit(room_id) else {
            return;
        };
        let others = room.admins.iter().any(|other| {
            *other != user && present.contains(other) && room.want_roles.get(other) != Some(&false)
        });
        if !admin && !others {
            return self.refuse(None, &Problem::new(Code::LastAdmin));
        }
        if present.contains(&user) {
            room.want_roles.insert(user, admin);
        }
    }

    pub(crate) fn rename_room(&mut self, room_id: RoomId, name: Text) {
        if self.administers(room_id).is_none() {
            return;
        }
        let Some(name) = check_name(name) else {
            return self.refuse(None, &Problem::new(Code::InvalidBody));
        };
        let conversation = ConversationId::group(room_id);
        let (standing, picture) = self.standing_profile(conversation);
        if standing.name == name {
            return;
        }
        let body = OutgoingBody::Profile {
            profile: Profile {
                heard: true,
                by_admin: true,
                revision: standing.revision.saturating_add(1),
                seq: 0,
                name,
            },
            picture,
            pictured: None,
            news: true,
        };
        self.say(conversation, body);
    }

    /// Says good-bye, and leaves when that is on its way.
    pub(crate) fn start_leaving(&mut self, room_id: RoomId) {
        let Some(own) = self.state.account.get().map(|account| account.user_id) else {
            return;
        };
        let present = self.people_in(room_id);
        let Some(room) = self.state.rooms.get(room_id) else {
            return;
        };
        if room.kind != RoomKind::Group || room.stage != Stage::Active || room.leaving {
            return;
        }
        let admins = room.admins.iter().filter(|user| **user != own);
        let headless = room.admins.contains(&own)
            && present.iter().any(|user| *user != own)
            && !admins.into_iter().any(|admin| present.contains(admin));
        if headless {
            return self.refuse(None, &Problem::new(Code::LastAdmin));
        }
        let (speaks, conversation) = (room.sends(), room.conversation);
        if let Some(room) = self.state.rooms.edit(room_id) {
            room.leaving = true;
            room.want_nothing();
        }
        if speaks && present.len() > 1 {
            self.say(conversation, OutgoingBody::Leave);
        }
        self.session.changed.insert(conversation);
    }

    /// Oneself, if one may change the group; says that one may not otherwise.
    pub(crate) fn administers(&mut self, room_id: RoomId) -> Option<UserId> {
        let own = self.state.account.get().map(|account| account.user_id);
        let room = self.state.rooms.get(room_id);
        let own = own.filter(|own| {
            room.is_some_and(|room| {
                room.kind == RoomKind::Group
                    && room.admins.contains(own)
                    && matches!(room.stage, Stage::Active | Stage::Creating)
            })
        });
        if own.is_none() {
            let problem = Problem::new(Code::Policy).detail("Only admins change a group.");
            self.refuse(None, &problem);
        }
        own
    }

    /// Takes the next step of groups that are not made yet, and of those that are being left.
    pub(crate) fn pump_groups(&mut self) {
        for room_id in self.state.rooms.keys() {
            let Some(room) = self.state.rooms.get(room_id) else {
                continue;
            };
            let unmade = room.kind == RoomKind::Group
                && room.stage == Stage::Creating
                && self.state.drafts.get(room_id).is_none();
            if unmade {
                self.found_group(room_id);
            } else if room.leaving && room.stage == Stage::Active {
                self.leave(room_id);
            }
        }
    }

    fn found_group(&mut self, room_id: RoomId) {
        let job = |suite| Job::ClaimForGroup(room_id, suite);
        let own = self.state.account.get().map(|account| account.user_id);
        let room = self.state.rooms.get(room_id);
        let (Some(own), Some(room), true) = (own, room, self.may_claim(job)) else {
            return;
        };
        let users: Vec<_> = room.want_add.iter().copied().chain([own]).collect();
        let mut unknown = users.clone();
        unknown.retain(|user| !self.session.looked_up.contains(user));
        if unknown.is_empty() {
            let suite = self.first_choice();
            self.claim(job(suite), suite, users, Vec::new());
        } else {
            self.session.lookups.extend(unknown);
        }
    }

    pub(crate) fn group_claim_reply(
        &mut self,
        room_id: RoomId,
        suite: Suite,
        reply: Result<ClaimReply, Box<Problem>>,
    ) {
        let job = Job::ClaimForGroup(room_id, suite);
        let claimed = match reply {
            Ok(reply) => reply.key_packages,
            Err(problem) if self.retries(job, &problem) => return,
            Err(problem) => return self.drop_room(room_id, &problem, None),
        };
        self.session.jobs.succeeded(job);
        let unmade = |room: &Room| room.stage == Stage::Creating;
        let wanted = self.state.rooms.get(room_id).filter(|room| unmade(room));
        let own = self.state.account.get().map(|account| account.user_id);
        let (Some(wanted), Some(own), None) = (wanted, own, self.state.drafts.get(room_id)) else {
            return;
        };
        let wanted = wanted.want_add.clone();
        let mut packages = self.check_packages(&claimed, suite);
        packages.retain(|package| {
            let user = UserId::from(package.credential().user);
            user == own || wanted.contains(&user)
        });
        let users: Vec<_> = wanted.iter().copied().chain([own]).collect();
        if suite != Suite::Classic && !self.reach_all(users.iter().copied(), &packages) {
            let job = Job::ClaimForGroup(room_id, Suite::Classic);
            return self.claim(job, Suite::Classic, users, Vec::new());
        }
        first_adds(&mut packages, suite, own);
        let Some(keys) = self.keys else {
            return;
        };
        let made = keys.client.create_room(
            room_id.0,
            suite,
            Kind::Group,
            &[own.0],
            &packages,
            &mut self.rng,
        );
        match made {
            Ok(room) => {
                let draft = Draft::Room(DraftRoom::new(room));
                self.state.drafts.insert(room_id, draft);
                self.suite_chosen(room_id, ConversationId::group(room_id));
            }
            Err(_) => {
                self.undo_groups();
                self.back_off(job, None);
            }
        }
    }

    /// Leaves, once nothing is to be said any more.
    fn leave(&mut self, room_id: RoomId) {
        let speaks = self.state.rooms.get(room_id).is_some_and(Room::sends);
        let bye = self.state.outbox.iter().find(|(_, outgoing)| {
            outgoing.conversation == ConversationId::group(room_id)
                && matches!(outgoing.body, OutgoingBody::Leave)
        });
        match bye.map(|(number, _)| number) {
            Some(_) if speaks => return,
            Some(number) => {
                self.state.outbox.remove(number);
            }
            None => {}
        }
        let job = Job::Leave(room_id);
        if self.session.jobs.idle(job) {
            self.post(job, &format!("/api/rooms/{room_id}/leave"), &());
        }
    }

    pub(crate) fn leave_reply(&mut self, room_id: RoomId, reply: Result<(), Box<Problem>>) {
        let job = Job::Leave(room_id);
        match reply {
            Err(problem) if self.retries(job, &problem) => {}
            Err(problem) if problem.code != Code::NotAMember => {
                if let Some(room) = self.state.rooms.edit(room_id) {
                    room.leaving = false;
                    let conversation = room.conversation;
                    self.session.changed.insert(conversation);
                }
                self.refuse(None, &problem);
            }
            _ => {
                self.session.jobs.succeeded(job);
                self.room_ended(room_id);
            }
        }
    }
}
