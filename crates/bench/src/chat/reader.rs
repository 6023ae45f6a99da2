//! A person who hears a room and does not read it as it comes.

use std::{cell::RefCell, pin::pin, rc::Rc, time::Duration};

use futures_util::{SinkExt, StreamExt};
use rand::RngExt;
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};
use tokio_tungstenite::tungstenite::Message;

use crate::load::{Packet, Seat, Stream, Target, seq_of};

/// How an attempt to connect may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two attempts.
const AGAIN: Duration = Duration::from_millis(100);
/// How long a flapping connection is up, and how long it is cut.
const UP: Duration = Duration::from_secs(9);
const CUT: Duration = Duration::from_secs(1);
/// In a short run a second is five milliseconds.
const SHORT: u32 = 200;

/// How somebody reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Nothing at all.
    Stalled,
    /// What comes, but the connection is cut for a second every ten.
    Flapping,
}

/// What a reader has seen.
#[derive(Debug, Default)]
pub struct Diary {
    /// The highest place of the room without a gap before it.
    pub place: u64,
    /// Messages seen, each once.
    pub seen: u64,
    /// Messages that came with a place that is not the next.
    pub gaps: u64,
    /// Connections that ended.
    pub cuts: u64,
}

/// See the module.
pub struct Reader {
    target: Target,
    seat: Seat,
    manner: Manner,
    /// Becomes true when everybody reads like everybody else.
    over: watch::Receiver<bool>,
    diary: Rc<RefCell<Diary>>,
    up: Duration,
    cut: Duration,
}

impl Reader {
    /// A reader of one room, who writes into the diary.
    pub fn new(
        target: &Target,
        seat: Seat,
        manner: Manner,
        over: &watch::Receiver<bool>,
        diary: &Rc<RefCell<Diary>>,
        short: bool,
    ) -> Self {
        // The commit that made the room has the first place.
        diary.borrow_mut().place = 1;
        let unit = if short { SHORT } else { 1 };
        Self {
            target: target.clone(),
            seat,
            manner,
            over: over.clone(),
            diary: Rc::clone(diary),
            up: UP / unit,
            cut: CUT / unit,
        }
    }

    /// Lives until it is aborted.
    pub async fn run(mut self) {
        loop {
            let place = self.diary.borrow().place;
            let rooms = self.seat.rooms.iter();
            let cursors = rooms.map(|room| (room.id.clone(), place.into())).collect();
            let opening = self.target.open(&self.seat.identity, &cursors);
            let Ok(Ok((stream, page))) = timeout(PATIENCE, opening).await else {
                sleep(AGAIN).await;
                continue;
            };
            for one in page {
                self.hear(one.seq);
            }
            let _ended = self.live(stream).await;
            self.diary.borrow_mut().cuts += 1;
            if !*self.over.borrow() {
                sleep(self.cut).await;
            }
        }
    }

    /// Until the connection ends, or is cut.
    async fn live(&mut self, mut stream: Stream) -> anyhow::Result<()> {
        // Not everybody is cut at the same time.
        let share = if self.diary.borrow().cuts == 0 {
            rand::rng().random_range(0.0..1.0)
        } else {
            1.0
        };
        let up = self.up.mul_f64(share);
        let mut over = self.over.clone();
        let mut over = pin!(over.wait_for(|over| *over));
        if self.manner == Manner::Stalled {
            over.await?;
            return self.read(&mut stream).await;
        }
        tokio::select! {
            // Everybody stays from now on.
            over = &mut over => drop(over?),
            () = sleep(up) => return Ok(()),
            ended = self.read(&mut stream) => return ended,
        }
        self.read(&mut stream).await
    }

    async fn read(&self, stream: &mut Stream) -> anyhow::Result<()> {
        while let Some(frame) = stream.next().await {
            let Message::Text(text) = frame? else {
                continue;
            };
            match Packet::read(text.as_str()) {
                Packet::Ping => stream.send(Message::text("3")).await?,
                Packet::Event("message", data, _) => {
                    seq_of(data).into_iter().for_each(|seq| self.hear(seq));
                }
                Packet::Ended(reason) => anyhow::bail!("ended: {reason}"),
                _ => {}
            }
        }
        Ok(())
    }

    fn hear(&self, seq: u64) {
        let mut diary = self.diary.borrow_mut();
        if seq <= diary.place {
            return;
        }
        diary.gaps += u64::from(seq > diary.place + 1);
        diary.seen += 1;
        diary.place = seq;
    }
}
