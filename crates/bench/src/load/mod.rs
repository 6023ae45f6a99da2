//! The load generator: a fleet of Socket.IO clients on raw WebSockets, all on one thread, so that
//! what it costs can be told from what the server costs.

mod client;
mod link;
pub mod packet;
mod survivor;
mod tally;

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::ensure;
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::{sync::watch, task::JoinHandle, time::sleep};

use client::{Client, Phase};
pub use client::{Room, Seat};
pub use link::{Identity, Stream, Target};
pub use packet::{Mark, Packet, seq_of};
pub use survivor::{Diary, Survivor};
pub use tally::Tally;

use crate::system::{Usage, cpu_of_self};

/// Connections that are opened at once.
const OPENING: usize = 32;
/// How long the last deliveries may take after the last message.
const SETTLE: Duration = Duration::from_secs(20);

/// Connected users. They live on the thread that made them (`tokio::task::LocalSet`).
pub struct Fleet {
    phase: watch::Sender<Phase>,
    tally: Rc<RefCell<Tally>>,
    clients: Vec<JoinHandle<anyhow::Result<()>>>,
    senders: usize,
}

/// What a run gave.
#[derive(Debug)]
pub struct Run {
    /// The counts.
    pub tally: Tally,
    /// From the first message to the last acknowledgement.
    pub time: Duration,
    /// The share of its core that the generator used.
    pub generator: f64,
}

impl Fleet {
    /// Connects everybody, up to live delivery.
    ///
    /// # Errors
    /// When one is refused.
    pub async fn connect(target: &Target, seats: Vec<Seat>) -> anyhow::Result<Self> {
        let fleet = Self::resume(target, seats, &HashMap::new(), OPENING).await?;
        Ok(fleet.0)
    }

    /// The same with places that everybody has of the rooms, so many at once; tells how many
    /// messages were caught up in all.
    ///
    /// # Errors
    /// When one is refused.
    pub async fn resume(
        target: &Target,
        seats: Vec<Seat>,
        places: &HashMap<String, u64>,
        at_once: usize,
    ) -> anyhow::Result<(Self, usize)> {
        // Ids never come twice in a log: a repeated one would be a repeat, not a message.
        let tally = Rc::new(RefCell::new(Tally::begin(rand::random())));
        let (phase, phases) = watch::channel(Phase::Quiet);
        let senders = seats.iter().filter(|seat| seat.sends_to.is_some()).count();
        let caught_up = Rc::new(Cell::new(0));
        let open = |seat: Seat| {
            let (tally, phases, caught_up) = (tally.clone(), phases.clone(), caught_up.clone());
            async move {
                let place = |room: &Rc<Room>| places.get(&room.id).copied().unwrap_or(0);
                let rooms = seat.rooms.iter();
                let cursors = rooms.map(|room| (room.id.clone(), place(room).into()));
                let (stream, page) = target.open(&seat.identity, &cursors.collect()).await?;
                caught_up.set(caught_up.get() + page.len());
                let client = Client::new(stream, seat, tally);
                anyhow::Ok(tokio::task::spawn_local(client.run(phases)))
            }
        };
        let clients = stream::iter(seats)
            .map(open)
            .buffer_unordered(at_once)
            .try_collect()
            .await?;
        let fleet = Self {
            phase,
            tally,
            clients,
            senders,
        };
        Ok((fleet, caught_up.get()))
    }

    /// Every sender sends one message.
    ///
    /// # Errors
    /// As [`Fleet::closed`].
    pub async fn once(&mut self) -> anyhow::Result<Run> {
        self.closed(Duration::ZERO).await
    }

    /// Cuts every connection without a word.
    pub fn cut(self) {
        for client in &self.clients {
            client.abort();
        }
    }

    /// Every sender has one message in flight, for so long.
    ///
    /// # Errors
    /// When a connection ends or what was sent does not settle.
    pub async fn closed(&mut self, length: Duration) -> anyhow::Result<Run> {
        self.run(length, |run, until| Phase::Closed { run, until })
            .await
    }

    /// So many messages a second in all, at random times, for so long.
    ///
    /// # Errors
    /// As [`Fleet::closed`].
    pub async fn open(&mut self, rate: f64, length: Duration) -> anyhow::Result<Run> {
        let gap = Duration::from_secs_f64(self.senders as f64 / rate);
        self.run(length, |run, until| Phase::Open { run, until, gap })
            .await
    }

    async fn run(
        &mut self,
        length: Duration,
        phase: impl FnOnce(u32, Instant) -> Phase,
    ) -> anyhow::Result<Run> {
        self.tally.borrow_mut().next_run();
        let run = self.tally.borrow().run;
        let usage = Usage::since(cpu_of_self());
        let started = Instant::now();
        self.phase.send_replace(phase(run, started + length));
        sleep(length).await;
        let generator = usage.share(cpu_of_self());
        let settled = Instant::now();
        // What is on its way arrives.
        while !self.tally.borrow().is_settled() && settled.elapsed() < SETTLE {
            self.check().await?;
            sleep(Duration::from_millis(2)).await;
        }
        let time = started.elapsed();
        self.phase.send_replace(Phase::Quiet);
        // What came too often comes a little later.
        sleep(Duration::from_millis(50)).await;
        self.check().await?;
        let tally = self.tally.borrow_mut().next_run();
        Ok(Run {
            tally,
            time,
            generator,
        })
    }

    /// Whether everybody is connected.
    async fn check(&mut self) -> anyhow::Result<()> {
        if let Some(index) = self.clients.iter().position(JoinHandle::is_finished) {
            self.clients.swap_remove(index).await??;
            anyhow::bail!("a client ended");
        }
        Ok(())
    }

    /// Closes every connection.
    ///
    /// # Errors
    /// When one ended before.
    pub async fn close(self) -> anyhow::Result<()> {
        self.phase.send_replace(Phase::Leave);
        for client in self.clients {
            client.await??;
        }
        Ok(())
    }
}

impl Run {
    /// Messages stored and acknowledged, a second.
    pub fn rate(&self) -> f64 {
        self.tally.acked as f64 / self.time.as_secs_f64()
    }

    /// A run with a message lost, doubled or, where `ordered`, out of order is no run, nor one whose
    /// generator had no time left.
    ///
    /// # Errors
    /// Says what was wrong.
    pub fn check(&self, ordered: bool, busiest: f64) -> anyhow::Result<()> {
        if let Some(fault) = self.tally.fault(ordered) {
            anyhow::bail!("void: {fault}");
        }
        ensure!(
            self.generator <= busiest,
            "void: the generator used {:.0} % of its core",
            self.generator * 100.0
        );
        Ok(())
    }
}
