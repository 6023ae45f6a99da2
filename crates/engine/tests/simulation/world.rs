//! Time, wires and disks between the devices and the server.

use std::collections::BTreeMap;

use engine::{
    ClientEvent, Command, ConversationId, Document, Effect, Input, NewPicture, Outcome, Recipient,
    ServerEvent,
};
use protocol::{Base64, Binary, ClientId, Code, UserId};
use rand_chacha::ChaCha12Rng;
use rand_core::SeedableRng;

use crate::{
    chaos::Chaos,
    node::Node,
    server::{Server, SocketId},
};

/// More steps than any run needs.
const MOST_STEPS: u64 = 200_000;

/// Longer than any pause before a repeat, in milliseconds.
const LATER: i64 = 6 * 60 * 60 * 1000;

/// Something that happens at a time.
pub(crate) enum Action {
    Start(usize),
    Connect(usize, u32),
    Tick(usize, u32, i64),
    Up(usize, SocketId, u64, ClientEvent),
    Down(usize, u32, SocketId, Down),
    Rest(usize, u32, u64, String, Option<serde_json::Value>),
    Reply(usize, u32, u64, Outcome),
    Act(usize, Command),
}

pub(crate) enum Down {
    Event(Box<ServerEvent>),
    Ack(u64, Outcome),
}

/// A message that a device has durably taken.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sent {
    pub(crate) node: usize,
    pub(crate) to: ConversationId,
    pub(crate) id: ClientId,
    pub(crate) text: String,
}

pub(crate) struct World {
    pub(crate) now: i64,
    pub(crate) server: Server,
    pub(crate) nodes: Vec<Node>,
    pub(crate) chaos: Chaos,
    pub(crate) sent: Vec<Sent>,
    queue: BTreeMap<(i64, u64), Action>,
    count: u64,
    steps: u64,
    pub(crate) rng: ChaCha12Rng,
    trace: bool,
    /// What a log would hold of everything, when it is wanted.
    pub(crate) printed: Option<String>,
}

impl World {
    pub(crate) fn new(seed: u64, chaos: Chaos) -> Self {
        let mut rng = ChaCha12Rng::seed_from_u64(seed);
        let now = today();
        Self {
            now,
            server: Server::new(ChaCha12Rng::from_rng(&mut rng), now),
            nodes: Vec::new(),
            chaos,
            sent: Vec::new(),
            queue: BTreeMap::new(),
            count: 0,
            steps: 0,
            rng,
            trace: std::env::var_os("SNUG_TRACE").is_some(),
            printed: None,
        }
    }

    /// A device that starts after a moment.
    pub(crate) fn add(&mut self, user: UserId, records: BTreeMap<String, Binary>) -> usize {
        let rng = ChaCha12Rng::from_rng(&mut self.rng);
        self.nodes.push(Node::new(user, records, rng));
        let node = self.nodes.len() - 1;
        self.at(1, Action::Start(node));
        node
    }

    /// Lets a device carry out a command after a while.
    pub(crate) fn plan(&mut self, delay: i64, node: usize, command: Command) {
        self.at(delay, Action::Act(node, command));
    }

    /// Runs until a time has come.
    pub(crate) fn run_for(&mut self, millis: i64) {
        let end = self.now + millis;
        while let Some(entry) = self.queue.first_entry()
            && entry.key().0 <= end
        {
            let ((at, _), action) = entry.remove_entry();
            self.happen(at, action);
        }
        self.now = end;
    }

    /// Ends the evils, connects everybody anew and runs until nothing happens any more.
    pub(crate) fn settle(&mut self) {
        self.chaos.calm();
        for node in 0..self.nodes.len() {
            self.cut(node);
        }
        // What is planned for days from now is left for later.
        while let Some(entry) = self.queue.first_entry()
            && entry.key().0 < self.now + LATER
        {
            let ((at, _), action) = entry.remove_entry();
            self.happen(at, action);
        }
    }

