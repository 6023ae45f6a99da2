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
use crate::report::{Section, mebibytes, milliseconds, percentile};

/// Logins in flight.
const FLOOD: usize = 200;
/// Checks of codes a second beside it.
const RATE: u64 = 50;
/// Checks in each part.
const CHECKS: usize = 500;

/// Codes at a steady pace, first alone, then beside people who come back when they were told to,
/// then beside guessers who do not care.
pub async fn run() -> anyhow::Result<Section> {
    let mut section = Section::new(
        "flood",
        "A flood of logins",
        &format!(
            "{RATE} codes a second are checked, {CHECKS} in each part: first alone, then while \
             {FLOOD} people log in who come back when they were told to (the storm), then while \
             {FLOOD} guessers log in who come back at once (the flood). Logins are for names that \
             nobody has: each costs a hash all the same. Service, database and client share two \
             cores."
        ),
    );
    let service = Service::start().await;
    let members = service.members(CHECKS).await?;
    // Warm, and idle memory after it.
    let questions = service.questions(&members).await?;
    paced(&service, &questions).await?;
    let idle = service.stack.memory();
    let questions = service.questions(&members).await?;
    let quiet = paced(&service, &questions).await?;
    latency(&mut section, "quiet", quiet);
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
        let grown = mebibytes(peak.saturating_sub(idle));
        let what = format!("memory above idle in the {name}, hashing and connections");
        section.figure(&what, "MiB", &[grown], None);
        for (what, count) in [
            ("hashed", &flood.hashed),
            ("refused as queue-full", &flood.refused),
        ] {
            let count = count.load(Ordering::Relaxed) as f64;
            section.figure(&format!("logins in the {name}, {what}"), "", &[count], None);
        }
        latency(&mut section, &format!("in the {name}"), times?);
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    section.note(&format!(
        "Hashing holds at most {cores} x 19 MiB of that memory: one hash a core."
    ));
    Ok(section)
}

fn latency(section: &mut Section, name: &str, mut times: Vec<Duration>) {
    for (rank, share) in [("p50", 0.5), ("p99", 0.99)] {
        let what = format!("check of a code at {RATE}/s, {name}, {rank}");
        let time = milliseconds(percentile(&mut times, share));
        section.figure(&what, "ms", &[time], None);
    }
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
