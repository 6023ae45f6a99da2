//! Answers with time-based codes share commits: whatever came in while the last batch was written
//! is the next one. Alone, an answer waits for nobody.

use protocol::Code;
use service::{Problem, database::Masked};
use sqlx::PgPool;
use time::OffsetDateTime;
use tokio::sync::{mpsc, oneshot};

use crate::{
    budget::{Guess, MOST},
    error::{Error, Result, is_outage},
    store::settlements::{self, Answer, Budget, Outcome},
};

/// Answers in one batch at most.
const BATCH: usize = 128;
/// Answers that wait at most; more are refused with 503 `queue-full`.
const WAITING: usize = 1024;

/// Where answers wait for the next batch. The task behind it ends with the last handle.
#[derive(Clone, Debug)]
pub struct Settler(mpsc::Sender<Waiting>);

#[derive(Debug)]
struct Waiting {
    answer: Answer,
    now: OffsetDateTime,
    done: oneshot::Sender<Option<Outcome>>,
}

impl Settler {
    /// Starts the task that writes the batches.
    pub fn start(pool: PgPool) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        tokio::spawn(run(pool, receiver));
        Self(sender)
    }

    /// Judges an answer: charged, accepted once and written down when this returns.
    ///
    /// # Errors
    /// 503 `queue-full` when too many wait, `unavailable` when the database does not answer.
    pub async fn settle(&self, answer: Answer, now: OffsetDateTime) -> Result<Outcome> {
        let (done, outcome) = oneshot::channel();
        let waiting = Waiting { answer, now, done };
        self.0.try_send(waiting).map_err(|_| {
            Problem::new(Code::QueueFull)
                .detail("Too many codes are being checked at this moment. Try again in a second.")
                .retry_after(1)
        })?;
        match outcome.await {
            Ok(Some(outcome)) => Ok(outcome),
            _ => Err(Error::from(Code::Unavailable)),
        }
    }
}

async fn run(pool: PgPool, mut queue: mpsc::Receiver<Waiting>) {
    let budget = Budget {
        free: Guess::Totp.free(),
        most: MOST,
    };
    let mut batch = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut batch, BATCH).await > 0 {
        // The latest of them: a step or a lock must not be judged by an older time than another.
        let Some(now) = batch.iter().map(|one| one.now).max() else {
            continue;
        };
        let answers: Vec<_> = batch.iter().map(|one| one.answer.clone()).collect();
        let outcomes = settlements::settle(&pool, &answers, budget, now).await;
        metrics::histogram!("mfa_settled_batch").record(answers.len() as f64);
        if let Err(error) = &outcomes {
            let (error, outage) = (Masked(error), is_outage(error));
            tracing::warn!(%error, outage, answers = answers.len(), "codes were not judged");
        }
        let mut outcomes = outcomes.unwrap_or_default().into_iter();
        for waiting in batch.drain(..) {
            // Nobody waits any more when the request was given up; what was settled stays.
            let _ = waiting.done.send(outcomes.next());
        }
    }
}
