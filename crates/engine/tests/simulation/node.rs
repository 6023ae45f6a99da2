//! One device: an engine, its disk and what its user interface shows.

use std::collections::{BTreeMap, BTreeSet};

use engine::{
    Comparison, Conversation, ConversationId, Engine, Entry, HISTORY_PREFIX, HistoryGap, LinkState,
    Notice, OwnAccount, PersonTrust, Phase, ReadRange, Record, RecoveryFailure, RoomPicture,
    STATE_PREFIX,
};
use protocol::{Base64, Binary, ClientId, RoomId, UserId};
use rand_chacha::ChaCha12Rng;

use crate::server::SocketId;

pub(crate) struct Node {
    pub(crate) user: UserId,
    /// The disk.
    pub(crate) records: BTreeMap<String, Binary>,
    /// `None` while the process is dead.
    pub(crate) engine: Option<Engine>,
    /// How often it was started.
    pub(crate) life: u32,
    pub(crate) rng: ChaCha12Rng,
    pub(crate) socket: Option<SocketId>,
    /// Replies that the engine waits for.
    pub(crate) waiting: BTreeSet<u64>,
    /// When the last thing sent arrives: a socket keeps its order.
    pub(crate) up: i64,
    /// The same for what comes, room by room.
    pub(crate) down: BTreeMap<Option<RoomId>, i64>,
    pub(crate) wake: Option<i64>,
    /// Its clock minus the right time, in milliseconds.
    pub(crate) clock: i64,
    /// Revoked or replaced: it does not count at the end.
    pub(crate) gone: bool,
    /// It was there from the beginning.
    pub(crate) first: bool,
    /// It came later, and read everything of before.
    pub(crate) whole: bool,
    /// What it was told to store so far by kind: how many records, and bytes, keys included.
    pub(crate) written: BTreeMap<String, (usize, usize)>,
    /// Every ciphertext that left it.
    pub(crate) sealed: BTreeMap<(RoomId, ClientId, u64), Vec<u8>>,

    pub(crate) phase: Option<Phase>,
    pub(crate) outbox: u32,
    pub(crate) conversations: BTreeMap<ConversationId, Conversation>,
    pub(crate) trust: BTreeMap<UserId, PersonTrust>,
    /// Numbers and codes as shown.
    pub(crate) safety: BTreeMap<UserId, (String, String)>,
    pub(crate) compared: Option<Comparison>,
    pub(crate) complaints: Vec<String>,
    pub(crate) room_pictures: BTreeMap<RoomId, RoomPicture>,
    /// Its network is gone until somebody says otherwise.
    pub(crate) held: bool,
    pub(crate) own: Option<OwnAccount>,
    /// How often it was told that the archive was dropped.
    pub(crate) dropped: u32,
    /// How often it was told that another device has a newer application.
    pub(crate) outdated: u32,
    pub(crate) link: Option<LinkState>,
    pub(crate) recovery_keys: Vec<String>,
    pub(crate) recovery_failed: Option<RecoveryFailure>,
    /// Whether there is more before, and why there is less.
    pub(crate) histories: BTreeMap<ConversationId, (bool, Option<HistoryGap>)>,
}

impl Node {
    pub(crate) fn new(user: UserId, records: BTreeMap<String, Binary>, rng: ChaCha12Rng) -> Self {
        Self {
            user,
            records,
            engine: None,
            life: 0,
            rng,
            socket: None,
            waiting: BTreeSet::new(),
            up: 0,
            down: BTreeMap::new(),
            wake: None,
            clock: 0,
            gone: false,
            first: true,
            whole: false,
            written: BTreeMap::new(),
            sealed: BTreeMap::new(),
            phase: None,
            outbox: 0,
            conversations: BTreeMap::new(),
            trust: BTreeMap::new(),
            safety: BTreeMap::new(),
            compared: None,
            complaints: Vec::new(),
            room_pictures: BTreeMap::new(),
            held: false,
            own: None,
            dropped: 0,
            outdated: 0,
            link: None,
            recovery_keys: Vec::new(),
            recovery_failed: None,
            histories: BTreeMap::new(),
        }
    }

    /// Starts the process from its disk.
    pub(crate) fn start(&mut self, rng: ChaCha12Rng) {
        let records = self
            .records
            .iter()
            .filter(|(key, _)| key.starts_with(STATE_PREFIX))
            .map(|(key, value)| Record {
                key: key.clone(),
                value: value.clone(),
            });
        self.engine = Some(Engine::load(records.collect()));
        self.life += 1;
        self.rng = rng;
    }

