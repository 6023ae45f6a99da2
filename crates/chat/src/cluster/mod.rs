//! Several nodes on one database.
//!
//! What is stored is in the tables, for every node alike. What sockets have to hear of it is told
//! between nodes in two ways. Hints go through Redis: a room has something new, somebody types.
//! They are many, they may be lost, and who misses one looks at the tables. Notices go through the
//! database's own notifications: a session has ended, a device has a newer socket, a contact is
//! new. They are rare, and who may have missed one lets its clients resume.
//!
//! Without `REDIS_URL` a node is alone: it tells nobody anything and only hears of sessions that an
//! operator ends.

mod broker;
mod hint;
mod lease;
mod listen;
mod look;
mod notice;
mod waiting;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

pub use hint::Audience;
use hint::{Hint, RoomEvent};
pub use notice::Notice;
use notice::Sent;
use serde::Serialize;
use sqlx::{PgExecutor, PgPool, postgres::PgListener};
use tokio::{
    sync::{Notify, mpsc, watch},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use waiting::Waiting;

use crate::{app::App, database::Trust, error::Masked, hub::Hub, store::nodes};

/// Notices that may wait to be sent.
const QUEUE: usize = 4_096;
/// Notices that share a commit.
const BATCH: usize = 64;
/// PostgreSQL takes less than 8,000 bytes.
const LARGEST: usize = 7_900;
/// Pause before notices that were not sent are tried again.
const RETRY: Duration = Duration::from_millis(500);

/// The way to the other nodes. Cheap to clone.
#[derive(Clone)]
pub struct Cluster(Arc<Shared>);

struct Shared {
    node: Uuid,
    pool: PgPool,
    hub: Arc<Hub>,
    /// `None` for the only node.
    notices: Option<mpsc::Sender<String>>,
    hints: Waiting,
    /// Whether this node hears itself through the broker, and when it did last.
    link: watch::Sender<bool>,
    heard: Mutex<Instant>,
    /// Asks for a look at the tables.
    look: Notify,
}

/// What has to be started once the rest of the server stands.
pub struct Parts {
    /// Of its own: it is held for ever.
    pool: PgPool,
    trust: Trust,
    listener: PgListener,
    others: Option<(redis::Client, mpsc::Receiver<String>)>,
}

/// The running tasks.
pub struct Tasks {
    app: App,
    stop: CancellationToken,
    sending: Option<JoinHandle<()>>,
}

impl Cluster {
    /// With a URL of a Redis, one of several nodes. `listening` makes one connection, whose end
    /// is the end of the trust in those of `pool`.
    ///
    /// # Errors
    /// When the URL is none, or the database is not there.
    pub async fn new(
        redis_url: Option<&str>,
        (pool, listening, trust): (PgPool, PgPool, Trust),
        hub: Arc<Hub>,
    ) -> anyhow::Result<(Self, Parts)> {
        let listener = listen::begin(&listening).await?;
        let client = redis_url.map(broker::client).transpose()?;
        let (sender, queue) = mpsc::channel(QUEUE);
        let shared = Shared {
            node: Uuid::now_v7(),
            pool,
            hub,
            notices: client.is_some().then_some(sender),
            hints: Waiting::default(),
            link: watch::Sender::new(false),
            heard: Mutex::new(Instant::now()),
            look: Notify::new(),
        };
        let parts = Parts {
            pool: listening,
            trust,
            listener,
            others: client.map(|client| (client, queue)),
        };
        Ok((Self(Arc::new(shared)), parts))
    }

    /// Whether this is the only node.
    pub fn is_alone(&self) -> bool {
        self.0.notices.is_none()
    }

    /// Names this process.
    pub fn node(&self) -> Uuid {
        self.0.node
    }

    /// Who is connected here.
    pub fn hub(&self) -> &Arc<Hub> {
        &self.0.hub
    }

    /// A room has something new on disk.
    pub fn stored(&self, room: Uuid, seq: u64) {
        if !self.is_alone() {
            self.0.hints.head(room, seq);
        }
    }

    /// Sends something that is not stored to those who listen to a room.
    pub fn tell_room<T: Serialize>(&self, room: Uuid, audience: Audience, name: &str, payload: &T) {
        self.tell_room_here(room, &audience, name, payload);
        if self.is_alone() {
            return;
        }
        if let Ok(payload) = serde_json::to_value(payload) {
            let name = name.to_owned();
            self.0.hints.event(RoomEvent {
                room,
                audience,
                name,
                payload,
            });
        }
    }

    fn tell_room_here<T: Serialize>(
        &self,
        room: Uuid,
        audience: &Audience,
        name: &str,
        payload: &T,
    ) {
        let Some(local) = self.0.hub.room(room) else {
            return;
        };
        match audience {
            Audience::Except(person) => local.emit_except(*person, name, payload),
            // By person, so that a receipt costs what it tells and not what the room holds.
            Audience::Only(people) => {
                let sockets = people.iter().flat_map(|one| self.0.hub.of_user(*one));
                sockets
                    .filter(|socket| local.is_live(socket.id))
                    .for_each(|socket| socket.emit(name, payload));
            }
        }
    }

    /// Sends an event to every socket of a person.
    pub fn emit_to_user<T: Serialize>(&self, user: Uuid, name: &str, payload: &T) {
        self.emit_to_user_except(user, None, name, payload);
    }

    /// Sends an event to every socket of a person but those of one session.
    pub fn emit_to_user_except<T: Serialize>(
        &self,
        user: Uuid,
        except: Option<Uuid>,
        name: &str,
        payload: &T,
    ) {
        self.0.hub.emit_to_user_except(user, except, name, payload);
        if self.is_alone() {
            return;
        }
        match serde_json::to_value(payload) {
            Ok(payload) => self.relay(Notice::Event {
                user,
                except,
                name: name.to_owned(),
                payload,
            }),
            Err(error) => tracing::error!(%error, name, "an event cannot be encoded"),
        }
    }

    /// Tells the other nodes something that has been done here.
    pub fn relay(&self, notice: Notice) {
        let Some(notices) = &self.0.notices else {
            return;
        };
        let Some(text) = self.written(notice) else {
            return;
        };
        if notices.try_send(text).is_err() {
            metrics::counter!("chat_queue_full_total", "queue" => "notices").increment(1);
            tracing::warn!("too many notices wait; other nodes do not hear of one");
        }
    }

    /// Tells the other nodes when the transaction commits, and only then.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn notify_within(&self, db: impl PgExecutor<'_>, notice: Notice) -> sqlx::Result<()> {
        if self.is_alone() {
            return Ok(());
        }
        match self.written(notice) {
            Some(text) => nodes::notify(db, &[text]).await,
            None => Ok(()),
        }
    }

    /// Starts the tasks.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn start(app: &App, parts: Parts) -> anyhow::Result<Tasks> {
        lease::begin(app).await?;
        let stop = CancellationToken::new();
        let spawn = |task: std::pin::Pin<Box<dyn Future<Output = ()> + Send>>| {
            tokio::spawn(stop.clone().run_until_cancelled_owned(task));
        };
        spawn(Box::pin(lease::run(app.clone())));
        spawn(Box::pin(listen::run(
            app.clone(),
            (parts.pool, parts.trust),
            parts.listener,
        )));
        let mut sending = None;
        if let Some((client, queue)) = parts.others {
            let cluster = app.cluster.clone();
            metrics::gauge!("chat_broker_up").set(0.0);
            spawn(Box::pin(broker::run(cluster.clone(), client)));
            spawn(Box::pin(look::run(cluster.clone())));
            let sender = send(cluster, queue, stop.clone());
            sending = Some(tokio::spawn(sender));
        }
        Ok(Tasks {
            app: app.clone(),
            stop,
            sending,
        })
    }

    fn written(&self, notice: Notice) -> Option<String> {
        let from = Some(self.0.node);
        let text = serde_json::to_string(&Sent { from, notice });
        let text = text.ok().filter(|text| text.len() < LARGEST);
        if text.is_none() {
            tracing::error!("a notice is too large; other nodes do not hear of it");
        }
        text
    }

    fn pool(&self) -> &PgPool {
        &self.0.pool
    }

    fn hints(&self) -> &Waiting {
        &self.0.hints
    }

    fn link(&self) -> watch::Receiver<bool> {
        self.0.link.subscribe()
    }

    fn wanted_look(&self) -> &Notify {
        &self.0.look
    }

    /// When hints were whole last.
    fn heard_itself(&self) -> Instant {
        *self.0.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hears_itself(&self) {
        *self.0.heard.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Notes whether the broker is there; tells whether that is new.
    fn link_is(&self, up: bool) -> bool {
        metrics::gauge!("chat_broker_up").set(f64::from(u8::from(up)));
        let set = |link: &mut bool| std::mem::replace(link, up) != up;
        self.0.link.send_if_modified(set)
    }

    /// Does what another node's hint says.
    fn take_hint(&self, hint: Hint) {
        for (room, seq) in hint.heads {
            if let Some(local) = self.0.hub.room(room) {
                local.advance(seq);
            }
        }
        for event in hint.events {
            self.tell_room_here(event.room, &event.audience, &event.name, &event.payload);
        }
        if hint.look {
            self.0.look.notify_one();
        }
    }
}

impl Tasks {
    /// Sends what waits, lets the lease end soon, and stops.
    pub async fn finish(self) {
        self.stop.cancel();
        if let Some(sending) = self.sending {
            let _ = tokio::time::timeout(Duration::from_secs(2), sending).await;
        }
        lease::end(&self.app).await;
    }
}

/// Sends notices until `stop`, then what waits. Those that come meanwhile share the next commit.
async fn send(cluster: Cluster, mut queue: mpsc::Receiver<String>, stop: CancellationToken) {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        let taken = tokio::select! {
            biased;
            taken = queue.recv_many(&mut batch, BATCH) => taken,
            () = stop.cancelled(), if !queue.is_closed() => {
                queue.close();
                continue;
            }
        };
        if taken == 0 {
            return;
        }
        while let Err(error) = nodes::notify(cluster.pool(), &batch).await {
            tracing::warn!(error = %Masked(&error), "notices have to wait");
            tokio::time::sleep(RETRY).await;
        }
        batch.clear();
    }
}
