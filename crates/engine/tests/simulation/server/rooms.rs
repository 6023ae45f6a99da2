//! Rooms: making, changing, writing.

use std::collections::{BTreeMap, BTreeSet};

use engine::ServerEvent;
use protocol::{
    Base64, Binary, ClientId, Code, DeviceId, Problem, UserId,
    rest::rooms::{Envelope, EnvelopeKind, RoomKind},
    socket::{
        AddedDevice, Base64Envelope, CommitAck, CreateRoom, MessageAck, SendCommit, SendMessage,
    },
};
use rand_core::Rng;

use super::{Answer, Membership, Room, Server, SocketId, answer, refused};

impl Server {
    pub(super) fn message(&mut self, user: UserId, device: DeviceId, send: &SendMessage) -> Answer {
        let sent_at = self.time();
        let Some(room) = self.rooms.get_mut(&send.room_id) else {
            return refused(Code::NotAMember);
        };
        if let Some(first) = room.messages.get(&(device, send.client_id)) {
            return answer(first);
        }
        if !room.is_member(device) {
            return refused(Code::NotAMember);
        }
        if !room.open {
            return refused(Code::RoomClosed);
        }
        let framing = e2ee::framing::inspect(send.message.as_ref()).unwrap();
        let epoch = room.public.epoch();
        if framing.epoch != epoch {
            return Err(Box::new(
                Problem::new(Code::StaleEpoch).with("epoch", epoch),
            ));
        }
        let envelope = Envelope {
            room_id: send.room_id,
            seq: room.head + 1,
            epoch,
            kind: EnvelopeKind::Application,
            sender_user: user,
            sender_device: device,
            client_id: send.client_id,
            sent_at,
            message: send.message.clone().into(),
            href: None,
        };
        let ack = MessageAck {
            room_id: send.room_id,
            seq: envelope.seq,
            sent_at,
        };
        room.messages.insert((device, send.client_id), ack);
        self.append(envelope);
        answer(&ack)
    }

    pub(super) fn create_room(
        &mut self,
        socket: SocketId,
        user: UserId,
        device: DeviceId,
        create: &CreateRoom,
    ) -> Answer {
        if let Some(room) = self.rooms.get(&create.room_id) {
            assert_eq!(room.creator, device);
            return answer(&CommitAck { seq: 1, epoch: 1 });
        }
        let public = e2ee::PublicRoom::create(
            create.room_id.0,
            kind(create.kind),
            (user.0, device.0),
            create.group_info.as_ref(),
            create.tree.as_ref(),
        )
        .unwrap();
        let members = public.members().unwrap();
        let people: BTreeSet<UserId> = members.iter().map(|member| member.user.into()).collect();
        let rival = self
            .rooms
            .iter()
            .find(|(_, room)| room.open && room.kind == RoomKind::Direct && room.people == people)
            .filter(|_| create.kind == RoomKind::Direct);
        if let Some((rival, _)) = rival {
            return Err(Box::new(
                Problem::new(Code::RoomExists).with("room_id", rival),
            ));
        }
        for other in people.iter().filter(|other| **other != user) {
            if !self.contacts.contains(&(user, *other)) {
                return refused(Code::NotAContact);
            }
        }
        let joined = |member: &e2ee::Member| {
            let joined = u64::from(member.device != device.0);
            let membership = Membership {
                user: member.user.into(),
                joined,
                left: None,
                acked: joined,
            };
            (member.device.into(), membership)
        };
        let members: BTreeMap<DeviceId, Membership> = members.iter().map(joined).collect();
        let mut first = BTreeMap::new();
        for member in members.values() {
            let first = first.entry(member.user).or_insert(member.joined);
            *first = member.joined.min(*first);
        }
        let room = Room {
            kind: create.kind,
            first,
            people,
            away: BTreeSet::new(),
            open: true,
            head: 0,
            log: BTreeMap::new(),
            members,
            messages: BTreeMap::new(),
            commits: BTreeMap::new(),
            creator: device,
            trees: BTreeMap::from([(1, create.tree.as_ref().to_vec())]),
            removals: BTreeSet::new(),
            read: BTreeMap::new(),
            senders: BTreeMap::new(),
            public,
        };
        self.rooms.insert(create.room_id, room);
        // Whether the creator's socket is in the room at once is left open by the contract.
        if self.rng.next_u32().is_multiple_of(2)
            && let Some(socket) = self.sockets.get_mut(&socket)
        {
            socket.live.insert(create.room_id);
        }
        self.append(Envelope {
            room_id: create.room_id,
            seq: 1,
            epoch: 0,
            kind: EnvelopeKind::Commit,
            sender_user: user,
            sender_device: device,
            client_id: ClientId(create.room_id.0),
            sent_at: self.time(),
            message: create.commit.clone().into(),
            href: None,
        });
        let welcome = create.welcome.as_ref().map(AsRef::as_ref);
        self.welcome(create.room_id, welcome, &create.devices, 1, 1);
        answer(&CommitAck { seq: 1, epoch: 1 })
    }

