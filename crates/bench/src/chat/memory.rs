//! What a connected user costs in memory.

use std::time::Duration;

use tokio::time::sleep;

use super::{NODE, Place, SENDERS, SNUG, crowd, named};
use crate::report::{Bar, Limit, Section, mebibytes};

/// After connecting and before memory is read: what was freed goes back.
const CALM: Duration = Duration::from_secs(5);
/// How long after a burst memory is read.
const LATER: Duration = Duration::from_secs(60);

/// Bar 5.
pub async fn run(place: &Place) -> anyhow::Result<Section> {
    let world = crowd(place).await?;
    let count = world.count() as f64;
    let mut section = Section::new(
        "memory",
        "Memory of connected users",
        "5,000 idle users through TLS, each in a room of 10: chat and gateway, beside Node behind \
         nginx. The proportional set size of all processes, five seconds after the last one came; \
         PostgreSQL is not in it.",
    );
    let sides = [SNUG, NODE];
    let (mut each, mut all) = ([vec![], vec![]], [vec![], vec![]]);
    let (mut idle, mut later) = (Vec::new(), Vec::new());
    for round in 0..place.rounds() {
        for (index, side) in sides.iter().enumerate() {
            let running = place.start_with_tls(*side, &world).await?;
            let before = running.memory()?;
            let mut fleet = running.fleet(place, &world, SENDERS).await?;
            sleep(place.pause(CALM)).await;
            let after = running.memory()?;
            each[index].push((after.saturating_sub(before)) as f64 / count / 1024.0);
            all[index].push(after as f64 / count / 1024.0);
            eprintln!(
                "round {round}, {}: {:.0} MiB, then {:.0}",
                side.name(),
                mebibytes(before),
                mebibytes(after)
            );
            if *side == SNUG && round == 0 {
                let run = fleet.closed(place.length(10)).await?;
                place.check_counts(*side, &run)?;
                sleep(place.pause(LATER)).await;
                idle.push(mebibytes(after));
                later.push(mebibytes(running.memory()?));
            }
            fleet.close().await?;
        }
    }
    let bar = [Bar::AtMost {
        times: 1.0,
        of: NODE.name(),
    }];
    section.compare(
        "memory that a user adds",
        "KiB",
        &named(&sides, &each),
        &bar,
    );
    section.compare("memory in all, a user", "KiB", &named(&sides, &all), &bar);
    let ratio: Vec<f64> = later
        .iter()
        .zip(&idle)
        .map(|(later, idle)| later / idle)
        .collect();
    section.figure(
        "a minute after 64 of them sent all they could for 10 s, to before",
        "times",
        &ratio,
        Some(Limit::AtMost(2.0)),
    );
    Ok(section)
}
