//! A private PostgreSQL: found or installed, started for us alone, stopped when we go.

mod binaries;
mod bootstrap;
mod place;

use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    net::{Ipv4Addr, TcpListener},
    os::unix::{fs::OpenOptionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
pub use bootstrap::{Access, Roles};
use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, User},
};
use place::Place;

use crate::{machine, signals, terminal::output};

/// Whether a scratch cluster syncs its commits to disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// As an operator's: for measuring.
    Full,
    /// Not at all: for tests.
    None,
}

/// A running cluster. Dropping it stops it.
pub struct Cluster {
    server: Child,
    place: Place,
    binaries: PathBuf,
    /// Of its socket and, in a scratch cluster, of its TCP listener.
    port: u16,
}

impl Cluster {
    /// Starts the lasting cluster of `data`, made at the first time.
    ///
    /// # Errors
    /// When PostgreSQL is missing, of another version than the data, or does not start.
    pub fn lasting(data: &Path, roles: &Roles) -> anyhow::Result<Self> {
        // Installing PostgreSQL brings the user that will run it: look for the place after it.
        binaries::find(None)?;
        let place = Place::lasting(data)?;
        let binaries = binaries::find(version(&place.cluster))?;
        place.prepare()?;
        if !place.cluster.join("PG_VERSION").exists() {
            bootstrap::lasting(&binaries, &place, roles)?;
        }
        end_stray(&place.cluster)?;
        let settings = ["listen_addresses=", "max_connections=60"];
        Self::start(&binaries, place, 5432, &settings)
    }

    /// Starts a cluster that lives as long as this value. Its URL goes by TCP, so that tests can
    /// put a faulty wire in between.
    ///
    /// # Errors
    /// As [`Cluster::lasting`].
    pub fn scratch(durability: Durability) -> anyhow::Result<Self> {
        let binaries = binaries::find(None)?;
        let place = Place::scratch()?;
        bootstrap::scratch(&binaries, &place)?;
        let mut settings = vec![
            "listen_addresses=127.0.0.1",
            "max_connections=300",
            "max_wal_size=2GB",
        ];
        if durability == Durability::None {
            settings.extend([
                "fsync=off",
                "full_page_writes=off",
                "autovacuum_naptime=300",
            ]);
        }
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        Self::start(&binaries, place, port, &settings)
    }

    /// The superuser's URL of a scratch cluster's database.
    pub fn scratch_url(&self, database: &str) -> String {
        let (password, port) = (bootstrap::SCRATCH_PASSWORD.as_str(), self.port);
        format!("postgres://snug:{password}@127.0.0.1:{port}/{database}")
    }

