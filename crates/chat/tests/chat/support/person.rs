//! People with sessions, devices and rooms.

use base64::{Engine, engine::general_purpose::STANDARD};
use e2ee::{AccountKey, Client, DeviceKeys, DeviceList, Kind, NewRoom, key_package};
use protocol::{Code, Problem};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use reqwest::Method;
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    EMAIL_CODE, Server, Socket, TOTP_CODE, bytes, documented,
    server::{read, refused},
};

/// Somebody with a complete account and a session.
#[derive(Clone)]
pub struct Person {
    /// The account.
    pub id: Uuid,
    /// The unique name.
    pub username: String,
    /// The session's token.
    pub token: String,
}

impl Person {
    /// Signs up, confirms the address, sets up the factor.
    pub async fn sign_up(server: &Server, username: &str) -> Self {
        Self::sign_up_with(server, username, None).await
    }

    /// The same by an invitation.
    pub async fn sign_up_with(server: &Server, username: &str, invite: Option<&Value>) -> Self {
        let email = format!("{username}@example.org");
        let mut body =
            json!({"email": email, "username": username, "password": "green heron seven"});
        if let Some(code) = invite {
            body["invite"] = code.clone();
        }
        let (status, reply) = server.post("/api/signup", &body).await;
        assert_eq!(status, 201, "{reply}");
        let token = reply["enrolment_token"].clone();
        let body = json!({"enrolment_token": token, "code": EMAIL_CODE});
        let (status, verified) = server.post("/api/verify-email", &body).await;
        assert_eq!(status, 200, "{verified}");
        let body = json!({
            "enrolment_token": token, "factor_id": reply["mfa"]["factor_id"],
            "code": TOTP_CODE, "transport": "bearer",
        });
        let (status, done) = server.post("/api/mfa/activate", &body).await;
        assert_eq!(status, 200, "{done}");
        Self {
            id: reply["user_id"].as_str().unwrap().parse().unwrap(),
            username: username.to_owned(),
            token: done["token"].as_str().unwrap().to_owned(),
        }
    }

    /// Signs in once more: another session.
    pub async fn sign_in(&self, server: &Server) -> Self {
        let body = json!({
            "username": self.username, "password": "green heron seven",
            "method": "totp", "code": TOTP_CODE, "transport": "bearer",
        });
        let (status, reply) = server.post("/api/login", &body).await;
        assert_eq!(status, 200, "{reply}");
        Self {
            token: reply["token"].as_str().unwrap().to_owned(),
            ..self.clone()
        }
    }

    /// Asks as this person: the status and the reply.
    pub async fn call(
        &self,
        server: &Server,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let mut request = server
            .request(method.clone(), path)
            .bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(body);
        }
        let reply = read(request).await;
        documented::check(&method, path, &reply);
        reply
    }

    /// Gets something that must be there.
    pub async fn get(&self, server: &Server, path: &str) -> Value {
        let (status, reply) = self.call(server, Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {reply}");
        reply
    }

    /// Posts something that must be taken.
    pub async fn post(&self, server: &Server, path: &str, body: &Value) -> Value {
        let (status, reply) = self.call(server, Method::POST, path, Some(body)).await;
        assert!((200..300).contains(&status), "{path}: {status} {reply}");
        reply
    }

    /// Posts something that must be refused with this code.
    pub async fn refused(&self, server: &Server, path: &str, body: &Value, code: Code) -> Problem {
        refused(
            self.call(server, Method::POST, path, Some(body)).await,
            code,
        )
    }

    /// Gives a second factor again.
    pub async fn step_up(&self, server: &Server, problem: &Problem) {
        let body = json!({
            "challenge_id": problem.extra["challenge_id"], "method": "totp", "code": TOTP_CODE,
        });
        let (status, reply) = self
            .call(server, Method::POST, "/api/step-up", Some(&body))
            .await;
        assert_eq!(status, 204, "{reply}");
    }

    /// Opens a socket of this session.
    pub async fn socket(&self, server: &Server) -> Socket {
        Socket::open(server, &[], Some(&self.token)).await.unwrap()
    }
}

