//! A device: the real engine with a socket, HTTP and records that outlive it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use engine::{
    Body, ClientEvent, Command, ConversationId, Effect, Engine, Entry, Input, Notice, Outcome,
    Phase, Recipient, Record, ResponseKind, ServerEvent,
};
use protocol::{Binary, ClientId, Code, Problem, UserId, socket::server as name};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::{sleep, sleep_until, timeout},
};

use crate::{
    Person, person,
    socket::{Incoming, Socket},
    until,
};

type Records = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// A person's device. Dropping it is a crash: its records stay with [`Device::crash`].
pub struct Device {
    /// Whose it is.
    pub person: Person,
    records: Records,
    notices: Arc<Mutex<Vec<Notice>>>,
    inputs: mpsc::UnboundedSender<Message>,
    task: JoinHandle<()>,
}

enum Message {
    Step(Input),
    Online(bool),
}

impl Device {
    /// A new device that makes and registers its keys, online and live when it returns.
    pub async fn set_up(person: &Person) -> Self {
        let device = Self::open(person.clone(), Records::default());
        device.command(Command::SetUp {
            user_id: person.user_id,
            device_name: "Test".to_owned(),
            account_key: None,
        });
        device.live().await;
        device
    }

    /// The task is ended in the middle of whatever it did; what was persisted comes back.
    pub async fn crash(self) -> Self {
        self.task.abort();
        let (person, records) = (self.person.clone(), self.records.clone());
        drop(self);
        Self::open(person, records)
    }

    /// The same device a second time, as a second tab that got past its lock.
    pub fn twin(&self) -> Self {
        let records = self.records.lock().unwrap().clone();
        Self::open(self.person.clone(), Arc::new(Mutex::new(records)))
    }

    /// Closes the connection, or opens it again.
    pub fn online(&self, online: bool) {
        let _ = self.inputs.send(Message::Online(online));
    }

    /// Waits until everything is here and flows.
    pub async fn live(&self) {
        self.phase(&Phase::Live).await;
    }

    /// Waits for a phase.
    pub async fn phase(&self, wanted: &Phase) {
        let what = format!("{wanted:?} of {}", self.person.username);
        until(&what, || async {
            (self.current_phase().as_ref() == Some(wanted)).then_some(())
        })
        .await;
    }

    /// The newest phase.
    pub fn current_phase(&self) -> Option<Phase> {
        self.notices
            .lock()
            .unwrap()
            .iter()
            .rev()
            .find_map(|notice| match notice {
                Notice::Phase { phase } => Some(phase.clone()),
                _ => None,
            })
    }

    /// Hands a command to the engine.
    pub fn command(&self, command: Command) {
        let _ = self.inputs.send(Message::Step(Input::Command { command }));
    }

    /// Writes to a person.
    pub fn write(&self, to: &Person, text: &str) -> ClientId {
        let id = ClientId::from_parts(now() as u64, rand::random());
        self.command(Command::SendText {
            to: Recipient::Direct {
                user_id: to.user_id,
            },
            id,
            text: text.into(),
        });
        id
    }

    /// Everything said with a person, in order, as it is stored.
    pub fn history(&self, with: &Person) -> Vec<Entry> {
        let prefix = format!("history/{}/", ConversationId::direct(with.user_id));
        let records = self.records.lock().unwrap();
        let mut entries: Vec<Entry> = records
            .range(prefix.clone()..)
            .take_while(|(key, _)| key.starts_with(&prefix))
            .map(|(_, value)| serde_json::from_slice(value).unwrap())
            .collect();
        entries.sort_by(|one, other| one.position.cmp(&other.position));
        entries
    }

    /// The words of a conversation: who and what.
    pub fn transcript(&self, with: &Person) -> Vec<(UserId, String)> {
        self.history(with)
            .into_iter()
            .map(|entry| match entry.body {
                Body::Text { text } => (entry.sender, text.0),
                other => (entry.sender, format!("{other:?}")),
            })
            .collect()
    }

    /// Waits until the conversation holds exactly these words.
    pub async fn reads(&self, with: &Person, words: &[&str]) {
        let texts = || -> Vec<String> {
            self.transcript(with)
                .into_iter()
                .map(|(_, text)| text)
                .collect()
        };
        let end = tokio::time::Instant::now() + Duration::from_secs(30);
        while texts() != words && tokio::time::Instant::now() < end {
            sleep(Duration::from_millis(10)).await;
        }
        let notices = self.notices.lock().unwrap();
        let tail = &notices[notices.len().saturating_sub(8)..];
        assert_eq!(
            texts(),
            words,
            "at {}; last notices: {tail:#?}",
            self.person.username
        );
    }

