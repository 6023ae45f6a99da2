//! How costs grow: with stored rows, with members, with rooms, with users who do nothing.

use std::time::Duration;

use tokio::time::sleep;

use super::{Place, SENDERS, SNUG, rooms_of_ten};
use crate::{
    report::{Axis, Fit, Limit, Plot, Section, median},
    snug::{PAYLOAD, World},
};

/// Rows of the log.
const ROWS: [usize; 4] = [10_000, 100_000, 1_000_000, 10_000_000];
/// People in a room.
const MEMBERS: [usize; 7] = [2, 5, 10, 30, 100, 300, 1_000];
/// Rooms on the server.
const ROOMS: [usize; 4] = [10, 100, 1_000, 10_000];
/// People who are connected and do nothing.
const IDLE: [usize; 5] = [100, 500, 1_000, 2_500, 5_000];
/// Messages a second in them, at most.
const MOST: f64 = 1_000.0;
/// Deliveries a second in the runs about members.
const DELIVERIES: f64 = 10_000.0;

/// The second half of bar 1, and the linear part of bar 3.
pub async fn run(place: &Place) -> anyhow::Result<Section> {
    let mut section = Section::new(
        "scale",
        "Scale",
        "Our chat server alone, plain WebSockets. CPU time by the operating system, of the server \
         and of PostgreSQL. Rows and rooms: 64 senders with one message in flight in rooms of 10. \
         Members: one room, so many messages that 10,000 deliveries a second come of them.",
    );
    rows(place, &mut section).await?;
    members(place, &mut section).await?;
    rooms(place, &mut section).await?;
    idle(place, &mut section).await?;
    Ok(section)
}

/// What was counted in one state of the server.
struct Cost {
    server: Vec<f64>,
    database: Vec<f64>,
    rate: Vec<f64>,
}

impl Cost {
    /// Microseconds of both a message.
    fn whole(&self) -> f64 {
        median(&self.server) + median(&self.database)
    }

    /// What is filled first, in a sentence.
    fn bottleneck(&self, rows: usize) -> String {
        let (server, database) = (median(&self.server), median(&self.database));
        let rate = median(&self.rate);
        let larger = if database > server {
            "PostgreSQL"
        } else {
            "the server"
        };
        format!(
            "What gives out first is the core that server and PostgreSQL share: with {rows} rows, \
             {rate:.0} messages a second of {server:.1} and {database:.1} µs fill {:.0} % of it, the \
             larger part by {larger}.",
            rate * self.whole() / 1e4
        )
    }
}

/// A message's cost with one message in flight for each sender.
async fn closed(place: &Place, world: &World) -> anyhow::Result<Cost> {
    let mut cost = Cost {
        server: Vec::new(),
        database: Vec::new(),
        rate: Vec::new(),
    };
    let running = place.start(SNUG, world).await?;
    let mut fleet = running.fleet(place, world, SENDERS).await?;
    fleet.closed(place.length(2)).await?;
    for _ in 0..place.rounds() {
        let before = (running.cpu()?, place.postgres.cpu()?);
        let run = fleet.closed(place.length(4)).await?;
        place.check(SNUG, &run)?;
        let each = |used: Duration| used.as_secs_f64() * 1e6 / run.tally.acked as f64;
        cost.server
            .push(each(running.cpu()?.saturating_sub(before.0)));
        let database = place.postgres.cpu()?.saturating_sub(before.1);
        cost.database.push(each(database));
        cost.rate.push(run.rate());
    }
    fleet.close().await?;
    Ok(cost)
}

async fn rows(place: &Place, section: &mut Section) -> anyhow::Result<()> {
    let world = rooms_of_ten().await?;
    let sizes = if place.smoke { &ROWS[..0] } else { &ROWS[..] };
    let rooms = world.room_ids().count();
    let (mut server, mut database, mut whole) = (Vec::new(), Vec::new(), Vec::new());
    let mut first_to_give_out = None;
    for size in sizes {
        let stored = world.stored().await?;
        world.messages((size - stored.min(*size)) / rooms).await?;
        sqlx::query("vacuum analyze")
            .execute(&world.database.pool)
            .await?;
        sqlx::query("checkpoint")
            .execute(&world.database.pool)
            .await?;
        let cost = closed(place, &world).await?;
        eprintln!("{size} rows: {:.1} µs a message", cost.whole());
        section.figure(
            &format!("messages a second, {size} rows stored"),
            "/s",
            &cost.rate,
            None,
        );
        server.push((*size as f64, median(&cost.server)));
        database.push((*size as f64, median(&cost.database)));
        whole.push(cost.whole());
        first_to_give_out = Some(cost.bottleneck(*size));
    }
    if let Some(note) = first_to_give_out {
        section.note(&note);
    }
    let (Some(first), Some(last)) = (whole.first(), whole.last()) else {
        return Ok(());
    };
    section.figure(
        "CPU a message with 10 million rows, to 10 thousand",
        "times",
        &[last / first],
        Some(Limit::AtMost(1.1)),
    );
    section.plot(
        Plot::new(
            "CPU a message by rows stored",
            Axis::logarithmic("rows stored"),
            Axis::linear("CPU a message, µs"),
        )
        .series("server", &server, Fit::Power)
        .series("PostgreSQL", &database, Fit::Power),
    );
    Ok(())
}

