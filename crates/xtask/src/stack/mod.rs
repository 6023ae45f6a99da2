//! The local stack: databases, mfa, chat, gateway, started in this order and stopped in reverse.

mod banner;
pub mod build;
mod health;
mod lock;
mod process;
mod servers;
mod settings;

use std::{
    path::{Path, PathBuf},
    thread::sleep,
    time::Duration,
};

use anyhow::bail;
pub use build::Profile;
use clap::ValueEnum;
use process::Process;
pub use servers::{Frontend, Server, environment, passwords};
pub use settings::Settings;

use crate::{
    certs, frontend,
    postgres::Cluster,
    signals,
    terminal::{say, step},
    wasm,
    workspace::variable,
};

/// One server alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Only {
    /// The MFA service, for other applications.
    Mfa,
}

/// Everything that runs. Dropping it stops the servers, then the databases.
pub struct Stack {
    processes: Vec<Process>,
    database: Cluster,
    data: PathBuf,
    _lock: lock::Lock,
}

impl Stack {
    /// Starts databases and servers and waits until each answers.
    ///
    /// # Errors
    /// One line: what does not start, and why.
    pub fn start(
        settings: &Settings,
        profile: Profile,
        frontend: &Frontend,
        only: Option<Only>,
    ) -> anyhow::Result<Self> {
        let lock = claim(settings, only)?;
        Self::start_claimed(settings, profile, frontend, only, lock)
    }

    fn start_claimed(
        settings: &Settings,
        profile: Profile,
        frontend: &Frontend,
        only: Option<Only>,
        lock: lock::Lock,
    ) -> anyhow::Result<Self> {
        let database = step("Starting PostgreSQL", || {
            Cluster::lasting(&settings.data, &passwords(&settings.data)?)
        })?;
        let mut stack = Self {
            processes: Vec::new(),
            database,
            data: settings.data.clone(),
            _lock: lock,
        };
        for server in servers::in_order(only) {
            step(&format!("Starting {}", server.name()), || {
                let process = Process::spawn(server, settings, profile, frontend)?;
                stack.processes.push(process);
                process::remember(&settings.data, &stack.processes)?;
                stack.wait(server, settings)
            })?;
        }
        Ok(stack)
    }

    fn wait(&mut self, server: Server, settings: &Settings) -> anyhow::Result<()> {
        let address = settings.admin(server);
        for _ in 0..600 {
            if health::is_ready(address) {
                return Ok(());
            }
            if let Some(reason) = self.ended() {
                bail!("{reason}");
            }
            if signals::received() {
                bail!("interrupted");
            }
            sleep(Duration::from_millis(100));
        }
        bail!(
            "{} does not get ready within a minute; see {}",
            server.name(),
            settings.logs().display()
        )
    }

    /// What ended by itself, if anything did.
    fn ended(&mut self) -> Option<String> {
        self.processes
            .iter_mut()
            .find_map(Process::ended)
            .or_else(|| self.database.ended())
    }

    /// Shows the end of each server's log, after a test that failed.
    pub fn show_logs(&self) {
        for process in &self.processes {
            process.show_log();
        }
    }

    /// Waits for Ctrl-C.
    ///
    /// # Errors
    /// When a part ends by itself.
    pub fn watch(mut self) -> anyhow::Result<()> {
        while !signals::received() {
            if let Some(reason) = self.ended() {
                bail!("{reason}");
            }
            sleep(Duration::from_millis(200));
        }
        say("stopping …");
        Ok(())
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // The gateway first: nobody comes in while the rest finishes.
        while let Some(process) = self.processes.pop() {
            process.stop();
        }
        process::forget(&self.data);
        // The cluster stops as the next field.
    }
}

/// Makes sure that nobody else runs from this data folder or on these ports; ends what a killed run
/// left behind.
fn claim(settings: &Settings, only: Option<Only>) -> anyhow::Result<lock::Lock> {
    let lock = lock::Lock::take(&settings.data)?;
    process::end_strays(&settings.data);
    settings.check_ports(only)?;
    Ok(lock)
}

/// `cargo xtask up`.
///
/// # Errors
/// One line: what is missing and how to get it, or what failed.
pub fn up(profile: Profile, ready_file: Option<&Path>, only: Option<Only>) -> anyhow::Result<()> {
    if let Some(file) = ready_file {
        let _ = std::fs::remove_file(file);
    }
    let mut settings = Settings::from_environment()?;
    if let Some(Only::Mfa) = only
        && variable("PUBLIC_URL").is_none()
    {
        // What its mails name.
        let url = format!("https://localhost:{}", settings.mfa);
        settings.variables.push(("PUBLIC_URL", url));
    }
    let lock = claim(&settings, only)?;
    certs::ensure(&[])?;
    let frontend = if only.is_none() {
        frontend::packages()?;
        wasm::build()?;
        Frontend::Built(frontend::build()?)
    } else {
        Frontend::None
    };
    build::servers(profile, only)?;
    signals::watch();
    let stack = Stack::start_claimed(&settings, profile, &frontend, only, lock)?;
    banner::show(&settings, only);
    if let Some(file) = ready_file {
        banner::write(file, &settings, only)?;
    }
    let result = stack.watch();
    if let Some(file) = ready_file {
        let _ = std::fs::remove_file(file);
    }
    result
}

/// `cargo xtask dev`.
///
/// # Errors
/// As [`up`].
pub fn dev() -> anyhow::Result<()> {
    let settings = Settings::from_environment()?;
    let lock = claim(&settings, None)?;
    certs::ensure(&[])?;
    frontend::packages()?;
    wasm::build()?;
    build::servers(Profile::Debug, None)?;
    signals::watch();
    let frontend = Frontend::Development(settings.vite());
    let mut stack = Stack::start_claimed(&settings, Profile::Debug, &frontend, None, lock)?;
    stack.processes.push(Process::vite(&settings)?);
    banner::show(&settings, None);
    say("Hot reload is on; after changes in Rust start again, or run `cargo xtask wasm`.");
    stack.watch()
}

/// `cargo xtask db`.
///
/// # Errors
/// As [`up`].
pub fn databases() -> anyhow::Result<()> {
    let settings = Settings::from_environment()?;
    let _lock = lock::Lock::take(&settings.data)?;
    signals::watch();
    let passwords = passwords(&settings.data)?;
    let mut database = Cluster::lasting(&settings.data, &passwords)?;
    say(&format!("chat: {}", database.url(&passwords.chat, "chat")));
    say(&format!("mfa:  {}", database.url(&passwords.mfa, "mfa")));
    while !signals::received() {
        if let Some(reason) = database.ended() {
            bail!("{reason}");
        }
        sleep(Duration::from_millis(200));
    }
    Ok(())
}

/// The databases for one operator's command: those of the running stack, or started for it.
///
/// # Errors
/// As [`up`].
pub fn borrow_databases(settings: &Settings) -> anyhow::Result<Option<(Cluster, lock::Lock)>> {
    let Ok(lock) = lock::Lock::take(&settings.data) else {
        return Ok(None);
    };
    Ok(Some((
        Cluster::lasting(&settings.data, &passwords(&settings.data)?)?,
        lock,
    )))
}
