//! What clients send and receive, before TLS and behind it: all that servers ever see of them.

use std::sync::{Arc, Mutex, PoisonError};

/// Records once it was told to. Clones record into the same place.
#[derive(Clone, Default)]
pub struct Tap(Arc<Mutex<Option<Vec<Vec<u8>>>>>);

impl Tap {
    /// From now on everything is kept.
    pub fn start(&self) {
        self.pieces().get_or_insert_default();
    }

    /// URLs, headers, bodies and frames, each as a whole.
    pub fn recorded(&self) -> Vec<Vec<u8>> {
        self.pieces().clone().unwrap_or_default()
    }

    pub(crate) fn record(&self, piece: impl AsRef<[u8]>) {
        if let Some(pieces) = &mut *self.pieces() {
            pieces.push(piece.as_ref().to_vec());
        }
    }

    fn pieces(&self) -> std::sync::MutexGuard<'_, Option<Vec<Vec<u8>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
