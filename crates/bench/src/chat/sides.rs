//! Who is measured: peers and ours, started the same way, driven by the same fleet.

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context;
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

use crate::{
    load::{Fleet, Run, Seat, Target},
    peers::{InFrontOf, Installed, Make, Nginx, Peer},
    snug::{self, Servers, World},
    system::{GENERATOR, Postgres, Process, SERVER, pin_self},
};

/// A side of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Another make.
    Peer(Make),
    /// Ours.
    Snug,
}

/// `socket.io` and `pg`.
pub const NODE: Side = Side::Peer(Make::Node);
/// Flask-SocketIO and psycopg2.
pub const FLASK: Side = Side::Peer(Make::Flask);
/// Ours.
pub const SNUG: Side = Side::Snug;

/// What all measurements share: the database, the peers, how long a round is.
pub struct Place {
    installed: Installed,
    url: String,
    folder: TempDir,
    certificates: TempDir,
    tls: Arc<rustls::ClientConfig>,
    /// Its CPU time.
    pub postgres: Postgres,
    /// Whether counts are all that is wanted: a debug build, rounds of a moment.
    pub smoke: bool,
}

/// A running side.
pub enum Running {
    /// Of another make.
    Peer(Peer, Option<Nginx>),
    /// Ours.
    Snug(Servers),
}

impl Side {
    /// Its name in figures.
    pub fn name(self) -> &'static str {
        match self {
            Self::Peer(make) => make.name(),
            Self::Snug => "Snug",
        }
    }
}

impl Place {
    /// Pins the database to the servers' core and ourselves to the other.
    ///
    /// # Errors
    /// When the database would lose what it acknowledged.
    pub async fn new(installed: Installed, smoke: bool) -> anyhow::Result<Self> {
        let url = std::env::var("TEST_DATABASE_URL")?;
        let postgres = Postgres::pinned(&url, SERVER, smoke).await?;
        pin_self(GENERATOR)?;
        let temporary = || tempfile::Builder::new().prefix("snug-bench-").tempdir();
        let certificates = temporary()?;
        testkit::issue_certificates(certificates.path());
        let (_, tls) = testkit::clients(&certificates.path().join("ca.pem"));
        Ok(Self {
            installed,
            url,
            folder: temporary()?,
            certificates,
            tls: snug::forgetful(&tls),
            postgres,
            smoke,
        })
    }

    /// Lets the database tidy up and write what it has to disk: no side pays for what ran before
    /// it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settle(&self, world: &World) -> anyhow::Result<()> {
        if self.smoke {
            return Ok(());
        }
        for url in [&self.url, &world.database.url] {
            let mut db = PgConnection::connect(url).await?;
            sqlx::query("vacuum analyze").execute(&mut db).await?;
            sqlx::query("checkpoint").execute(&mut db).await?;
            db.close().await?;
        }
        Ok(())
    }

    /// Starts a side without TLS; for ours, on the world's database.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(&self, side: Side, world: &World) -> anyhow::Result<Running> {
        Ok(match self.start_peer(side).await? {
            Some(peer) => Running::Peer(peer, None),
            None => Running::Snug(Servers::straight(&world.database.url, SERVER).await?),
        })
    }

    /// Starts a side behind TLS: ours with the gateway, a peer with nginx.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start_with_tls(&self, side: Side, world: &World) -> anyhow::Result<Running> {
        Ok(match self.start_peer(side).await? {
            Some(peer) => {
                let behind = InFrontOf::Peer { port: peer.port };
                let folder = self.folder();
                let certificates = self.certificates.path();
                let nginx =
                    Nginx::start(&self.installed, behind, certificates, SERVER, &folder).await?;
                Running::Peer(peer, Some(nginx))
            }
            None => Running::Snug(Servers::behind_gateway(&world.database.url, SERVER).await?),
        })
    }

    async fn start_peer(&self, side: Side) -> anyhow::Result<Option<Peer>> {
        let Side::Peer(make) = side else {
            return Ok(None);
        };
        let folder = self.folder();
        let peer = make.start(&self.installed, &self.url, SERVER, &folder);
        Ok(Some(peer.await?))
    }

    fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// How long something is measured.
    pub fn length(&self, seconds: u64) -> Duration {
        match self.smoke {
            true => Duration::from_millis(300),
            false => Duration::from_secs(seconds),
        }
    }

    /// How long to wait.
    pub fn pause(&self, wanted: Duration) -> Duration {
        if self.smoke { Duration::ZERO } else { wanted }
    }

    /// How often it is.
    pub fn rounds(&self) -> usize {
        if self.smoke { 1 } else { crate::report::ROUNDS }
    }

    /// Everything that was sent must have arrived, in order where order is promised, and the
    /// generator must have had time. In smoke, time is nothing.
    ///
    /// # Errors
    /// Says what was wrong.
    pub fn check(&self, side: Side, run: &Run) -> anyhow::Result<()> {
        let busiest = if self.smoke { f64::INFINITY } else { 0.8 };
        run.check(side == SNUG, busiest).context(side.name())
    }

    /// The same, whatever the generator had to do: no time is measured.
    ///
    /// # Errors
    /// Says what was wrong.
    pub fn check_counts(&self, side: Side, run: &Run) -> anyhow::Result<()> {
        run.check(side == SNUG, f64::INFINITY).context(side.name())
    }
}

impl Running {
    /// Where clients go.
    pub fn target(&self, place: &Place) -> Target {
        match self {
            Self::Peer(peer, None) => Target {
                port: peer.port,
                tls: None,
            },
            Self::Peer(_, Some(nginx)) => Target {
                port: nginx.port,
                tls: Some(place.tls.clone()),
            },
            Self::Snug(servers) => servers.target().clone(),
        }
    }

    /// CPU time of the server, without the database.
    ///
    /// # Errors
    /// When it has ended.
    pub fn cpu(&self) -> anyhow::Result<Duration> {
        match self {
            Self::Peer(peer, _) => peer.process.cpu(),
            Self::Snug(servers) => servers.chat.cpu(),
        }
    }

    /// The same with what is before it.
    ///
    /// # Errors
    /// When one has ended.
    pub fn cpu_of_all(&self) -> anyhow::Result<Duration> {
        let before = match self {
            Self::Peer(_, nginx) => nginx.as_ref().map(|nginx| &nginx.process),
            Self::Snug(servers) => servers.gateway.as_ref(),
        };
        Ok(self.cpu()? + before.map_or(Ok(Duration::ZERO), Process::cpu)?)
    }

    /// Memory of the server and of what is before it.
    ///
    /// # Errors
    /// When one has ended.
    pub fn memory(&self) -> anyhow::Result<u64> {
        let (server, before) = match self {
            Self::Peer(peer, nginx) => (&peer.process, nginx.as_ref().map(|nginx| &nginx.process)),
            Self::Snug(servers) => (&servers.chat, servers.gateway.as_ref()),
        };
        let before = before.map_or(Ok(0), Process::memory)?;
        Ok(server.memory()? + before)
    }

    /// Connects the world's people, of whom some send.
    ///
    /// # Errors
    /// When one is refused.
    pub async fn fleet(
        &self,
        place: &Place,
        world: &World,
        senders: usize,
    ) -> anyhow::Result<Fleet> {
        Fleet::connect(&self.target(place), self.seats(world, senders)).await
    }

    /// The places of the world's people, of whom some send.
    pub fn seats(&self, world: &World, senders: usize) -> Vec<Seat> {
        world.seats(senders, matches!(self, Self::Snug(_)))
    }
}
