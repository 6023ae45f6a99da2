//! Request bodies that end with an error when nothing arrives for a while, and what becomes of those
//! that nobody reads.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Sleep, sleep, timeout};

/// Most bytes that are read of a body which a handler left alone, so that the connection can go on.
const DISCARDED: usize = 64 * 1024;
/// How long that may take.
const DISCARD_TIME: Duration = Duration::from_secs(1);

/// A body with an idle time-out: a client that stops sending does not hold a handler for ever.
pub struct IdleBody {
    /// There until it is dropped.
    inner: Option<Incoming>,
    idle: Duration,
    deadline: Option<Pin<Box<Sleep>>>,
    rest: Rest,
}

impl IdleBody {
    /// Gives `inner` at most `idle` between two frames; what is not read of it goes to `rest`.
    pub fn new(inner: Incoming, idle: Duration, rest: Rest) -> Self {
        Self {
            inner: Some(inner),
            idle,
            deadline: None,
            rest,
        }
    }
}

impl Drop for IdleBody {
    fn drop(&mut self) {
        if let Some(inner) = self.inner.take().filter(|inner| !inner.is_end_stream()) {
            self.rest.keep(inner);
        }
    }
}

/// What a handler did not read of its request's body.
#[derive(Clone, Default)]
pub struct Rest(Arc<Mutex<Option<Incoming>>>);

impl Rest {
    /// Reads and drops it. `false` when it is too long, or takes too long: then the connection
    /// cannot go on, and has to say so, or the next request on it would meet a closed door.
    pub async fn discard(&self) -> bool {
        let Some(mut body) = self.slot().take() else {
            return true;
        };
        let read = async {
            let mut left = DISCARDED;
            while let Some(frame) = body.frame().await {
                let length = match &frame {
                    Ok(frame) => frame.data_ref().map_or(0, Bytes::len),
                    Err(_) => return false,
                };
                match left.checked_sub(length) {
                    Some(rest) => left = rest,
                    None => return false,
                }
            }
            true
        };
        timeout(DISCARD_TIME, read).await.unwrap_or(false)
    }

    /// Whether something was left.
    pub fn is_empty(&self) -> bool {
        self.slot().is_none()
    }

    fn keep(&self, body: Incoming) {
        *self.slot() = Some(body);
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<Incoming>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a body broke off.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// Nothing arrived for the idle time.
    #[error("the body stalled")]
    Stalled,
    /// The connection broke or the framing is wrong.
    #[error(transparent)]
    Broken(#[from] hyper::Error),
}

impl Body for IdleBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let Some(inner) = &mut self.inner else {
            return Poll::Ready(None);
        };
        if let Poll::Ready(frame) = Pin::new(inner).poll_frame(context) {
            self.deadline = None;
            return Poll::Ready(frame.map(|frame| frame.map_err(BodyError::from)));
        }
        let idle = self.idle;
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(sleep(idle)));
        deadline
            .as_mut()
            .poll(context)
            .map(|()| Some(Err(BodyError::Stalled)))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner
            .as_ref()
            .map_or_else(SizeHint::default, Body::size_hint)
    }
}
