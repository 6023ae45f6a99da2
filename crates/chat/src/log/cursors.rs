//! Stores how far devices have come, many at once and the highest alone, and tells those who wrote
//! what arrived.

use std::{collections::HashMap, time::Duration};

use protocol::{Code, Problem, socket::server};
use sqlx::PgPool;
use tokio::{
    sync::mpsc,
    time::{Instant, timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::receipts::{self, Progress};
use crate::{
    cluster::Cluster,
    error::{Error, Result, unavailable},
    store::marks::{self, Advanced},
};

const BATCH: usize = 256;
const DEADLINE: Duration = Duration::from_secs(10);
/// From the start of one lot to that of the next: what a thousand devices of a room tell within it
/// is a few transactions and not a thousand. Longer, and each would hold up messages by what it
/// frees. The first after a pause does not wait.
const PACE: Duration = Duration::from_millis(10);

/// What a device has made durable, and who waits for the answer.
pub struct Acknowledge {
    /// The device.
    pub device: Uuid,
    /// The highest place in each room.
    pub cursors: Vec<(Uuid, u64)>,
    /// Called once: 403 `not-a-member` or 422 `cursor-ahead` when one of the rooms is refused; the
    /// others are stored all the same.
    pub done: Box<dyn FnOnce(Result<()>) + Send>,
}

/// Stores what has come in while the last lot was stored, until `stop`, then what is left.
pub(super) async fn run(
    pool: PgPool,
    cluster: Cluster,
    mut queue: mpsc::Receiver<Acknowledge>,
    stop: CancellationToken,
) {
    let mut batch = Vec::new();
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
        let next = Instant::now() + PACE;
        store(&pool, &cluster, std::mem::take(&mut batch)).await;
        if queue.len() < BATCH {
            let _ = timeout_at(next, stop.cancelled()).await;
        }
    }
}

async fn store(pool: &PgPool, cluster: &Cluster, batch: Vec<Acknowledge>) {
    let mut highest: HashMap<(Uuid, Uuid), i64> = HashMap::new();
    for item in &batch {
        for (room, seq) in &item.cursors {
            let seq = i64::try_from(*seq).unwrap_or(i64::MAX);
            let known = highest.entry((*room, item.device)).or_insert(seq);
            *known = seq.max(*known);
        }
    }
    let keys: Vec<_> = highest.iter().map(|(key, seq)| (*key, *seq)).collect();
    let rooms: Vec<_> = keys.iter().map(|((room, _), _)| *room).collect();
    let devices: Vec<_> = keys.iter().map(|((_, device), _)| *device).collect();
    let seqs: Vec<_> = keys.iter().map(|(_, seq)| *seq).collect();
    let advanced = marks::advance(pool, &rooms, &devices, &seqs);
    let answers: HashMap<(Uuid, Uuid), Advanced> = match timeout(DEADLINE, advanced).await {
        Ok(Ok(answers)) => keys.iter().map(|(key, _)| *key).zip(answers).collect(),
        failed => {
            let problem = match failed {
                Ok(Err(error)) => Error::from(error).into_problem(),
                _ => unavailable(),
            };
            for item in batch {
                (item.done)(Err(problem.clone().into()));
            }
            return;
        }
    };
    let further = |(key, seq): &((Uuid, Uuid), i64)| {
        let answer = answers.get(key)?;
        Some(Progress {
            room: key.0,
            user: answer.user_id?,
            low: answer.low?,
            high: *seq,
        })
    };
    let progress: Vec<Progress> = keys.iter().filter_map(further).collect();
    for item in batch {
        let refused = item.cursors.iter().find_map(|(room, _)| {
            match answers
                .get(&(*room, item.device))
                .map_or(1, |answer| answer.code)
            {
                0 => None,
                2 => Some(Problem::new(Code::CursorAhead).with("room_id", room)),
                _ => Some(Problem::new(Code::NotAMember).with("room_id", room)),
            }
        });
        (item.done)(refused.map_or(Ok(()), |problem| Err(problem.into())));
    }
    receipts::tell(pool, cluster, server::DELIVERED, &progress).await;
}
