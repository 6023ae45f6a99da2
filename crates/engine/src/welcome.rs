//! Joining rooms that other devices let this one into.

use e2ee::{Kind, Member};
use protocol::{
    ClientId, Problem, RoomId, UserId,
    rest::rooms::RoomKind,
    socket::{Done, WelcomeDone, WelcomeEvent},
};

use crate::{
    ClientEvent, ConversationId, ResponseKind, RoomEvent,
    broken::reason,
    engine::Step,
    inbox::SEQ_MAX,
    jobs::Job,
    room_events::Place,
    session::Link,
    state::{Leaf, Stage, Thread},
};

impl Step<'_> {
    pub(crate) fn welcome_event(&mut self, welcome: WelcomeEvent) {
        // It may overtake the acknowledgement of `device`.
        if self.session.link == Link::Offline || welcome.seq > SEQ_MAX {
            return;
        }
        let room_id = welcome.room_id;
        self.session.uninvited.remove(&room_id);
        let used = self
            .state
            .rooms
            .get(room_id)
            .is_some_and(|room| room.stage != Stage::Creating && room.joined >= welcome.seq);
        if used {
            // It was used; the server has not heard of it.
            self.session.joined.insert(room_id);
        } else {
            self.session.welcomes.insert(room_id, welcome);
            // A room that this device is still in: the removal is asked for.
            self.session.behind.insert(room_id);
        }
    }

    /// Whether this device was removed and let in again before `seq`, without having heard of its
    /// removal: the server forgets it with the new membership. The welcome is used then.
    pub(crate) fn superseded(&mut self, room_id: RoomId, seq: u64) -> bool {
        let cursor = self.state.rooms.get(room_id).map(|room| room.cursor);
        let welcome = self.session.welcomes.get(&room_id).map(|it| it.seq);
        let superseded = cursor < welcome && welcome < Some(seq);
        if superseded {
            self.leave_room(room_id);
        }
        superseded
    }

    pub(crate) fn pump_welcomes(&mut self) {
        if !matches!(self.session.link, Link::Syncing | Link::Live) {
            return;
        }
        let open: Vec<_> = self
            .session
            .welcomes
            .iter()
            .map(|(room, welcome)| (*room, welcome.epoch))
            .collect();
        for (room_id, epoch) in open {
            // A room that this device is still in: the removal before this welcome comes first.
            let inside = self
                .state
                .rooms
                .get(room_id)
                .is_some_and(|room| room.stage == Stage::Active || room.rejoining);
            let job = Job::Tree(room_id);
            if !inside && self.session.jobs.idle(job) {
                let path = format!("/api/rooms/{room_id}/tree?epoch={epoch}");
                self.get(job, path, ResponseKind::Bytes);
            }
        }
        for room_id in self.session.joined.clone() {
            let job = Job::WelcomeDone(room_id);
            if self.session.jobs.idle(job) {
                self.emit(job, ClientEvent::WelcomeDone(WelcomeDone { room_id }));
            }
        }
    }

    pub(crate) fn tree_reply(&mut self, room_id: RoomId, reply: Result<Vec<u8>, Box<Problem>>) {
        let job = Job::Tree(room_id);
        let tree = match reply {
            Ok(tree) => tree,
            Err(problem) if self.retries(job, &problem) => return,
            Err(problem) => {
                self.session.welcomes.remove(&room_id);
                return self.without_welcome(room_id, problem.code.as_str());
            }
        };
        self.session.jobs.succeeded(job);
        let Some(welcome) = self.session.welcomes.remove(&room_id) else {
            return;
        };
        if let Err(reason) = self.join(&welcome, &tree) {
            self.undo_groups();
            self.without_welcome(room_id, &reason);
        }
    }

    /// An invitation is of no use here: what was made for it is gone from this device, or it does
    /// not check. This device has a leaf in the room all the same, so that nobody invites it again:
    /// it comes in by itself, and the person is told only when that does not work either.
    fn without_welcome(&mut self, room_id: RoomId, reason: &str) {
        self.session.unwelcomed.insert(room_id, reason.to_owned());
        self.session.rooms_wanted = true;
    }

    fn join(&mut self, welcome: &WelcomeEvent, tree: &[u8]) -> Result<(), String> {
        let room_id = welcome.room_id;
        let account = self.state.account.get().ok_or("no-keys")?;
        let own = account.user_id;
        let keys = self.keys.as_mut().ok_or("no-keys")?;
        // What is left of an earlier membership gives way.
        keys.client
            .forget(room_id.0)
            .map_err(|error| reason(&error))?;
        let message = welcome.message.as_ref();
        let members = keys
            .client
            .join(room_id.0, message, tree, &mut self.rng)
            .map_err(|error| reason(&error))?;
        let policy = keys
            .client
            .policy(room_id.0)
            .map_err(|error| reason(&error))?;
        let peer = match policy.kind {
            Kind::Direct => Some(other(own, &members, &policy.admins).ok_or("no-peer")?),
            Kind::Group => None,
        };
        let ghost = members.iter().any(|member| {
            member.user == own.0
                && self
                    .state
                    .people
                    .get(own)
                    .is_none_or(|me| me.account_key.as_ref() != member.account_key.as_bytes())
        });
        if ghost {
            // Somebody in there claims to be me.
            return Err("wrong-account-key".to_owned());
        }
        for member in &members {
            self.pin(member.user.into(), &member.account_key);
        }
        let (conversation, kind) = match peer {
            Some(peer) => {
                let conversation = ConversationId::direct(peer);
                self.state
                    .threads
                    .edit_or(conversation, || Thread::direct(peer));
                (conversation, RoomKind::Direct)
            }
            None => {
                let conversation = ConversationId::group(room_id);
                self.state.threads.edit_or(conversation, Thread::group);
                (conversation, RoomKind::Group)
            }
        };
        self.state.drafts.remove(room_id);
        self.session.ended_rooms.remove(&room_id);
        let outside = self.state.rooms.get(room_id).is_some_and(|it| it.outside);
        self.add_room(room_id, conversation, kind, Stage::Active, welcome.seq);
        let leaves: Vec<Leaf> = members.iter().map(Leaf::from).collect();
        self.state.rosters.insert(room_id, leaves);
        self.read_absent(room_id, &policy);
        self.session.acquaintances.changed(room_id);
        let epoch = self.epoch(room_id);
        if let Some(room) = self.state.rooms.edit(room_id) {
            room.admins = policy.admins.iter().copied().map(UserId::from).collect();
            room.epoch = epoch.unwrap_or(0);
        }
        self.write_events(
            Place {
                room_id,
                seq: welcome.seq,
                id: ClientId(room_id.0),
                by: own,
                at: self.now + self.session.clock_offset,
            },
            // Whose new keys were accepted was never gone.
            vec![match outside {
                true => RoomEvent::Entered,
                false => RoomEvent::Joined,
            }],
        );
        self.missing_before(room_id, 1, welcome.seq);
        self.session.joined.insert(room_id);
        self.session.behind.insert(room_id);
        self.reconcile(own);
        Ok(())
    }

    pub(crate) fn welcome_done_reply(
        &mut self,
        room_id: RoomId,
        reply: Result<Done, Box<Problem>>,
    ) {
        let job = Job::WelcomeDone(room_id);
        match reply {
            Err(problem) if self.retries(job, &problem) => {}
            // A refusal is not repeated: the server sends the welcome again if it wants more.
            _ => {
                self.session.jobs.succeeded(job);
                self.session.joined.remove(&room_id);
            }
        }
    }
}

/// The other person of a direct room; one who has no device in it now is known as an admin.
fn other(own: UserId, members: &[Member], admins: &[uuid::Uuid]) -> Option<UserId> {
    members
        .iter()
        .map(|member| member.user)
        .chain(admins.iter().copied())
        .find(|user| *user != own.0)
        .map(UserId::from)
}
