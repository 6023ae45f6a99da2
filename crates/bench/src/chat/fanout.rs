//! What it costs to deliver a message to everybody in a room.

use super::{NODE, Place, SNUG, Side, bare};
use crate::{
    report::{Bar, Section},
    snug::World,
};

/// Deliveries a second, whatever the size of the room.
const DELIVERIES: f64 = 10_000.0;
/// People who send.
const SENDERS: usize = 8;
/// People in a room, and the bar.
const SIZES: [(usize, f64); 3] = [(10, 1.0), (100, 0.3), (1_000, 0.2)];

/// Bar 3.
pub async fn run(place: &Place) -> anyhow::Result<Section> {
    let mut section = Section::new(
        "fanout",
        "Fan-out",
        "One room of which everybody is connected; 8 people send at random times, so that 10,000 \
         deliveries a second come of it. The server's CPU time, without PostgreSQL's, by the \
         operating system; storing and acknowledging are in it.",
    );
    // A server that is not optimised takes long for the largest.
    for (size, bar) in SIZES.into_iter().take(if place.smoke { 2 } else { 3 }) {
        let world = room_of(size).await?;
        let sides = [SNUG, NODE];
        let mut costs = [Vec::new(), Vec::new()];
        let (mut least, mut library) = (Vec::new(), Vec::new());
        for _ in 0..place.rounds() {
            for (side, costs) in sides.iter().zip(&mut costs) {
                costs.push(cost(place, &world, *side, size).await?);
            }
            let rate = DELIVERIES / size as f64;
            least.push(bare::write(size, rate, place.length(4)).await?);
            library.push(bare::broadcast(size, rate, place.length(4)).await?);
        }
        section.compare(
            &format!("CPU of the server a delivery, room of {size}"),
            "µs",
            &[(SNUG.name(), &costs[0]), (NODE.name(), &costs[1])],
            &[Bar::AtMost {
                times: bar,
                of: NODE.name(),
            }],
        );
        let what = format!("a bare write of {} bytes to each of {size}", bare::BYTES);
        section.figure(&what, "µs", &least, None);
        let what = format!("a bare broadcast by socketioxide to {size}");
        section.figure(&what, "µs", &library, None);
    }
    Ok(section)
}

/// One room of so many.
pub async fn room_of(size: usize) -> anyhow::Result<World> {
    let mut world = World::new().await;
    world.rooms(1, size).await?;
    Ok(world)
}

/// Microseconds of the server's CPU a delivery.
async fn cost(place: &Place, world: &World, side: Side, size: usize) -> anyhow::Result<f64> {
    let rate = DELIVERIES / size as f64;
    let running = place.start(side, world).await?;
    let mut fleet = running.fleet(place, world, SENDERS).await?;
    fleet.open(rate, place.length(2)).await?;
    let before = running.cpu()?;
    let run = fleet.open(rate, place.length(8)).await?;
    let used = running.cpu()?.saturating_sub(before);
    place.check(side, &run)?;
    let cost = used.as_secs_f64() * 1e6 / run.tally.delivered as f64;
    eprintln!("room of {size}, {}: {cost:.2} µs a delivery", side.name());
    fleet.close().await?;
    Ok(cost)
}
