//! What people who read slowly, or not at all, cost the server and the others.

use std::{cell::RefCell, collections::HashMap, rc::Rc, time::Duration};

use anyhow::ensure;
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

use super::{
    Place, SNUG,
    reader::{Diary, Manner, Reader},
};
use crate::{
    load::{Fleet, Room, Run, Seat},
    report::{Limit, Section, mebibytes, milliseconds, percentile},
    snug::{Servers, World},
    system::SERVER,
};

/// Rounds of each: one takes a minute and a half.
const ROUNDS: usize = 3;
const ROOMS: usize = 4;
/// People of a room who read at once, and all of whom send.
const HEALTHY: usize = 10;
/// Of each room's people, who reads slowly and how.
const SLOW: [Manner; 5] = [
    Manner::Stalled,
    Manner::Stalled,
    Manner::Stalled,
    Manner::Flapping,
    Manner::Flapping,
];
/// Messages a second, in all rooms.
const RATE: f64 = 800.0;
/// How long the last slow reader may take to catch up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Bar 10.
pub async fn run(place: &Place) -> anyhow::Result<Section> {
    let (mut quick, mut slow) = (Vec::new(), Vec::new());
    for round in 0..if place.smoke { 1 } else { ROUNDS } {
        let (one, other) = (without(place).await?, with(place).await?);
        eprintln!(
            "round {round}: p99 {:.2} ms, beside slow readers {:.2} ms",
            one.most, other.most
        );
        quick.push(one);
        slow.push(other);
    }
    let mut section = Section::new(
        "slow-reader",
        "Slow readers",
        &format!(
            "{ROOMS} rooms with {HEALTHY} people who write and read and {} slow readers each, \
             through gateway and TLS; {RATE} messages a second at random times for 45 s. Three of \
             the slow readers read nothing at all until the end; two are cut for a second every \
             ten seconds. Beside it the same with these five reading at once. Memory is the \
             highest of chat and gateway (proportional set size) above the highest under the same \
             load before the slow readers came.",
            SLOW.len()
        ),
    );
    let of = |rounds: &[Outcome], figure: fn(&Outcome) -> f64| -> Vec<f64> {
        rounds.iter().map(figure).collect()
    };
    let exact = Some(Limit::AtMost(0.0));
    section.figure(
        "memory per slow reader",
        "MiB",
        &of(&slow, |round| round.memory),
        Some(Limit::AtMost(1.0)),
    );
    section.figure("silent gaps", "", &of(&slow, |round| round.gaps), exact);
    section.figure(
        "delivered to slow readers in the end",
        "%",
        &of(&slow, |round| round.delivered),
        Some(Limit::AtLeast(100.0)),
    );
    for (what, rounds) in [("readers at once", &quick), ("slow readers", &slow)] {
        let what = format!("acknowledgement p99 of the others beside {what}");
        section.figure(&what, "ms", &of(rounds, |round| round.most), None);
    }
    let times: Vec<f64> = slow
        .iter()
        .zip(&quick)
        .map(|(slow, quick)| slow.most / quick.most)
        .collect();
    let limit = Some(Limit::AtMost(1.2));
    section.figure("the latter to the former", "times", &times, limit);
    section.figure(
        "connections of slow readers that ended",
        "",
        &of(&slow, |round| round.cuts),
        None,
    );
    section.note(&place.postgres.description);
    Ok(section)
}

/// What a round gave.
struct Outcome {
    /// The healthy members' p99 in milliseconds.
    most: f64,
    /// MiB for each slow reader.
    memory: f64,
    gaps: f64,
    /// Percent.
    delivered: f64,
    cuts: f64,
}

/// Everybody reads at once.
async fn without(place: &Place) -> anyhow::Result<Outcome> {
    let (world, servers) = start(place).await?;
    let seats = world.seats(ROOMS * HEALTHY, true);
    let mut fleet = Fleet::connect(servers.target(), seats).await?;
    fleet.open(RATE, place.length(5)).await?;
    // Looking at a process's memory holds it up: here, too.
    let (run, _) = watched(&servers, fleet.open(RATE, place.length(45))).await?;
    fleet.close().await?;
    Ok(Outcome {
        most: p99(place, run)?,
        memory: 0.0,
        gaps: 0.0,
        delivered: 100.0,
        cuts: 0.0,
    })
}

