//! Writes messages in batches: whatever has come in while the last batch was committed is the
//! next one. Alone, a sender waits for nobody; together they share a commit.

use std::time::{Duration, Instant};

use bytes::Bytes;
use protocol::{
    Code, Problem,
    rest::rooms::{Envelope, EnvelopeKind},
    socket::BinaryEnvelope,
};
use sqlx::PgPool;
use time::OffsetDateTime;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::writer::Writer;
use crate::{
    error::{Masked, unavailable},
    store::messages::{Appended, Batch},
};

/// Messages in one batch at most.
const BATCH: usize = 512;
/// Longest time for one batch. The senders repeat; a repeat that was stored after all finds its
/// first result.
const DEADLINE: Duration = Duration::from_secs(10);

/// Called once with what became of a message.
pub type Done = Box<dyn FnOnce(Result<Stored, Refused>) + Send>;

/// An application message on its way into a room's log.
pub struct Append {
    /// The room.
    pub room: Uuid,
    /// Who sends.
    pub user: Uuid,
    /// From which device.
    pub device: Uuid,
    /// For a direct message by person: whose room with the sender it must be.
    pub peer: Option<Uuid>,
    /// The sender's own id; a repeat gets the first result.
    pub client: Uuid,
    /// The epoch that it was sealed in.
    pub epoch: u64,
    /// The MLSMessage.
    pub body: Bytes,
    /// Called once with the outcome.
    pub done: Done,
}

/// A message that is on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The place in the room.
    pub seq: u64,
    /// When it was stored first.
    pub sent_at: OffsetDateTime,
}

/// Why a message was not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The device is not in the room.
    NotAMember,
    /// The room takes no messages any more.
    Closed,
    /// It was sealed in another epoch than the room's.
    StaleEpoch {
        /// The room's epoch.
        epoch: u64,
    },
    /// The room is not the direct room with that person.
    NotThatPair,
    /// Too much is waiting.
    QueueFull,
    /// The database does not answer.
    Unavailable,
}

impl Refused {
    /// As the client sees it.
    pub fn into_problem(self) -> Problem {
        match self {
            Self::NotAMember | Self::NotThatPair => Code::NotAMember.into(),
            Self::Closed => Code::RoomClosed.into(),
            Self::StaleEpoch { epoch } => Problem::new(Code::StaleEpoch)
                .detail("Sync, then seal and send again under the same client_id.")
                .with("epoch", epoch),
            Self::QueueFull => Problem::new(Code::QueueFull)
                .detail("Too many messages are waiting to be stored. Try again in a second.")
                .retry_after(1),
            Self::Unavailable => unavailable(),
        }
    }
}

impl Append {
    pub(super) fn refuse(self, refused: Refused) {
        metrics::counter!("chat_queue_full_total", "queue" => "log").increment(1);
        (self.done)(Err(refused));
    }

    /// What the room's devices get to see of it.
    fn envelope(&self, stored: Stored) -> BinaryEnvelope {
        Envelope {
            room_id: self.room.into(),
            seq: stored.seq,
            epoch: self.epoch,
            kind: EnvelopeKind::Application,
            sender_user: self.user.into(),
            sender_device: self.device.into(),
            client_id: self.client.into(),
            sent_at: stored.sent_at.into(),
            message: self.body.clone().into(),
            href: None,
        }
    }
}

/// A message with its share of the queue's memory.
pub(super) struct Queued {
    pub append: Append,
    pub permit: OwnedSemaphorePermit,
}

/// What became of one message of a batch.
pub(super) struct Outcome {
    pub done: Done,
    pub result: Result<Stored, Refused>,
    /// For the room's devices; `None` for repeats and refusals.
    pub envelope: Option<BinaryEnvelope>,
}

/// Writes batches until `stop`, then what is left.
pub(super) async fn run(
    pool: PgPool,
    mut queue: mpsc::Receiver<Queued>,
    stored: mpsc::Sender<Vec<Outcome>>,
    stop: CancellationToken,
) {
    let mut writer = Writer::new(pool);
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
        metrics::gauge!("chat_queue_depth").set(queue.len() as f64);
        let outcomes = write(&mut writer, batch.drain(..)).await;
        if stored.send(outcomes).await.is_err() {
            return;
        }
        if batch.capacity() > BATCH {
            batch.shrink_to(BATCH);
        }
    }
}

async fn write(writer: &mut Writer, batch: impl Iterator<Item = Queued>) -> Vec<Outcome> {
    let (appends, permits): (Vec<_>, Vec<_>) =
        batch.map(|queued| (queued.append, queued.permit)).unzip();
    let started = Instant::now();
    let columns = columns(&appends);
    let answer = tokio::time::timeout(DEADLINE, writer.append(&columns)).await;
    drop(columns);
    metrics::histogram!("chat_commit_seconds").record(started.elapsed().as_secs_f64());
    metrics::counter!("chat_batches_total").increment(1);
    metrics::counter!("chat_batch_messages_total").increment(appends.len() as u64);
    drop(permits);
    match answer {
        Ok(Ok(answers)) if answers.len() == appends.len() => appends
            .into_iter()
            .zip(answers)
            .map(|(append, answer)| judged(append, answer))
            .collect(),
        failed => {
            match failed {
                Ok(Err(error)) => {
                    tracing::warn!(error = %Masked(&error), messages = appends.len(), "a batch was not stored");
                }
                Ok(Ok(_)) => tracing::error!("append_messages lost an answer"),
                Err(_) => tracing::warn!(messages = appends.len(), "a batch took too long"),
            }
            let refused = |append: Append| Outcome {
                done: append.done,
                result: Err(Refused::Unavailable),
                envelope: None,
            };
            appends.into_iter().map(refused).collect()
        }
    }
}

fn columns(appends: &[Append]) -> Batch<'_> {
    Batch {
        rooms: appends.iter().map(|one| one.room).collect(),
        users: appends.iter().map(|one| one.user).collect(),
        devices: appends.iter().map(|one| one.device).collect(),
        peers: appends.iter().map(|one| one.peer).collect(),
        clients: appends.iter().map(|one| one.client).collect(),
        epochs: appends
            .iter()
            .map(|one| i64::try_from(one.epoch).unwrap_or(-1))
            .collect(),
        bodies: appends.iter().map(|one| &*one.body).collect(),
    }
}

fn judged(append: Append, answer: Appended) -> Outcome {
    let result = match (answer.code, answer.seq, answer.sent_at) {
        (0, Some(seq), Some(sent_at)) => Ok(Stored {
            seq: seq.max(0) as u64,
            sent_at,
        }),
        (2, ..) => Err(Refused::Closed),
        (3, ..) => Err(Refused::StaleEpoch {
            epoch: answer.epoch.unwrap_or(0).max(0) as u64,
        }),
        (4, ..) => Err(Refused::NotThatPair),
        _ => Err(Refused::NotAMember),
    };
    let envelope = result
        .ok()
        .filter(|_| answer.fresh)
        .map(|stored| append.envelope(stored));
    Outcome {
        done: append.done,
        result,
        envelope,
    }
}