async fn members(place: &Place, section: &mut Section) -> anyhow::Result<()> {
    let sizes = if place.smoke {
        &MEMBERS[..2]
    } else {
        &MEMBERS[..]
    };
    let mut points = Vec::new();
    for size in sizes {
        let mut world = World::new().await;
        world.rooms(1, *size).await?;
        let running = place.start(SNUG, &world).await?;
        let mut fleet = running.fleet(place, &world, 8).await?;
        let rate = (DELIVERIES / *size as f64).min(MOST);
        fleet.open(rate, place.length(2)).await?;
        for _ in 0..place.rounds() {
            let before = running.cpu()?;
            let run = fleet.open(rate, place.length(4)).await?;
            place.check(SNUG, &run)?;
            let used = running.cpu()?.saturating_sub(before).as_secs_f64();
            if run.tally.acked > 0 {
                points.push((*size as f64, used * 1e6 / run.tally.acked as f64));
            }
        }
        fleet.close().await?;
    }
    section.plot(
        Plot::new(
            "CPU of the server a message by members",
            Axis::logarithmic("connected members of the room"),
            Axis::logarithmic("CPU a message, µs"),
        )
        .series("server", &points, Fit::Linear),
    );
    Ok(())
}

/// The same people in more and more rooms; the senders' rooms are as before.
async fn rooms(place: &Place, section: &mut Section) -> anyhow::Result<()> {
    let sizes = if place.smoke { &ROOMS[..1] } else { &ROOMS[..] };
    let mut world = World::new().await;
    world.rooms(10, 10).await?;
    let (mut server, mut database) = (Vec::new(), Vec::new());
    for size in sizes {
        world.more_rooms(*size, 10).await?;
        sqlx::query("vacuum analyze")
            .execute(&world.database.pool)
            .await?;
        let cost = closed(place, &world).await?;
        eprintln!("{size} rooms: {:.1} µs a message", cost.whole());
        server.push((*size as f64, median(&cost.server)));
        database.push((*size as f64, median(&cost.database)));
    }
    section.plot(
        Plot::new(
            "CPU a message by rooms",
            Axis::logarithmic("rooms of 10, of the same 100 people"),
            Axis::linear("CPU a message, µs"),
        )
        .series("server", &server, Fit::Power)
        .series("PostgreSQL", &database, Fit::Power),
    );
    Ok(())
}

async fn idle(place: &Place, section: &mut Section) -> anyhow::Result<()> {
    let sizes = if place.smoke { &IDLE[..1] } else { &IDLE[..] };
    let (mut memory, mut time) = (Vec::new(), Vec::new());
    for size in sizes {
        let mut world = World::new().await;
        world.rooms(size / 10, 10).await?;
        let running = place.start_with_tls(SNUG, &world).await?;
        let fleet = running.fleet(place, &world, 0).await?;
        sleep(place.pause(Duration::from_secs(5))).await;
        memory.push((*size as f64, running.memory()? as f64 / 1024.0 / 1024.0));
        let before = running.cpu_of_all()?;
        let length = place.length(30);
        sleep(length).await;
        let used = running.cpu_of_all()?.saturating_sub(before).as_secs_f64();
        time.push((*size as f64, used * 1e3 / length.as_secs_f64()));
        fleet.close().await?;
    }
    section.plot(
        Plot::new(
            "Memory by idle users",
            Axis::linear("idle users through TLS"),
            Axis::linear("memory of chat and gateway, MiB"),
        )
        .series("chat and gateway", &memory, Fit::Linear),
    );
    section.plot(
        Plot::new(
            "CPU by idle users",
            Axis::linear("idle users through TLS"),
            Axis::linear("CPU of chat and gateway, ms a second"),
        )
        .series("chat and gateway", &time, Fit::Linear),
    );
    section.note(&format!("A message is {PAYLOAD} bytes."));
    Ok(())
}
