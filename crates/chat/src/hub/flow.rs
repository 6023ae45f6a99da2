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

/// Bytes that may wait for a socket; beyond, it gets the rest from the rows when it has read.
pub const PENDING: u64 = 1024 * 1024;

/// What was queued for a connection and what it has taken.
#[derive(Debug)]
pub struct Flow {
    /// `None` for long polling, whose replies go over connections that others share.
    written: Option<Written>,
    queued: AtomicU64,
    /// What had been written when it last moved, as seen by [`Flow::stalled`].
    moved: Mutex<(u64, Instant)>,
}

impl Flow {
    /// Of a socket, by the request that opened it.
    pub fn of(parts: &Parts) -> Self {
        let query = parts.uri.query().unwrap_or_default();
        let direct = query.split('&').any(|pair| pair == "transport=websocket");
        let written = parts.extensions.get::<Written>();
        Self::new(written.filter(|_| direct).cloned())
    }

    fn new(written: Option<Written>) -> Self {
        let taken = written.as_ref().map_or(0, Written::bytes);
        Self {
            written,
            queued: AtomicU64::new(taken),
            moved: Mutex::new((taken, Instant::now())),
        }
    }

    /// Bytes that wait.
    pub fn pending(&self) -> u64 {
        let written = self.written.as_ref().map_or(u64::MAX, Written::bytes);
        self.queued.load(Ordering::Relaxed).saturating_sub(written)
    }

    /// Whether so many bytes may be queued; one alone always may.
    pub fn has_room(&self, bytes: usize) -> bool {
        let waiting = self.pending();
        waiting == 0 || waiting + bytes as u64 <= PENDING
    }

    /// Counts bytes that are queued.
    pub fn note(&self, bytes: usize) {
        let Some(written) = &self.written else {
            return;
        };
        let written = written.bytes();
        let add = |queued: u64| Some(queued.max(written) + bytes as u64);
        let _ = self
            .queued
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }

    /// How long nothing has been read, as far as the calls of this function have seen.
    pub fn stalled(&self) -> Duration {
        let written = self.written.as_ref().map_or(0, Written::bytes);
        let mut moved = self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        if moved.0 != written {
            *moved = (written, Instant::now());
        }
        moved.1.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_megabyte_waits_and_no_more() {
        let flow = Flow::new(Some(Written::default()));
        assert!(flow.has_room(PENDING as usize + 1), "one alone always goes");
        for _ in 0..16 {
            assert!(flow.has_room(PENDING as usize / 16));
            flow.note(PENDING as usize / 16);
        }
        assert_eq!(flow.pending(), PENDING);
        assert!(!flow.has_room(1));
        let polling = Flow::new(None);
        polling.note(PENDING as usize * 2);
        assert!(polling.has_room(usize::MAX / 2) && polling.pending() == 0);
    }
}
