//! Servers of other makes that do the same job.

mod nginx;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, bail};
pub use nginx::{InFrontOf, Nginx};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use testkit::Port;
use tokio::time::sleep;

use crate::system::{Core, Process};

/// How long a server may take until it listens.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(20);

/// Where peers are installed: `cargo xtask bench` does that and says so on the command line.
#[derive(Clone, Debug, clap::Args)]
pub struct Installed {
    /// The folder of the peers' sources
    #[arg(long, default_value = "crates/bench/peers")]
    pub peers: PathBuf,
    /// The folder of the Node server and its packages
    #[arg(long, default_value = "target/bench/node")]
    pub node: PathBuf,
    /// A Python with Flask-SocketIO, eventlet and psycopg2
    #[arg(long, default_value = "target/python/bench-flask/bin/python")]
    pub flask: PathBuf,
}

/// A chat server of another make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Make {
    /// `socket.io` 4 and `pg`.
    Node,
    /// Flask-SocketIO, eventlet and psycopg2.
    Flask,
}

/// A running peer. It ends with this value.
pub struct Peer {
    /// For its CPU time and memory.
    pub process: Process,
    /// Plain HTTP on 127.0.0.1.
    pub port: u16,
    _port: Port,
}

impl Make {
    /// Its name in figures.
    pub fn name(self) -> &'static str {
        match self {
            Self::Node => "Node",
            Self::Flask => "Flask",
        }
    }

    /// Starts it on a core with a new database of the server at `postgres` (a superuser's URL);
    /// `folder` takes its log.
    ///
    /// # Errors
    /// When it does not listen after half a minute; its log is in the message.
    pub async fn start(
        self,
        installed: &Installed,
        postgres: &str,
        core: Core,
        folder: &Path,
    ) -> anyhow::Result<Peer> {
        let name = self.name().to_lowercase();
        let database = new_database(postgres, &format!("bench_{name}")).await?;
        let port = Port::reserve();
        let mut command = match self {
            Self::Node => {
                let mut command = Command::new("node");
                command.arg("server.mjs").current_dir(&installed.node);
                command
            }
            Self::Flask => {
                let mut command = Command::new(&installed.flask);
                command.arg(installed.peers.join("flask/server.py"));
                command
            }
        };
        command
            .env("PORT", port.number.to_string())
            .env("DATABASE_URL", &database);
        let log = folder.join(format!("{name}-{}.log", port.number));
        let mut process = Process::start(Some(core), &command, &log)?;
        let ready = || {
            let text = fs::read_to_string(&log).unwrap_or_default();
            text.lines().any(|line| line == "ready")
        };
        until_ready(self.name(), &mut process, &log, ready).await?;
        Ok(Peer {
            process,
            port: port.number,
            _port: port,
        })
    }
}

/// Waits until `ready`.
///
/// # Errors
/// With the log when the server ends first, or takes too long.
async fn until_ready(
    name: &str,
    process: &mut Process,
    log: &Path,
    ready: impl Fn() -> bool,
) -> anyhow::Result<()> {
    let mut waited = Duration::ZERO;
    while !ready() {
        if process.has_ended() || waited > PATIENCE {
            bail!(
                "{name} does not start:\n{}",
                fs::read_to_string(log).unwrap_or_default()
            );
        }
        sleep(LOOK).await;
        waited += LOOK;
    }
    Ok(())
}

/// Makes an empty database, in place of one of that name, and returns its URL.
///
/// # Errors
/// When the server at `postgres` is not reached, or the URL is not a superuser's.
async fn new_database(postgres: &str, name: &str) -> anyhow::Result<String> {
    let mut db = PgConnection::connect(postgres).await?;
    for sql in [
        format!("drop database if exists {name} with (force)"),
        format!("create database {name}"),
    ] {
        sqlx::query(AssertSqlSafe(sql)).execute(&mut db).await?;
    }
    let (server, _) = postgres.rsplit_once('/').context("a URL of a database")?;
    Ok(format!("{server}/{name}"))
}
