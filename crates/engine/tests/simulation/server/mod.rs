//! A model of the chat server: the contract of rooms, cursors and keys, in memory.
//!
//! It keeps what the real one keeps (sequence numbers, epochs, one commit an epoch by the public
//! group, cursors, deletion after everybody acknowledged, idempotent client ids) and nothing else.

mod backup;
mod keys;
mod lists;
mod members;
mod own;
mod pictures;
mod rooms;
mod socket;

pub(crate) use backup::Backup;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use engine::{ClientEvent, Outcome, ServerEvent};
use protocol::{
    AttachmentId, Binary, ClientId, Code, DeviceId, Problem, RoomId, Timestamp, UserId, limits,
    rest::{people::Contact, rooms::RoomKind},
    socket::{
        Base64Envelope, CommitAck, Connected, ContactChange, ContactsUpdated, MessageAck,
        WelcomeEvent,
    },
};
use rand_chacha::ChaCha12Rng;
use rand_core::Rng;

pub(crate) type SocketId = u64;

/// Envelopes in a page of `sync`: few, so that there are several pages.
pub(crate) const PAGE: usize = 4;

pub(crate) struct Server {
    pub(crate) now: i64,
    pub(crate) rng: ChaCha12Rng,
    pub(crate) users: BTreeMap<UserId, Account>,
    pub(crate) devices: BTreeMap<DeviceId, Device>,
    pub(crate) rooms: BTreeMap<RoomId, Room>,
    pub(crate) welcomes: BTreeMap<(DeviceId, RoomId), WelcomeEvent>,
    pub(crate) contacts: BTreeSet<(UserId, UserId)>,
    pub(crate) sockets: BTreeMap<SocketId, Socket>,
    /// Whether a person who starts over leaves their direct rooms closed behind.
    pub(crate) reset_closes: bool,
    /// Ciphertexts, and the rooms that they belong to.
    pub(crate) pictures: BTreeMap<AttachmentId, (RoomId, Vec<u8>)>,
    /// What every upload is answered with.
    pub(crate) refuse_pictures: Option<Code>,
    /// What every message is answered with.
    pub(crate) refuse_messages: Option<Code>,
    /// Pages of `sync` are given the wrong way round.
    pub(crate) reorders: bool,
    /// Rooms and commits that came as multipart bodies.
    pub(crate) over_rest: u32,
    /// Who is no admin is refused what would remove others, instead of being told on.
    pub(crate) refuses_removals: bool,
    /// The rule by which everybody is refused who comes in by an external commit.
    pub(crate) refuse_entries: Option<&'static str>,
    /// An older copy took the place of what it knew.
    pub(crate) set_back: bool,
    /// Accounts that are no more.
    pub(crate) gone: BTreeSet<UserId>,
    /// How often somebody's devices were asked for.
    pub(crate) directories: u32,
    /// What everybody is answered who asks for somebody else's.
    pub(crate) refuse_directory: Option<Code>,
    /// What group infos say instead of their room's suite.
    pub(crate) claimed_suite: Option<u16>,
    /// What every device that comes back is shown instead of its room: group info and tree.
    pub(crate) shown_group: Option<(Vec<u8>, Vec<u8>)>,
    /// What people keep for themselves.
    pub(crate) own: BTreeMap<UserId, own::Own>,
    last_socket: SocketId,
    /// What is to be sent to sockets.
    pub(crate) out: Vec<(SocketId, ServerEvent)>,
    /// Sockets to be closed.
    pub(crate) closed: Vec<SocketId>,
    /// The device behind the request that is being answered.
    pub(crate) asking: Option<DeviceId>,
}

#[derive(Clone, Default)]
pub(crate) struct Account {
    pub(crate) account_key: Option<Vec<u8>>,
    pub(crate) device_list: Vec<u8>,
}

#[derive(Clone)]
pub(crate) struct Device {
    pub(crate) user: UserId,
    pub(crate) credential: Vec<u8>,
    pub(crate) packages: VecDeque<Vec<u8>>,
    pub(crate) last_resort: Vec<u8>,
    /// Packages and last resort of other suites than the classic one.
    pub(crate) others: BTreeMap<u16, (VecDeque<Vec<u8>>, Vec<u8>)>,
    pub(crate) revoked: bool,
}

pub(crate) struct Socket {
    pub(crate) user: UserId,
    pub(crate) nonce: Vec<u8>,
    pub(crate) device: Option<DeviceId>,
    /// Rooms whose envelopes are sent as they come.
    pub(crate) live: BTreeSet<RoomId>,
}

