//! A device without an engine: its keys and groups in a test's hands, to send what no engine would.

use std::collections::BTreeMap;

use e2ee::{Client, DeviceKeys, Opened};
use protocol::{
    ClientId, DeviceId, Problem, RoomId, UserId,
    socket::{
        CommitAck, Connected, DeviceAck, DeviceProof, MessageAck, SendCommit, SendMessage, client,
    },
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use tokio::sync::mpsc;

use crate::{
    Device,
    socket::{Incoming, Socket},
};

/// A message of the log as the server holds it.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// Who sent it.
    pub sender: (UserId, DeviceId),
    /// The MLS message.
    pub message: Vec<u8>,
}

/// The keys and the MLS state of a device in a test's hands, without a connection.
pub struct RawClient {
    client: Client,
    rng: ChaCha20Rng,
}

impl RawClient {
    /// What is in a device's records.
    pub fn of(device: &Device) -> Self {
        Self {
            client: client_of(device.records()),
            rng: ChaCha20Rng::from_seed(rand::random()),
        }
    }

    /// Which device this is.
    pub fn device_id(&self) -> DeviceId {
        self.client.keys().credential().device.into()
    }

    /// Proves the device on a socket that has just connected.
    ///
    /// # Errors
    /// The server's refusal.
    pub async fn prove(
        &self,
        socket: &mut Socket,
        connected: &Connected,
    ) -> Result<DeviceAck, Problem> {
        let proof = DeviceProof {
            device_id: self.device_id(),
            signature: self.client.keys().prove(&connected.nonce.0).to_vec().into(),
        };
        socket.ask(client::DEVICE, &proof).await
    }

    /// Seals for the epoch that this device is in.
    pub fn seal(&mut self, room: RoomId, plaintext: &[u8]) -> Vec<u8> {
        let sealed = self.client.seal(room.0, plaintext, &mut self.rng).unwrap();
        self.client.take_changes();
        sealed
    }

    /// A commit that renews this device's keys; it stays pending.
    pub fn update(&mut self, room: RoomId) -> SendCommit {
        let made = self.client.commit(room.0, &[], &[], &mut self.rng).unwrap();
        self.client.discard_own(room.0).unwrap();
        SendCommit {
            room_id: room,
            client_id: fresh_id(),
            commit: made.commit.into(),
            welcome: None,
            devices: Vec::new(),
            group_info: made.group_info.into(),
        }
    }

    /// A commit that brings this device into a room from outside; here it counts at once.
    pub fn enter(&mut self, room: RoomId, group_info: &[u8], tree: &[u8]) -> SendCommit {
        let made = self.client.rejoin(room.0, group_info, tree, &mut self.rng);
        let made = made.unwrap();
        self.client.take_changes();
        SendCommit {
            room_id: room,
            client_id: fresh_id(),
            commit: made.commit.into(),
            welcome: None,
            devices: Vec::new(),
            group_info: made.group_info.into(),
        }
    }

    /// Opens what another device sent; a commit is merged.
    ///
    /// # Errors
    /// Why it does not open; nothing has changed then.
    pub fn open(&mut self, room: RoomId, envelope: &Envelope) -> Result<Opened, e2ee::Error> {
        let (user, device) = envelope.sender;
        let message = &envelope.message;
        let opened = self
            .client
            .open(room.0, user.0, device.0, message, &mut self.rng);
        match &opened {
            Ok(_) => drop(self.client.take_changes()),
            Err(_) => self.client.rollback(),
        }
        opened
    }

    /// The devices of a room, as this one sees it.
    pub fn devices(&mut self, room: RoomId) -> Vec<DeviceId> {
        let members = self.client.members(room.0).unwrap().into_iter();
        members.map(|member| member.device.into()).collect()
    }
}

/// A proved socket and the MLS state of a device.
pub struct RawDevice {
    /// The socket.
    pub socket: Socket,
    /// What it hears.
    pub events: mpsc::UnboundedReceiver<Incoming>,
    raw: RawClient,
}

impl RawDevice {
    /// Ends a device's engine and takes its place. Two sockets of one device would put each other
    /// out.
    pub async fn take_over(device: Device) -> Self {
        let person = device.person.clone();
        let raw = RawClient::of(&device);
        drop(device);
        let (mut socket, mut events) = Socket::connect(&person.target()).await.unwrap();
        let connected: Connected = events.recv().await.unwrap().payload().unwrap();
        raw.prove(&mut socket, &connected).await.unwrap();
        Self {
            socket,
            events,
            raw,
        }
    }

    /// Sends a commit.
    pub async fn commit(&mut self, commit: &SendCommit) -> Result<CommitAck, Problem> {
        self.socket.ask(client::COMMIT, commit).await
    }

    /// Sends a sealed message.
    pub async fn send(
        &mut self,
        room_id: RoomId,
        client_id: ClientId,
        sealed: &[u8],
    ) -> Result<MessageAck, Problem> {
        let message = SendMessage {
            room_id,
            client_id,
            message: sealed.to_vec().into(),
        };
        self.socket.ask(client::MESSAGE, &message).await
    }
}

impl std::ops::Deref for RawDevice {
    type Target = RawClient;

    fn deref(&self) -> &RawClient {
        &self.raw
    }
}

impl std::ops::DerefMut for RawDevice {
    fn deref_mut(&mut self) -> &mut RawClient {
        &mut self.raw
    }
}

/// An id that nobody has used.
pub fn fresh_id() -> ClientId {
    ClientId::from_parts(0, rand::random())
}

/// The MLS state in a device's records.
pub(crate) fn client_of(mut records: BTreeMap<String, Vec<u8>>) -> Client {
    let keys = DeviceKeys::from_bytes(&records.remove("state/keys/device").unwrap()).unwrap();
    let groups = records
        .into_iter()
        .filter_map(|(key, value)| Some((bytes_of(key.strip_prefix("state/mls/")?), value)));
    Client::new(keys, groups)
}

fn bytes_of(hexadecimal: &str) -> Vec<u8> {
    (0..hexadecimal.len() / 2)
        .map(|at| u8::from_str_radix(&hexadecimal[at * 2..at * 2 + 2], 16).unwrap())
        .collect()
}
