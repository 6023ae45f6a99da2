//! What hostile clients cost: memory, and how long they may hold a connection.

use std::{
    io,
    time::{Duration, Instant},
};

use anyhow::ensure;
use futures_util::future::try_join_all;
use testkit::{
    Person, Server, Stack,
    hostile::{self, Way, Wire},
};
use tokio::{
    io::AsyncReadExt,
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::report::{Limit, Section};

/// Rounds, each with servers of its own: memory that rose once need not rise again.
const ROUNDS: usize = 3;
/// Connections of each kind that are held open.
const HELD: usize = 100;
/// What is asked of memory is in units of a million bytes.
const MEGABYTE: f64 = 1e6;
/// Far beyond every deadline.
const PATIENCE: Duration = Duration::from_secs(60);

/// Bar 11.
pub async fn run() -> anyhow::Result<Section> {
    let mut section = Section::new(
        "hostile",
        "Hostile clients",
        &format!(
            "Attackers come through the gateway by TLS; {ROUNDS} rounds, each on servers that were \
             just started. Memory is the highest resident memory of gateway and chat above what \
             they had before. The time of a connection is from its opening to its end; each kind \
             is opened {HELD} times. Every case is also a test (`crates/testkit/tests/system`)."
        ),
    );
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push(Round::measure().await?);
    }
    let all = |of: &dyn Fn(&Round) -> f64| rounds.iter().map(of).collect::<Vec<_>>();
    for (place, way) in Way::ALL.into_iter().enumerate() {
        let what = format!("20 strangers send 45 MiB each: {}", way.name());
        let growth = all(&|round| round.strangers[place]);
        section.figure(&what, "MB", &growth, Some(Limit::AtMost(40.0)));
    }
    for (what, unit, values, limit) in [
        (
            "150,000 messages without waiting",
            "MB",
            all(&|round| round.flood),
            Some(50.0),
        ),
        ("… of them stored", "", all(&|round| round.stored), None),
        (
            "… of them refused for now",
            "",
            all(&|round| round.refused),
            None,
        ),
        (
            "150,000 events, no answer read",
            "MB",
            all(&|round| round.unread),
            Some(50.0),
        ),
    ] {
        section.figure(what, unit, &values, limit.map(Limit::AtMost));
    }
    for (place, kind) in Kind::ALL.into_iter().enumerate() {
        let times = all(&|round| round.held[place]);
        let limit = Limit::AtMost(kind.limit());
        section.figure(
            &format!("longest life of {}", kind.name()),
            "s",
            &times,
            Some(limit),
        );
    }
    section.note(
        "A deadline of ten seconds counts as kept until 10.5 s: a timer fires after it, and the \
         machine has other things to do.",
    );
    Ok(section)
}

/// One round's figures: memory in megabytes, times in seconds.
struct Round {
    strangers: Vec<f64>,
    flood: f64,
    stored: f64,
    refused: f64,
    unread: f64,
    held: Vec<f64>,
}

impl Round {
    async fn measure() -> anyhow::Result<Self> {
        let stack = Stack::start().await;
        let flood = hostile::flood(&stack).await;
        ensure!(flood.stored > 0, "{flood:?}");
        let person = Person::sign_up(&stack, "cleo").await;
        let unread = hostile::flood_unread(&stack, &person).await;
        drop(stack);
        let stack = Stack::start().await;
        let person = Person::sign_up(&stack, "cleo").await;
        let mut strangers = Vec::new();
        for way in Way::ALL {
            strangers.push(hostile::strangers(&stack, &[way]).await as f64 / MEGABYTE);
        }
        ensure!(person.me().await.is_ok(), "nobody else is served any more");
        let held = Kind::ALL.map(|kind| kind.held(&stack));
        Ok(Self {
            strangers,
            flood: flood.growth as f64 / MEGABYTE,
            stored: flood.stored as f64,
            refused: flood.refused as f64,
            unread: unread as f64 / MEGABYTE,
            held: try_join_all(held).await?,
        })
    }
}

/// Ways to hold a connection and say little.
#[derive(Clone, Copy)]
enum Kind {
    /// TCP alone.
    Silent,
    /// TLS, and no request.
    Idle,
    /// A request whose head comes byte by byte and does not end.
    Head,
    /// A WebSocket that does not say whose it is.
    Unconnected,
    /// One that connects without a session.
    Stranger,
}

impl Kind {
    const ALL: [Self; 5] = [
        Self::Silent,
        Self::Idle,
        Self::Head,
        Self::Unconnected,
        Self::Stranger,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Silent => "a connection without TLS handshake",
            Self::Idle => "a connection without request",
            Self::Head => "a request whose head does not end",
            Self::Unconnected => "a WebSocket that says nothing",
            Self::Stranger => "a WebSocket without session",
        }
    }

    /// Seconds.
    fn limit(self) -> f64 {
        match self {
            Self::Silent | Self::Idle | Self::Head => 10.5,
            Self::Unconnected | Self::Stranger => 30.0,
        }
    }

    /// The longest life of many, in seconds.
    async fn held(self, stack: &Stack) -> anyhow::Result<f64> {
        let all = (0..HELD).map(|_| timeout(PATIENCE, self.life(stack)));
        let lives = try_join_all(all).await?;
        let lives: io::Result<Vec<_>> = lives.into_iter().collect();
        let longest = lives?.into_iter().max().unwrap_or_default();
        Ok(longest.as_secs_f64())
    }

    async fn life(self, stack: &Stack) -> io::Result<Duration> {
        let mut wire = match self {
            Self::Silent => {
                let port = stack.port(Server::Gateway);
                let mut tcp = TcpStream::connect(("127.0.0.1", port)).await?;
                let opened = Instant::now();
                // What comes is a goodbye at most.
                let _ = tcp.read_to_end(&mut Vec::new()).await;
                return Ok(opened.elapsed());
            }
            Self::Idle | Self::Head => Wire::connect(stack).await,
            Self::Unconnected => Wire::socket(stack).await,
            Self::Stranger => Wire::open(stack, None).await,
        };
        let opened = Instant::now();
        if matches!(self, Self::Head) {
            wire.send(b"GET / HTTP/1.1\r\nX-Slow: ").await?;
            while wire.send(b"x").await.is_ok() {
                sleep(Duration::from_millis(100)).await;
            }
        } else {
            wire.rest().await;
        }
        Ok(opened.elapsed())
    }
}
