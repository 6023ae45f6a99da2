//! What a flood of logins does to memory and to the checks of codes beside it.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

use anyhow::ensure;
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

/// Codes at a steady pace, first alone, then beside people who come back when they were told to,
/// then beside guessers who do not care.
pub async fn run(report: &mut Report) -> anyhow::Result<()> {
    let service = Service::start().await;
    let members = service.members(CHECKS).await?;
    // Warm, and idle memory after it.
    let questions = service.questions(&members).await?;
    paced(&service, &questions).await?;
    let idle = service.stack.memory();
    let questions = service.questions(&members).await?;
    let quiet = paced(&service, &questions).await?;
    latency(report, "quiet", quiet);
    for (name, patient) in [("storm", true), ("flood", false)] {
        let questions = service.questions(&members).await?;
        let flood = Flood::new(&service, patient);
        let checks = async {
            let times = paced(&service, &questions).await;
            flood.over.store(true, Ordering::Relaxed);
            times
        };
        let (times, logins, peak) = tokio::join!(checks, flood.run(), flood.memory());
        logins?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let grown = peak.saturating_sub(idle) as f64 / 1_048_576.0;
        report.add(
            &format!("{name} of logins, {FLOOD} in flight: memory above idle"),
            format!("{grown:.1} MiB"),
            &format!("hashing cap: {cores} x 19 MiB"),
        );
        let [hashed, refused] =
            [&flood.hashed, &flood.refused].map(|count| count.load(Ordering::Relaxed));
        report.add(
            &format!("{name} of logins: answers"),
            format!("{hashed} hashed, {refused} refused as queue-full"),
            "",
        );
        latency(report, &format!("in the {name}"), times?);
    }
    Ok(())
}

fn latency(report: &mut Report, name: &str, mut times: Vec<Duration>) {
    let [half, most] = [0.5, 0.99].map(|share| percentile(&mut times, share).as_secs_f64() * 1e3);
    report.add(
        &format!("verify at {RATE}/s, {name}, p50 and p99"),
        format!("{half:.1} ms, {most:.1} ms"),
        "",
    );
}

/// Logins with names that nobody has: each costs a hash all the same.
struct Flood<'a> {
    service: &'a Service,
    /// Whether those who are refused come back when they were told to, or at once.
    patient: bool,
    over: AtomicBool,
    hashed: AtomicUsize,
    refused: AtomicUsize,
}

impl<'a> Flood<'a> {
    fn new(service: &'a Service, patient: bool) -> Self {
        Self {
            service,
            patient,
            over: AtomicBool::new(false),
            hashed: AtomicUsize::new(0),
            refused: AtomicUsize::new(0),
        }
    }

    async fn run(&self) -> anyhow::Result<()> {
        let all = (0..FLOOD).map(|one| self.one(one));
        future::try_join_all(all).await.map(drop)
    }

    async fn one(&self, one: usize) -> anyhow::Result<()> {
        let mut number = one;
        while !self.over.load(Ordering::Relaxed) {
            let name = format!("nobody{number}");
            let body = json!({"identifier": name, "password": format!("radium and {number}")});
            let reply = self
                .service
                .post(1_000_000 + number, "/v1/logins", &body)
                .await?;
            if reply.status == 401 {
                self.hashed.fetch_add(1, Ordering::Relaxed);
            } else {
                ensure!(reply.body["code"] == "queue-full", "{:?}", reply.body);
                self.refused.fetch_add(1, Ordering::Relaxed);
                let seconds = reply.body["retry_after"].as_u64().unwrap_or(1);
                if self.patient {
                    sleep(Duration::from_secs(seconds)).await;
                }
            }
            number += FLOOD;
        }
        Ok(())
    }

    /// The most that the service held meanwhile.
    async fn memory(&self) -> u64 {
        let mut peak = 0;
        while !self.over.load(Ordering::Relaxed) {
            peak = peak.max(self.service.stack.memory());
            sleep(Duration::from_millis(20)).await;
        }
        peak
    }
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
