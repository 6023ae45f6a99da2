//! What drives an engine: inputs one by one, effects in order, a socket that comes back.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use engine::{
    ClientEvent, Effect, Engine, Input, Notice, Outcome, ReadRange, Record, ResponseKind,
    ServerEvent,
};
use protocol::{Binary, Code, Problem, socket::server as name};
use rand_chacha::ChaCha20Rng;
use tokio::{
    sync::{mpsc, oneshot},
    time::{sleep_until, timeout},
};

use super::Records;
use crate::{
    Person,
    socket::{Incoming, Socket},
};

/// What reaches the engine from outside its own socket.
pub(super) enum Message {
    /// An input.
    Step(Box<Input>),
    /// Whether there is a network.
    Online(bool),
}

/// One engine and what it needs of the world.
pub(super) struct Host {
    pub(super) engine: Engine,
    pub(super) rng: ChaCha20Rng,
    pub(super) person: Person,
    pub(super) records: Records,
    pub(super) notices: Arc<Mutex<Vec<Notice>>>,
    pub(super) inputs: mpsc::UnboundedSender<Message>,
    pub(super) socket: Option<Socket>,
    pub(super) wake: Option<i64>,
}

impl Host {
    pub(super) async fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Message>) {
        let mut online = true;
        // A socket that the server ended for good is not opened again, as in the browser: two
        // hosts of one device would displace each other for ever.
        let mut ended = false;
        let mut events: Option<mpsc::UnboundedReceiver<Incoming>> = None;
        self.step(Input::Started);
        loop {
            let wanted = online && !ended && self.socket.is_none();
            if wanted && let Ok((socket, incoming)) = Socket::connect(&self.person.target()).await {
                self.socket = Some(socket);
                events = Some(incoming);
            }
            let retry = online && !ended && self.socket.is_none();
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
                    Some(Message::Step(input)) => self.step(*input),
                    Some(Message::Online(wanted)) => {
                        online = wanted;
                        ended &= !wanted;
                        if !online && self.socket.take().is_some() {
                            events = None;
                            self.step(Input::Disconnected);
                        }
                    }
                    None => return,
                },
                event = next(&mut events) => match event {
                    Some(event) => {
                        ended |= [name::DISPLACED, name::SESSION_ENDED].contains(&event.name.as_str());
                        self.event(&event);
                    }
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
            Effect::Read { id, range } => {
                let records = read(&self.records, range);
                let outcome = Outcome::Records { records };
                let input = Input::Reply { id, outcome };
                let _ = self.inputs.send(Message::Step(Box::new(input)));
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
                    let reply = person.try_raw(method.as_str(), &path, body.as_ref());
                    let outcome = async { outcome(&person, reply.await?, response).await };
                    // Not reached: the engine tries again.
                    let outcome = outcome.await.unwrap_or_else(|_| Outcome::Problem {
                        problem: Problem::new(Code::Unavailable),
                    });
                    let _ = inputs.send(Message::Step(Box::new(Input::Reply { id, outcome })));
                });
            }
            Effect::Upload { id, room_id, file } => {
                let file = self.records.lock().unwrap().get(&file).cloned();
                let (person, inputs) = (self.person.clone(), self.inputs.clone());
                tokio::spawn(async move {
                    let outcome = match person.upload(room_id, file.unwrap_or_default()).await {
                        Ok(value) => Outcome::Json { value },
                        Err(problem) => Outcome::Problem { problem },
                    };
                    let _ = inputs.send(Message::Step(Box::new(Input::Reply { id, outcome })));
                });
            }
            Effect::Multipart {
                id,
                path,
                head,
                parts,
            } => {
                let (person, inputs) = (self.person.clone(), self.inputs.clone());
                tokio::spawn(async move {
                    let outcome = match person.multipart(&path, &head, parts).await {
                        Ok(value) => Outcome::Json { value },
                        Err(problem) => Outcome::Problem { problem },
                    };
                    let _ = inputs.send(Message::Step(Box::new(Input::Reply { id, outcome })));
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
                    let _ = inputs.send(Message::Step(Box::new(Input::Reply { id, outcome })));
                });
            }
            Effect::Notify { notice } => self.notices.lock().unwrap().push(notice),
            Effect::Wake { at } => self.wake = Some(at),
        }
    }
}

fn read(records: &Records, range: ReadRange) -> Vec<Record> {
    let records = records.lock().unwrap();
    let record = |(key, value): (&String, &Vec<u8>)| Record {
        key: key.clone(),
        value: value.clone().into(),
    };
    match range {
        ReadRange::Keys { keys } => {
            let found = keys.iter().filter_map(|key| records.get_key_value(key));
            found.map(record).collect()
        }
        ReadRange::Last { from, to } => {
            let last = records.range(from..to).next_back();
            last.map(record).into_iter().collect()
        }
    }
}

async fn outcome(
    person: &Person,
    reply: reqwest::Response,
    response: ResponseKind,
) -> reqwest::Result<Outcome> {
    Ok(match response {
        ResponseKind::Bytes if reply.status().is_success() => Outcome::Bytes {
            value: Binary(person.bytes(reply).await?),
        },
        _ => match person.read(reply).await? {
            Ok(value) => Outcome::Json { value },
            Err(problem) => Outcome::Problem { problem },
        },
    })
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
        name::LINK_UPDATED => ServerEvent::LinkUpdated(event.payload()?),
        name::VAULT_CHANGED => ServerEvent::VaultChanged(event.payload()?),
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

/// Milliseconds since 1970.
pub(super) fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_millis()).unwrap()
}