/// A device with its MLS state.
pub struct Device {
    /// Whose it is.
    pub person: Person,
    /// Names it.
    pub id: Uuid,
    /// Vouches for it.
    pub account: AccountKey,
    /// The state.
    pub client: Client,
    /// Where its randomness comes from.
    pub rng: ChaCha20Rng,
}

impl Device {
    /// The person's first device, registered.
    pub async fn register(server: &Server, person: &Person) -> Self {
        let (device, body) = Self::make(person, 5);
        let reply = person.post(server, "/api/keys", &body).await;
        assert_eq!(reply["device_id"], device.id.to_string());
        device
    }

    /// A device and the body that registers it with so many key packages.
    pub fn make(person: &Person, packages: usize) -> (Self, Value) {
        let mut rng = ChaCha20Rng::from_seed(rand::random());
        let account = AccountKey::generate(&mut rng);
        Self::under(person, account, 1, &[], packages)
    }

    /// A device under a given account key, in a list of this version with these others.
    pub fn under(
        person: &Person,
        account: AccountKey,
        version: u64,
        others: &[Uuid],
        packages: usize,
    ) -> (Self, Value) {
        let mut rng = ChaCha20Rng::from_seed(rand::random());
        let now = now();
        let id = Uuid::now_v7();
        let keys = DeviceKeys::generate(person.id, id, &account, now, &mut rng);
        let credential = keys.credential().to_bytes();
        let devices = others.iter().copied().chain([id]).collect();
        let list = DeviceList {
            user: person.id,
            version,
            devices,
            revoked: Vec::new(),
        };
        let mut client = Client::new(keys, []);
        let packages: Vec<String> = (0..packages)
            .map(|_| {
                STANDARD.encode(
                    client
                        .key_package(e2ee::Suite::Classic, now, &mut rng)
                        .unwrap(),
                )
            })
            .collect();
        let last = client
            .last_resort(e2ee::Suite::Classic, now, &mut rng)
            .unwrap();
        client.take_changes();
        let body = json!({
            "account_key": STANDARD.encode(account.public().as_bytes()),
            "device_list": STANDARD.encode(list.sign(&account)),
            "device": {"name": "Test", "credential": STANDARD.encode(credential)},
            "key_packages": packages,
            "last_resort": STANDARD.encode(last),
        });
        (
            Self {
                person: person.clone(),
                id,
                account,
                client,
                rng,
            },
            body,
        )
    }

    /// The body of a newer device list of its person.
    pub fn list(&self, version: u64, devices: &[Uuid], revoked: &[Uuid]) -> Value {
        let list = DeviceList {
            user: self.person.id,
            version,
            devices: devices.to_vec(),
            revoked: revoked.to_vec(),
        };
        json!({"device_list": STANDARD.encode(list.sign(&self.account))})
    }

    /// Opens a socket and proves the device.
    pub async fn connect(&self, server: &Server) -> Socket {
        let mut socket = self.person.socket(server).await;
        self.prove(&mut socket).await;
        socket
    }

    /// Proves the device on an open socket.
    pub async fn prove(&self, socket: &mut Socket) -> Value {
        let connected = socket.event("connected").await;
        let nonce = STANDARD
            .decode(connected.payload["nonce"].as_str().unwrap())
            .unwrap();
        let signature = self.client.keys().prove(&nonce);
        let payload = json!({"device_id": self.id, "signature": bytes(0)});
        socket.ask("device", &payload, &[&signature]).await
    }

    /// Connects and catches up: from then on everything comes live.
    pub async fn live(&self, server: &Server) -> Socket {
        let mut socket = self.connect(server).await;
        socket.ask("sync", &json!({"cursors": {}}), &[]).await;
        socket
    }

    /// Claims key packages of all devices of a person.
    pub async fn claim(&self, server: &Server, user: Uuid) -> Vec<e2ee::CheckedKeyPackage> {
        let body = json!({"user_ids": [user], "suite": 3, "device_id": self.id});
        let reply = self
            .person
            .post(server, "/api/key-packages/claim", &body)
            .await;
        let packages = reply["key_packages"].as_array().unwrap();
        packages
            .iter()
            .map(|one| {
                let bytes = STANDARD
                    .decode(one["key_package"].as_str().unwrap())
                    .unwrap();
                key_package::inspect(&bytes, now()).unwrap()
            })
            .collect()
    }

