//! Running services held against what they promise: their OpenAPI documents and the examples.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use tempfile::TempDir;

use super::Report;
use crate::{
    postgres::{Cluster, Durability},
    python, signals,
    stack::{Profile, Server},
    terminal::{output, run as run_command},
    workspace,
};

/// How long a service may take to answer.
const START: Duration = Duration::from_secs(60);

/// The application that every check is.
pub(super) const APPLICATION: &str = "example";

/// No limit shall end a run of thousands of requests from one address.
const LIMITS: [&str; 4] = [
    "RATE_LIMIT",
    "RATE_LIMIT_ADDRESS",
    "RATE_LIMIT_SIGNUP",
    "RATE_LIMIT_MAIL",
];

/// Builds the services that are asked and runs every check against a scratch cluster.
pub(super) fn run(report: &mut Report) -> anyhow::Result<()> {
    report.step("build of the services", || {
        run_command(workspace::cargo().args(["build", "--quiet", "--bins", "-p", "mfa"]))
    })?;
    let cluster = Cluster::scratch(Durability::None)?;
    report.step("OpenAPI document of mfa", || {
        let service = Mfa::start(&cluster, "openapi")?;
        let requirements = workspace::path("crates/xtask/python/requirements.txt");
        let python = python::environment("openapi", &requirements)?;
        let script = workspace::path("crates/xtask/python/openapi.py");
        let mut command = service.client(&python)?;
        run_command(command.arg(script).args(["mfa", &service.url]))
    })?;
    let folder = workspace::path("examples/mfa-flask-login");
    let requirements = folder.join("requirements.txt");
    report.step("example of a login in Flask", || {
        let service = Mfa::start(&cluster, "flask")?;
        let python = python::environment("flask", &requirements)?;
        let mut command = service.client(&python)?;
        run_command(command.arg(folder.join("check.py")))
    })?;
    report.step("guide of the MFA service", || {
        let service = Mfa::start(&cluster, "guide")?;
        let python = python::environment("flask", &requirements)?;
        let mut command = service.client(&python)?;
        command
            .env("PYTHONPATH", &folder)
            .arg(workspace::path("crates/xtask/python/guide.py"))
            .arg(workspace::path("docs/mfa.md"));
        run_command(&mut command)
    })
}

/// An MFA service on plain HTTP with a database of its own; its mails go to a file.
pub(super) struct Mfa {
    child: Child,
    environment: Vec<(String, String)>,
    url: String,
    folder: TempDir,
}

impl Mfa {
    fn start(cluster: &Cluster, name: &str) -> anyhow::Result<Self> {
        Self::start_with(cluster, name, &[])
    }

    /// A service with these variables beside its own.
    pub(super) fn start_with(
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
        environment.extend(LIMITS.map(|name| (name, "1000000 per minute".to_owned())));
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
    fn client(&self, python: &PathBuf) -> anyhow::Result<Command> {
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
    pub(super) fn application(&self, rules: &[&str]) -> anyhow::Result<String> {
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
    pub(super) fn origin(&self) -> String {
        self.url.replace("127.0.0.1", "localhost")
    }

    /// The file that its mails are printed to.
    pub(super) fn console(&self) -> PathBuf {
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