pub(crate) struct Room {
    pub(crate) kind: RoomKind,
    /// Who belongs to it.
    pub(crate) people: BTreeSet<UserId>,
    /// Those of them whose last device was shut out.
    pub(crate) away: BTreeSet<UserId>,
    pub(crate) public: e2ee::PublicRoom,
    pub(crate) open: bool,
    pub(crate) head: u64,
    pub(crate) log: BTreeMap<u64, Base64Envelope>,
    pub(crate) members: BTreeMap<DeviceId, Membership>,
    /// Behind which place each person reads, whatever devices they had: for good.
    pub(crate) first: BTreeMap<UserId, u64>,
    pub(crate) messages: BTreeMap<(DeviceId, ClientId), MessageAck>,
    pub(crate) commits: BTreeMap<(DeviceId, ClientId), CommitAck>,
    pub(crate) creator: DeviceId,
    pub(crate) trees: BTreeMap<u64, Vec<u8>>,
    pub(crate) removals: BTreeSet<DeviceId>,
    pub(crate) read: BTreeMap<UserId, u64>,
    /// Who wrote what: kept when the log is not.
    pub(crate) senders: BTreeMap<u64, UserId>,
}

#[derive(Clone, Copy)]
pub(crate) struct Membership {
    pub(crate) user: UserId,
    pub(crate) joined: u64,
    pub(crate) left: Option<u64>,
    pub(crate) acked: u64,
}

impl Membership {
    pub(crate) fn entitled(&self, seq: u64) -> bool {
        seq > self.joined && self.left.is_none_or(|left| seq <= left)
    }
}

impl Server {
    pub(crate) fn new(rng: ChaCha12Rng, now: i64) -> Self {
        Self {
            now,
            rng,
            users: BTreeMap::new(),
            devices: BTreeMap::new(),
            rooms: BTreeMap::new(),
            welcomes: BTreeMap::new(),
            contacts: BTreeSet::new(),
            sockets: BTreeMap::new(),
            reset_closes: true,
            pictures: BTreeMap::new(),
            refuse_pictures: None,
            refuse_messages: None,
            reorders: false,
            over_rest: 0,
            refuses_removals: false,
            refuse_entries: None,
            set_back: false,
            gone: BTreeSet::new(),
            directories: 0,
            refuse_directory: None,
            claimed_suite: None,
            shown_group: None,
            own: BTreeMap::new(),
            last_socket: 0,
            out: Vec::new(),
            closed: Vec::new(),
            asking: None,
        }
    }

    pub(crate) fn befriend(&mut self, left: UserId, right: UserId) {
        self.contacts.insert((left, right));
        self.contacts.insert((right, left));
    }

    /// Whether a person may ask for another's keys.
    pub(crate) fn knows(&self, user: UserId, other: UserId) -> bool {
        let together = |room: &Room| room.people.contains(&user) && room.people.contains(&other);
        user == other || self.contacts.contains(&(user, other)) || self.rooms.values().any(together)
    }

    /// Ends a contact: the direct room closes.
    pub(crate) fn unfriend(&mut self, left: UserId, right: UserId) {
        self.contacts.remove(&(left, right));
        self.contacts.remove(&(right, left));
        for room in self.rooms.values_mut() {
            if room.kind == RoomKind::Direct && room.people == BTreeSet::from([left, right]) {
                room.open = false;
            }
        }
        self.tell_contact(left, right, ContactChange::Removed);
        self.tell_contact(right, left, ContactChange::Removed);
    }

    pub(crate) fn connect(&mut self, user: UserId) -> (SocketId, Connected) {
        self.last_socket += 1;
        let nonce = self.random(32);
        let connected = Connected {
            socket_id: self.last_socket.to_string(),
            nonce: nonce.clone().into(),
            server_time: self.time(),
            version: "model".to_owned(),
            user_id: Some(user),
        };
        let socket = Socket {
            user,
            nonce,
            device: None,
            live: BTreeSet::new(),
        };
        self.sockets.insert(self.last_socket, socket);
        (self.last_socket, connected)
    }

    pub(crate) fn disconnect(&mut self, socket: SocketId) {
        self.sockets.remove(&socket);
    }

    /// A device is revoked: it has to be removed from its rooms.
    pub(crate) fn revoke(&mut self, device: DeviceId) {
        let Some(row) = self.devices.get_mut(&device) else {
            return;
        };
        row.revoked = true;
        let user = row.user;
        for room in self.rooms.values_mut() {
            if room
                .members
                .get(&device)
                .is_some_and(|member| member.left.is_none())
            {
                room.removals.insert(device);
                room.may_be_away(user);
            }
        }
        let sockets = self.sockets.iter();
        let of_device = sockets.filter(|(_, socket)| socket.device == Some(device));
        self.closed.extend(of_device.map(|(id, _)| *id));
        self.ask_for_removals();
    }

    pub(crate) fn time(&self) -> Timestamp {
        Timestamp::from_unix_millis(self.now)
    }

    pub(crate) fn random(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }

    pub(crate) fn send_to_device(&mut self, device: DeviceId, event: &ServerEvent) {
        let sockets = self.sockets.iter();
        for (id, _) in sockets.filter(|(_, socket)| socket.device == Some(device)) {
            self.out.push((*id, event.clone()));
        }
    }

