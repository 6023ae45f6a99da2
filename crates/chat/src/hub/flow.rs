//! How much waits for a socket to be read, in bytes.
//!
//! The library in between bounds its queue in packets alone: a thousand of the largest would be
//! 66 MB for one reader that stalls. What we queue is compared with what the connection has taken.
//! We count a little less than what is written (frames and names come on top), so that the estimate
//! starts again from the truth whenever the connection has caught up.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use http::request::Parts;
use service::Written;

use super::polled::Polled;

/// Bytes that may wait for a socket; beyond, it gets the rest from the rows when it has read.
pub const PENDING: u64 = 1024 * 1024;

/// What was queued for a connection and what it has taken.
#[derive(Debug)]
pub struct Flow {
    taken: Taken,
    queued: AtomicU64,
    /// What had been written when it last moved, as seen by [`Flow::stalled`].
    moved: Mutex<(u64, Instant)>,
}

/// Where it is seen how much a socket has taken.
#[derive(Debug)]
enum Taken {
    /// By its own connection.
    Written(Written),
    /// By its polls, and by a WebSocket that it goes over to.
    Polled(Polled),
    /// Nowhere: there is no server around.
    Unknown,
}

impl Taken {
    fn bytes(&self) -> Option<u64> {
        match self {
            Self::Written(written) => Some(written.bytes()),
            Self::Polled(polled) => Some(polled.bytes()),
            Self::Unknown => None,
        }
    }
}

impl Flow {
    /// Of a socket, by the request that opened it.
    pub fn of(parts: &Parts) -> Self {
        let (written, polled) = (parts.extensions.get::<Written>(), parts.extensions.get());
        Self::new(match (polled, written) {
            (Some(polled), _) => Taken::Polled(Polled::clone(polled)),
            (None, Some(written)) => Taken::Written(written.clone()),
            (None, None) => Taken::Unknown,
        })
    }

    fn new(taken: Taken) -> Self {
        let bytes = taken.bytes().unwrap_or(0);
        Self {
            taken,
            queued: AtomicU64::new(bytes),
            moved: Mutex::new((bytes, Instant::now())),
        }
    }

    /// Bytes that wait.
    pub fn pending(&self) -> u64 {
        let taken = self.taken.bytes().unwrap_or(u64::MAX);
        self.queued.load(Ordering::Relaxed).saturating_sub(taken)
    }

    /// Whether so many bytes may be queued; one alone always may.
    pub fn has_room(&self, bytes: usize) -> bool {
        let waiting = self.pending();
        waiting == 0 || waiting + bytes as u64 <= PENDING
    }

    /// Counts bytes that are queued.
    pub fn note(&self, bytes: usize) {
        let Some(taken) = self.taken.bytes() else {
            return;
        };
        let add = |queued: u64| Some(queued.max(taken) + bytes as u64);
        let _ = self
            .queued
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }

    /// How long nothing has been read, as far as the calls of this function have seen.
    pub fn stalled(&self) -> Duration {
        let taken = self.taken.bytes().unwrap_or(0);
        let mut moved = self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        if moved.0 != taken {
            *moved = (taken, Instant::now());
        }
        moved.1.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_megabyte_waits_and_no_more() {
        for taken in [
            Taken::Written(Written::default()),
            Taken::Polled(Polled::default()),
        ] {
            check(&Flow::new(taken));
        }
        let unknown = Flow::new(Taken::Unknown);
        unknown.note(PENDING as usize * 2);
        assert!(unknown.has_room(usize::MAX / 2) && unknown.pending() == 0);
    }

    fn check(flow: &Flow) {
        assert!(flow.has_room(PENDING as usize + 1), "one alone always goes");
        for _ in 0..16 {
            assert!(flow.has_room(PENDING as usize / 16));
            flow.note(PENDING as usize / 16);
        }
        assert_eq!(flow.pending(), PENDING);
        assert!(!flow.has_room(1));
    }
}
