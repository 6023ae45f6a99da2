//! Latency under a load that does not wait for answers.

use super::{NODE, Place, SENDERS, SNUG, Side, closed, rooms_of_ten};
use crate::{
    report::{Bar, Limit, Section, median, milliseconds, percentile},
    snug::World,
};

/// Bar 4.
pub async fn run(place: &Place) -> anyhow::Result<Section> {
    let world = rooms_of_ten().await?;
    let sides = [SNUG, NODE];
    let most = closed(place, &world, &sides, SENDERS).await?;
    let [ours, theirs] = [0, 1].map(|side| median(&most[side].rates));
    let mut section = Section::new(
        "open-loop",
        "Open loop",
        "64 senders at random times (a Poisson process), whether they are answered or not; the \
         time counts from when a message was due. Saturation is what the same senders reach with \
         one message in flight each, measured just before. Before each run the database vacuums \
         and writes what it has to disk: the highest load leaves it much to do.",
    );
    let mut half = [Vec::new(), Vec::new()];
    let (mut own_half, mut own_most) = (Vec::new(), Vec::new());
    for _ in 0..place.rounds() {
        for (side, figures) in sides.iter().zip(&mut half) {
            figures.push(tail(place, &world, *side, theirs / 2.0).await?);
        }
        own_half.push(tail(place, &world, SNUG, ours / 2.0).await?);
        own_most.push(tail(place, &world, SNUG, ours * 0.9).await?);
    }
    section.compare(
        &format!(
            "acknowledgement p99 at half of Node's saturation ({:.0}/s)",
            theirs / 2.0
        ),
        "ms",
        &[(SNUG.name(), &half[0]), (NODE.name(), &half[1])],
        &[Bar::AtMost {
            times: 0.7,
            of: NODE.name(),
        }],
    );
    let what = |share: f64| {
        format!(
            "acknowledgement p99 at {:.0} % of our own saturation ({:.0}/s)",
            share * 100.0,
            ours * share
        )
    };
    section.figure(&what(0.5), "ms", &own_half, None);
    let times: Vec<f64> = own_most
        .iter()
        .zip(&own_half)
        .map(|(most, half)| most / half)
        .collect();
    section.figure(&what(0.9), "ms", &own_most, None);
    section.figure(
        "the latter to the former",
        "times",
        &times,
        Some(Limit::AtMost(5.0)),
    );
    Ok(section)
}

/// The p99 at a rate, in milliseconds.
async fn tail(place: &Place, world: &World, side: Side, rate: f64) -> anyhow::Result<f64> {
    place.settle(world).await?;
    let running = place.start(side, world).await?;
    let mut fleet = running.fleet(place, world, SENDERS).await?;
    fleet.open(rate, place.length(2)).await?;
    let mut run = fleet.open(rate, place.length(8)).await?;
    place.check(side, &run)?;
    let most = milliseconds(percentile(&mut run.tally.ack, 0.99));
    eprintln!("{} at {rate:.0}/s: p99 {most:.2} ms", side.name());
    fleet.close().await?;
    Ok(most)
}
