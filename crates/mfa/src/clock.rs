//! The one clock of the service: tests move it, and a clock that went back stops every check.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
    time::Duration,
};

use time::OffsetDateTime;

/// How far the clock may step back (an NTP correction) before the service refuses to judge codes.
const TOLERANCE: i64 = 60_000_000;

/// Tells the time in microseconds, the precision of the database. Clones share one clock.
#[derive(Clone, Default)]
pub struct Clock(Arc<State>);

#[derive(Default)]
struct State {
    /// Added to the system's time, in microseconds.
    offset: AtomicI64,
    /// The newest time that was ever told, in microseconds since 1970.
    newest: AtomicI64,
}

/// The clock is more than a minute behind a time that was told before: codes that were good then
/// could be used a second time.
#[derive(Debug, thiserror::Error)]
#[error("the system's clock went back")]
pub struct WentBack;

impl Clock {
    /// The time now.
    pub fn now(&self) -> Result<OffsetDateTime, WentBack> {
        let system = OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000;
        let now = system as i64 + self.0.offset.load(Relaxed);
        let newest = self.0.newest.fetch_max(now, Relaxed);
        if now < newest - TOLERANCE {
            return Err(WentBack);
        }
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(now) * 1_000).map_err(|_| WentBack)
    }

    /// The newest time that was told, in microseconds since 1970: kept over restarts.
    pub fn newest(&self) -> i64 {
        self.0.newest.load(Relaxed)
    }

    /// Restores what [`newest`](Self::newest) said before a restart.
    pub fn restore(&self, newest: i64) {
        self.0.newest.fetch_max(newest, Relaxed);
    }

    /// Moves the clock forward, for tests.
    pub fn advance(&self, by: Duration) {
        self.0.offset.fetch_add(by.as_micros() as i64, Relaxed);
    }

    /// Moves the clock back, for tests.
    pub fn set_back(&self, by: Duration) {
        self.0.offset.fetch_sub(by.as_micros() as i64, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_15_a_clock_that_went_back_is_refused() {
        let clock = Clock::default();
        let first = clock.now().unwrap();
        clock.advance(Duration::from_secs(600));
        assert!(clock.now().unwrap() - first >= time::Duration::minutes(10));
        clock.set_back(Duration::from_secs(30));
        assert!(clock.now().is_ok(), "a small correction is fine");
        clock.set_back(Duration::from_secs(60));
        assert!(clock.now().is_err());
        clock.advance(Duration::from_secs(60));
        assert!(clock.now().is_ok(), "recovers by itself");
    }

    #[test]
    fn rule_15_the_newest_time_survives_a_restart() {
        let before = Clock::default();
        before.advance(Duration::from_secs(3_600));
        before.now().unwrap();
        let after = Clock::default();
        after.restore(before.newest());
        assert!(after.now().is_err());
    }
}
