//! Stops asking a service that does not answer, so that callers hear it at once.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long nobody is asked after a failure.
const PAUSE: Duration = Duration::from_secs(1);
/// Time-outs in a row that count as a failure; a refused connection counts at once.
const PATIENCE: u32 = 3;

/// Open after failures, for a moment.
#[derive(Default)]
pub(super) struct Circuit(Mutex<State>);

#[derive(Default)]
struct State {
    failures: u32,
    until: Option<Instant>,
}

impl Circuit {
    /// Whether nobody should be asked now.
    pub(super) fn is_open(&self) -> bool {
        self.state()
            .until
            .is_some_and(|until| Instant::now() < until)
    }

    /// A call got an answer, whatever it says.
    pub(super) fn succeeded(&self) {
        *self.state() = State::default();
    }

    /// A call got none; `refused`: there was no connection at all.
    pub(super) fn failed(&self, refused: bool) {
        let mut state = self.state();
        state.failures += 1;
        if refused || state.failures >= PATIENCE {
            state.until = Some(Instant::now() + PAUSE);
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_refused_connection_or_three_time_outs_open_it_and_an_answer_closes_it() {
        let circuit = Circuit::default();
        circuit.failed(false);
        circuit.failed(false);
        assert!(!circuit.is_open());
        circuit.failed(false);
        assert!(circuit.is_open());
        circuit.succeeded();
        assert!(!circuit.is_open());
        circuit.failed(true);
        assert!(circuit.is_open());
    }
}