    /// Waits for a notice.
    pub async fn notice<T>(&self, what: &str, mut find: impl FnMut(&Notice) -> Option<T>) -> T {
        until(what, || {
            let found = self
                .notices
                .lock()
                .unwrap()
                .iter()
                .rev()
                .find_map(&mut find);
            async move { found }
        })
        .await
    }

    /// What is stored, for searching: keys and values.
    pub fn records(&self) -> BTreeMap<String, Vec<u8>> {
        self.records.lock().unwrap().clone()
    }

    /// The private keys that never leave a device: what they are and their bytes.
    pub fn secrets(&self) -> Vec<(String, Vec<u8>)> {
        let records = self.records.lock().unwrap();
        // A device record is the seed, then the credential.
        ["state/keys/account", "state/keys/device"]
            .map(|key| (key.to_owned(), records[key][..32].to_vec()))
            .into()
    }

    fn open(person: Person, records: Records) -> Self {
        let (inputs, inbox) = mpsc::unbounded_channel();
        let notices = Arc::default();
        let stored = records
            .lock()
            .unwrap()
            .iter()
            .filter(|(key, _)| key.starts_with("state/"))
            .map(|(key, value)| Record {
                key: key.clone(),
                value: Binary::from(value.clone()),
            })
            .collect();
        let host = Host {
            engine: Engine::load(stored).unwrap(),
            rng: ChaCha20Rng::from_seed(rand::random()),
            person: person.clone(),
            records: records.clone(),
            notices: Arc::clone(&notices),
            inputs: inputs.clone(),
            socket: None,
            wake: None,
        };
        let task = tokio::spawn(host.run(inbox));
        Self {
            person,
            records,
            notices,
            inputs,
            task,
        }
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Host {
    engine: Engine,
    rng: ChaCha20Rng,
    person: Person,
    records: Records,
    notices: Arc<Mutex<Vec<Notice>>>,
    inputs: mpsc::UnboundedSender<Message>,
    socket: Option<Socket>,
    wake: Option<i64>,
}

impl Host {
    async fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Message>) {
        let mut online = true;
        let mut events: Option<mpsc::UnboundedReceiver<Incoming>> = None;
        self.step(Input::Started);
        loop {
            if online && self.socket.is_none() {
                if let Ok((socket, incoming)) = Socket::connect(&self.person.target()).await {
                    self.socket = Some(socket);
                    events = Some(incoming);
                }
            }
            let retry = online && self.socket.is_none();
            let wake = self.wake.map_or(Duration::from_secs(60), |at| {
                Duration::from_millis(u64::try_from(at - now()).unwrap_or(0))
            });
            let wake = if retry {
                wake.min(Duration::from_millis(100))
            } else {
                wake
            };
            tokio::select! {
                message = inbox.recv() => match message {
                    Some(Message::Step(input)) => self.step(input),
                    Some(Message::Online(wanted)) => {
                        online = wanted;
                        if !online && self.socket.take().is_some() {
                            events = None;
                            self.step(Input::Disconnected);
                        }
                    }
                    None => return,
                },
                event = next(&mut events) => match event {
                    Some(event) => self.event(&event),
                    None => {
                        self.socket = None;
                        events = None;
                        self.step(Input::Disconnected);
                    }
                },
                () = sleep_until(tokio::time::Instant::now() + wake) => {
                    if self.wake.is_some_and(|at| at <= now()) {
                        self.wake = None;
                        self.step(Input::Tick);
                    }
                }
            }
        }
    }

    fn event(&mut self, event: &Incoming) {
        if event.name == name::CONNECTED {
            if let Some(connected) = event.payload() {
                self.step(Input::Connected { connected });
            }
        } else if let Some(event) = typed(event) {
            self.step(Input::Event { event });
        }
    }

    fn step(&mut self, input: Input) {
        // `TESTKIT_TRACE=1` shows what an engine hears and asks for; `Debug` shows no content.
        let traced = std::env::var_os("TESTKIT_TRACE").is_some();
        if traced {
            eprintln!("{} < {input:?}", self.person.username);
        }
        for effect in self.engine.step(input, now(), &mut self.rng) {
            if traced {
                eprintln!("{} > {effect:?}", self.person.username);
            }
            self.carry_out(effect);
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Persist { puts, deletes } => {
                let mut records = self.records.lock().unwrap();
                for record in puts {
                    records.insert(record.key, record.value.0.to_vec());
                }
                for key in deletes {
                    records.remove(&key);
                }
            }
            Effect::Request {
                id,
                method,
                path,
                body,
                response,
            } => {
                let (person, inputs) = (self.person.clone(), self.inputs.clone());
                tokio::spawn(async move {
                    let reply = person.raw(method.as_str(), &path, body.as_ref()).await;
                    let outcome = match response {
                        ResponseKind::Bytes if reply.status().is_success() => Outcome::Bytes {
                            value: Binary(reply.bytes().await.unwrap()),
                        },
                        _ => match person::read(reply).await {
                            Ok(value) => Outcome::Json { value },
                            Err(problem) => Outcome::Problem { problem },
                        },
                    };
                    let _ = inputs.send(Message::Step(Input::Reply { id, outcome }));
                });
            }
            Effect::Emit { id, event } => {
                let Some(socket) = &mut self.socket else {
                    return;
                };
                let reply = emit(socket, &event);
                let inputs = self.inputs.clone();
                tokio::spawn(async move {
                    let outcome = match timeout(Duration::from_secs(10), reply).await {
                        Ok(Ok(value)) => Outcome::Json {
                            value: read_json(value),
                        },
                        // The socket is gone: the engine hears of that itself.
                        Ok(Err(_)) => return,
                        Err(_) => Outcome::Problem {
                            problem: Problem::new(Code::Timeout),
                        },
                    };
                    let _ = inputs.send(Message::Step(Input::Reply { id, outcome }));
                });
            }
            Effect::Notify { notice } => self.notices.lock().unwrap().push(notice),
            Effect::Wake { at } => self.wake = Some(at),
        }
    }
}

fn emit(socket: &mut Socket, event: &ClientEvent) -> oneshot::Receiver<socketioxide_core::Value> {
    let name = event.name();
    match event {
        ClientEvent::Device(payload) => socket.emit(name, payload),
        ClientEvent::Message(payload) => socket.emit(name, payload),
        ClientEvent::CreateRoom(payload) => socket.emit(name, payload),
        ClientEvent::Commit(payload) => socket.emit(name, payload),
        ClientEvent::WelcomeDone(payload) => socket.emit(name, payload),
        ClientEvent::Sync(payload) | ClientEvent::Ack(payload) => socket.emit(name, payload),
        ClientEvent::Read(payload) => socket.emit(name, payload),
        ClientEvent::Typing(payload) => socket.emit(name, payload),
    }
}

fn typed(event: &Incoming) -> Option<ServerEvent> {
    Some(match event.name.as_str() {
        name::NEW_MESSAGE => ServerEvent::NewMessage(event.payload()?),
        name::MESSAGE => ServerEvent::Message(event.payload()?),
        name::WELCOME => ServerEvent::Welcome(event.payload()?),
        name::COMMIT_WANTED => ServerEvent::CommitWanted(event.payload()?),
        name::CONTACTS_UPDATED => ServerEvent::ContactsUpdated(event.payload()?),
        name::READ => ServerEvent::Read(event.payload()?),
        name::TYPING => ServerEvent::Typing(event.payload()?),
        name::DELIVERED => ServerEvent::Delivered(event.payload()?),
        name::DEVICE_ADDED => ServerEvent::DeviceAdded(event.payload()?),
        name::DEVICE_REVOKED => ServerEvent::DeviceRevoked(event.payload()?),
        name::KEY_PACKAGES_LOW => ServerEvent::KeyPackagesLow(event.payload()?),
        name::DISPLACED => ServerEvent::Displaced(event.payload().unwrap_or_default()),
        name::SESSION_ENDED => ServerEvent::SessionEnded(event.payload().unwrap_or_default()),
        _ => return None,
    })
}

fn read_json(value: socketioxide_core::Value) -> serde_json::Value {
    match value {
        socketioxide_core::Value::Str(text, _) => serde_json::from_str::<Vec<_>>(&text)
            .ok()
            .and_then(|mut arguments| arguments.pop())
            .unwrap_or_default(),
        socketioxide_core::Value::Bytes(_) => serde_json::Value::Null,
    }
}

async fn next(events: &mut Option<mpsc::UnboundedReceiver<Incoming>>) -> Option<Incoming> {
    match events {
        Some(events) => events.recv().await,
        None => std::future::pending().await,
    }
}

fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_millis()).unwrap()
}