    /// The payload and attachments of `create_room` with a person.
    pub async fn new_room(
        &mut self,
        server: &Server,
        with: &Person,
    ) -> (Uuid, Value, Vec<Vec<u8>>) {
        let room = Uuid::now_v7();
        let packages = self.claim(server, with.id).await;
        let admins = [self.person.id, with.id];
        let NewRoom { commit: made, tree } = self
            .client
            .create_room(
                room,
                e2ee::Suite::Classic,
                Kind::Direct,
                &admins,
                &packages,
                &mut self.rng,
            )
            .unwrap();
        let payload = json!({
            "room_id": room, "kind": "direct", "devices": devices(&made.added),
            "commit": bytes(0), "group_info": bytes(1), "tree": bytes(2), "welcome": bytes(3),
        });
        // In the order of the names: the server takes attachments as they come.
        let parts = vec![made.commit, made.group_info, tree, made.welcome.unwrap()];
        (room, payload, parts)
    }

    /// Seals a text and returns payload and attachment of `message`.
    pub fn seal(&mut self, room: Uuid, text: &str) -> (Value, Vec<u8>) {
        let sealed = self
            .client
            .seal(room, text.as_bytes(), &mut self.rng)
            .unwrap();
        (
            json!({"room_id": room, "client_id": Uuid::now_v7(), "message": bytes(0)}),
            sealed,
        )
    }

    /// Sends a text to a room and returns the acknowledgement.
    pub async fn say(&mut self, socket: &mut Socket, room: Uuid, text: &str) -> Value {
        let (payload, sealed) = self.seal(room, text);
        socket.ask("message", &payload, &[&sealed]).await
    }

    /// Joins by the welcome that waits on this socket.
    pub async fn join(&mut self, server: &Server, socket: &mut Socket) -> Uuid {
        let welcome = socket.event("welcome").await;
        let room: Uuid = welcome.payload["room_id"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        let path = format!(
            "/api/rooms/{room}/tree?epoch={}",
            welcome.payload["epoch"].as_u64().unwrap()
        );
        let request = server
            .request(Method::GET, &path)
            .bearer_auth(&self.person.token);
        let tree = request.send().await.unwrap().bytes().await.unwrap();
        self.client
            .join(room, &welcome.attachments[0], &tree, &mut self.rng)
            .unwrap();
        self.client.take_changes();
        socket
            .ask("welcome_done", &json!({"room_id": room}), &[])
            .await;
        room
    }
}

/// The devices that a commit adds, as a payload names them.
pub fn devices(added: &[(Uuid, Vec<u8>)]) -> Value {
    added
        .iter()
        .map(|(device, reference)| {
            json!({"device_id": device, "key_package_ref": STANDARD.encode(reference)})
        })
        .collect()
}

/// Two people who are contacts.
pub async fn friends(server: &Server) -> (Person, Person) {
    let (ana, bo) = tokio::join!(
        Person::sign_up(server, "ana"),
        Person::sign_up(server, "bo.l")
    );
    ana.post(
        server,
        "/api/friend-requests/send",
        &json!({"user_id": bo.id}),
    )
    .await;
    bo.post(
        server,
        "/api/friend-requests/send",
        &json!({"user_id": ana.id}),
    )
    .await;
    (ana, bo)
}

/// Two devices of two contacts in a room, both live; the first one made it.
pub async fn room_between(server: &Server) -> (Uuid, (Device, Socket), (Device, Socket)) {
    let (ana, bo) = friends(server).await;
    let mut one = Device::register(server, &ana).await;
    let mut other = Device::register(server, &bo).await;
    let (mut here, mut there) = (one.live(server).await, other.live(server).await);
    let (room, payload, parts) = one.new_room(server, &bo).await;
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    let ack = here.ask("create_room", &payload, &parts).await;
    assert_eq!((&ack["seq"], &ack["epoch"]), (&json!(1), &json!(1)));
    one.client.merge_own(room).unwrap();
    assert_eq!(other.join(server, &mut there).await, room);
    assert_eq!(here.event("new_message").await.payload["kind"], "commit");
    (room, (one, here), (other, there))
}

fn now() -> u64 {
    OffsetDateTime::now_utc().unix_timestamp().unsigned_abs()
}
