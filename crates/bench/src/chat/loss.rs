//! Servers are killed, again and again, while people write.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use rand::RngExt;
use tokio::{task::JoinHandle, time::sleep};

use super::Place;
use crate::{
    load::{Diary, Mark, Survivor},
    report::{Limit, Section},
    snug::{Servers, World},
    system::SERVER,
};

/// Rooms, people in each, and how many of all send.
const ROOMS: usize = 4;
const SIZE: usize = 10;
const SENDERS: usize = 12;
/// How often something is killed.
const KILLS: usize = 100;
/// A kill comes at any moment of so long, once everybody has sent again.
const CALM: Duration = Duration::from_millis(800);
/// How long anything may take until it goes on.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Clone, Copy)]
enum Victim {
    Chat,
    Postgres,
    Gateway,
}

/// Bar 9.
pub async fn run(place: &Place) -> anyhow::Result<Section> {
    let mut world = World::new().await;
    world.rooms(ROOMS, SIZE).await?;
    let mut servers = Servers::behind_gateway(&world.database.url, SERVER).await?;
    let stop = Rc::new(Cell::new(false));
    let (mut diaries, mut lives) = (Vec::new(), Vec::new());
    for seat in world.seats(SENDERS, true) {
        let (room, sends) = (seat.rooms[0].id.clone(), seat.sends_to.is_some());
        let (survivor, diary) = Survivor::new(servers.target().clone(), seat, stop.clone());
        lives.push(Abort(tokio::task::spawn_local(survivor.run())));
        diaries.push(Witness { diary, room, sends });
    }
    let kills = if place.smoke { 3 } else { KILLS };
    let mut longest = Duration::ZERO;
    for round in 0..kills {
        go_on(&diaries).await.context("before a kill")?;
        let share = rand::rng().random_range(0.0..1.0);
        sleep(place.pause(CALM.mul_f64(share))).await;
        let victim = [Victim::Chat, Victim::Postgres, Victim::Gateway][round % 3];
        let killed = Instant::now();
        strike(victim, &mut servers, &world).await?;
        go_on(&diaries)
            .await
            .with_context(|| format!("after kill {round}: {}", servers.logs()))?;
        longest = longest.max(killed.elapsed());
    }
    stop.set(true);
    let report = settle(&diaries).await?;
    drop(lives);
    eprintln!("{report:?}");
    let mut section = Section::new(
        "loss",
        "Acknowledged is kept",
        "12 of 40 people in 4 rooms write, 50 times a second each, through gateway and TLS, while \
         in turn chat, a process of PostgreSQL (so that all of it restarts from its write-ahead \
         log) and the gateway are killed with SIGKILL, at a random moment up to 0.8 s after \
         everybody has sent again. Everybody comes back by themselves, catches \
         up, and sends again what was not acknowledged. Afterwards everybody's log is compared \
         with what was acknowledged.",
    );
    let exact = Some(Limit::AtMost(0.0));
    section.figure("kills", "", &[kills as f64], None);
    section.figure("acknowledged messages", "", &[report.acked as f64], None);
    section.figure(
        "missing at any recipient",
        "",
        &[report.missing as f64],
        exact,
    );
    section.figure("seen twice", "", &[report.doubled as f64], exact);
    section.figure(
        "out of order for a sender",
        "",
        &[report.inverted as f64],
        exact,
    );
    section.figure("gaps in a log", "", &[report.gaps as f64], exact);
    section.figure(
        "connections lost on the way",
        "",
        &[report.cuts as f64],
        None,
    );
    section.figure(
        "longest from a kill until everybody has sent again",
        "s",
        &[longest.as_secs_f64()],
        None,
    );
    section.note(&place.postgres.description);
    Ok(section)
}

/// Ends a task with this value.
struct Abort(JoinHandle<()>);

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}

struct Witness {
    diary: Rc<RefCell<Diary>>,
    room: String,
    sends: bool,
}

/// Waits until every sender got another acknowledgement.
async fn go_on(all: &[Witness]) -> anyhow::Result<()> {
    let counts = || -> Vec<usize> {
        let senders = all.iter().filter(|witness| witness.sends);
        senders.map(|one| one.diary.borrow().acked.len()).collect()
    };
    let (before, started) = (counts(), Instant::now());
    while counts()
        .iter()
        .zip(&before)
        .any(|(now, before)| now <= before)
    {
        ensure!(started.elapsed() < PATIENCE, "somebody cannot send");
        sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

async fn strike(victim: Victim, servers: &mut Servers, world: &World) -> anyhow::Result<()> {
    match victim {
        Victim::Chat => servers.restart_chat().await,
        Victim::Gateway => servers.restart_gateway().await,
        Victim::Postgres => {
            let sql = "select pid from pg_stat_activity
                       where application_name = 'snug-chat' and datname = current_database()
                       limit 1";
            let query = sqlx::query_scalar::<_, i32>(sql);
            let backend = query.fetch_one(&world.database.pool).await?;
            kill(Pid::from_raw(backend), Signal::SIGKILL)?;
            // Its connections of old are all gone; one of them may be the first to be taken.
            let started = Instant::now();
            while sqlx::query("select 1")
                .execute(&world.database.pool)
                .await
                .is_err()
            {
                ensure!(
                    started.elapsed() < PATIENCE,
                    "PostgreSQL does not come back"
                );
                sleep(Duration::from_millis(20)).await;
            }
            servers.ready().await
        }
    }
}

#[derive(Debug, Default)]
struct Report {
    acked: usize,
    missing: usize,
    doubled: usize,
    inverted: usize,
    gaps: u64,
    cuts: u64,
}

/// Waits until everybody of a room has the same, then compares.
async fn settle(all: &[Witness]) -> anyhow::Result<Report> {
    let started = Instant::now();
    loop {
        let report = compare(all);
        if report.missing == 0 || started.elapsed() > Duration::from_secs(30) {
            // What comes too often comes a little later.
            sleep(Duration::from_millis(500)).await;
            return Ok(compare(all));
        }
        sleep(Duration::from_millis(50)).await;
    }
}

fn compare(all: &[Witness]) -> Report {
    let mut acked: HashMap<&str, Vec<Mark>> = HashMap::new();
    for witness in all {
        let marks = acked.entry(&witness.room).or_default();
        marks.extend(&witness.diary.borrow().acked);
    }
    let mut report = Report {
        acked: acked.values().map(Vec::len).sum(),
        ..Report::default()
    };
    for witness in all {
        let diary = witness.diary.borrow();
        let mut times: HashMap<Mark, usize> = HashMap::new();
        let mut last: HashMap<u16, u64> = HashMap::new();
        for mark in diary.log.values() {
            *times.entry(*mark).or_default() += 1;
            let before = last.insert(mark.sender, mark.number);
            report.inverted += usize::from(before.is_some_and(|before| before > mark.number));
        }
        let wanted = acked.get(&*witness.room).into_iter().flatten();
        report.missing += wanted.filter(|mark| !times.contains_key(mark)).count();
        report.doubled += times.values().filter(|times| **times > 1).count();
        if let (Some((first, _)), Some((end, _))) =
            (diary.log.first_key_value(), diary.log.last_key_value())
        {
            report.gaps += end - first + 1 - diary.log.len() as u64;
        }
        report.gaps += diary.torn;
        report.cuts += diary.cuts;
    }
    report
}
