//! A request's body that can be had back as long as nobody has read from it: what was not sent can
//! be sent to another server.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use axum::{Error, body::Body};
use bytes::Bytes;
use hyper::body::{Body as _, Frame, SizeHint};

/// Where an unread body lies between two tries.
#[derive(Clone)]
pub(super) struct Held {
    body: Arc<Mutex<Option<Body>>>,
    empty: bool,
}

impl Held {
    pub(super) fn new(body: Body) -> Self {
        Self {
            empty: body.is_end_stream(),
            body: Arc::new(Mutex::new(Some(body))),
        }
    }

    /// Whether there is nothing to send: then it can be sent as often as one likes.
    pub(super) fn is_empty(&self) -> bool {
        self.empty
    }

    /// Whether nobody has read from it yet.
    pub(super) fn is_whole(&self) -> bool {
        self.empty || self.with(|body| body.is_some())
    }

    /// A body to send that takes this one at its first read.
    pub(super) fn lend(&self) -> Body {
        if self.empty {
            return Body::empty();
        }
        Body::new(Lent {
            size: self.with(|body| body.as_ref().map(Body::size_hint).unwrap_or_default()),
            held: self.clone(),
            taken: None,
        })
    }

    fn with<T>(&self, look: impl FnOnce(&mut Option<Body>) -> T) -> T {
        look(&mut self.body.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Lent {
    held: Held,
    taken: Option<Body>,
    size: SizeHint,
}

impl hyper::body::Body for Lent {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if self.taken.is_none() {
            self.taken = self.held.with(Option::take);
        }
        match &mut self.taken {
            Some(body) => Pin::new(body).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.taken.as_ref().is_some_and(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        match &self.taken {
            Some(body) => body.size_hint(),
            None => self.size,
        }
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn a_body_is_whole_until_it_is_read() {
        let held = Held::new(Body::from("all of it"));
        assert!(!held.is_empty());
        drop(held.lend());
        assert!(held.is_whole());
        assert_eq!(held.lend().size_hint().exact(), Some(9));
        let sent = held.lend().collect().await.unwrap().to_bytes();
        assert_eq!(&sent[..], b"all of it");
        assert!(!held.is_whole());
    }

    #[tokio::test]
    async fn nothing_is_always_whole() {
        let held = Held::new(Body::empty());
        assert!(held.is_empty());
        let sent = held.lend().collect().await.unwrap().to_bytes();
        assert!(sent.is_empty() && held.is_whole());
    }
}
