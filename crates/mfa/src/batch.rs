//! Work that shares round trips to the database: whatever came in while the last batch was on its
//! way is the next one. Alone, a request waits for nobody.

use std::future::Future;

use protocol::Code;
use service::{Problem, database::Masked};
use tokio::sync::{mpsc, oneshot};

use crate::error::{Error, Result, is_outage};

/// Requests in one batch at most.
const MOST: usize = 128;
/// Requests that wait at most; more are refused with 503 `queue-full`.
const WAITING: usize = 1024;

/// Where requests wait for the next batch. The task behind it ends with the last handle.
#[derive(Debug)]
pub struct Batcher<In, Out>(mpsc::Sender<Waiting<In, Out>>);

#[derive(Debug)]
struct Waiting<In, Out> {
    request: In,
    done: oneshot::Sender<Option<Out>>,
}

impl<In: Send + 'static, Out: Send + 'static> Batcher<In, Out> {
    /// Starts the task. `work` answers a batch in its order, or fails for all of it; `name` is in
    /// the metrics and the log.
    pub fn start<F, W>(name: &'static str, work: F) -> Self
    where
        F: Fn(Vec<In>) -> W + Send + 'static,
        W: Future<Output = sqlx::Result<Vec<Out>>> + Send + 'static,
    {
        let (sender, receiver) = mpsc::channel(WAITING);
        tokio::spawn(run(name, receiver, work));
        Self(sender)
    }

    /// Puts a request into the next batch; what it asked for is done when this returns.
    ///
    /// # Errors
    /// 503 `queue-full` when too many wait, `unavailable` when the batch failed.
    pub async fn ask(&self, request: In) -> Result<Out> {
        let (done, answer) = oneshot::channel();
        self.0.try_send(Waiting { request, done }).map_err(|_| {
            Problem::new(Code::QueueFull)
                .detail("Too many requests wait at this moment. Try again in a second.")
                .retry_after(1)
        })?;
        match answer.await {
            Ok(Some(answer)) => Ok(answer),
            _ => Err(Error::from(Code::Unavailable)),
        }
    }
}

async fn run<In, Out, F, W>(
    name: &'static str,
    mut queue: mpsc::Receiver<Waiting<In, Out>>,
    work: F,
) where
    F: Fn(Vec<In>) -> W,
    W: Future<Output = sqlx::Result<Vec<Out>>>,
{
    let mut batch = Vec::with_capacity(MOST);
    while queue.recv_many(&mut batch, MOST).await > 0 {
        let (requests, waiting): (Vec<_>, Vec<_>) = batch
            .drain(..)
            .map(|Waiting { request, done }| (request, done))
            .unzip();
        metrics::histogram!("mfa_batch_size", "of" => name).record(requests.len() as f64);
        let answers = work(requests).await.unwrap_or_else(|error| {
            let (error, outage) = (Masked(&error), is_outage(&error));
            tracing::warn!(%error, outage, of = name, requests = waiting.len(), "a batch failed");
            Vec::new()
        });
        let mut answers = answers.into_iter();
        for done in waiting {
            // Nobody waits any more when the request was given up; what was done stays.
            let _ = done.send(answers.next());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::future::join_all;
    use http::StatusCode;
    use tokio::sync::{Mutex, Semaphore};

    use super::*;

    fn status(error: Error) -> StatusCode {
        axum::response::IntoResponse::into_response(error).status()
    }

    #[tokio::test]
    async fn what_waits_while_a_batch_runs_is_the_next_one() {
        let (gate, sizes) = (
            Arc::new(Semaphore::new(0)),
            Arc::new(Mutex::new(Vec::new())),
        );
        let (held, seen) = (gate.clone(), sizes.clone());
        let batcher = Batcher::start("test", move |batch: Vec<usize>| {
            let (held, seen) = (held.clone(), seen.clone());
            async move {
                held.acquire().await.unwrap().forget();
                seen.lock().await.push(batch.len());
                Ok(batch.into_iter().map(|number| number * 2).collect())
            }
        });
        let all = join_all((0..MOST + 2).map(|number| batcher.ask(number)));
        let release = async {
            // The first waits for nobody; the rest fills a batch and one more.
            tokio::task::yield_now().await;
            gate.add_permits(10);
        };
        let (answers, ()) = tokio::join!(all, release);
        for (number, answer) in answers.into_iter().enumerate() {
            assert_eq!(answer.unwrap(), number * 2);
        }
        let sizes = sizes.lock().await.clone();
        assert_eq!(sizes.iter().sum::<usize>(), MOST + 2);
        assert!(sizes.iter().all(|size| *size <= MOST), "{sizes:?}");
        assert!(sizes.len() <= 3, "{sizes:?}");
    }

    #[tokio::test]
    async fn a_failed_batch_answers_unavailable_and_the_next_one_is_tried() {
        let batcher = Batcher::start("test", |batch: Vec<bool>| async move {
            if batch.contains(&false) {
                return Err(sqlx::Error::PoolTimedOut);
            }
            Ok(batch)
        });
        let refused = batcher.ask(false).await.unwrap_err();
        assert_eq!(status(refused), StatusCode::SERVICE_UNAVAILABLE);
        assert!(batcher.ask(true).await.unwrap());
    }

    #[tokio::test]
    async fn too_many_are_refused_and_told_when_to_come_back() {
        let gate = Arc::new(Semaphore::new(0));
        let held = gate.clone();
        let batcher = Batcher::start("test", move |batch: Vec<()>| {
            let held = held.clone();
            async move {
                held.acquire().await.unwrap().forget();
                Ok(batch)
            }
        });
        // One batch is on its way at most when the queue is full.
        let all = join_all((0..WAITING + MOST + 1).map(|_| batcher.ask(())));
        let release = async {
            tokio::task::yield_now().await;
            gate.add_permits(100);
        };
        let (answers, ()) = tokio::join!(all, release);
        let refused: Vec<_> = answers.into_iter().filter_map(Result::err).collect();
        assert!(!refused.is_empty() && refused.len() <= MOST + 1);
        for error in refused {
            assert_eq!(status(error), StatusCode::SERVICE_UNAVAILABLE);
        }
    }
}
