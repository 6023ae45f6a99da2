//! The MFA service alone, on plain HTTP, as another product would use it.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use tempfile::TempDir;

use super::UNLIMITED;
use crate::{
    postgres::Cluster,
    signals,
    stack::{Profile, Server},
    terminal::output,
};

/// How long a service may take to answer.
const START: Duration = Duration::from_secs(60);

/// The application that every check is.
pub(in crate::test) const APPLICATION: &str = "example";

/// An MFA service on plain HTTP with a database of its own; its mails go to a file.
pub(in crate::test) struct Mfa {
    child: Child,
    environment: Vec<(String, String)>,
    /// Where it answers.
    pub(super) url: String,
    folder: TempDir,
}

impl Mfa {
    /// Starts it and waits until it listens.
    pub(super) fn start(cluster: &Cluster, name: &str) -> anyhow::Result<Self> {
        Self::start_with(cluster, name, &[])
    }

    /// A service with these variables beside its own.
    pub(in crate::test) fn start_with(
        cluster: &Cluster,
        name: &str,
        variables: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        let database = format!("services_{name}");
        cluster.sql("postgres", &format!("create database {database}"))?;
        let folder = tempfile::tempdir()?;
        let mut environment = vec![
            ("DATABASE_URL", cluster.scratch_url(&database)),
            (
                "SECRET_KEY",
                "for tests only, thirty-two bytes or more".to_owned(),
            ),
            ("LISTEN", "127.0.0.1:0".to_owned()),
            ("ADMIN_LISTEN", "127.0.0.1:0".to_owned()),
            ("PASSWORD_HASH_MS", "0".to_owned()),
            ("LOG_FORMAT", "text".to_owned()),
            ("LOG_FILE", folder.path().join("log").display().to_string()),
        ];
        environment.extend(UNLIMITED.map(|(name, value)| (name, value.to_owned())));
        let environment: Vec<(String, String)> = environment
            .into_iter()
            .chain(
                variables
                    .iter()
                    .map(|(name, value)| (*name, (*value).to_owned())),
            )
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let child = Command::new(binary())
            .env_clear()
            .envs(environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(File::create(folder.path().join("console"))?)
            .spawn()
            .context("snug-mfa")?;
        let mut service = Self {
            child,
            environment,
            url: String::new(),
            folder,
        };
        service.url = format!("http://{}", service.address()?);
        Ok(service)
    }

    /// Where it listens, as soon as it says so.
    fn address(&mut self) -> anyhow::Result<String> {
        let (log, started) = (self.folder.path().join("log"), Instant::now());
        loop {
            let text = fs::read_to_string(&log).unwrap_or_default();
            let ready = text.lines().find(|line| line.contains("mfa is ready"));
            let address = ready.and_then(|line| line.split_once("address="));
            if let Some(address) = address.and_then(|(_, rest)| rest.split_whitespace().next()) {
                return Ok(address.to_owned());
            }
            if self.child.try_wait()?.is_some() || started.elapsed() > START {
                bail!("the MFA service does not start:\n{text}");
            }
            ensure!(!signals::received(), "interrupted");
            sleep(Duration::from_millis(50));
        }
    }

    /// A Python program that is an application of this service.
    pub(super) fn client(&self, python: &PathBuf) -> anyhow::Result<Command> {
        let secret = self.application(&["--rp-id=localhost"])?;
        let mut command = Command::new(python);
        command
            .env("MFA_URL", &self.url)
            .env("MFA_CLIENT_ID", APPLICATION)
            .env("MFA_CLIENT_SECRET", secret)
            .env("MFA_CONSOLE", self.console())
            .current_dir(self.folder.path());
        Ok(command)
    }

    /// Registers [`APPLICATION`] with every scope; its secret.
    pub(in crate::test) fn application(&self, rules: &[&str]) -> anyhow::Result<String> {
        let mut create = Command::new(binary());
        create
            .env_clear()
            .envs(self.environment.iter().cloned())
            .env_remove("LOG_FILE")
            .args(["apps", "create", APPLICATION])
            .args(["--scope=accounts", "--scope=challenges"])
            .args(["--scope=notify", "--scope=admin"])
            .args(rules);
        let told = output(&mut create)?;
        let secret = told
            .lines()
            .find_map(|line| line.strip_prefix("client secret"))
            .context("no client secret")?;
        Ok(secret.trim().to_owned())
    }

    /// Its page of origin `http://localhost:…`: browsers take that for a safe place.
    pub(in crate::test) fn origin(&self) -> String {
        self.url.replace("127.0.0.1", "localhost")
    }

    /// The file that its mails are printed to.
    pub(in crate::test) fn console(&self) -> PathBuf {
        self.folder.path().join("console")
    }
}

impl Drop for Mfa {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn binary() -> PathBuf {
    Profile::Debug.binary(Server::Mfa)
}