    fn start(binaries: &Path, place: Place, port: u16, settings: &[&str]) -> anyhow::Result<Self> {
        let log = place.log.clone();
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&log)
            .with_context(|| log.display().to_string())?;
        let before = file.metadata()?.len();
        let common = [
            "unix_socket_permissions=0700",
            "shared_buffers=64MB",
            "logging_collector=off",
            "log_min_messages=warning",
        ];
        let settings = common.iter().chain(settings).flat_map(|one| ["-c", one]);
        let server = command(binaries, "postgres", place.owner.as_ref())
            .arg("-D")
            .arg(&place.cluster)
            .arg("-k")
            .arg(&place.socket)
            .arg("-p")
            .arg(port.to_string())
            .args(settings)
            .stdout(Stdio::null())
            .stderr(file)
            .spawn()
            .context("cannot start postgres")?;
        let mut cluster = Self {
            server,
            place,
            binaries: binaries.to_owned(),
            port,
        };
        cluster.wait(&log, before)?;
        Ok(cluster)
    }

    fn wait(&mut self, log: &Path, before: u64) -> anyhow::Result<()> {
        let started = Instant::now();
        while !ready(&self.place.cluster, self.server.id()) {
            if let Some(status) = self.server.try_wait()? {
                bail!(
                    "PostgreSQL does not start ({status}): {}",
                    complaint(log, before)
                );
            }
            if signals::received() {
                bail!("interrupted");
            }
            if started.elapsed() > Duration::from_secs(120) {
                bail!("PostgreSQL does not get ready: {}", complaint(log, before));
            }
            sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    /// The URL of a lasting cluster's database for its owner, who is named alike.
    pub fn url(&self, access: &Access, database: &str) -> String {
        url(&self.place.socket, access, database)
    }

    /// Which PostgreSQL it is.
    ///
    /// # Errors
    /// When it does not say.
    pub fn version(&self) -> anyhow::Result<String> {
        let text = output(Command::new(self.binaries.join("postgres")).arg("--version"))?;
        let version = text.split_whitespace().nth(2);
        Ok(format!("PostgreSQL {}", version.context("no version")?))
    }

    /// Runs SQL in a scratch cluster's database, as its superuser.
    ///
    /// # Errors
    /// With the database's complaint.
    pub fn sql(&self, database: &str, text: &str) -> anyhow::Result<()> {
        let inside = self.binaries.join("psql");
        let psql = if inside.exists() {
            Some(inside)
        } else {
            machine::find("psql")
        };
        let mut child = Command::new(psql.context("psql is missing: install postgresql-client")?)
            .args([
                "-X",
                "-q",
                "-v",
                "ON_ERROR_STOP=1",
                "-U",
                "snug",
                "-d",
                database,
                "-h",
            ])
            .arg(&self.place.socket)
            .arg("-p")
            .arg(self.port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start psql")?;
        if let Some(mut input) = child.stdin.take() {
            input.write_all(text.as_bytes())?;
        }
        let output = child.wait_with_output()?;
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(())
    }

    /// Why it runs no more, if it does not.
    pub fn ended(&mut self) -> Option<String> {
        let status = self.server.try_wait().ok()??;
        Some(format!(
            "PostgreSQL ended ({status}); its log is {}",
            self.place.log.display()
        ))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let Ok(pid) = i32::try_from(self.server.id()) else {
            return;
        };
        // SIGINT is PostgreSQL's fast shutdown: sessions are ended, everything is written.
        let _ = kill(Pid::from_raw(pid), Signal::SIGINT);
        let started = Instant::now();
        while matches!(self.server.try_wait(), Ok(None)) {
            if started.elapsed() > Duration::from_secs(30) {
                let _ = kill(Pid::from_raw(pid), Signal::SIGQUIT);
                let _ = self.server.wait();
            }
            sleep(Duration::from_millis(10));
        }
        self.place.leave();
    }
}

/// The URL of a lasting cluster's database, whether it runs or not.
///
/// # Errors
/// When the data's place cannot be told.
pub fn lasting_url(data: &Path, access: &Access, database: &str) -> anyhow::Result<String> {
    let place = Place::lasting(data)?;
    Ok(url(&place.socket, access, database))
}

fn url(socket: &Path, access: &Access, database: &str) -> String {
    let (password, socket) = (&access.password, socket.display());
    format!("postgres://{database}:{password}@localhost/{database}?host={socket}")
}

/// A program of PostgreSQL as the unprivileged owner, apart from our terminal and environment.
fn command(binaries: &Path, program: &str, owner: Option<&User>) -> Command {
    let mut command = Command::new(binaries.join(program));
    command
        .current_dir("/")
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("LC_ALL", "C")
        .env("TZ", "UTC")
        .stdin(Stdio::null())
        // Ctrl-C in the terminal is for us: the database goes last.
        .process_group(0);
    if let Some(owner) = owner {
        command.uid(owner.uid.as_raw()).gid(owner.gid.as_raw());
    }
    command
}

/// Line 8 of postmaster.pid says `ready` once connections are taken.
fn ready(cluster: &Path, pid: u32) -> bool {
    let Ok(text) = fs::read_to_string(cluster.join("postmaster.pid")) else {
        return false;
    };
    let mut lines = text.lines();
    lines.next().and_then(|line| line.trim().parse().ok()) == Some(pid)
        && lines.nth(6).is_some_and(|line| line.trim() == "ready")
}

/// Ends a server that an earlier, killed run left behind; its pid file alone does no harm.
fn end_stray(cluster: &Path) -> anyhow::Result<()> {
    let file = cluster.join("postmaster.pid");
    let Ok(text) = fs::read_to_string(&file) else {
        return Ok(());
    };
    let Some(pid) = text
        .lines()
        .next()
        .and_then(|line| line.trim().parse().ok())
    else {
        return Ok(());
    };
    let pid = Pid::from_raw(pid);
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    if name.trim() != "postgres" && Path::new("/proc/self").exists() {
        return Ok(());
    }
    if kill(pid, Signal::SIGINT).is_err() {
        return Ok(());
    }
    let started = Instant::now();
    while file.exists() && kill(pid, None).is_ok() {
        if started.elapsed() > Duration::from_secs(30) {
            bail!("a PostgreSQL of an earlier run (process {pid}) does not end");
        }
        sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// The last thing that the log says since `before`, in one line.
fn complaint(log: &Path, before: u64) -> String {
    use std::io::{Read, Seek, SeekFrom};
    let mut text = String::new();
    if let Ok(mut file) = File::open(log) {
        let _ = file.seek(SeekFrom::Start(before));
        let _ = file.read_to_string(&mut text);
    }
    match bootstrap::telling(&text).or_else(|| text.lines().last()) {
        Some(line) => line.trim().to_owned(),
        None => format!("see {}", log.display()),
    }
}

/// The major version of a cluster that is there.
fn version(cluster: &Path) -> Option<u32> {
    fs::read_to_string(cluster.join("PG_VERSION"))
        .ok()?
        .trim()
        .parse()
        .ok()
}
