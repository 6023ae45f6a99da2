//! The wires between devices and server: slow, lossy, breaking.

use engine::{ClientEvent, ServerEvent};
use protocol::{Code, RoomId};

use crate::{
    server::SocketId,
    world::{Action, Down, World, problem},
};

/// After this many milliseconds a host gives up waiting for an answer.
const TIMEOUT: i64 = 10_000;

impl World {
    pub(crate) fn send_rest(
        &mut self,
        node: usize,
        id: u64,
        path: String,
        body: Option<serde_json::Value>,
    ) {
        let life = self.nodes[node].life;
        self.nodes[node].waiting.insert(id);
        self.at(
            TIMEOUT,
            Action::Reply(node, life, id, problem(Code::Timeout)),
        );
        let lost = self.chaos.lose_request;
        let delay = self.chaos.travel();
        if self.chaos.happens(lost) {
            let unreached = problem(Code::Unavailable);
            self.at(delay, Action::Reply(node, life, id, unreached));
        } else {
            self.at(delay, Action::Rest(node, life, id, path, body));
        }
    }

    pub(crate) fn send_up(&mut self, node: usize, id: u64, event: ClientEvent) {
        self.check_sealing(node, &event);
        let Some(socket) = self.nodes[node].socket else {
            return;
        };
        let life = self.nodes[node].life;
        self.nodes[node].waiting.insert(id);
        self.at(
            TIMEOUT,
            Action::Reply(node, life, id, problem(Code::Timeout)),
        );
        let (lost, broken) = (self.chaos.lose_request, self.chaos.disconnect);
        if self.chaos.happens(lost) {
            return;
        }
        let at = self.nodes[node].up.max(self.now + self.chaos.travel());
        self.nodes[node].up = at;
        self.at(at - self.now, Action::Up(node, socket, id, event));
        if self.chaos.happens(broken) {
            self.server_side_cut(node, socket);
        }
    }

    /// The socket breaks behind the device's back: it learns of it later.
    fn server_side_cut(&mut self, node: usize, socket: SocketId) {
        self.server.disconnect(socket);
        self.nodes[node].socket = None;
        let life = self.nodes[node].life;
        let delay = self.chaos.travel();
        self.at(delay, Action::Connect(node, life));
    }

    pub(crate) fn down(&mut self, node: usize, socket: SocketId, down: Down) {
        let stream = match &down {
            Down::Event(event) => room_of(event),
            Down::Ack(..) => None,
        };
        let travel = self.chaos.travel();
        let row = &mut self.nodes[node];
        let last = row.down.entry(stream).or_default();
        *last = (*last).max(self.now + travel);
        let (delay, life) = (*last - self.now, row.life);
        self.at(delay, Action::Down(node, life, socket, down));
    }

    /// Sends what the server has to say.
    pub(crate) fn flush_server(&mut self) {
        for socket in std::mem::take(&mut self.server.closed) {
            if let Some(node) = self.node_of(socket) {
                self.cut(node);
            }
        }
        for (socket, event) in std::mem::take(&mut self.server.out) {
            let Some(node) = self.node_of(socket) else {
                continue;
            };
            let (dropped, twice) = (self.chaos.drop_event, self.chaos.repeat_event);
            if self.chaos.happens(dropped) {
                continue;
            }
            if self.chaos.happens(twice) {
                self.down(node, socket, Down::Event(Box::new(event.clone())));
            }
            self.down(node, socket, Down::Event(Box::new(event)));
        }
    }

    fn node_of(&self, socket: SocketId) -> Option<usize> {
        self.nodes
            .iter()
            .position(|node| node.socket == Some(socket))
    }

    /// A message is sealed once an epoch: a second ciphertext would mean that a ratchet was set
    /// back, or that state was not stored before the first one left.
    fn check_sealing(&mut self, node: usize, event: &ClientEvent) {
        let ClientEvent::Message(send) = event else {
            return;
        };
        let epoch = e2ee::framing::inspect(send.message.as_ref()).unwrap().epoch;
        let key = (send.room_id, send.client_id, epoch);
        let bytes = send.message.as_ref().to_vec();
        let bucket = [256, 1024, 4096, 16_384, 65_536]
            .into_iter()
            .find(|bucket| bytes.len() <= *bucket);
        assert!(
            bucket.is_some_and(|bucket| bucket - bytes.len() < 32),
            "{}",
            bytes.len()
        );
        let first = self.nodes[node].sealed.entry(key).or_insert(bytes.clone());
        assert!(*first == bytes, "node {node} sealed {key:?} twice");
    }
}

fn room_of(event: &ServerEvent) -> Option<RoomId> {
    match event {
        ServerEvent::NewMessage(envelope) | ServerEvent::Message(envelope) => {
            Some(envelope.room_id)
        }
        ServerEvent::Welcome(welcome) => Some(welcome.room_id),
        ServerEvent::Read(receipt) | ServerEvent::Delivered(receipt) => Some(receipt.room_id),
        _ => None,
    }
}
