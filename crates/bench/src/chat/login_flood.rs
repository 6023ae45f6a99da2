//! What people who chat feel of a flood of logins.

use std::{rc::Rc, time::Duration};

use anyhow::ensure;
use serde_json::json;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

use super::{Place, SNUG, rooms_of_ten};
use crate::{
    load::Run,
    mfa::service::Service,
    report::{Limit, Section, milliseconds, percentile},
    snug::World,
    system::{GENERATOR, SERVER, pin_self},
};

/// Messages a second.
const RATE: f64 = 400.0;
/// Logins a second: many times what a core can hash.
const LOGINS: u32 = 100;
/// People who write.
const SENDERS: usize = 20;

/// The second part of bar 8.
pub async fn run(place: &Place) -> anyhow::Result<Section> {
    let mut section = Section::new(
        "login-flood",
        "Chat in a flood of logins",
        &format!(
            "{RATE} messages a second at random times by {SENDERS} people in rooms of 10, first \
             alone, then while {LOGINS} people a second try to log in with names that nobody has, \
             straight at the MFA service: each costs a hash all the same, or is refused while \
             others wait. Chat, MFA service and PostgreSQL share one core."
        ),
    );
    let world = rooms_of_ten().await?;
    // What is started stays where its parent was.
    pin_self(SERVER)?;
    let service = Rc::new(Service::start().await);
    pin_self(GENERATOR)?;
    let (mut quiet, mut flooded, mut times) = (Vec::new(), Vec::new(), Vec::new());
    let (mut hashed, mut refused) = (Vec::new(), Vec::new());
    for round in 0..place.rounds() {
        let length = place.length(10);
        let calm = round_of(place, &world, async { anyhow::Ok((0, 0)) });
        let calm = calm.await?.0;
        let (wild, logins) = round_of(place, &world, flood(&service, round, length)).await?;
        eprintln!("round {round}: p99 {calm:.2} ms, in the flood {wild:.2} ms; {logins:?}");
        quiet.push(calm);
        flooded.push(wild);
        times.push(wild / calm);
        hashed.push(f64::from(logins.0) / length.as_secs_f64());
        refused.push(f64::from(logins.1) / length.as_secs_f64());
    }
    section.figure("acknowledgement p99, quiet", "ms", &quiet, None);
    section.figure("acknowledgement p99, in the flood", "ms", &flooded, None);
    let limit = Some(Limit::AtMost(1.3));
    section.figure("the latter to the former", "times", &times, limit);
    section.figure("logins hashed", "/s", &hashed, None);
    section.figure("logins refused as queue-full", "/s", &refused, None);
    section.note(&place.postgres.description);
    Ok(section)
}

/// The p99 of acknowledgements in milliseconds, and what was done beside.
async fn round_of<T>(
    place: &Place,
    world: &World,
    beside: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<(f64, T)> {
    place.settle(world).await?;
    let running = place.start(SNUG, world).await?;
    let mut fleet = running.fleet(place, world, SENDERS).await?;
    fleet.open(RATE, place.length(2)).await?;
    let (run, done) = tokio::join!(fleet.open(RATE, place.length(10)), beside);
    let mut run: Run = run?;
    place.check(SNUG, &run)?;
    fleet.close().await?;
    Ok((milliseconds(percentile(&mut run.tally.ack, 0.99)), done?))
}

/// Logins at a steady pace; how many were hashed, how many refused for now.
async fn flood(
    service: &Rc<Service>,
    round: usize,
    length: Duration,
) -> anyhow::Result<(u32, u32)> {
    let (started, gap) = (Instant::now(), Duration::from_secs(1) / LOGINS);
    let mut all = JoinSet::new();
    let first = u32::try_from(round)? * 1_000_000;
    for number in (0..).take_while(|number| gap * *number < length) {
        sleep_until(started + gap * number).await;
        let (service, person) = (service.clone(), first + number);
        all.spawn_local(async move {
            let name = format!("nobody{person}");
            let body = json!({"identifier": name, "password": format!("radium and {person}")});
            service.post(person as usize, "/v1/logins", &body).await
        });
    }
    let (mut hashed, mut refused) = (0, 0);
    while let Some(reply) = all.join_next().await {
        match reply??.status {
            401 => hashed += 1,
            503 => refused += 1,
            other => ensure!(false, "a login was answered by {other}"),
        }
    }
    Ok((hashed, refused))
}
