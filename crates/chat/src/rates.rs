//! Rate limits in memory: one number a key, by the generic cell rate algorithm.

use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use protocol::{Code, Problem};
use service::config::Rate;
use uuid::Uuid;

use crate::{config::Config, error::Result};

/// Every limit of this server.
pub struct Rates {
    /// Requests per client address.
    pub address: Limit<IpAddr>,
    /// Sign-ups per client address.
    pub signup: Limit<IpAddr>,
    /// Key package claims per person.
    pub claim: Limit<Uuid>,
    /// Friend requests per person.
    pub requests: Limit<Uuid>,
    /// User searches per person.
    pub search: Limit<Uuid>,
}

impl Rates {
    /// As configured.
    pub fn new(config: &Config) -> Self {
        Self {
            address: Limit::new(config.rate_limit_address),
            signup: Limit::new(config.rate_limit_signup),
            claim: Limit::new(config.rate_limit_claim),
            requests: Limit::new(config.rate_limit_requests),
            search: Limit::new(config.rate_limit_search),
        }
    }
}

/// So many events in so long for each key; all of them may come at once.
pub struct Limit<K> {
    period: Duration,
    step: Duration,
    /// When each key's budget is whole again.
    whole: Mutex<HashMap<K, Instant>>,
}

/// Keys beyond which those with a whole budget are forgotten.
const KEYS: usize = 10_000;

impl<K: Eq + Hash> Limit<K> {
    fn new(rate: Rate) -> Self {
        let step = rate.period / rate.count.max(1);
        Self {
            period: rate.period,
            step,
            whole: Mutex::default(),
        }
    }

    /// Takes one event of the key's budget.
    ///
    /// # Errors
    /// 429 `rate-limited` with the seconds to wait.
    pub fn take(&self, key: K, now: Instant) -> Result<()> {
        let mut whole = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        if whole.len() >= KEYS {
            whole.retain(|_, until| *until > now);
        }
        let until = whole
            .get(&key)
            .copied()
            .filter(|until| *until > now)
            .unwrap_or(now);
        let next = until + self.step;
        let over = (next - now).saturating_sub(self.period);
        if over > Duration::ZERO {
            let seconds = over.as_secs() + 1;
            return Err(Problem::new(Code::RateLimited)
                .detail(format!("Please try again in {seconds} s."))
                .retry_after(seconds)
                .into());
        }
        whole.insert(key, next);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_spent_and_grows_back() {
        let limit = Limit::new("3 per minute".parse().unwrap());
        let start = Instant::now();
        for _ in 0..3 {
            limit.take(1, start).unwrap();
        }
        let problem = limit.take(1, start).unwrap_err().into_problem();
        assert_eq!(problem.code, Code::RateLimited);
        assert_eq!(problem.retry_after, Some(21));
        limit.take(2, start).unwrap();
        limit.take(1, start + Duration::from_secs(20)).unwrap();
        assert!(limit.take(1, start + Duration::from_secs(21)).is_err());
    }
}