    pub(super) fn commit(&mut self, user: UserId, device: DeviceId, send: &SendCommit) -> Answer {
        let Some(room) = self.rooms.get_mut(&send.room_id) else {
            return refused(Code::NotAMember);
        };
        if let Some(first) = room.commits.get(&(device, send.client_id)) {
            return answer(first);
        }
        // A device that is not in the room may come in by an external commit when its person is.
        if !room.is_member(device) && !room.people.contains(&user) {
            return refused(Code::NotAMember);
        }
        if let Some(rule) = self.refuse_entries.filter(|_| !room.is_member(device)) {
            return Err(Box::new(Problem::new(Code::Policy).with("rule", rule)));
        }
        let revoked = |added: &AddedDevice| {
            let device = self.devices.get(&added.device_id);
            device.is_none_or(|device| device.revoked)
        };
        if send.devices.iter().any(revoked) {
            return refused(Code::Policy);
        }
        let before: BTreeSet<_> = room.devices();
        let before_admins = room.public.policy().admins.clone();
        let framing = e2ee::framing::inspect(send.commit.as_ref()).unwrap();
        if framing.epoch == room.public.epoch() && !room.removals.is_empty() {
            // A look at what it would remove, on a copy.
            let mut copy = e2ee::PublicRoom::load(&room.public.to_state().unwrap()).unwrap();
            let sender = (user.0, device.0);
            let change = copy
                .accept(sender, send.commit.as_ref(), send.group_info.as_ref())
                .unwrap();
            let removed: BTreeSet<DeviceId> = change
                .removed
                .iter()
                .map(|member| member.device.into())
                .collect();
            let external = change.added.iter().any(|it| it.device == device.0);
            if !external && !room.removals.is_subset(&removed) {
                return Err(Box::new(
                    Problem::new(Code::RemovalRequired)
                        .with("devices", &room.removals)
                        .with("absent", room.due_and_away()),
                ));
            }
            let mut named = change.removed.iter();
            if named
                .any(|it| change.absent.contains(&it.user) && !room.away.contains(&it.user.into()))
            {
                return Err(Box::new(
                    Problem::new(Code::Policy).with("rule", "not-absent"),
                ));
            }
        }
        let standing = self.refuses_removals.then(|| room.public.to_state());
        let accepted = room.public.accept(
            (user.0, device.0),
            send.commit.as_ref(),
            send.group_info.as_ref(),
        );
        let change = match accepted {
            Ok(change) => change,
            Err(e2ee::Refusal::StaleEpoch { epoch }) => {
                return Err(Box::new(
                    Problem::new(Code::StaleEpoch).with("epoch", epoch),
                ));
            }
            // Somebody who started over tries whether they are still in.
            Err(e2ee::Refusal::Policy(e2ee::Rule::ForeignJoin)) => {
                return Err(Box::new(
                    Problem::new(Code::Policy).with("rule", "foreign-join"),
                ));
            }
            // Made in an epoch of the same number, before the server was set back.
            Err(e2ee::Refusal::Malformed(_)) if self.set_back => {
                return refused(Code::InvalidMessage);
            }
            Err(refusal) => panic!("an honest client's commit was refused: {refusal}"),
        };
        let may = |member: &e2ee::Member| {
            member.user == user.0
                || before_admins.contains(&user.0)
                || room.removals.contains(&member.device.into())
        };
        if room.kind == RoomKind::Group && !change.removed.iter().all(may) {
            let Some(standing) = standing else {
                panic!("who is no admin removed others");
            };
            room.public = e2ee::PublicRoom::load(&standing.unwrap()).unwrap();
            return refused(Code::Policy);
        }
        let seq = room.head + 1;
        let ack = CommitAck {
            seq,
            epoch: change.epoch,
        };
        room.commits.insert((device, send.client_id), ack);
        let after = room.devices();
        for gone in before.difference(&after) {
            room.removals.remove(gone);
            room.members
                .entry(*gone)
                .and_modify(|member| member.left = member.left.or(Some(seq)));
        }
        for member in &change.added {
            room.away.remove(&member.user.into());
            // Who joins by its own commit gets that one as an echo.
            let joined = seq - u64::from(member.device == device.0);
            let membership = Membership {
                user: member.user.into(),
                joined,
                left: None,
                acked: joined,
            };
            room.first.entry(membership.user).or_insert(joined);
            room.members.insert(member.device.into(), membership);
        }
        if room.kind == RoomKind::Group {
            let members = room.public.members().unwrap();
            let standing: BTreeSet<_> = members.iter().map(|it| it.user).collect();
            let belongs = |it: &UserId| standing.contains(&it.0) || change.absent.contains(&it.0);
            room.away.retain(belongs);
            let members = members.into_iter();
            let staying = members.filter(|it| !room.removals.contains(&it.device.into()));
            room.people = staying.map(|member| member.user.into()).collect();
            room.people.extend(&room.away);
        }
        room.trees.insert(change.epoch, room.public.tree().unwrap());
        self.append(Envelope {
            room_id: send.room_id,
            seq,
            epoch: change.epoch - 1,
            kind: EnvelopeKind::Commit,
            sender_user: user,
            sender_device: device,
            client_id: send.client_id,
            sent_at: self.time(),
            message: send.commit.clone().into(),
            href: None,
        });
        let welcome = send.welcome.as_ref().map(AsRef::as_ref);
        self.welcome(send.room_id, welcome, &send.devices, change.epoch, seq);
        if change.added.iter().any(|it| it.device == device.0) {
            // It could not remove others; somebody is asked to.
            self.ask_for_removals();
        }
        answer(&ack)
    }

