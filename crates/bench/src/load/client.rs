//! One connected user: sends as the phase says, counts what comes.

use std::{
    cell::RefCell,
    collections::HashMap,
    fmt::Write,
    future::pending,
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::Context;
use futures_util::{FutureExt, SinkExt, StreamExt};
use rand::RngExt;
use tokio::{sync::watch, time::sleep_until};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use super::{
    link::{Identity, Stream},
    packet::{self, Mark, Packet},
    tally::{Seen, Tally},
};

/// A conversation.
#[derive(Debug)]
pub struct Room {
    /// Its id as text.
    pub id: String,
    /// What is sent to it: sealed once, for the server does not open it.
    pub payload: Bytes,
    /// Connected users who hear it.
    pub members: usize,
}

/// A user's place in the fleet.
pub struct Seat {
    /// Counts from 0.
    pub number: u16,
    /// Who it is.
    pub identity: Identity,
    /// What it hears.
    pub rooms: Vec<Rc<Room>>,
    /// Where it sends to, if it does.
    pub sends_to: Option<Rc<Room>>,
    /// Whether it tells the server what it has, so that the server need not keep it.
    pub tells: bool,
}

/// What the fleet does.
#[derive(Clone, Copy, Debug)]
pub enum Phase {
    /// Nothing.
    Quiet,
    /// Every sender has one message in flight.
    Closed {
        /// The run's number.
        run: u32,
        /// No message after this.
        until: Instant,
    },
    /// Every sender sends by the clock, whether it is answered or not: at times of a Poisson
    /// process.
    Open {
        /// The run's number.
        run: u32,
        /// No message after this.
        until: Instant,
        /// Mean time between two messages of a sender.
        gap: Duration,
    },
    /// Close the connection.
    Leave,
}

/// How often a client tells what it has, when there is something new. Ours only.
const CURSORS: Duration = Duration::from_secs(1);
/// Timers fire on whole milliseconds: what is late by less was on time.
const TICK: Duration = Duration::from_millis(2);

/// A running client.
pub struct Client {
    stream: Stream,
    seat: Seat,
    tally: Rc<RefCell<Tally>>,
    phase: Phase,
    /// When the next message is due.
    next: Option<Instant>,
    /// When to tell the cursors.
    cursors_at: Option<Instant>,
    number: u64,
    /// Of packets that want an answer.
    id: u64,
    waiting: HashMap<u64, (u32, Instant)>,
    seen: Seen,
    /// The last place seen of each room.
    places: HashMap<String, u64>,
    /// Bytes are written but not flushed.
    unflushed: bool,
}

impl Client {
    /// A client on an open connection.
    pub fn new(stream: Stream, seat: Seat, tally: Rc<RefCell<Tally>>) -> Self {
        let places = seat.rooms.iter().map(|room| (room.id.clone(), 0)).collect();
        Self {
            stream,
            seat,
            tally,
            phase: Phase::Quiet,
            next: None,
            cursors_at: None,
            number: 0,
            // Those before belong to the handshake.
            id: 1_000,
            waiting: HashMap::new(),
            seen: Seen::default(),
            places,
            unflushed: false,
        }
    }

    /// Runs until it is told to leave.
    ///
    /// # Errors
    /// When the connection ends before.
    pub async fn run(mut self, mut phases: watch::Receiver<Phase>) -> anyhow::Result<()> {
        loop {
            tokio::select! {
                frame = self.stream.next() => {
                    self.take(frame.context("the server closed a connection")??).await?;
                    while let Some(frame) = self.stream.next().now_or_never() {
                        self.take(frame.context("the server closed a connection")??).await?;
                    }
                }
                () = at(self.next) => self.send_by_clock().await?,
                () = at(self.cursors_at) => self.tell_cursors().await?,
                changed = phases.changed() => {
                    changed?;
                    self.phase = *phases.borrow_and_update();
                    if matches!(self.phase, Phase::Leave) {
                        return Ok(self.stream.close(None).await?);
                    }
                    self.begin().await?;
                }
            }
            if std::mem::take(&mut self.unflushed) {
                self.stream.flush().await?;
            }
        }
    }

    async fn begin(&mut self) -> anyhow::Result<()> {
        self.next = None;
        if self.seat.sends_to.is_none() {
            return Ok(());
        }
        match self.phase {
            Phase::Closed { run, .. } => self.send(run, Instant::now()).await?,
            Phase::Open { gap, .. } => self.next = Some(Instant::now() + after(gap)),
            Phase::Quiet | Phase::Leave => {}
        }
        Ok(())
    }

    async fn send_by_clock(&mut self) -> anyhow::Result<()> {
        let (Phase::Open { run, until, gap }, Some(due)) = (self.phase, self.next) else {
            self.next = None;
            return Ok(());
        };
        if due >= until {
            self.next = None;
            return Ok(());
        }
        self.next = Some(due + after(gap));
        // What waits for us, not for the server, counts as waiting.
        let now = Instant::now();
        let due = if now - due < TICK { now } else { due };
        self.send(run, due).await
    }

    async fn send(&mut self, run: u32, due: Instant) -> anyhow::Result<()> {
        let Some(room) = self.seat.sends_to.clone() else {
            return Ok(());
        };
        let mark = Mark {
            run,
            sender: self.seat.number,
            number: self.number,
        };
        self.number += 1;
        self.id += 1;
        self.waiting.insert(self.id, (run, due));
        self.tally.borrow_mut().send();
        let text = packet::message(self.id, &room.id, mark);
        self.stream.feed(Message::text(text)).await?;
        self.stream
            .feed(Message::Binary(room.payload.clone()))
            .await?;
        self.unflushed = true;
        Ok(())
    }

    async fn take(&mut self, frame: Message) -> anyhow::Result<()> {
        let Message::Text(text) = frame else {
            return Ok(());
        };
        match Packet::read(text.as_str()) {
            Packet::Ping => {
                self.stream.feed(Message::text("3")).await?;
                self.unflushed = true;
            }
            Packet::Event("message", data, _) => self.deliver(data),
            Packet::Ack(id, data) => self.answered(id, data).await?,
            Packet::Ended(reason) => anyhow::bail!("the server ended a session: {reason}"),
            _ => {}
        }
        Ok(())
    }

    async fn answered(&mut self, id: u64, data: &str) -> anyhow::Result<()> {
        let Some((run, due)) = self.waiting.remove(&id) else {
            return Ok(());
        };
        if data.contains("\"ok\":true") {
            let recipients = self.seat.sends_to.as_ref().map_or(0, |room| room.members);
            self.tally.borrow_mut().acknowledge(run, due, recipients);
        } else {
            let code = data.split("\"code\":\"").nth(1);
            let code = code.and_then(|rest| rest.split('"').next());
            self.tally.borrow_mut().refuse(code.unwrap_or(data));
        }
        match self.phase {
            Phase::Closed { run, until } if Instant::now() < until => {
                self.send(run, Instant::now()).await
            }
            _ => Ok(()),
        }
    }

    fn deliver(&mut self, data: &str) {
        let Some(mark) = Mark::read(data) else {
            return;
        };
        let before = self.seen.note(mark);
        let mut tally = self.tally.borrow_mut();
        tally.deliver(mark, before);
        // Places have no gap in our rooms; a peer counts all its rooms together.
        if matches!(self.seat.identity, Identity::Snug { .. })
            && let (Some(room), Some(seq)) = (packet::room_of(data), packet::seq_of(data))
            && let Some(place) = self.places.get_mut(room)
        {
            if *place > 0 && seq > *place + 1 {
                tally.gaps += seq - *place - 1;
            }
            *place = seq.max(*place);
            if self.seat.tells {
                self.cursors_at.get_or_insert_with(|| {
                    let share = rand::rng().random_range(0.5..1.5);
                    Instant::now() + CURSORS.mul_f64(share)
                });
            }
        }
    }

    async fn tell_cursors(&mut self) -> anyhow::Result<()> {
        self.cursors_at = None;
        let mut json = String::from("{\"cursors\":{");
        for (room, place) in self.places.iter().filter(|(_, place)| **place > 0) {
            let comma = if json.ends_with('{') { "" } else { "," };
            let _ = write!(json, "{comma}\"{room}\":{place}");
        }
        json.push_str("}}");
        self.id += 1;
        let text = packet::event(self.id, "ack", &json);
        self.stream.feed(Message::text(text)).await?;
        self.unflushed = true;
        Ok(())
    }
}

async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time.into()).await,
        None => pending().await,
    }
}

/// A time between two events of a Poisson process.
fn after(mean: Duration) -> Duration {
    let uniform: f64 = rand::rng().random_range(f64::EPSILON..1.0);
    mean.mul_f64(-uniform.ln())
}