    fn happen(&mut self, at: i64, action: Action) {
        self.now = self.now.max(at);
        self.server.now = self.now;
        self.steps += 1;
        assert!(self.steps < MOST_STEPS, "the world does not come to rest");
        match action {
            Action::Start(node) => {
                let rng = ChaCha12Rng::from_rng(&mut self.rng);
                self.nodes[node].start(rng);
                self.step(node, Input::Started);
                let life = self.nodes[node].life;
                let delay = self.chaos.travel();
                self.at(delay, Action::Connect(node, life));
            }
            Action::Connect(node, life) => self.connect(node, life),
            Action::Tick(node, life, at) => {
                let row = &mut self.nodes[node];
                if row.life == life && row.wake == Some(at) {
                    row.wake = None;
                    self.step(node, Input::Tick);
                }
            }
            Action::Up(node, socket, id, event) => {
                let outcome = self.server.event(socket, event);
                let lost = self.chaos.lose_answer;
                if let Some(outcome) = outcome
                    && !self.chaos.happens(lost)
                {
                    self.down(node, socket, Down::Ack(id, outcome));
                }
                self.flush_server();
            }
            Action::Down(node, life, socket, down) => {
                let row = &mut self.nodes[node];
                if row.life != life || row.socket != Some(socket) {
                    return;
                }
                match down {
                    Down::Event(event) => {
                        self.step(node, Input::Event { event: *event });
                    }
                    Down::Ack(id, outcome) => self.reply(node, id, outcome),
                }
            }
            Action::Rest(node, life, id, path, body) => {
                let user = self.nodes[node].user;
                let engine = self.nodes[node].engine.as_ref();
                self.server.asking = engine.and_then(|engine| engine.device_id());
                let outcome = self.server.request(user, &path, body);
                self.flush_server();
                let lost = self.chaos.lose_answer;
                if !self.chaos.happens(lost) {
                    let delay = self.chaos.travel();
                    self.at(delay, Action::Reply(node, life, id, outcome));
                }
            }
            Action::Reply(node, life, id, outcome) => {
                if self.nodes[node].life == life {
                    self.reply(node, id, outcome);
                }
            }
            Action::Act(node, command) => self.act(node, command),
        }
    }

    fn act(&mut self, node: usize, command: Command) {
        let sent = match &command {
            Command::SendText { to, id, text, .. }
            | Command::SendFile {
                to,
                id,
                file: Document { caption: text, .. },
                ..
            }
            | Command::SendPicture {
                to,
                id,
                picture: NewPicture { caption: text, .. },
                ..
            } => Some(Sent {
                node,
                to: match to {
                    Recipient::Direct { user_id } => ConversationId::direct(*user_id),
                    Recipient::Room { room_id } => ConversationId::group(*room_id),
                },
                id: *id,
                text: text.0.clone(),
            }),
            _ => None,
        };
        if self.nodes[node].gone {
            return;
        }
        let Some(engine) = &self.nodes[node].engine else {
            // A person waits until the program is back.
            return self.plan(500, node, command);
        };
        if sent.is_some() && engine.device_id().is_none() {
            // Nothing to write in is shown before the device has keys.
            return self.plan(500, node, command);
        }
        let again = Input::Command {
            command: command.clone(),
        };
        if let Some(sent) = &sent
            && self.nodes[node].holds(sent.to, sent.id)
        {
            return;
        }
        let sent_text = sent.clone();
        let persisted = self.step(node, again);
        let crashed = self.nodes[node].engine.is_none();
        if let Some(sent) = sent
            && persisted
            && !self.sent.contains(&sent)
        {
            self.sent.push(sent);
        }
        // A person who is not sure does it again.
        if crashed && (sent_text.is_none() || self.chaos.below(2) == 0) {
            self.plan(2_000, node, command);
        }
    }

    fn reply(&mut self, node: usize, id: u64, outcome: Outcome) {
        if self.nodes[node].waiting.remove(&id) {
            self.step(node, Input::Reply { id, outcome });
        }
    }

    fn connect(&mut self, node: usize, life: u32) {
        let row = &self.nodes[node];
        if row.life != life || row.engine.is_none() || row.socket.is_some() || row.gone || row.held
        {
            return;
        }
        let (socket, connected) = self.server.connect(row.user);
        self.nodes[node].socket = Some(socket);
        self.nodes[node].down.clear();
        self.step(node, Input::Connected { connected });
    }

