//! A server as a child process: its log in a file, its mails in the terminal, its end by SIGTERM.

use std::{
    env,
    fs::{self, File, OpenOptions},
    io::{BufRead, BufReader, Read, Seek, SeekFrom, Write},
    os::unix::{fs::OpenOptionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    thread::{self, sleep},
    time::{Duration, Instant},
};

use anyhow::Context;
use nix::{
    sys::signal::{Signal, kill, killpg},
    unistd::Pid,
};

use super::{
    Settings,
    build::Profile,
    servers::{Frontend, Server, environment},
};
use crate::{frontend, terminal::say};

/// One child and where it logs.
pub(super) struct Process {
    name: &'static str,
    child: Child,
    log: PathBuf,
    log_start: u64,
}

impl Process {
    /// Starts a server.
    pub(super) fn spawn(
        server: Server,
        settings: &Settings,
        profile: Profile,
        frontend: &Frontend,
    ) -> anyhow::Result<Self> {
        let mut command = Command::new(profile.binary(server));
        // An empty variable is one that is not set.
        for (name, _) in env::vars_os().filter(|(_, value)| value.is_empty()) {
            command.env_remove(name);
        }
        command.envs(environment(server, settings, frontend)?);
        let mut process = Self::start(server.name(), command, settings)?;
        if let Some(output) = process.child.stdout.take() {
            print(output, settings)?;
        }
        Ok(process)
    }

    /// Starts the frontend's development server.
    pub(super) fn vite(settings: &Settings) -> anyhow::Result<Self> {
        let mut command = frontend::npm(&["run", "dev", "--silent", "--", "--host", "127.0.0.1"]);
        command.env("SNUG_URL", settings.url());
        let mut process = Self::start("vite", command, settings)?;
        if let Some(output) = process.child.stdout.take() {
            thread::spawn(move || {
                BufReader::new(output)
                    .lines()
                    .map_while(Result::ok)
                    .for_each(drop)
            });
        }
        Ok(process)
    }

    fn start(
        name: &'static str,
        mut command: Command,
        settings: &Settings,
    ) -> anyhow::Result<Self> {
        let log = settings.logs().join(format!("{name}.log"));
        let file = append(&log)?;
        let log_start = file.metadata()?.len();
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(file)
            // Ctrl-C in the terminal is for us: we stop them in order.
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        Ok(Self {
            name,
            child,
            log,
            log_start,
        })
    }

    /// Why it runs no more, if it does not: its last line.
    pub(super) fn ended(&mut self) -> Option<String> {
        let status = self.child.try_wait().ok()??;
        let mut text = String::new();
        if let Ok(mut file) = File::open(&self.log) {
            let _ = file.seek(SeekFrom::Start(self.log_start));
            let _ = file.read_to_string(&mut text);
        }
        let last = text.lines().rev().find(|line| !line.trim().is_empty());
        let reason = last.map_or_else(|| status.to_string(), |line| line.trim().to_owned());
        Some(format!(
            "{} ended: {reason} (log: {})",
            self.name,
            self.log.display()
        ))
    }

    /// The last lines of its log.
    pub(super) fn show_log(&self) {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        say(&format!("--- {} ---", self.name));
        for line in &lines[lines.len().saturating_sub(30)..] {
            say(line);
        }
    }

    /// SIGTERM, then after 15 seconds SIGKILL.
    pub(super) fn stop(mut self) {
        let Ok(pid) = i32::try_from(self.child.id()) else {
            return;
        };
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        let group = Pid::from_raw(pid);
        let _ = killpg(group, Signal::SIGTERM);
        let started = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) {
            if started.elapsed() > Duration::from_secs(15) {
                say(&format!("{} does not stop; killing it", self.name));
                let _ = killpg(group, Signal::SIGKILL);
                let _ = self.child.wait();
            }
            sleep(Duration::from_millis(10));
        }
    }
}

/// What a server prints are mails and messages to people: shown, and kept for tests.
fn print(output: ChildStdout, settings: &Settings) -> anyhow::Result<()> {
    let mut file = append(&settings.mail())?;
    let shown = settings.shows_mail;
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _ = writeln!(file, "{line}");
            if shown {
                say(&line);
            }
        }
    });
    Ok(())
}

fn append(path: &Path) -> anyhow::Result<File> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .with_context(|| path.display().to_string())
}

/// Forgets them: all were stopped.
pub(super) fn forget(data: &Path) {
    let _ = fs::remove_file(list(data));
}

fn list(data: &Path) -> PathBuf {
    data.join("processes")
}

/// Writes down who runs, for a next start after this process was killed.
pub(super) fn remember(data: &Path, processes: &[Process]) -> anyhow::Result<()> {
    let lines: Vec<_> = processes
        .iter()
        .map(|process| format!("{} {}\n", process.child.id(), process.name))
        .collect();
    fs::write(list(data), lines.concat()).context("cannot write the list of processes")
}

/// Ends servers that a killed run left behind. Call it with the lock held.
pub(super) fn end_strays(data: &Path) {
    let Ok(text) = fs::read_to_string(list(data)) else {
        return;
    };
    let _ = fs::remove_file(list(data));
    for line in text.lines() {
        let Some((pid, name)) = line.split_once(' ') else {
            continue;
        };
        let Ok(pid) = pid.parse().map(Pid::from_raw) else {
            continue;
        };
        // The number may belong to another program by now.
        let program = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        if program.trim() != format!("snug-{name}") {
            continue;
        }
        let _ = kill(pid, Signal::SIGTERM);
        let started = Instant::now();
        while kill(pid, None).is_ok() && started.elapsed() < Duration::from_secs(15) {
            sleep(Duration::from_millis(20));
        }
    }
}
