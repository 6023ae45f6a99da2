//! The gateway beside nginx, in front of the same chat server: what a request, a frame, a file, a
//! handshake and an idle socket cost.
//!
//! Both, and chat behind them, run on the servers' core; what is compared is the CPU time of the
//! gateway's process and of nginx's, so that chat's own does not matter.

mod bare;
mod browser;
mod files;
mod frames;
mod handshakes;
mod idle;
mod requests;

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context, ensure};
use service::testing::TestDatabase;

use crate::{
    load::Target,
    peers::{InFrontOf, Installed, Nginx},
    report::{Bar, ROUNDS, Section},
    snug::Servers,
    system::{self, GENERATOR, Process, SERVER, Usage, cpu_of_self},
};

/// A run whose generator used more of its core than this says nothing about the server.
const BUSIEST: f64 = 0.8;

const TITLE: &str = "Gateway beside nginx";
const HOW: &str = "Gateway and nginx stand in front of the same chat server, over mutual TLS, with \
    the same certificate, files and reply headers; both log warnings only. They and chat run on one \
    core, the generator on the other. CPU time is that of the gateway's process, or of \
    nginx's master and worker; memory is the growth of their proportional set size while 2,000 \
    tunnels open and then rest.";
/// What was done because of these figures, on the machine of that day: what a request and a file
/// cost before and after it.
const CHANGES: [[&str; 3]; 3] = [
    [
        "one layer around all routes instead of six: each copies what it wraps, for every request; \
         and a short reply leaves as one record, head and body together",
        "request 47.9 µs, file 24.7 µs",
        "request 34.2 µs, file 15.4 µs",
    ],
    [
        "a route's counters are at hand, where every request wrote and hashed their labels; ids \
         take no system call",
        "request 34.2 µs, file 15.4 µs",
        "request 32.3 µs, file 13.8 µs",
    ],
    [
        "connections are accepted on a worker: the main thread was woken for each, through the \
         scheduler",
        "handshake 0.55 to 0.72 of nginx",
        "handshake 0.37 to 0.62 of nginx",
    ],
];
const LEFT: &str = "What is left of a proxied request is spread thin: a third in the kernel, the \
    same four system calls that nginx makes; a sixth in the allocator and in copies; the rest over \
    two HTTP state machines in tasks of their own that wake each other, TLS and routing, none of it \
    above 1.5 %.";
const GATEWAY: &str = "gateway";
const NGINX: &str = "nginx";

/// What the servers are made to do.
#[derive(Clone, Copy)]
enum Work {
    Request,
    Frame,
    File,
    Handshake,
}

impl Work {
    const ALL: [Self; 4] = [Self::Request, Self::Frame, Self::File, Self::Handshake];

    fn title(self) -> &'static str {
        match self {
            Self::Request => "proxied request: GET /api/config with keep-alive",
            Self::Frame => "WebSocket frame through a tunnel: about 400 bytes, or the answer",
            Self::File => "static file with keep-alive: 4 kB, gzipped",
            Self::Handshake => "full TLS 1.3 handshake: ECDSA P-256, X25519, AES-128",
        }
    }

    fn bar(self) -> Bar {
        let times = match self {
            Self::Request | Self::Frame => 1.1,
            Self::File => 1.0,
            Self::Handshake => 0.6,
        };
        Bar::AtMost { times, of: NGINX }
    }

    /// Does it for so long; returns how often it was done.
    async fn run(self, target: &Target, time: Duration) -> anyhow::Result<u64> {
        match self {
            Self::Request => requests::run(target, "/api/config", time).await,
            Self::Frame => frames::run(target, time).await,
            Self::File => requests::run(target, files::PATH, time).await,
            Self::Handshake => handshakes::run(target, time).await,
        }
    }
}

/// The servers, and how long they are looked at.
struct Place<'a> {
    installed: &'a Installed,
    folder: tempfile::TempDir,
    servers: Servers,
    tls: Arc<rustls::ClientConfig>,
    smoke: bool,
}