    /// Breaks a device's socket; it comes back after a while.
    pub(crate) fn cut(&mut self, node: usize) {
        if let Some(socket) = self.nodes[node].socket.take() {
            self.server.disconnect(socket);
            self.step(node, Input::Disconnected);
        }
        let delay = 50 + self.chaos.travel() * 5;
        self.at(delay, Action::Connect(node, self.nodes[node].life));
    }

    /// Takes a device's network away, or gives it back.
    pub(crate) fn hold(&mut self, node: usize, held: bool) {
        self.nodes[node].held = held;
        self.cut(node);
    }

    /// Gives an engine an input and carries out what it asks for; says whether it was stored.
    pub(crate) fn step(&mut self, node: usize, input: Input) -> bool {
        let row = &mut self.nodes[node];
        let Some(engine) = &mut row.engine else {
            return false;
        };
        if self.trace {
            eprintln!("{} node {node} <- {input:?}", self.now % 100_000_000);
        }
        if let Some(printed) = &mut self.printed {
            printed.push_str(&format!("{input:?} {input:#?} {input:x?}\n"));
        }
        let effects = engine.step(input, self.now + row.clock, &mut row.rng);
        if let Some(printed) = &mut self.printed {
            printed.push_str(&format!("{effects:?} {effects:#?} {effects:x?}\n"));
        }
        let (life, clock) = (row.life, row.clock);
        let mut stored = false;
        for effect in effects {
            if self.chaos.dies() {
                self.kill(node);
                return stored;
            }
            if self.trace && !matches!(effect, Effect::Notify { .. }) {
                eprintln!("{} node {node} -> {effect:?}", self.now % 100_000_000);
            }
            match effect {
                Effect::Persist { puts, deletes } => {
                    self.nodes[node].persist(puts, &deletes);
                    stored = true;
                }
                Effect::Read { id, range } => {
                    // Read now, in its turn; the answer takes its time.
                    let records = self.nodes[node].read(range);
                    self.nodes[node].waiting.insert(id);
                    let delay = self.chaos.travel();
                    let outcome = Outcome::Records { records };
                    self.at(delay, Action::Reply(node, life, id, outcome));
                }
                Effect::Request {
                    id,
                    method,
                    path,
                    body,
                    ..
                } => self.send_rest(node, id, format!("{} {path}", method.as_str()), body),
                Effect::Upload { id, room_id, file } => {
                    // Deleted in the same moment: the host breaks it off.
                    let file = self.nodes[node].records.get(&file).cloned();
                    let file = file.unwrap_or_default();
                    let body = serde_json::to_value(Base64::from(file)).unwrap();
                    let path = format!("/api/messages/image?{room_id}");
                    self.send_rest(node, id, path, Some(body));
                }
                Effect::Multipart {
                    id,
                    path,
                    head,
                    parts,
                } => {
                    let parts = parts.into_iter();
                    let parts = parts.map(|part| (part.name, Base64(part.value.0)));
                    let parts: BTreeMap<_, _> = parts.collect();
                    let body = serde_json::to_value((head, parts)).unwrap();
                    self.send_rest(node, id, path, Some(body));
                }
                Effect::Emit { id, event } => self.send_up(node, id, event),
                Effect::Notify { notice } => self.nodes[node].note(notice),
                Effect::Wake { at } => {
                    self.nodes[node].wake = Some(at);
                    self.at((at - clock - self.now).max(0), Action::Tick(node, life, at));
                }
            }
        }
        stored
    }

    /// The process of a device dies and is started again later.
    pub(crate) fn kill(&mut self, node: usize) {
        if self.trace {
            eprintln!("{} node {node} crashes", self.now % 100_000_000);
        }
        if let Some(socket) = self.nodes[node].socket {
            self.server.disconnect(socket);
        }
        self.nodes[node].crash();
        let delay = 100 + self.chaos.travel() * 10;
        self.at(delay, Action::Start(node));
    }

    pub(crate) fn at(&mut self, delay: i64, action: Action) {
        self.count += 1;
        self.queue.insert((self.now + delay, self.count), action);
    }
}

pub(crate) fn problem(code: Code) -> Outcome {
    Outcome::Problem {
        problem: code.into(),
    }
}

/// OpenMLS compares lifetimes with the system's clock, so the world begins today.
fn today() -> i64 {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.unwrap().as_millis() as i64 / DAY * DAY
}
