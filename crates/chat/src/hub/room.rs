//! The local side of a room: the sockets that listen, and the last place sent to each.
//!
//! Envelopes are handed in after their commit to disk, possibly out of order between tasks and
//! nodes. A socket gets them in order without gaps: when one is missing, the rows are read first.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use protocol::{
    Binary, limits,
    rest::rooms::{EnvelopeKind, RoomKind},
    socket::{BinaryEnvelope, server},
};
use serde::Serialize;
use socketioxide::socket::Sid;
use sqlx::PgPool;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::{Connection, writers::Writers};
use crate::{
    error::Masked,
    log::by_reference,
    store::{StoredMessageKind, members, messages},
};

/// Rows read at once to fill a gap.
const FILL: i64 = 100;
/// Room that a socket has to have before rows are read for it: the largest envelope.
const ROOM: usize = limits::COMMIT_EVENT;
/// How often sockets are looked at for which enough waits already.
const LOOK: Duration = Duration::from_millis(50);

/// A room that some device listens to on this node.
pub struct LocalRoom {
    room: Uuid,
    kind: RoomKind,
    pool: PgPool,
    readers: Arc<Semaphore>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The highest place known to be on disk.
    high: u64,
    /// A task reads missing rows.
    filling: bool,
    /// A task looks again at those for whom enough waits already.
    waiting: bool,
    writers: Writers,
    listeners: HashMap<Sid, Listener>,
}

struct Listener {
    connection: Arc<Connection>,
    /// Before its last page of `sync` nothing is sent.
    live: bool,
    /// The last place sent.
    sent: u64,
    /// The last place it may have: it was removed from the room there.
    until: Option<u64>,
}

impl Listener {
    fn wants(&self, seq: u64) -> bool {
        self.live && seq > self.sent && self.until.is_none_or(|until| seq <= until)
    }

    fn has_room(&self, envelope: &BinaryEnvelope) -> bool {
        self.connection.has_room(envelope.message.0.len())
    }

    fn is_behind(&self, high: u64) -> bool {
        self.sent < high && self.wants(self.sent + 1)
    }
}

impl LocalRoom {
    pub(super) fn new(room: Uuid, kind: RoomKind, pool: PgPool, readers: Arc<Semaphore>) -> Self {
        Self {
            room,
            kind,
            pool,
            readers,
            state: Mutex::default(),
        }
    }

    pub(super) fn join(&self, connection: &Arc<Connection>) {
        self.state()
            .listeners
            .entry(connection.id)
            .or_insert_with(|| Listener {
                connection: connection.clone(),
                live: false,
                sent: 0,
                until: None,
            });
    }

    /// Tells whether nobody listens any more.
    pub(super) fn leave(&self, socket: Sid) -> bool {
        let mut state = self.state();
        state.listeners.remove(&socket);
        state.listeners.is_empty()
    }

    /// Who wrote behind `low` and up to `high`, and perhaps somebody who wrote behind that; `None`
    /// when the rows have to be asked.
    pub fn writers(&self, low: u64, high: u64) -> Option<Vec<Uuid>> {
        self.state().writers.between(low, high)
    }

    /// Whether a socket listens, live or not yet.
    pub fn has(&self, socket: Sid) -> bool {
        self.state().listeners.contains_key(&socket)
    }

    /// Whether a socket gets what comes.
    pub fn is_live(&self, socket: Sid) -> bool {
        self.state()
            .listeners
            .get(&socket)
            .is_some_and(|listener| listener.live && listener.until.is_none())
    }

    /// From now on a socket gets everything behind `sent`; `head` is the highest place that is
    /// known to be on disk.
    pub fn go_live(self: &Arc<Self>, socket: Sid, sent: u64, head: u64) {
        let mut state = self.state();
        state.high = state.high.max(head);
        let Some(listener) = state.listeners.get_mut(&socket) else {
            return;
        };
        if !listener.live {
            listener.live = true;
            listener.sent = sent;
        }
        listener.until = None;
        self.fill_if_behind(&mut state);
    }

    /// Sends envelopes, in rising order, that are on disk.
    pub fn publish(self: &Arc<Self>, envelopes: &[BinaryEnvelope]) {
        let Some(last) = envelopes.last() else { return };
        let mut state = self.state();
        state.high = state.high.max(last.seq);
        for envelope in envelopes {
            let message = envelope.kind == EnvelopeKind::Application;
            let writer = message.then_some(envelope.sender_user.0);
            state.writers.note(envelope.seq, writer);
        }
        if !state.filling {
            let mut sent = 0;
            for envelope in envelopes {
                for listener in state.listeners.values_mut() {
                    if listener.sent + 1 == envelope.seq
                        && listener.wants(envelope.seq)
                        && listener.has_room(envelope)
                    {
                        self.send(listener, envelope);
                        sent += 1;
                    }
                }
            }
            count(sent);
        }
        self.fill_if_behind(&mut state);
    }

    /// Something up to here is on disk, as another node says: what is missing is read.
    pub fn advance(self: &Arc<Self>, head: u64) {
        let mut state = self.state();
        if head > state.high {
            state.high = head;
            self.fill_if_behind(&mut state);
        }
    }

    /// A device was removed by the commit at `seq`: it gets that one and nothing behind it.
    pub fn end_at(&self, socket: Sid, seq: u64) {
        if let Some(listener) = self.state().listeners.get_mut(&socket) {
            listener.until = Some(seq);
        }
    }

