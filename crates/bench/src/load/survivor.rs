//! A user who outlives the servers: comes back after every cut, catches up from where they were,
//! and sends again what was not acknowledged, under the same id.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, HashMap},
    rc::Rc,
    time::{Duration, Instant},
};

use futures_util::{SinkExt, StreamExt};
use rand::RngExt;
use tokio::time::{sleep, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message;

use super::{
    client::Seat,
    link::{Stream, Target},
    packet::{self, Mark, Packet},
};

/// Between two attempts to connect, and before something refused is sent again.
const AGAIN: std::ops::Range<u64> = 20..100;
/// How long an attempt to connect, or an answer, may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two messages of a sender.
const PACE: Duration = Duration::from_millis(20);
/// How often cursors are told.
const CURSORS: Duration = Duration::from_secs(1);

/// What a user has sent and seen.
#[derive(Debug, Default)]
pub struct Diary {
    /// Everything acknowledged as stored, in order.
    pub acked: Vec<Mark>,
    /// The room's log as this user has it, by place.
    pub log: BTreeMap<u64, Mark>,
    /// A place that came with two contents.
    pub torn: u64,
    /// How often the connection was lost.
    pub cuts: u64,
    /// Answers that said no, by what they said.
    pub refused: BTreeMap<String, u64>,
}

impl Diary {
    /// A message at its place; `true` when it is new.
    fn note(&mut self, seq: u64, mark: Option<Mark>) -> bool {
        let Some(mark) = mark else { return false };
        match self.log.insert(seq, mark) {
            None => true,
            Some(before) => {
                self.torn += u64::from(before != mark);
                false
            }
        }
    }
}

/// See the module.
pub struct Survivor {
    target: Target,
    seat: Seat,
    diary: Rc<RefCell<Diary>>,
    /// No new message once it is set.
    stop: Rc<Cell<bool>>,
    /// The highest place without a gap before it.
    place: u64,
    number: u64,
    /// The one message in flight.
    open: Option<(u64, Mark)>,
    id: u64,
    next: Instant,
    cursors_at: Instant,
}

impl Survivor {
    /// A user of one room of ours.
    pub fn new(target: Target, seat: Seat, stop: Rc<Cell<bool>>) -> (Self, Rc<RefCell<Diary>>) {
        let diary = Rc::default();
        let now = Instant::now();
        let new = Self {
            target,
            seat,
            diary: Rc::clone(&diary),
            stop,
            // The commit that made the room.
            place: 1,
            number: 0,
            open: None,
            id: 1_000,
            next: now,
            cursors_at: now + CURSORS,
        };
        (new, diary)
    }

    /// Lives until it is aborted.
    pub async fn run(mut self) {
        loop {
            let room = self.seat.rooms.first().map(|room| room.id.clone());
            let cursors = HashMap::from([(room.unwrap_or_default(), self.place)]);
            let cursors = cursors
                .into_iter()
                .map(|(room, place)| (room, place.into()));
            let cursors = cursors.collect();
            let opening = self.target.open(&self.seat.identity, &cursors);
            if let Ok(Ok((stream, page))) = timeout(PATIENCE, opening).await {
                for one in page {
                    self.heard(one.seq, Mark::parse(&one.client_id));
                }
                let _ended = self.live(stream).await;
                self.diary.borrow_mut().cuts += 1;
            }
            let pause = rand::rng().random_range(AGAIN);
            sleep(Duration::from_millis(pause)).await;
        }
    }

    fn heard(&mut self, seq: u64, mark: Option<Mark>) {
        self.diary.borrow_mut().note(seq, mark);
        self.place = self.place.max(seq);
    }

    /// Until the connection ends.
    async fn live(&mut self, mut stream: Stream) -> anyhow::Result<()> {
        if let Some((_, mark)) = self.open.take() {
            self.send(&mut stream, mark).await?;
        }
        loop {
            let idle = self.open.is_none() && !self.stop.get();
            tokio::select! {
                frame = stream.next() => {
                    let Some(frame) = frame else { return Ok(()) };
                    let Message::Text(text) = frame? else { continue };
                    self.take(&mut stream, text.as_str()).await?;
                }
                () = sleep_until(self.next.into()), if idle && self.seat.sends_to.is_some() => {
                    let mark = Mark { run: 1, sender: self.seat.number, number: self.number };
                    self.number += 1;
                    self.send(&mut stream, mark).await?;
                }
                () = sleep_until((self.next + PATIENCE).into()), if self.open.is_some() => {
                    anyhow::bail!("no answer");
                }
                () = sleep_until(self.cursors_at.into()) => {
                    self.cursors_at = Instant::now() + CURSORS;
                    self.id += 1;
                    let room = &self.seat.rooms[0].id;
                    let json = format!("{{\"cursors\":{{\"{room}\":{}}}}}", self.place);
                    let text = packet::event(self.id, "ack", &json);
                    stream.send(Message::text(text)).await?;
                }
            }
        }
    }

    async fn send(&mut self, stream: &mut Stream, mark: Mark) -> anyhow::Result<()> {
        let Some(room) = self.seat.sends_to.clone() else {
            return Ok(());
        };
        self.id += 1;
        self.open = Some((self.id, mark));
        self.next = Instant::now() + PACE;
        let text = packet::message(self.id, &room.id, mark);
        stream.feed(Message::text(text)).await?;
        stream.send(Message::Binary(room.payload.clone())).await?;
        Ok(())
    }

    async fn take(&mut self, stream: &mut Stream, text: &str) -> anyhow::Result<()> {
        match Packet::read(text) {
            Packet::Ping => stream.send(Message::text("3")).await?,
            Packet::Event("message", data, _) => {
                if let Some(seq) = packet::seq_of(data) {
                    // A gap would be silent loss: it stays in the diary, and is looked for there.
                    self.heard(seq, Mark::read(data));
                }
            }
            Packet::Ack(id, data) if self.open.is_some_and(|(open, _)| open == id) => {
                let Some((_, mark)) = self.open.take() else {
                    return Ok(());
                };
                if data.contains("\"ok\":true") {
                    self.diary.borrow_mut().acked.push(mark);
                } else {
                    let code = data.split("\"code\":\"").nth(1);
                    let code = code.and_then(|rest| rest.split('"').next());
                    let code = code.unwrap_or(data).to_owned();
                    *self.diary.borrow_mut().refused.entry(code).or_default() += 1;
                    sleep(Duration::from_millis(rand::rng().random_range(AGAIN))).await;
                    self.send(stream, mark).await?;
                }
            }
            Packet::Ended(reason) => anyhow::bail!("ended: {reason}"),
            _ => {}
        }
        Ok(())
    }
}
