//! What a flood of logins does to memory and to the checks of codes beside it.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    time::Duration,
};

use futures_util::{StreamExt, TryStreamExt, future, stream};
use serde_json::json;
use tokio::time::{Instant, sleep, sleep_until};

use super::service::{Question, Service};
use crate::figures::{Report, percentile};

/// Logins in flight.
const FLOOD: usize = 200;
/// Checks of codes a second beside it.
const RATE: u64 = 50;
/// Checks in each part.
const CHECKS: usize = 500;

/// Codes at a steady pace, first alone, then in the flood.
pub async fn run(report: &mut Report) -> anyhow::Result<()> {
    let service = Service::start().await;
    let members = service.members(CHECKS).await?;
    // Warm, and idle memory after it.
    let questions = service.questions(&members).await?;
    paced(&service, &questions).await?;
    let idle = service.stack.memory();
    let questions = service.questions(&members).await?;
    let mut quiet = paced(&service, &questions).await?;

    let questions = service.questions(&members).await?;
    let (over, peak, refused, hashed) = (
        AtomicBool::new(false),
        AtomicU64::new(0),
        AtomicUsize::new(0),
        AtomicUsize::new(0),
    );
    let flood = future::join_all((0..FLOOD).map(|one| {
        let (service, over, refused, hashed) = (&service, &over, &refused, &hashed);
        async move {
            let mut number = one;
            while !over.load(Ordering::Relaxed) {
                // Names that nobody has: each costs a hash all the same.
                let body = json!({"identifier": format!("nobody{number}"), "password": "radium and polonium"});
                let reply = service.post(1_000_000 + number, "/v1/logins", &body).await?;
                match reply.status {
                    401 => hashed.fetch_add(1, Ordering::Relaxed),
                    _ => refused.fetch_add(1, Ordering::Relaxed),
                };
                number += FLOOD;
            }
            anyhow::Ok(())
        }
    }));
    let memory = async {
        while !over.load(Ordering::Relaxed) {
            peak.fetch_max(service.stack.memory(), Ordering::Relaxed);
            sleep(Duration::from_millis(20)).await;
        }
    };
    let checks = async {
        let times = paced(&service, &questions).await;
        over.store(true, Ordering::Relaxed);
        times
    };
    let (flooded, flood, ()) = tokio::join!(checks, flood, memory);
    for done in flood {
        done?;
    }
    let mut flooded = flooded?;

    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let grown = peak.load(Ordering::Relaxed).saturating_sub(idle) as f64 / 1_048_576.0;
    let what = format!("login flood, {FLOOD} in flight: memory above idle");
    let bar = format!("hashing cap: {cores} x 19 MiB");
    report.add(&what, format!("{grown:.1} MiB"), &bar);
    let answered = format!(
        "{} hashed, {} refused as queue-full or limited",
        hashed.into_inner(),
        refused.into_inner()
    );
    report.add("login flood: answers", answered, "");
    for (name, times) in [("quiet", &mut quiet), ("in the flood", &mut flooded)] {
        let [half, most] = [0.5, 0.99].map(|share| percentile(times, share).as_secs_f64() * 1e3);
        report.add(
            &format!("verify at {RATE}/s, {name}, p50 and p99"),
            format!("{half:.1} ms, {most:.1} ms"),
            "",
        );
    }
    Ok(())
}

/// Answers at a fixed pace, whatever the answers take.
async fn paced(service: &Service, questions: &[Question]) -> anyhow::Result<Vec<Duration>> {
    let start = Instant::now();
    stream::iter(questions.iter().zip(0_u64..))
        .map(|(question, place)| async move {
            sleep_until(start + Duration::from_micros(place * 1_000_000 / RATE)).await;
            service.answer(question).await
        })
        .buffer_unordered(questions.len())
        .try_collect()
        .await
}
