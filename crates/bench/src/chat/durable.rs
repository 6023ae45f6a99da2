//! Messages a second that are on disk before they are acknowledged.

use super::{FLASK, NODE, Place, SENDERS, SNUG, closed, column, rooms_of_ten};
use crate::report::{Bar, Section};

/// Bar 1, its first half.
pub async fn run(place: &Place) -> anyhow::Result<Section> {
    // A short run is without Python.
    let sides = &[SNUG, NODE, FLASK][..if place.smoke { 2 } else { 3 }];
    let world = rooms_of_ten().await?;
    let figures = closed(place, &world, sides, SENDERS).await?;
    let mut section = Section::new(
        "durable",
        "Durable throughput",
        "64 senders with one message in flight each, in rooms of 10 that are all connected; \
         344 bytes a message; acknowledged after the commit. Plain WebSockets straight to the \
         server. Server and PostgreSQL share one core, the generator has the other. Before each \
         round the database vacuums and writes what it has to disk.",
    );
    section.compare(
        "messages stored and acknowledged",
        "/s",
        &column(sides, &figures, |one| &one.rates),
        &[
            Bar::AtLeast {
                times: 2.5,
                of: NODE.name(),
            },
            Bar::AtLeast {
                times: 9.0,
                of: FLASK.name(),
            },
        ],
    );
    section.compare(
        "CPU of the server a message, its 10 deliveries included",
        "µs",
        &column(sides, &figures, |one| &one.server),
        &[],
    );
    section.compare(
        "CPU of PostgreSQL a message",
        "µs",
        &column(sides, &figures, |one| &one.database),
        &[],
    );
    section.compare(
        "the generator's own core, used",
        "%",
        &column(sides, &figures, |one| &one.generator),
        &[],
    );
    Ok(section)
}