    pub(crate) fn send_to_user(&mut self, user: UserId, event: &ServerEvent) {
        for (id, socket) in &self.sockets {
            if socket.user == user {
                self.out.push((*id, event.clone()));
            }
        }
    }

    pub(crate) fn tell_contact(&mut self, to: UserId, of: UserId, change: ContactChange) {
        let contact = Contact {
            user_id: of,
            username: "someone".to_owned(),
            name: None,
            avatar: None,
            online: true,
            last_seen: None,
            added_at: self.time(),
            room_id: None,
        };
        let event = ServerEvent::ContactsUpdated(ContactsUpdated { contact, change });
        self.send_to_user(to, &event);
    }

    /// Handles a socket event; the acknowledgement.
    pub(crate) fn event(&mut self, socket: SocketId, event: ClientEvent) -> Option<Outcome> {
        let user = self.sockets.get(&socket)?.user;
        let device = self.sockets.get(&socket)?.device;
        let result = match (event, device) {
            (ClientEvent::Device(proof), _) => self.prove(socket, user, &proof),
            (_, None) => refused(Code::DeviceRequired),
            (ClientEvent::Message(send), Some(device)) => match self.refuse_messages {
                Some(code) => refused(code),
                None => self.message(user, device, &send),
            },
            (ClientEvent::CreateRoom(it), Some(_))
                if is_large([
                    Some(&it.commit),
                    it.welcome.as_ref(),
                    Some(&it.group_info),
                    Some(&it.tree),
                ]) =>
            {
                refused(Code::UseRest)
            }
            (ClientEvent::Commit(it), Some(_))
                if is_large([
                    Some(&it.commit),
                    it.welcome.as_ref(),
                    Some(&it.group_info),
                    None,
                ]) =>
            {
                refused(Code::UseRest)
            }
            (ClientEvent::CreateRoom(create), Some(device)) => {
                self.create_room(socket, user, device, &create)
            }
            (ClientEvent::Commit(commit), Some(device)) => self.commit(user, device, &commit),
            (ClientEvent::WelcomeDone(done), Some(device)) => {
                self.welcomes.remove(&(device, done.room_id));
                Ok(serde_json::json!({}))
            }
            (ClientEvent::Sync(cursors), Some(device)) => {
                self.sync(socket, device, &cursors.cursors)
            }
            (ClientEvent::Ack(cursors), Some(device)) => self.ack(user, device, &cursors.cursors),
            (ClientEvent::Read(mark), Some(device)) => self.read(user, device, mark),
            (ClientEvent::Typing(_), Some(_)) => Ok(serde_json::json!({})),
        };
        let value = match result {
            Ok(mut value) => {
                value["ok"] = true.into();
                value
            }
            Err(problem) => serde_json::json!({"ok": false, "error": *problem}),
        };
        Some(Outcome::Json { value })
    }

    /// Handles a REST request of a signed-in user.
    pub(crate) fn request(
        &mut self,
        user: UserId,
        path: &str,
        body: Option<serde_json::Value>,
    ) -> Outcome {
        // Those of uploads have none.
        let (method, path) = path.split_once(' ').unwrap_or(match body {
            Some(_) => ("POST", path),
            None => ("GET", path),
        });
        let body = body.unwrap_or_default();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let parts: Vec<&str> = path.trim_start_matches("/api/").split('/').collect();
        let result = match parts.as_slice() {
            ["keys"] => self.register(user, body),
            ["key-packages"] => self.upload(user, body),
            ["key-packages", "count"] => self.count(user, query),
            ["key-packages", "claim"] => self.claim(user, body),
            ["users", id, "devices"] => self.directory(user, id),
            ["rooms"] if body.is_null() => self.list_rooms(user),
            ["rooms"] | ["rooms", _, "commits"] => self.multipart(user, &parts, body),
            ["messages", "image"] => self.store_picture(user, query, body),
            ["rooms", id, "tree"] => return self.tree(id, query),
            ["rooms", id, "group-info"] => return self.group_info(user, id),
            ["rooms", id, "leave"] => self.leave(user, id),
            ["rooms", id, "close"] => self.close(user, id),
            parts => self.own_request(user, method, parts, query, body),
        };
        match result {
            Ok(value) => Outcome::Json { value },
            Err(problem) => Outcome::Problem { problem: *problem },
        }
    }
}

pub(crate) type Answer = Result<serde_json::Value, Box<Problem>>;

/// Whether these parts are more than an event takes.
fn is_large(parts: [Option<&Binary>; 4]) -> bool {
    let sizes = parts.iter().flatten().map(|part| part.as_ref().len());
    sizes.sum::<usize>() > limits::COMMIT_EVENT
}

/// A value as JSON.
pub(crate) fn answer(value: &impl serde::Serialize) -> Answer {
    Ok(serde_json::to_value(value).unwrap())
}

/// A refusal with a code.
pub(crate) fn refused(code: Code) -> Answer {
    Err(Box::new(Problem::new(code)))
}
