//! The person in Node: one line in, one line out. `crates/testkit/interop/main.mjs` is its other
//! half.

use std::{path::Path, process::Stdio, time::Duration};

use engine::ConversationId;
use protocol::{RoomId, UserId, rest::people::Contact};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use testkit::{Device, Server, Stack};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::{Instant, sleep, timeout},
};

const PATIENCE: Duration = Duration::from_secs(60);

/// A person whose device is a Node process with ts-mls.
pub struct Peer {
    pub user_id: UserId,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    /// Killed with this value.
    _process: Child,
}

/// What the peer's MLS knows of a room.
#[derive(Debug, Deserialize)]
pub struct Room {
    pub kind: String,
    pub epoch: u64,
    pub authenticator: String,
    pub active: bool,
    pub admins: Vec<UserId>,
    /// One for each leaf, in order.
    pub members: Vec<UserId>,
    pub said: Vec<Said>,
}

/// What the peer opened.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Said {
    pub user: UserId,
    pub text: Option<String>,
    pub name: Option<String>,
}

#[derive(Deserialize)]
struct Made {
    user_id: UserId,
}

#[derive(Deserialize)]
struct Asked {
    request_id: String,
}

impl Peer {
    /// Signs up, registers its keys and is live when this returns.
    pub async fn set_up(stack: &Stack) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("interop");
        let installed = folder.join("node_modules/ts-mls").is_dir();
        assert!(installed, "run `npm ci` in {}", folder.display());
        let mut process = Command::new("node")
            .arg(folder.join("main.mjs"))
            .env("SNUG_URL", stack.url())
            .env("SNUG_MAIL", stack.log_file(Server::Mfa))
            // Node reads certificates of its own at the start alone.
            .env("NODE_EXTRA_CA_CERTS", stack.ca())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut peer = Self {
            user_id: UserId::from_bytes([0; 16]),
            input: process.stdin.take().unwrap(),
            output: BufReader::new(process.stdout.take().unwrap()).lines(),
            _process: process,
        };
        let made: Made = peer.call("set_up", json!({"name": "tess"})).await;
        peer.user_id = made.user_id;
        peer
    }

    /// Makes the peer and somebody contacts.
    pub async fn befriend(&mut self, device: &Device) {
        let person = &device.person;
        let user_id = person.user_id;
        let asked: Asked = self.call("request", json!({"user_id": user_id})).await;
        let accept = json!({"request_id": asked.request_id});
        let _: Contact = person
            .post("/api/friend-requests/accept", &accept)
            .await
            .unwrap();
    }

    /// Where the others read what is said with the peer.
    pub const fn conversation(&self) -> ConversationId {
        ConversationId::direct(self.user_id)
    }

    pub async fn create_direct(&mut self, with: &Device) -> RoomId {
        let users = [with.person.user_id];
        self.call("create_room", json!({"kind": "direct", "users": users}))
            .await
    }

    pub async fn create_group(&mut self, name: &str, with: &[&Device]) -> RoomId {
        let fields = json!({"kind": "group", "users": users(with), "name": name});
        self.call("create_room", fields).await
    }

    pub async fn say(&mut self, room_id: RoomId, text: &str) {
        let _: Value = self
            .call("say", json!({"room_id": room_id, "text": text}))
            .await;
    }

    /// A commit of nothing but a path.
    pub async fn renew(&mut self, room_id: RoomId) {
        let _: Value = self.call("commit", json!({"room_id": room_id})).await;
    }

    pub async fn add(&mut self, room_id: RoomId, who: &Device) {
        let fields = json!({"room_id": room_id, "add": users(&[who])});
        let _: Value = self.call("commit", fields).await;
    }

    pub async fn remove(&mut self, room_id: RoomId, who: &Device) {
        let fields = json!({"room_id": room_id, "remove": users(&[who])});
        let _: Value = self.call("commit", fields).await;
    }

    /// Waits until the peer's room is as it should be.
    pub async fn room(&mut self, room_id: RoomId, what: &str, is: impl Fn(&Room) -> bool) -> Room {
        let end = Instant::now() + PATIENCE;
        loop {
            let room: Option<Room> = self.call("room", json!({"room_id": room_id})).await;
            match room {
                Some(room) if is(&room) => return room,
                other => assert!(Instant::now() < end, "waited for {what}: {other:#?}"),
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until exactly these words, of these people, were opened.
    pub async fn hears(&mut self, room_id: RoomId, words: &[(&Device, &str)]) {
        let words: Vec<(UserId, &str)> = words
            .iter()
            .map(|(device, text)| (device.person.user_id, *text))
            .collect();
        let heard = |room: &Room| {
            let texts = room.said.iter();
            let texts = texts.filter_map(|said| Some((said.user, said.text.as_deref()?)));
            texts.collect::<Vec<_>>() == words
        };
        self.room(room_id, &format!("{words:?}"), heard).await;
    }

    /// Waits until the peer and these devices are in one epoch with the same secrets, and the
    /// people in the room are the peer's and theirs.
    pub async fn agrees(&mut self, room_id: RoomId, devices: &[&Device]) -> Room {
        let mut members = users(devices);
        members.push(self.user_id);
        members.sort_unstable();
        let room = |room: &Room| {
            let same = |device: &&Device| {
                device.epoch_authenticator(room_id).as_deref() == Some(room.authenticator.as_str())
            };
            room.members == members && devices.iter().all(same)
        };
        self.room(room_id, "one epoch", room).await
    }

    async fn call<T: DeserializeOwned>(&mut self, name: &str, mut fields: Value) -> T {
        fields["call"] = name.into();
        let line = format!("{fields}\n");
        self.input.write_all(line.as_bytes()).await.unwrap();
        let answer = timeout(PATIENCE, self.output.next_line()).await;
        let answer = answer.unwrap_or_else(|_| panic!("no answer to {name}"));
        let line = answer.unwrap().unwrap_or_else(|| panic!("{name} ended it"));
        let mut answer: Value = serde_json::from_str(&line).unwrap();
        if let Some(error) = answer["error"].as_str() {
            panic!("{name}: {error}");
        }
        serde_json::from_value(answer["ok"].take()).unwrap()
    }
}

fn users(devices: &[&Device]) -> Vec<UserId> {
    let users = devices.iter().map(|device| device.person.user_id);
    users.collect()
}
