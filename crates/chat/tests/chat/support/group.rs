//! Groups: devices with their sockets, and what they do to a room.

use e2ee::{CheckedKeyPackage, Commit, Kind, NewRoom, Opened};
use protocol::{Code, Problem};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Device, Person, Server, Socket, bytes, devices};

/// A device with its live socket.
pub struct Member {
    /// The device.
    pub device: Device,
    /// Its socket.
    pub socket: Socket,
}

/// A group of people with these names, one device each; the first one made it and is its admin.
pub async fn group_of(server: &Server, names: &[&str]) -> (Uuid, Vec<Member>) {
    let mut members: Vec<Member> = Vec::new();
    for name in names {
        let person = Person::sign_up(server, name).await;
        if let Some(first) = members.first() {
            befriend(server, &first.device.person, &person).await;
        }
        let device = Device::register(server, &person).await;
        let socket = device.live(server).await;
        members.push(Member { device, socket });
    }
    let (room, others) = (Uuid::now_v7(), names.len() - 1);
    let mut packages = Vec::new();
    for other in 1..=others {
        let user = members[other].device.person.id;
        packages.extend(members[0].device.claim(server, user).await);
    }
    let first = &mut members[0];
    let (device, socket) = (&mut first.device, &mut first.socket);
    let admins = [device.person.id];
    let NewRoom { commit: made, tree } = device
        .client
        .create_room(
            room,
            e2ee::Suite::Classic,
            Kind::Group,
            &admins,
            &packages,
            &mut device.rng,
        )
        .unwrap();
    let mut payload = json!({
        "room_id": room, "kind": "group", "devices": devices(&made.added),
        "commit": bytes(0), "group_info": bytes(1), "tree": bytes(2),
    });
    let mut parts = vec![&made.commit[..], &made.group_info, &tree];
    if let Some(welcome) = &made.welcome {
        payload["welcome"] = bytes(3);
        parts.push(welcome);
    }
    socket.ask("create_room", &payload, &parts).await;
    device.client.merge_own(room).unwrap();
    socket.event("message").await;
    for member in &mut members[1..] {
        let joined = member.device.join(server, &mut member.socket).await;
        assert_eq!(joined, room);
    }
    (room, members)
}

/// Makes two people contacts.
pub async fn befriend(server: &Server, one: &Person, other: &Person) {
    for (from, to) in [(one, other), (other, one)] {
        let ask = json!({"user_id": to.id});
        from.post(server, "/api/friend-requests/send", &ask).await;
    }
}

impl Member {
    /// A commit that adds and removes devices, as it goes to the server; it is pending here.
    pub fn commit(
        &mut self,
        room: Uuid,
        add: &[CheckedKeyPackage],
        remove: &[Uuid],
    ) -> (Value, Vec<Vec<u8>>) {
        let device = &mut self.device;
        let made = device
            .client
            .commit(room, add, remove, &mut device.rng)
            .unwrap();
        payload(room, made)
    }

    /// Sends a commit that must be taken, and merges it; returns the acknowledgement.
    pub async fn push(&mut self, room: Uuid, (payload, parts): (Value, Vec<Vec<u8>>)) -> Value {
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        let ack = self.socket.ask("commit", &payload, &parts).await;
        self.device.client.merge_own(room).unwrap();
        let echo = self.socket.event("message").await;
        assert_eq!(echo.payload["seq"], ack["seq"]);
        ack
    }

    /// Sends a commit that must be refused, and drops it.
    pub async fn push_refused(
        &mut self,
        room: Uuid,
        (payload, parts): (Value, Vec<Vec<u8>>),
        code: Code,
    ) -> Problem {
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        let problem = self.socket.refused("commit", &payload, &parts, code).await;
        self.device.client.discard_own(room).unwrap();
        problem
    }

    /// Comes back into a room by external commit; what the server made of it.
    pub async fn rejoin(&mut self, server: &Server, room: Uuid) -> Value {
        let info = self
            .fetch(server, &format!("/api/rooms/{room}/group-info"))
            .await;
        let tree = self.fetch(server, &format!("/api/rooms/{room}/tree")).await;
        let device = &mut self.device;
        let made = device
            .client
            .rejoin(room, &info, &tree, &mut device.rng)
            .unwrap();
        let (payload, parts) = payload(room, made);
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        let id = self.socket.emit("commit", &payload, &parts).await;
        self.socket.ack(id).await
    }

    async fn fetch(&self, server: &Server, path: &str) -> Vec<u8> {
        let token = &self.device.person.token;
        let request = server.request(Method::GET, path).bearer_auth(token);
        let reply = request.send().await.unwrap();
        assert_eq!(reply.status(), 200, "{path}");
        reply.bytes().await.unwrap().to_vec()
    }

    /// Opens the next envelope of a group.
    pub async fn hear(&mut self, room: Uuid) -> Opened {
        let event = self.socket.event("message").await;
        let id = |name: &str| event.payload[name].as_str().unwrap().parse().unwrap();
        let device = &mut self.device;
        let opened = device.client.open(
            room,
            id("sender_user"),
            id("sender_device"),
            &event.attachments[0],
            &mut device.rng,
        );
        device.client.take_changes();
        opened.unwrap()
    }

    /// Opens the next envelope, which must be this text.
    pub async fn reads(&mut self, room: Uuid, text: &str) {
        assert_eq!(
            self.hear(room).await,
            Opened::Application(text.as_bytes().to_vec().into())
        );
    }

    /// Says something and takes the echo.
    pub async fn say(&mut self, room: Uuid, text: &str) {
        let ack = self.device.say(&mut self.socket, room, text).await;
        let echo = self.socket.event("message").await;
        assert_eq!(echo.payload["seq"], ack["seq"]);
    }
}

/// A commit as it goes to the server.
pub fn payload(room: Uuid, made: Commit) -> (Value, Vec<Vec<u8>>) {
    let mut payload = json!({
        "room_id": room, "client_id": Uuid::now_v7(), "devices": devices(&made.added),
        "commit": bytes(0), "group_info": bytes(1),
    });
    let mut parts = vec![made.commit, made.group_info];
    if let Some(welcome) = made.welcome {
        payload["welcome"] = bytes(2);
        parts.push(welcome);
    }
    (payload, parts)
}
