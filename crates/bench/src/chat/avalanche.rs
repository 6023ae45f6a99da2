//! Everybody is cut off at once and comes back.

use std::{collections::HashMap, time::Instant};

use anyhow::ensure;

use super::{NODE, Place, SNUG, Side, crowd, named};
use crate::{
    load::Fleet,
    report::{Bar, Section},
    snug::World,
    system::{Usage, cpu_of_self},
};

/// What the servers' core was used for, in microseconds a user.
const SHARES: [&str; 3] = [
    "CPU a user of what ends TLS: gateway, or nginx",
    "CPU a user of the server",
    "CPU a user of PostgreSQL",
];

/// What was done because of these figures, on the machine of that day.
const CHANGE: [&str; 3] = [
    "who comes back asks by an index whether somebody has to be removed, and for rooms by their keys; \
     joined, each of them read every member of every room until the tables were analysed",
    "16.1 s, PostgreSQL 1,320 µs a user",
    "9.75 s, PostgreSQL 386 µs a user",
];
/// Messages that everybody has missed.
const MISSED: usize = 5;
/// Connections that are opened at once.
const AT_ONCE: usize = 256;

/// Bar 6.
pub async fn run(place: &Place) -> anyhow::Result<Section> {
    let mut section = Section::new(
        "avalanche",
        "Reconnect avalanche",
        "5,000 users in rooms of 10 behind TLS lose their connections at the same moment and come \
         back at once, 256 handshakes at a time, without resuming TLS; each has missed 5 messages. \
         The time until the last one is caught up.",
    );
    let sides = [SNUG, NODE];
    let (mut times, mut generator) = ([vec![], vec![]], [vec![], vec![]]);
    let mut shares = SHARES.map(|_| [vec![], vec![]]);
    for round in 0..place.rounds() {
        for (index, side) in sides.iter().enumerate() {
            // A world for each: nothing of the round before is caught up.
            let world = crowd(place).await?;
            let back = come_back(place, &world, *side).await?;
            eprintln!(
                "round {round}, {}: {:.2} s, generator {:.0} %, servers {:.0?} µs a user",
                side.name(),
                back.time,
                back.generator * 100.0,
                back.shares
            );
            times[index].push(back.time);
            generator[index].push(back.generator * 100.0);
            for (share, value) in shares.iter_mut().zip(back.shares) {
                share[index].push(value);
            }
        }
    }
    section.compare(
        "until all are back and caught up",
        "s",
        &named(&sides, &times),
        &[Bar::AtMost {
            times: 0.5,
            of: NODE.name(),
        }],
    );
    for (what, values) in SHARES.into_iter().zip(&shares) {
        section.compare(what, "µs", &named(&sides, values), &[]);
    }
    section.compare(
        "the generator's own core, used",
        "%",
        &named(&sides, &generator),
        &[],
    );
    let [what, before, after] = CHANGE;
    section.change(what, before, after);
    Ok(section)
}

/// How one side came back.
struct Back {
    /// Seconds until the last user was.
    time: f64,
    /// Of the generator's core.
    generator: f64,
    /// As [`SHARES`] names them.
    shares: [f64; 3],
}

async fn come_back(place: &Place, world: &World, side: Side) -> anyhow::Result<Back> {
    place.settle(world).await?;
    let running = place.start_with_tls(side, world).await?;
    let rooms = world.room_ids().count();
    // Nobody tells that they have it, so that all of it can be missed.
    let mut seats = running.seats(world, rooms);
    seats.iter_mut().for_each(|seat| seat.tells = false);
    let mut fleet = Fleet::connect(&running.target(place), seats).await?;
    for _ in 0..MISSED {
        let run = fleet.once().await?;
        place.check_counts(side, &run)?;
    }
    fleet.cut();
    let usage = Usage::since(cpu_of_self());
    let used = || anyhow::Ok([running.cpu_of_all()?, running.cpu()?, place.postgres.cpu()?]);
    let before = used()?;
    let started = Instant::now();
    // Behind the commit that made our rooms; a peer's places count from 1.
    let first = if side == SNUG { 1 } else { 0 };
    let places: HashMap<String, u64> = world
        .room_ids()
        .map(|room| (room.to_owned(), first))
        .collect();
    let seats = running.seats(world, 0);
    let (fleet, caught_up) = Fleet::resume(&running.target(place), seats, &places, AT_ONCE).await?;
    let time = started.elapsed().as_secs_f64();
    let generator = usage.share(cpu_of_self());
    let after = used()?;
    let [all, server, database] = std::array::from_fn(|place| {
        let used = after[place].saturating_sub(before[place]);
        used.as_secs_f64() * 1e6 / world.count() as f64
    });
    let missed = world.count() * MISSED;
    ensure!(
        caught_up == missed,
        "{caught_up} of {missed} were caught up"
    );
    fleet.close().await?;
    Ok(Back {
        time,
        generator,
        shares: [all - server, server, database],
    })
}
