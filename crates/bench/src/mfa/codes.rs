//! TOTP verifications a second over HTTPS with PostgreSQL, connections kept alive.

use std::time::{Duration, Instant};

use futures_util::{StreamExt, TryStreamExt, stream};

use super::service::Service;
use crate::report::{Limit, ROUNDS, Section, milliseconds, percentile};

/// Accounts, and verifications in a round.
const MEMBERS: usize = 6_000;
/// Requests in flight.
const PARALLEL: usize = 64;

/// Each code is right, new and of another account: the service accepts every one.
pub async fn run() -> anyhow::Result<Section> {
    let mut section = Section::new(
        "codes",
        "Time-based codes",
        &format!(
            "An application asks the MFA service over TLS whether codes are right, {PARALLEL} \
             requests in flight on connections that are kept. Each code is right, new, and of one \
             of {MEMBERS} accounts. Service, database and client share two cores."
        ),
    );
    let service = Service::start().await;
    let members = service.members(MEMBERS).await?;
    let (mut rates, mut half, mut most) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let questions = service.questions(&members).await?;
        let started = Instant::now();
        let mut times: Vec<Duration> = stream::iter(&questions)
            .map(|question| service.answer(question))
            .buffer_unordered(PARALLEL)
            .try_collect()
            .await?;
        // The first round warms connections and caches.
        if round > 0 {
            rates.push(MEMBERS as f64 / started.elapsed().as_secs_f64());
            half.push(milliseconds(percentile(&mut times, 0.5)));
            most.push(milliseconds(percentile(&mut times, 0.99)));
        }
    }
    let asked = Some(Limit::AtLeast(3_000.0));
    section.figure("verifications", "/s", &rates, asked);
    section.figure("latency, p50", "ms", &half, None);
    section.figure("latency, p99", "ms", &most, None);
    Ok(section)
}
