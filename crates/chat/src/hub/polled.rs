//! What the requests of polling sessions have taken: each is another request, perhaps on another
//! connection, so that they are counted by session.

use std::{
    collections::HashMap,
    str::FromStr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    body::{Body, HttpBody, to_bytes},
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{Method, StatusCode};
use service::Written;
use socketioxide::socket::Sid;

use super::handshake;
use crate::app::App;

/// Longer than any reply to a handshake.
const HANDSHAKE: usize = 4096;
/// Sessions beyond which those that are gone are forgotten.
const SESSIONS: usize = 1024;

/// What a session has taken, an extension of the request that opened it.
#[derive(Clone, Debug, Default)]
pub struct Polled(Arc<Taken>);

#[derive(Debug, Default)]
struct Taken {
    polled: AtomicU64,
    /// Once it has gone over to a WebSocket: that one, and what its connection had written before.
    upgraded: Mutex<Option<(Written, u64)>>,
}

impl Polled {
    /// Bytes so far.
    pub fn bytes(&self) -> u64 {
        let upgraded = lock(&self.0.upgraded);
        let written = upgraded.as_ref().map_or(0, |(written, before)| {
            written.bytes().saturating_sub(*before)
        });
        self.0.polled.load(Ordering::Relaxed) + written
    }

    fn took(&self, bytes: u64) {
        self.0.polled.fetch_add(bytes, Ordering::Relaxed);
    }

    fn goes_over_to(&self, written: &Written) {
        let before = written.bytes();
        lock(&self.0.upgraded).get_or_insert((written.clone(), before));
    }
}

/// The open polling sessions of this node. A session keeps its own count.
#[derive(Debug, Default)]
pub struct Polls(Mutex<HashMap<Sid, Weak<Taken>>>);

impl Polls {
    fn add(&self, session: Sid, polled: &Polled) {
        let mut sessions = lock(&self.0);
        if sessions.len() >= SESSIONS {
            sessions.retain(|_, taken| taken.strong_count() > 0);
        }
        sessions.insert(session, Arc::downgrade(&polled.0));
    }

    fn find(&self, session: Sid) -> Option<Polled> {
        lock(&self.0).get(&session)?.upgrade().map(Polled)
    }
}

/// The layer around the socket's routes.
pub async fn count(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let polling =
        handshake::value(query, "transport") == Some("polling") && request.method() == Method::GET;
    let session = handshake::value(query, "sid").map(Sid::from_str);
    match session {
        None if polling => {
            let polled = Polled::default();
            request.extensions_mut().insert(polled.clone());
            opened(&app.hub.polls, next.run(request).await, &polled).await
        }
        Some(Ok(session)) => {
            let polled = app.hub.polls.find(session);
            let written = request.extensions().get::<Written>().cloned();
            let response = next.run(request).await;
            match (polled, written) {
                (Some(polled), _) if polling => {
                    polled.took(response.body().size_hint().lower());
                }
                (Some(polled), Some(written))
                    if response.status() == StatusCode::SWITCHING_PROTOCOLS =>
                {
                    polled.goes_over_to(&written);
                }
                _ => {}
            }
            response
        }
        _ => next.run(request).await,
    }
}

/// Learns the session's name from the reply to its handshake.
async fn opened(polls: &Polls, response: Response, polled: &Polled) -> Response {
    let (parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, HANDSHAKE).await else {
        return Response::from_parts(parts, Body::empty());
    };
    if let Some(Ok(session)) = handshake::opened(&bytes).map(Sid::from_str) {
        polls.add(session, polled);
    }
    Response::from_parts(parts, Body::from(bytes))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
