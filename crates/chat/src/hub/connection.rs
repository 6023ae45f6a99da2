//! One socket: who it is, what it still has to do, and how it is written to and closed.

use std::{
    collections::{HashSet, VecDeque},
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use protocol::{Code, Problem, limits, socket::Ack};
use serde::Serialize;
use socketioxide::{
    SendError, SocketError,
    extract::{AckSender, SocketRef},
    socket::Sid,
};
use uuid::Uuid;

use super::flow::{self, Flow};
use crate::{caller::Caller, error::Error};

/// How long a socket may read nothing while a megabyte waits for it. It resumes by its cursors.
const STALL: Duration = Duration::from_secs(5);
/// How often a socket that does not read is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// A connected socket.
pub struct Connection {
    /// Names it.
    pub id: Sid,
    /// What its device signs to prove itself.
    pub nonce: [u8; 32],
    /// Who opened it.
    pub caller: Caller,
    flow: Flow,
    link: Mutex<Link>,
    identity: Mutex<Identity>,
    queue: Mutex<Queue>,
    in_flight: AtomicUsize,
    gone: AtomicBool,
    /// The rooms it listens to; `None` once it is gone.
    rooms: Mutex<Option<HashSet<Uuid>>>,
    claim: Mutex<Claim>,
}

/// A socket's place among those of its device at all nodes: the newest stays.
#[derive(Clone, Copy, Default)]
struct Claim {
    own: Option<i64>,
    /// The newest heard of at another node.
    rival: i64,
}

/// The way to the client. A socket's handlers hold its connection, so the connection holds the
/// socket only while it is open: else neither would ever be freed.
enum Link {
    Opening,
    Open(SocketRef),
    Closed,
}

/// Who a socket is signed in as.
#[derive(Clone, Copy, Debug)]
pub struct Signed {
    /// The person.
    pub user: Uuid,
    /// The session.
    pub session: Uuid,
    /// The device that the session was known to be of when it was found.
    pub device: Option<Uuid>,
    /// The session was opened by `authenticate` for this socket alone.
    pub ends_with_socket: bool,
}

#[derive(Clone, Copy, Default)]
struct Identity {
    signed: Option<Signed>,
    device: Option<Uuid>,
}

type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    running: bool,
}

impl Connection {
    /// A socket that is about to open.
    pub fn new(
        id: Sid,
        nonce: [u8; 32],
        (caller, flow): (Caller, Flow),
        signed: Option<Signed>,
    ) -> Self {
        Self {
            id,
            nonce,
            caller,
            flow,
            link: Mutex::new(Link::Opening),
            identity: Mutex::new(Identity {
                signed,
                device: None,
            }),
            queue: Mutex::default(),
            in_flight: AtomicUsize::new(0),
            gone: AtomicBool::new(false),
            rooms: Mutex::new(Some(HashSet::new())),
            claim: Mutex::default(),
        }
    }

    /// It has got its place; `false` when another node gave out a newer one meanwhile.
    pub fn claims(&self, place: i64) -> bool {
        let mut claim = lock(&self.claim);
        claim.own = Some(place);
        claim.rival < place
    }

    /// Whether a socket with this place at another node is newer. One that has no place yet finds
    /// out when it gets it.
    pub fn is_displaced_by(&self, place: i64) -> bool {
        let mut claim = lock(&self.claim);
        claim.rival = place.max(claim.rival);
        claim.own.is_some_and(|own| own < place)
    }

    /// The socket is open; `false` when it was closed meanwhile.
    pub fn open(&self, socket: SocketRef) -> bool {
        let mut link = lock(&self.link);
        let opening = matches!(*link, Link::Opening);
        if opening {
            *link = Link::Open(socket);
        }
        opening
    }

    /// The socket is gone.
    pub fn forget(&self) {
        *lock(&self.link) = Link::Closed;
        lock(&self.queue).jobs.clear();
    }

    /// Who it is signed in as.
    pub fn signed(&self) -> Option<Signed> {
        lock(&self.identity).signed
    }

    /// The device that it has proved.
    pub fn device(&self) -> Option<Uuid> {
        lock(&self.identity).device
    }

    /// It has signed in.
    pub fn sign_in(&self, signed: Signed) {
        lock(&self.identity).signed = Some(signed);
    }

    /// It has proved its device.
    pub fn set_device(&self, device: Uuid) {
        lock(&self.identity).device = Some(device);
    }

    /// Sends an event. One that does not fit into the socket's buffer ends the socket: the client
    /// resumes by its cursors and never misses one in between.
    pub fn emit<T: Serialize + ?Sized>(&self, event: &str, payload: &T) {
        let mut link = lock(&self.link);
        let Link::Open(socket) = &*link else { return };
        match socket.emit(event, payload) {
            Ok(()) | Err(SendError::Socket(SocketError::Closed)) => {}
            Err(SendError::Socket(SocketError::InternalChannelFull)) => cut(&mut link),
            Err(SendError::Serialize(error)) => {
                tracing::error!(%error, event, "an event cannot be encoded");
                cut(&mut link);
            }
        }
    }

    /// Whether less than a megabyte would wait to be read with so many bytes more.
    pub fn has_room(&self, bytes: usize) -> bool {
        self.flow.has_room(bytes)
    }

    /// Closes the socket when it has read nothing for a while although much waits for it; tells
    /// whether it did.
    pub fn close_if_stalled(&self) -> bool {
        let stalled = self.flow.stalled() > STALL;
        if stalled {
            metrics::counter!("chat_slow_sockets_total").increment(1);
            tracing::info!(socket = %self.id, "a socket has not read for a while; closing it");
            self.close();
        }
        stalled
    }

