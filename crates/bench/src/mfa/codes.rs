//! TOTP verifications a second over HTTPS with PostgreSQL, connections kept alive.

use std::time::{Duration, Instant};

use futures_util::{StreamExt, TryStreamExt, stream};

use super::service::Service;
use crate::figures::{ROUNDS, Report, percentile, spread};

/// Accounts, and verifications in a round.
const MEMBERS: usize = 6_000;
/// Requests in flight.
const PARALLEL: usize = 64;

/// Each code is right, new and of another account: the service accepts every one.
pub async fn run(report: &mut Report) -> anyhow::Result<()> {
    let service = Service::start().await;
    let members = service.members(MEMBERS).await?;
    let (mut rates, mut all) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let questions = service.questions(&members).await?;
        let started = Instant::now();
        let times: Vec<Duration> = stream::iter(&questions)
            .map(|question| service.answer(question))
            .buffer_unordered(PARALLEL)
            .try_collect()
            .await?;
        // The first round warms connections and caches.
        if round > 0 {
            rates.push(MEMBERS as f64 / started.elapsed().as_secs_f64());
            all.extend(times);
        }
    }
    let what = format!(
        "TOTP verifications a second, {PARALLEL} in flight, server and client on two cores"
    );
    report.add(&what, spread(&rates, "/s"), "at least 3,000/s");
    let [half, most] = [0.5, 0.99].map(|share| percentile(&mut all, share).as_secs_f64() * 1e3);
    report.add(
        "their latency, p50 and p99",
        format!("{half:.1} ms, {most:.1} ms"),
        "",
    );
    Ok(())
}
