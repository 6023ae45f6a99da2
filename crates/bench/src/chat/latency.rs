//! How long an acknowledgement takes.

use super::{NODE, Place, SENDERS, SNUG, closed, column, rooms_of_ten};
use crate::report::{Bar, Section};

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
    Ok(section)
}
