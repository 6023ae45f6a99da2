//! Who is connected to this node, and which of their devices listen to which room.

mod connection;
mod flow;
mod handshake;
pub mod polled;
mod room;
mod writers;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

pub use connection::{Answer, Connection, Signed};
pub use flow::Flow;
use protocol::{Code, Problem, socket::server};
pub use room::LocalRoom;
use serde::Serialize;
use socketioxide::socket::Sid;
use sqlx::PgPool;
use tokio::sync::Semaphore;
use uuid::Uuid;

/// The connections of this node.
pub struct Hub {
    /// What polling sockets have taken.
    pub polls: polled::Polls,
    pool: PgPool,
    people: Mutex<People>,
    rooms: Mutex<HashMap<Uuid, Arc<LocalRoom>>>,
    /// Rooms that may read rows at once: writing must not wait for them.
    readers: Arc<Semaphore>,
}

/// See [`Hub::readers`].
const READERS: usize = 4;

#[derive(Default)]
struct People {
    connections: HashMap<Sid, Arc<Connection>>,
    users: HashMap<Uuid, Vec<Arc<Connection>>>,
    devices: HashMap<Uuid, Arc<Connection>>,
}

impl Hub {
    /// Nobody yet. Gaps in live delivery are filled from `pool`.
    pub fn new(pool: PgPool) -> Self {
        Self {
            polls: polled::Polls::default(),
            pool,
            people: Mutex::default(),
            rooms: Mutex::default(),
            readers: Arc::new(Semaphore::new(READERS)),
        }
    }

    /// A socket has connected.
    pub fn add(&self, connection: &Arc<Connection>) {
        let mut people = self.people();
        if !connection.is_gone() {
            people.connections.insert(connection.id, connection.clone());
        }
        metrics::gauge!("chat_connections").set(people.connections.len() as f64);
    }

    /// A socket is signed in from now on; `false` when it is gone already.
    pub fn sign_in(&self, connection: &Arc<Connection>, user: Uuid) -> bool {
        let mut people = self.people();
        if connection.is_gone() {
            return false;
        }
        let own = people.users.entry(user).or_default();
        if !own.iter().any(|one| one.id == connection.id) {
            own.push(connection.clone());
        }
        true
    }

    /// A socket has proved its device; returns the older socket of that device.
    pub fn set_device(
        &self,
        connection: &Arc<Connection>,
        device: Uuid,
    ) -> Option<Arc<Connection>> {
        let mut people = self.people();
        if connection.is_gone() {
            return None;
        }
        let older = people.devices.insert(device, connection.clone());
        older.filter(|older| older.id != connection.id)
    }

    /// A socket is gone; what it still does leads to nothing. Tells whose last one it was.
    pub fn remove(&self, connection: &Connection) -> Option<Uuid> {
        for room in connection.take_rooms() {
            self.leave(room, connection.id);
        }
        let mut people = self.people();
        connection.let_go();
        people.connections.remove(&connection.id);
        metrics::gauge!("chat_connections").set(people.connections.len() as f64);
        if let Some(device) = connection.device()
            && people
                .devices
                .get(&device)
                .is_some_and(|one| one.id == connection.id)
        {
            people.devices.remove(&device);
        }
        let user = connection.signed()?.user;
        let own = people.users.get_mut(&user)?;
        own.retain(|one| one.id != connection.id);
        if own.is_empty() {
            people.users.remove(&user);
            return Some(user);
        }
        None
    }

    /// The sockets of a person.
    pub fn of_user(&self, user: Uuid) -> Vec<Arc<Connection>> {
        self.people().users.get(&user).cloned().unwrap_or_default()
    }

    /// The socket of a device.
    pub fn of_device(&self, device: Uuid) -> Option<Arc<Connection>> {
        self.people().devices.get(&device).cloned()
    }

    /// Whether a person has a signed-in socket.
    pub fn is_online(&self, user: Uuid) -> bool {
        self.people().users.contains_key(&user)
    }

    /// Every socket.
    pub fn all(&self) -> Vec<Arc<Connection>> {
        self.people().connections.values().cloned().collect()
    }

    /// How many sockets there are.
    pub fn count(&self) -> usize {
        self.people().connections.len()
    }

    /// Sends an event to every socket of a person here, but not to those of one session.
    pub fn emit_to_user_except<T: Serialize>(
        &self,
        user: Uuid,
        except: Option<Uuid>,
        event: &str,
        payload: &T,
    ) {
        for connection in self.of_user(user) {
            let session = connection.signed().map(|signed| signed.session);
            if except.is_none() || session != except {
                connection.emit(event, payload);
            }
        }
    }

    /// Tells the sockets of ended sessions and closes them.
    pub fn end_sessions(&self, user: Uuid, sessions: &[Uuid]) {
        for connection in self.of_user(user) {
            let ended = |signed: Signed| sessions.contains(&signed.session);
            if connection.signed().is_some_and(ended) {
                connection.close_with(server::SESSION_ENDED, &Problem::new(Code::SessionEnded));
            }
        }
    }

    /// The rooms that devices listen to here.
    pub fn rooms_here(&self) -> Vec<Uuid> {
        self.rooms().keys().copied().collect()
    }

    /// The sockets of a person hear nothing more of a room.
    pub fn deafen(&self, room: Uuid, user: Uuid) {
        for connection in self.of_user(user) {
            self.leave(room, connection.id);
        }
    }

    /// The local side of a room, if any device of it listens here.
    pub fn room(&self, room: Uuid) -> Option<Arc<LocalRoom>> {
        self.rooms().get(&room).cloned()
    }

    /// Lets a socket listen to a room; nothing is sent to it before [`LocalRoom::go_live`].
    pub fn join(
        &self,
        room: Uuid,
        kind: protocol::rest::rooms::RoomKind,
        connection: &Arc<Connection>,
    ) -> Arc<LocalRoom> {
        let mut rooms = self.rooms();
        let local = rooms
            .entry(room)
            .or_insert_with(|| {
                let (pool, readers) = (self.pool.clone(), self.readers.clone());
                Arc::new(LocalRoom::new(room, kind, pool, readers))
            })
            .clone();
        // Under the lock of the map: a room that others leave cannot vanish in between.
        local.join(connection);
        drop(rooms);
        if !connection.remember_room(room) {
            // The socket was closed meanwhile and will not leave by itself.
            self.leave(room, connection.id);
        }
        local
    }

    /// A socket does not listen to a room any more.
    pub fn leave(&self, room: Uuid, socket: Sid) {
        let mut rooms = self.rooms();
        if let Some(local) = rooms.get(&room)
            && local.leave(socket)
        {
            rooms.remove(&room);
        }
    }

    fn people(&self) -> MutexGuard<'_, People> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rooms(&self) -> MutexGuard<'_, HashMap<Uuid, Arc<LocalRoom>>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