/// Measures everything; `smoke` does each once, for a moment.
///
/// # Errors
/// When a server does not start, an answer is wrong, or the generator had no time left.
pub async fn run(installed: &Installed, smoke: bool) -> anyhow::Result<Section> {
    system::pin_self(GENERATOR)?;
    idle::raise_file_limit()?;
    let rounds = if smoke { 1 } else { ROUNDS };
    let mut section = Section::new("gateway", TITLE, HOW);
    let database = TestDatabase::new(&::chat::MIGRATOR).await;
    let mut place = Place::new(installed, &database.url, smoke).await?;

    let mut costs: [[Vec<f64>; 2]; Work::ALL.len()] = Default::default();
    let mut least = Vec::new();
    let nginx = place.nginx().await?;
    for _ in 0..rounds {
        for (work, costs) in Work::ALL.into_iter().zip(&mut costs) {
            costs[0].push(place.cost(work, place.gateway()?).await?);
            costs[1].push(place.cost(work, (&nginx.process, nginx.port)).await?);
        }
        least.push(place.bare().await?);
    }
    drop(nginx);
    for (work, [gateway, nginx]) in Work::ALL.into_iter().zip(&costs) {
        let sides: [(&str, &[f64]); 2] = [(GATEWAY, gateway), (NGINX, nginx)];
        section.compare(work.title(), "µs", &sides, &[work.bar()]);
    }
    let what = "a request through a bare proxy of hyper and rustls";
    section.figure(what, "µs", &least, None);

    let mut memory: [Vec<f64>; 2] = Default::default();
    for _ in 0..rounds {
        // New processes: what an earlier round used is in no figure.
        place.servers.restart_gateway().await?;
        memory[0].push(place.idle(place.gateway()?).await?);
        let nginx = place.nginx().await?;
        memory[1].push(place.idle((&nginx.process, nginx.port)).await?);
    }
    let sides: [(&str, &[f64]); 2] = [(GATEWAY, &memory[0]), (NGINX, &memory[1])];
    let (times, of) = (0.5, NGINX);
    let bars = [Bar::AtMost { times, of }];
    section.compare("idle WebSocket: memory", "kB", &sides, &bars);
    section.note(LEFT);
    for [what, before, after] in CHANGES {
        section.change(what, before, after);
    }
    Ok(section)
}

impl<'a> Place<'a> {
    /// Chat with mutual TLS and the gateway in front of it, for one caller who asks a lot.
    async fn new(installed: &'a Installed, database: &str, smoke: bool) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("snug-bench-").tempdir()?;
        let files = files::write(folder.path(), &installed.peers)?;
        let often = "100000000 per minute".to_owned();
        let extra = vec![
            ("gateway", "FRONTEND_DIR", files.display().to_string()),
            ("chat", "RATE_LIMIT_ADDRESS", often),
            ("chat", "SIGN_IN_TIMEOUT", "1 h".to_owned()),
        ];
        let servers = Servers::behind_gateway_with(database, SERVER, extra).await?;
        Ok(Self {
            installed,
            folder,
            tls: browser::tls(&servers.certificates().join("ca.pem"))?,
            servers,
            smoke,
        })
    }

    fn gateway(&self) -> anyhow::Result<(&Process, u16)> {
        let process = self.servers.gateway.as_ref().context("a gateway")?;
        Ok((process, self.servers.target().port))
    }

    async fn nginx(&self) -> anyhow::Result<Nginx> {
        let (port, certificates) = (self.servers.chat_port(), self.servers.certificates());
        let folder: &Path = self.folder.path();
        let files = &folder.join(files::FOLDER);
        let chat = InFrontOf::Chat { port, files };
        Nginx::start(self.installed, chat, certificates, SERVER, folder).await
    }

    fn target(&self, port: u16) -> Target {
        let tls = Some(self.tls.clone());
        Target { port, tls }
    }

    /// Microseconds of a process's CPU time for each time that something is done.
    async fn cost(&self, work: Work, (process, port): (&Process, u16)) -> anyhow::Result<f64> {
        let (target, time) = (self.target(port), Duration::from_secs(4));
        let time = if self.smoke { time / 10 } else { time };
        let usage = Usage::since(cpu_of_self());
        let before = process.cpu()?;
        let count = work.run(&target, time).await?;
        let used = process.cpu()? - before;
        let share = usage.share(cpu_of_self());
        ensure!(count > 0, "nothing was done");
        ensure!(
            self.smoke || share <= BUSIEST,
            "void: {}: the generator used {:.0} % of its core",
            work.title(),
            share * 100.0
        );
        Ok(used.as_secs_f64() * 1e6 / count as f64)
    }

    /// Microseconds of CPU time of a request through a proxy that does nothing else.
    async fn bare(&self) -> anyhow::Result<f64> {
        let (chat, certificates) = (self.servers.chat_port(), self.servers.certificates());
        let proxy = bare::Proxy::start(chat, certificates).await?;
        let time = Duration::from_secs(if self.smoke { 1 } else { 4 });
        let count = Work::Request.run(&self.target(proxy.port), time).await?;
        ensure!(count > 0, "nothing was passed on");
        Ok(proxy.end()? * 1e6 / count as f64)
    }

    /// What an idle tunnel adds to a process's memory, in kB.
    async fn idle(&self, (process, port): (&Process, u16)) -> anyhow::Result<f64> {
        idle::memory(process, &self.target(port), self.smoke).await
    }
}
