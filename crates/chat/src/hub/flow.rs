//! How much waits for a socket to be read, in bytes.
//!
//! The library in between bounds its queue in packets alone: a thousand of the largest would be
//! 66 MB for one reader that stalls. What we queue is compared with what the connection has taken.
//! We count a little less than what is written (frames and names come on top), so that the estimate
//! starts again from the truth whenever the connection has caught up.

use std::sync::atomic::{AtomicU64, Ordering};

use http::request::Parts;
use service::Written;

/// Bytes that may wait for a socket; beyond, it is closed and resumes by its cursors.
pub const PENDING: u64 = 1024 * 1024;

/// What was queued for a connection and what it has taken.
#[derive(Debug)]
pub struct Flow {
    /// `None` for long polling, whose replies go over connections that others share.
    written: Option<Written>,
    queued: AtomicU64,
}

impl Flow {
    /// Of a socket, by the request that opened it.
    pub fn of(parts: &Parts) -> Self {
        let query = parts.uri.query().unwrap_or_default();
        let direct = query.split('&').any(|pair| pair == "transport=websocket");
        Self::new(
            parts
                .extensions
                .get::<Written>()
                .filter(|_| direct)
                .cloned(),
        )
    }

    fn new(written: Option<Written>) -> Self {
        let queued = written.as_ref().map_or(0, Written::bytes);
        Self {
            written,
            queued: AtomicU64::new(queued),
        }
    }

    /// Bytes that wait.
    pub fn pending(&self) -> u64 {
        let written = self.written.as_ref().map_or(u64::MAX, Written::bytes);
        self.queued.load(Ordering::Relaxed).saturating_sub(written)
    }

    /// Takes place for so many bytes; `false` when too many wait already.
    pub fn take(&self, bytes: usize) -> bool {
        let waiting = self.pending();
        if waiting > 0 && waiting + bytes as u64 > PENDING {
            return false;
        }
        self.note(bytes);
        true
    }

    /// Counts bytes that are queued whatever waits.
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_megabyte_waits_and_no_more() {
        let flow = Flow::new(Some(Written::default()));
        assert!(flow.take(PENDING as usize + 1), "one alone always goes");
        assert!(!flow.take(1));
        let flow = Flow::new(Some(Written::default()));
        for _ in 0..16 {
            assert!(flow.take(PENDING as usize / 16));
        }
        assert_eq!(flow.pending(), PENDING);
        assert!(!flow.take(1));
        let polling = Flow::new(None);
        assert!(polling.take(usize::MAX / 2) && polling.pending() == 0);
    }
}