    /// The process dies.
    pub(crate) fn crash(&mut self) {
        self.engine = None;
        self.socket = None;
        self.waiting.clear();
        self.wake = None;
        self.conversations.clear();
        self.room_pictures.clear();
        self.phase = None;
        self.link = None;
    }

    pub(crate) fn persist(&mut self, puts: Vec<Record>, deletes: &[String]) {
        for Record { key, value } in puts {
            assert!(!deletes.contains(&key), "{key} is put and deleted");
            let kind = key
                .split('/')
                .take(if key.starts_with("state/") { 2 } else { 1 });
            let written = self
                .written
                .entry(kind.collect::<Vec<_>>().join("/"))
                .or_default();
            written.0 += 1;
            written.1 += key.len() + value.as_ref().len();
            self.records.insert(key, value);
        }
        for key in deletes {
            self.records.remove(key);
        }
    }

    /// The records of a range, as they are now.
    pub(crate) fn read(&self, range: ReadRange) -> Vec<Record> {
        let record = |(key, value): (&String, &Binary)| Record {
            key: key.clone(),
            value: value.clone(),
        };
        match range {
            ReadRange::Keys { keys } => {
                let keys = keys.iter();
                keys.filter_map(|key| self.records.get_key_value(key))
                    .map(record)
                    .collect()
            }
            ReadRange::Last { from, to } => {
                let last = self.records.range(from..to).next_back();
                last.map(record).into_iter().collect()
            }
        }
    }

    pub(crate) fn note(&mut self, notice: Notice) {
        match notice {
            Notice::Phase { phase } => self.phase = Some(phase),
            Notice::Outbox { count } => self.outbox = count,
            Notice::Conversation { conversation } => {
                self.conversations.insert(conversation.id, *conversation);
            }
            Notice::ConversationGone { conversation } => {
                self.conversations.remove(&conversation);
            }
            Notice::KeyRefused { reason, .. } => self.complaints.push(reason),
            Notice::Uninvited { reason, .. } => self.complaints.push(reason),
            Notice::NotAdded {
                user_id, reason, ..
            } => {
                self.complaints.push(format!("{user_id} {reason:?}"));
            }
            Notice::Refused { failure, .. } => self.complaints.push(failure.detail),
            Notice::ArchiveDropped => self.dropped += 1,
            Notice::Outdated => self.outdated += 1,
            Notice::Own { own } => self.own = Some(*own),
            Notice::Link { link } => self.link = Some(link),
            Notice::RecoveryKey { text } => self.recovery_keys.push(text.0),
            Notice::RecoveryFailed { reason } => self.recovery_failed = Some(reason),
            Notice::History {
                conversation,
                more,
                reason,
            } => {
                self.histories.insert(conversation, (more, reason));
            }
            Notice::Person { person } => {
                self.trust.insert(person.user_id, person);
            }
            Notice::RoomPicture { room_id, picture } => {
                self.room_pictures.remove(&room_id);
                if let Some(picture) = picture {
                    self.room_pictures.insert(room_id, picture);
                }
            }
            Notice::Compared { result, .. } => self.compared = Some(result),
            Notice::Safety {
                user_id,
                number,
                code,
                ..
            } => {
                self.safety.insert(user_id, (number, code));
            }
            Notice::Message { .. } | Notice::Removed { .. } | Notice::Typing { .. } => {}
        }
    }

    /// The account key that is claimed for a person.
    pub(crate) fn claimed(&self, user: UserId) -> Option<Base64> {
        let change = self.trust.get(&user)?.change.as_ref()?;
        Some(change.account_key.clone())
    }

    /// Whether a message that was given in is there, as its writer would see.
    pub(crate) fn holds(&self, to: ConversationId, id: ClientId) -> bool {
        let history = self.history(to);
        history.iter().any(|entry| entry.id == id)
    }

    /// The history of a conversation, as a user interface would read it.
    pub(crate) fn history(&self, conversation: ConversationId) -> Vec<Entry> {
        let prefix = format!("{HISTORY_PREFIX}{conversation}/");
        self.records
            .range(prefix.clone()..)
            .take_while(|(key, _)| key.starts_with(&prefix))
            .map(|(key, value)| {
                let entry: Entry = serde_json::from_slice(value.as_ref()).unwrap();
                assert_eq!(*key, format!("{prefix}{}", entry.position));
                entry
            })
            .collect()
    }
}