    /// Waits until less than a megabyte is to be read, or the socket is gone: pages are asked for,
    /// so that who does not read gets no more of them.
    pub async fn drained(&self) {
        while self.flow.pending() > flow::PENDING && !matches!(*lock(&self.link), Link::Closed) {
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Counts bytes that are about to be sent.
    pub fn note(&self, bytes: usize) {
        self.flow.note(bytes);
    }

    /// Closes the socket.
    pub fn close(&self) {
        cut(&mut lock(&self.link));
    }

    /// Sends a last event and closes the socket.
    pub fn close_with<T: Serialize>(&self, event: &str, payload: &T) {
        self.emit(event, payload);
        self.close();
    }

    /// Takes a place among the events in flight and answers `queue-full` when there is none.
    pub fn admit(self: &Arc<Self>, ack: AckSender) -> Option<Answer> {
        let before = self.in_flight.fetch_add(1, Ordering::Relaxed);
        let answer = Answer {
            ack: Some(ack),
            connection: self.clone(),
        };
        if before < limits::IN_FLIGHT {
            return Some(answer);
        }
        metrics::counter!("chat_queue_full_total", "queue" => "socket").increment(1);
        answer.refuse(
            Problem::new(Code::QueueFull)
                .detail("Wait for acknowledgements before you send more.")
                .retry_after(1),
        );
        None
    }

    /// Whether no event waits or runs: the next one may be handled on the spot.
    pub fn is_idle(&self) -> bool {
        let queue = lock(&self.queue);
        !queue.running && queue.jobs.is_empty()
    }

    /// Runs a job after all that came before it. A task lives only while there is work.
    pub fn enqueue(self: &Arc<Self>, job: impl Future<Output = ()> + Send + 'static) {
        let mut queue = lock(&self.queue);
        queue.jobs.push_back(Box::pin(job));
        if !queue.running {
            queue.running = true;
            tokio::spawn(self.clone().work());
        }
    }

    async fn work(self: Arc<Self>) {
        // A job that panics must not leave the queue marked as running.
        struct Running<'a>(&'a Connection);
        impl Drop for Running<'_> {
            fn drop(&mut self) {
                if std::thread::panicking() {
                    lock(&self.0.queue).running = false;
                    self.0.close();
                }
            }
        }
        let _running = Running(&self);
        loop {
            let job = {
                let mut queue = lock(&self.queue);
                let Some(job) = queue.jobs.pop_front() else {
                    queue.running = false;
                    queue.jobs.shrink_to_fit();
                    return;
                };
                job
            };
            job.await;
        }
    }

    /// Whether the hub has let it go: nothing may lead to it any more.
    pub(super) fn is_gone(&self) -> bool {
        self.gone.load(Ordering::SeqCst)
    }

    /// The hub lets it go.
    pub(super) fn let_go(&self) {
        self.gone.store(true, Ordering::SeqCst);
    }

    /// Notes a room that it listens to; `false` when the socket is gone.
    pub(super) fn remember_room(&self, room: Uuid) -> bool {
        lock(&self.rooms)
            .as_mut()
            .map(|rooms| rooms.insert(room))
            .is_some()
    }

    /// The rooms that it listened to; from now on it is gone.
    pub(super) fn take_rooms(&self) -> HashSet<Uuid> {
        lock(&self.rooms).take().unwrap_or_default()
    }
}

/// Closes a socket even when its buffer is full: nothing is sent any more, and the packet that
/// tells the client goes out as soon as there is room. A client that never reads again is cut by
/// the heartbeat.
fn cut(link: &mut Link) {
    let Link::Open(socket) = std::mem::replace(link, Link::Closed) else {
        return;
    };
    if !matches!(
        socket.clone().disconnect(),
        Err(SocketError::InternalChannelFull)
    ) {
        return;
    }
    metrics::counter!("chat_slow_sockets_total").increment(1);
    tracing::info!(socket = %socket.id, "a socket does not read fast enough; closing it");
    tokio::spawn(async move {
        while socket.connected() {
            tokio::time::sleep(Duration::from_millis(200)).await;
            if !matches!(
                socket.clone().disconnect(),
                Err(SocketError::InternalChannelFull)
            ) {
                return;
            }
        }
    });
}

/// The acknowledgement that an event waits for, and its place among the events in flight.
pub struct Answer {
    ack: Option<AckSender>,
    /// Whose event it is.
    pub connection: Arc<Connection>,
}

impl Answer {
    /// Acknowledges the event with what came out of it.
    pub fn send<T: Serialize>(self, result: Result<T, Error>) {
        match result {
            Ok(reply) => self.deliver(&Ack::Ok(reply)),
            Err(error) => self.refuse(error.into_problem()),
        }
    }

    /// Refuses the event.
    pub fn refuse(self, mut problem: Problem) {
        problem.request_id = Some(self.connection.caller.request_id.clone());
        self.deliver(&Ack::<()>::Refused(Box::new(problem)));
    }

    fn deliver<T: Serialize>(mut self, ack: &Ack<T>) {
        let Some(sender) = self.ack.take() else {
            return;
        };
        let mut link = lock(&self.connection.link);
        let Link::Open(_) = &*link else { return };
        match sender.send(ack) {
            Ok(()) | Err(SendError::Socket(SocketError::Closed)) => {}
            Err(SendError::Socket(SocketError::InternalChannelFull)) => cut(&mut link),
            Err(SendError::Serialize(error)) => {
                tracing::error!(%error, "an acknowledgement cannot be encoded");
                cut(&mut link);
            }
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.connection.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
