//! Request bodies that end with an error when nothing arrives for a while.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Sleep, sleep};

/// A body with an idle time-out: a client that stops sending does not hold a handler for ever.
pub struct IdleBody {
    inner: Incoming,
    idle: Duration,
    deadline: Option<Pin<Box<Sleep>>>,
}

impl IdleBody {
    /// Gives `inner` at most `idle` between two frames.
    pub fn new(inner: Incoming, idle: Duration) -> Self {
        Self {
            inner,
            idle,
            deadline: None,
        }
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
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(context) {
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
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
