//! A device: the real engine with a socket, HTTP and records that outlive it.

mod host;
mod hpke_keys;
mod own;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use engine::{
    Body, Command, Conversation, ConversationId, Engine, Entry, Input, NewPicture, Notice, Phase,
    Recipient, Record,
};
use host::{Host, Message, now};
use protocol::{Binary, ClientId, RoomId, UserId};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use tokio::{sync::mpsc, task::JoinHandle, time::sleep};

use crate::{Person, raw::client_of, until};

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

impl Device {
    /// A new device that makes and registers its keys, online and live when it returns.
    pub async fn set_up(person: &Person) -> Self {
        Self::set_up_with(person, None).await
    }

    /// Another device of a person, with the account key of this one and nothing else: not as linking
    /// hands it over ([`Self::link_by`]).
    pub async fn twin_account(&self, session: &Person) -> Self {
        let key = self.records.lock().unwrap()["state/keys/account"].clone();
        Self::set_up_with(session, Some(key.into())).await
    }

    /// A device of a person without anything: a browser that was never here.
    pub fn blank(person: &Person) -> Self {
        Self::open(person.clone(), Records::default())
    }

    async fn set_up_with(person: &Person, account_key: Option<Binary>) -> Self {
        let device = Self::blank(person);
        device.command(Command::SetUp {
            user_id: person.user_id,
            device_name: "Test".to_owned(),
            account_key,
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

    /// The same device with another session of its person, after a crash.
    pub fn with_session(self, session: &Person) -> Self {
        self.task.abort();
        Self::open(session.clone(), self.records.clone())
    }

    /// The same device from an older copy of its storage, as [`Self::records`] gave it.
    pub fn set_back(self, records: BTreeMap<String, Vec<u8>>) -> Self {
        self.task.abort();
        Self::open(self.person.clone(), Arc::new(Mutex::new(records)))
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
        let _ = self
            .inputs
            .send(Message::Step(Box::new(Input::Command { command })));
    }

    /// Writes to a person.
    pub fn write(&self, to: &Person, text: &str) -> ClientId {
        let user_id = to.user_id;
        self.write_to(Recipient::Direct { user_id }, text)
    }

    /// Writes to a person or into a group.
    pub fn write_to(&self, to: Recipient, text: &str) -> ClientId {
        let id = ClientId::from_parts(now() as u64, rand::random());
        let text = text.into();
        self.command(Command::SendText {
            to,
            id,
            text,
            reply_to: None,
        });
        id
    }

    /// Sends a picture to a person or into a group.
    pub fn send_picture(&self, to: Recipient, picture: NewPicture) -> ClientId {
        let id = ClientId::from_parts(now() as u64, rand::random());
        self.command(Command::SendPicture {
            to,
            id,
            picture,
            reply_to: None,
        });
        id
    }

    /// Everything said with a person, in order, as it is stored.
    pub fn history(&self, with: &Person) -> Vec<Entry> {
        self.entries(ConversationId::direct(with.user_id))
    }

    /// Everything in a conversation, in order, as it is stored.
    pub fn entries(&self, conversation: ConversationId) -> Vec<Entry> {
        let prefix = format!("history/{conversation}/");
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
        words(self.history(with))
    }

    /// Waits until the conversation holds exactly these words.
    pub async fn reads(&self, with: &Person, words: &[&str]) {
        self.reads_in(ConversationId::direct(with.user_id), words)
            .await;
    }

    /// Waits until a conversation holds exactly these words; what became of a group left out.
    pub async fn reads_in(&self, conversation: ConversationId, words: &[&str]) {
        let texts = || -> Vec<String> {
            let mut entries = self.entries(conversation);
            entries.retain(|entry| !matches!(entry.body, Body::Room { .. }));
            let texts = self::words(entries).into_iter();
            texts.map(|(_, text)| text).collect()
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

    /// A conversation as it was told last.
    pub fn conversation(&self, id: ConversationId) -> Option<Conversation> {
        let notices = self.notices.lock().unwrap();
        notices.iter().rev().find_map(|notice| match notice {
            Notice::Conversation { conversation } if conversation.id == id => {
                Some((**conversation).clone())
            }
            _ => None,
        })
    }

    /// What is stored, for searching: keys and values.
    pub fn records(&self) -> BTreeMap<String, Vec<u8>> {
        self.records.lock().unwrap().clone()
    }

    /// In hexadecimal what is equal on all devices of a room's epoch and on no other (RFC 9420,
    /// section 8.7); `None` while this device is not in the room.
    pub fn epoch_authenticator(&self, room: RoomId) -> Option<String> {
        let secret = client_of(self.records()).epoch_authenticator(room.0).ok()?;
        Some(secret.iter().map(|byte| format!("{byte:02x}")).collect())
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
            engine: Engine::load(stored),
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

/// Who said what.
fn words(entries: Vec<Entry>) -> Vec<(UserId, String)> {
    entries
        .into_iter()
        .map(|entry| match entry.body {
            Body::Text { text } => (entry.sender, text.0),
            other => (entry.sender, format!("{other:?}")),
        })
        .collect()
}

impl Drop for Device {
    fn drop(&mut self) {
        self.task.abort();
    }
}
