//! Messages, durable and live, beside peers of the same job.

pub mod avalanche;
mod bare;
pub mod durable;
pub mod fanout;
pub mod latency;
pub mod login_flood;
pub mod loss;
pub mod memory;
pub mod open_loop;
mod reader;
pub mod scale;
mod sides;
pub mod slow_reader;

use std::time::Duration;

pub use sides::{FLASK, NODE, Place, SNUG, Side};

use crate::{
    load::Run,
    report::{milliseconds, percentile},
    snug::World,
};

/// People who send in the scenarios that have many.
const SENDERS: usize = 64;
/// People in a room of those scenarios.
const ROOM: usize = 10;

/// Rooms of [`ROOM`] for [`SENDERS`], everybody of which is connected.
async fn rooms_of_ten() -> anyhow::Result<World> {
    let mut world = World::new().await;
    world.rooms(SENDERS.div_ceil(ROOM), ROOM).await?;
    Ok(world)
}

/// Users of the scenarios that are about many: 5,000 in rooms of [`ROOM`].
async fn crowd(place: &Place) -> anyhow::Result<World> {
    let mut world = World::new().await;
    let rooms = if place.smoke { 2 } else { 500 };
    world.rooms(rooms, ROOM).await?;
    Ok(world)
}

/// Figures of a side, a value a round each.
#[derive(Default)]
struct Figures {
    rates: Vec<f64>,
    halves: Vec<f64>,
    most: Vec<f64>,
    server: Vec<f64>,
    database: Vec<f64>,
    generator: Vec<f64>,
}

impl Figures {
    fn add(&mut self, mut run: Run, server: Duration, database: Duration) {
        let messages = run.tally.acked as f64;
        let rate = run.rate();
        let mut share = |share| milliseconds(percentile(&mut run.tally.ack, share));
        self.rates.push(rate);
        self.halves.push(share(0.5));
        self.most.push(share(0.99));
        self.server.push(server.as_secs_f64() * 1e6 / messages);
        self.database.push(database.as_secs_f64() * 1e6 / messages);
        self.generator.push(run.generator * 100.0);
    }
}

/// Every sender has one message in flight: rounds of each side by turns.
async fn closed(
    place: &Place,
    world: &World,
    sides: &[Side],
    senders: usize,
) -> anyhow::Result<Vec<Figures>> {
    let mut all: Vec<Figures> = sides.iter().map(|_| Figures::default()).collect();
    for round in 0..place.rounds() {
        for (side, figures) in sides.iter().zip(&mut all) {
            place.settle(world).await?;
            let running = place.start(*side, world).await?;
            let mut fleet = running.fleet(place, world, senders).await?;
            fleet.closed(place.length(2)).await?;
            let before = (running.cpu()?, place.postgres.cpu()?);
            let run = fleet.closed(place.length(8)).await?;
            let [server, database] = [
                running.cpu()?.saturating_sub(before.0),
                place.postgres.cpu()?.saturating_sub(before.1),
            ];
            eprintln!(
                "round {round}, {senders} senders, {}: {:.0} /s, generator {:.0} %",
                side.name(),
                run.rate(),
                run.generator * 100.0
            );
            place.check(*side, &run)?;
            figures.add(run, server, database);
            fleet.close().await?;
        }
    }
    Ok(all)
}

/// The sides' names with one of their figures.
fn column<'a>(
    sides: &[Side],
    figures: &'a [Figures],
    of: impl Fn(&'a Figures) -> &'a Vec<f64>,
) -> Vec<(&'static str, &'a [f64])> {
    let names = sides.iter().map(|side| side.name());
    names.zip(figures.iter().map(|one| &of(one)[..])).collect()
}

/// The sides' names with values of theirs.
fn named<'a>(sides: &[Side], values: &'a [Vec<f64>]) -> Vec<(&'static str, &'a [f64])> {
    let names = sides.iter().map(|side| side.name());
    names.zip(values.iter().map(Vec::as_slice)).collect()
}