    /// A room or a commit over REST: as the event, of the device that the session was opened for.
    pub(super) fn multipart(
        &mut self,
        user: UserId,
        path: &[&str],
        body: serde_json::Value,
    ) -> Answer {
        let (mut head, parts): (serde_json::Value, BTreeMap<String, Base64>) =
            serde_json::from_value(body).unwrap();
        let part = |name: &str| {
            parts
                .get(name)
                .map(|bytes| Binary::from(bytes.as_ref().to_vec()))
        };
        let mut sockets = self.sockets.iter();
        let own = sockets.find_map(|(id, socket)| {
            let device = socket.device.filter(|_| socket.user == user)?;
            Some((*id, device))
        });
        let Some((socket, device)) = own else {
            return refused(Code::DeviceRequired);
        };
        self.over_rest += 1;
        let devices = serde_json::from_value(head["devices"].take()).unwrap();
        match path {
            ["rooms", room, "commits"] => {
                let commit = SendCommit {
                    room_id: room.parse().unwrap(),
                    client_id: serde_json::from_value(head["client_id"].take()).unwrap(),
                    commit: part("commit").unwrap(),
                    welcome: part("welcome"),
                    devices,
                    group_info: part("group_info").unwrap(),
                };
                self.commit(user, device, &commit)
            }
            _ => {
                let create = CreateRoom {
                    room_id: serde_json::from_value(head["room_id"].take()).unwrap(),
                    kind: serde_json::from_value(head["kind"].take()).unwrap(),
                    commit: part("commit").unwrap(),
                    welcome: part("welcome"),
                    devices,
                    group_info: part("group_info").unwrap(),
                    tree: part("tree").unwrap(),
                };
                self.create_room(socket, user, device, &create)
            }
        }
    }

    /// Puts an envelope at the end of its room's log and sends it to the live sockets.
    pub(crate) fn append(&mut self, envelope: Base64Envelope) {
        let room = self.rooms.get_mut(&envelope.room_id).unwrap();
        room.head += 1;
        assert_eq!(room.head, envelope.seq);
        room.log.insert(envelope.seq, envelope.clone());
        if envelope.kind == EnvelopeKind::Application {
            room.senders.insert(envelope.seq, envelope.sender_user);
        }
        for (id, socket) in &self.sockets {
            let member = socket.device.and_then(|device| room.members.get(&device));
            if socket.live.contains(&envelope.room_id)
                && member.is_some_and(|member| member.entitled(envelope.seq))
            {
                let envelope = envelope.clone().map(Into::into);
                let event = match room.kind {
                    RoomKind::Direct => ServerEvent::NewMessage(envelope),
                    RoomKind::Group => ServerEvent::Message(envelope),
                };
                self.out.push((*id, event));
            }
        }
    }
}

const fn kind(kind: RoomKind) -> e2ee::Kind {
    match kind {
        RoomKind::Direct => e2ee::Kind::Direct,
        RoomKind::Group => e2ee::Kind::Group,
    }
}