/// Some do not.
async fn with(place: &Place) -> anyhow::Result<Outcome> {
    let (world, servers) = start(place).await?;
    let (healthy, slow) = parted(world.seats(ROOMS * HEALTHY, true));
    let mut fleet = Fleet::connect(servers.target(), healthy).await?;
    let (run, before) = watched(&servers, fleet.open(RATE, place.length(5))).await?;
    place.check(SNUG, &run)?;

    let (over, ends) = watch::channel(false);
    let mut tasks = JoinSet::new();
    let mut diaries = Vec::new();
    for (seat, manner) in slow.into_iter().zip(SLOW.into_iter().cycle()) {
        let room = seat.rooms[0].id.clone();
        let diary = Rc::new(RefCell::new(Diary::default()));
        let reader = Reader::new(servers.target(), seat, manner, &ends, &diary, place.smoke);
        tasks.spawn_local(reader.run());
        diaries.push((room, diary));
    }
    let (run, during) = watched(&servers, fleet.open(RATE, place.length(45))).await?;
    let most = p99(place, run)?;
    fleet.close().await?;

    over.send_replace(true);
    let last = last_places(&world).await?;
    let caught_up = async {
        while !diaries
            .iter()
            .all(|(room, diary)| last.get(room) == Some(&diary.borrow().place))
        {
            sleep(Duration::from_millis(20)).await;
        }
    };
    // Who is not there by then is in the figures.
    let _ = timeout(PATIENCE, caught_up).await;
    let readers = diaries.len() as f64;
    let (mut gaps, mut cuts, mut seen, mut all) = (0, 0, 0, 0);
    for (room, diary) in &diaries {
        let diary = diary.borrow();
        (gaps, cuts) = (gaps + diary.gaps, cuts + diary.cuts);
        seen += diary.seen;
        // The first place is that of the commit which made the room.
        all += last.get(room).map_or(0, |last| last - 1);
    }
    if place.smoke {
        ensure!(
            gaps == 0 && seen == all,
            "{gaps} gaps, {seen} of {all} seen"
        );
    }
    Ok(Outcome {
        most,
        memory: mebibytes(during.saturating_sub(before)) / readers,
        gaps: gaps as f64,
        delivered: 100.0 * seen as f64 / all as f64,
        cuts: cuts as f64,
    })
}

async fn start(place: &Place) -> anyhow::Result<(World, Servers)> {
    let mut world = World::new().await;
    world.rooms(ROOMS, HEALTHY + SLOW.len()).await?;
    place.settle(&world).await?;
    let servers = Servers::behind_gateway(&world.database.url, SERVER).await?;
    Ok((world, servers))
}

/// Who sends, and who is going to be slow; the former count each other alone.
fn parted(seats: Vec<Seat>) -> (Vec<Seat>, Vec<Seat>) {
    let mut rooms: HashMap<String, Rc<Room>> = HashMap::new();
    let mut fewer = |room: &Rc<Room>| {
        let new = || {
            Rc::new(Room {
                id: room.id.clone(),
                payload: room.payload.clone(),
                members: HEALTHY,
            })
        };
        rooms.entry(room.id.clone()).or_insert_with(new).clone()
    };
    let (mut healthy, mut slow) = (Vec::new(), Vec::new());
    for mut seat in seats {
        match &seat.sends_to {
            Some(room) => {
                seat.sends_to = Some(fewer(room));
                seat.rooms = seat.rooms.iter().map(&mut fewer).collect();
                healthy.push(seat);
            }
            None => slow.push(seat),
        }
    }
    (healthy, slow)
}

/// The most memory that the servers have while something happens, in bytes.
async fn watched<T>(
    servers: &Servers,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<(T, u64)> {
    let mut work = std::pin::pin!(work);
    let mut peak = 0;
    loop {
        let processes = [Some(&servers.chat), servers.gateway.as_ref()];
        let mut now = 0;
        for process in processes.into_iter().flatten() {
            now += process.memory()?;
        }
        peak = peak.max(now);
        if let Ok(done) = timeout(Duration::from_millis(500), &mut work).await {
            return Ok((done?, peak));
        }
    }
}

fn p99(place: &Place, mut run: Run) -> anyhow::Result<f64> {
    place.check(SNUG, &run)?;
    Ok(milliseconds(percentile(&mut run.tally.ack, 0.99)))
}

/// The end of each room's log.
async fn last_places(world: &World) -> anyhow::Result<HashMap<String, u64>> {
    let mut all = HashMap::new();
    for room in world.room_ids() {
        let sql = "select max(seq) from messages where room_id = $1::text::uuid";
        let query = sqlx::query_scalar::<_, i64>(sql).bind(room);
        let last = query.fetch_one(&world.database.pool).await?;
        all.insert(room.to_owned(), u64::try_from(last)?);
    }
    Ok(all)
}
