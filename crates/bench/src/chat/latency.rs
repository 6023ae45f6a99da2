//! How long an acknowledgement takes.

use super::{NODE, Place, SENDERS, SNUG, bare, closed, column, rooms_of_ten};
use crate::report::{Bar, Section, milliseconds, percentile};

/// Bar 2.
pub async fn run(place: &Place) -> anyhow::Result<Section> {
    let sides = [SNUG, NODE];
    let world = rooms_of_ten().await?;
    let mut section = Section::new(
        "latency",
        "Durable latency",
        "From sending a message to its acknowledgement, which follows the commit; one message in \
         flight for each sender; everything else as in durable throughput.",
    );
    for senders in [1, SENDERS] {
        let figures = closed(place, &world, &sides, senders).await?;
        let who = match senders {
            1 => "1 sender".to_owned(),
            many => format!("{many} senders"),
        };
        section.compare(
            &format!("acknowledgement, {who}, p50"),
            "ms",
            &column(&sides, &figures, |one| &one.halves),
            &[],
        );
        section.compare(
            &format!("acknowledgement, {who}, p99"),
            "ms",
            &column(&sides, &figures, |one| &one.most),
            &[Bar::AtMost {
                times: 0.35,
                of: NODE.name(),
            }],
        );
    }
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..place.rounds() {
        let mut commits = bare::commits(&world.database.url, place.length(4)).await?;
        for (times, share) in times.iter_mut().zip([0.5, 0.99]) {
            times.push(milliseconds(percentile(&mut commits, share)));
        }
    }
    for (times, share) in times.iter().zip(["p50", "p99"]) {
        let what = format!("a bare insert, committed, {share}");
        section.figure(&what, "ms", times, None);
    }
    Ok(section)
}
