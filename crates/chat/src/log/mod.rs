//! The durable log of rooms: what is acknowledged is on disk, in one order per room, and stays
//! until every entitled device has it.

mod batcher;
mod commit;
mod create_room;
mod cursors;
mod delivery;
mod group;
mod leave;
mod page;
pub mod receipts;
mod removals;
mod writer;

use std::{sync::Arc, time::Duration};

pub use batcher::{Append, Refused, Stored};
pub use commit::CommitRequest;
pub use create_room::CreateRequest;
pub use cursors::Acknowledge;
pub use page::{Page, budget, budget_from_end, sync_page};
use protocol::{
    limits,
    rest::rooms::{Envelope, EnvelopeKind},
};
use sqlx::PgPool;
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use crate::{
    cluster::Cluster,
    error::{Error, Result},
    hub::Hub,
    push::Push,
};

/// Messages that may wait for the batcher.
const QUEUE: usize = 4096;
/// Bytes of messages that may wait for the batcher.
const QUEUE_BYTES: usize = 32 * 1024 * 1024;

/// The ways into the log.
pub struct Log {
    pool: PgPool,
    hub: Arc<Hub>,
    cluster: Cluster,
    appends: mpsc::Sender<batcher::Queued>,
    bytes: Arc<Semaphore>,
    cursors: mpsc::Sender<Acknowledge>,
    asking: removals::Asking,
}

/// The tasks behind a [`Log`].
pub struct Tasks {
    stop: CancellationToken,
    handles: Vec<JoinHandle<()>>,
}

impl Log {
    /// Starts the tasks.
    pub fn start(pool: PgPool, cluster: Cluster, push: Push) -> (Self, Tasks) {
        let hub = cluster.hub().clone();
        let stop = CancellationToken::new();
        let (appends, queue) = mpsc::channel(QUEUE);
        let (cursors, acknowledgements) = mpsc::channel(QUEUE);
        let (stored, deliveries) = mpsc::channel(2);
        let handles = vec![
            tokio::spawn(batcher::run(pool.clone(), queue, stored, stop.clone())),
            tokio::spawn(delivery::run(cluster.clone(), push, deliveries)),
            tokio::spawn(cursors::run(
                pool.clone(),
                cluster.clone(),
                acknowledgements,
                stop.clone(),
            )),
        ];
        let bytes = Arc::new(Semaphore::new(QUEUE_BYTES));
        let asking = removals::Asking::default();
        (
            Self {
                pool,
                hub,
                cluster,
                appends,
                bytes,
                cursors,
                asking,
            },
            Tasks { stop, handles },
        )
    }

    /// Queues a message. Its `done` is called after the commit to disk, or with what was wrong.
    pub fn append(&self, append: Append) {
        let size = u32::try_from(append.body.len()).unwrap_or(u32::MAX);
        let Ok(permit) = self.bytes.clone().try_acquire_many_owned(size) else {
            return append.refuse(Refused::QueueFull);
        };
        match self.appends.try_send(batcher::Queued { append, permit }) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(queued)) => {
                queued.append.refuse(Refused::QueueFull);
            }
            Err(mpsc::error::TrySendError::Closed(queued)) => {
                queued.append.refuse(Refused::Unavailable);
            }
        }
    }

    /// As [`Log::append`], waiting for the outcome.
    ///
    /// # Errors
    /// What was wrong with the message.
    pub async fn append_and_wait(
        &self,
        message: impl FnOnce(batcher::Done) -> Append,
    ) -> Result<Stored, Refused> {
        let (sender, outcome) = tokio::sync::oneshot::channel();
        self.append(message(Box::new(move |result| {
            let _ = sender.send(result);
        })));
        outcome.await.unwrap_or(Err(Refused::Unavailable))
    }

    /// Queues a device's cursors. `done` is called when they are stored.
    pub fn acknowledge(&self, acknowledge: Acknowledge) {
        match self.cursors.try_send(acknowledge) {
            Ok(()) => {}
            Err(
                mpsc::error::TrySendError::Full(item) | mpsc::error::TrySendError::Closed(item),
            ) => (item.done)(Err(Refused::QueueFull.into())),
        }
    }
}

impl Tasks {
    /// Writes what is queued, then ends; gives up after five seconds.
    pub async fn finish(self) {
        self.stop.cancel();
        for handle in self.handles {
            let _ = tokio::time::timeout(Duration::from_secs(5), handle).await;
        }
    }
}

/// A commit that is too large for an event travels as a reference.
pub fn by_reference<M: AsRef<[u8]> + Default>(mut envelope: Envelope<M>) -> Envelope<M> {
    let size = envelope.message.as_ref().len();
    if envelope.kind == EnvelopeKind::Commit && size > limits::COMMIT_EVENT {
        envelope.href = Some(format!(
            "/api/rooms/{}/commits/{}",
            envelope.room_id, envelope.seq
        ));
        envelope.message = M::default();
    }
    envelope
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        refused.into_problem().into()
    }
}