    /// Sends something that is not stored to every live socket but those of one person.
    pub fn emit_except<T: Serialize>(&self, user: Uuid, event: &str, payload: &T) {
        for listener in self.state().listeners.values() {
            let other = listener
                .connection
                .signed()
                .is_some_and(|signed| signed.user != user);
            if listener.live && listener.until.is_none() && other {
                listener.connection.emit(event, payload);
            }
        }
    }

    /// The sockets that get what comes.
    pub fn live(&self) -> Vec<Arc<Connection>> {
        let state = self.state();
        let live = state
            .listeners
            .values()
            .filter(|one| one.live && one.until.is_none());
        live.map(|listener| listener.connection.clone()).collect()
    }

    fn send(&self, listener: &mut Listener, envelope: &BinaryEnvelope) {
        let event = match self.kind {
            RoomKind::Direct => server::NEW_MESSAGE,
            RoomKind::Group => server::MESSAGE,
        };
        listener.connection.note(envelope.message.0.len());
        listener.connection.emit(event, envelope);
        listener.sent = envelope.seq;
    }

    fn fill_if_behind(self: &Arc<Self>, state: &mut State) {
        match behind(state) {
            Behind::From(_) if !state.filling => {
                state.filling = true;
                tokio::spawn(self.clone().fill());
            }
            Behind::Full if !state.waiting => {
                state.waiting = true;
                tokio::spawn(self.clone().wait());
            }
            _ => {}
        }
    }

    /// Looks again soon after those for whom enough waits already: they go on, wait longer, or are
    /// closed. The others of the room do not wait for them.
    async fn wait(self: Arc<Self>) {
        tokio::time::sleep(LOOK).await;
        let mut state = self.state();
        state.waiting = false;
        let high = state.high;
        state.listeners.retain(|_, listener| {
            !(listener.is_behind(high) && listener.connection.close_if_stalled())
        });
        self.fill_if_behind(&mut state);
    }

    /// Reads and sends what is missing until every live socket has all that is on disk.
    async fn fill(self: Arc<Self>) {
        loop {
            let (from, to) = {
                let mut state = self.state();
                let Behind::From(from) = behind(&state) else {
                    state.filling = false;
                    self.fill_if_behind(&mut state);
                    return;
                };
                (from, state.high)
            };
            let turn = self.readers.acquire().await;
            let read = messages::range(&self.pool, self.room, from as i64, to as i64, FILL).await;
            let rows = match read {
                Ok(rows) => rows,
                Err(error) => {
                    tracing::warn!(room = %self.room, error = %Masked(&error), "cannot fill a gap; the sockets resume by cursor");
                    self.cut_those_behind();
                    return;
                }
            };
            // Rows in between whose body is gone are had by everybody who is entitled to them.
            let complete = (rows.len() as i64) < FILL;
            let reached = if complete {
                to
            } else {
                rows.last().map_or(to, |row| row.seq as u64)
            };
            drop(turn);
            // Another node may have taken the commit that removed a device of ours.
            let commits = rows.iter().any(|row| row.kind == StoredMessageKind::Commit);
            let ended = match commits {
                true => members::ended(&self.pool, self.room).await,
                false => Ok(Vec::new()),
            };
            let Ok(ended) = ended else {
                self.cut_those_behind();
                return;
            };
            let mut state = self.state();
            for (device, seq) in ended {
                let mut gone = state.listeners.values_mut();
                if let Some(gone) = gone.find(|one| one.connection.device() == Some(device)) {
                    gone.until = Some(seq);
                }
            }
            let (mut full, mut sent) = (HashSet::new(), 0);
            for envelope in rows
                .into_iter()
                .map(|row| by_reference(row.into_envelope::<Binary>()))
            {
                for (socket, listener) in &mut state.listeners {
                    // Who had no room lacks something before `from`; who has none now waits.
                    let next = listener.sent + 1 >= from && listener.wants(envelope.seq);
                    if !next || full.contains(socket) {
                        continue;
                    }
                    if listener.has_room(&envelope) {
                        self.send(listener, &envelope);
                        sent += 1;
                    } else {
                        full.insert(*socket);
                    }
                }
            }
            count(sent);
            for (socket, listener) in &mut state.listeners {
                if listener.live && listener.sent + 1 >= from && !full.contains(socket) {
                    listener.sent = listener.sent.max(reached);
                }
            }
        }
    }

    fn cut_those_behind(&self) {
        let mut state = self.state();
        state.filling = false;
        let high = state.high;
        state.listeners.retain(|_, listener| {
            let behind = listener.sent < high && listener.wants(high);
            if behind {
                listener.connection.close();
            }
            !behind
        });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Once for many: the counter is looked up by its name each time.
fn count(deliveries: u64) {
    metrics::counter!("chat_deliveries_total").increment(deliveries);
}

/// Who lacks something that is on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Behind {
    Nobody,
    /// Only sockets for which enough waits already.
    Full,
    /// The first place that some socket with room is missing.
    From(u64),
}

fn behind(state: &State) -> Behind {
    let behind = || {
        state
            .listeners
            .values()
            .filter(|one| one.is_behind(state.high))
    };
    let ready = behind().filter(|one| one.connection.has_room(ROOM));
    match ready.map(|one| one.sent + 1).min() {
        Some(first) => Behind::From(first),
        None if behind().next().is_some() => Behind::Full,
        None => Behind::Nobody,
    }
}
