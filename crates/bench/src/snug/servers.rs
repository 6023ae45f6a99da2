//! Our servers as they are released: chat alone and without TLS, or behind the gateway.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, ensure};
use tempfile::TempDir;
use testkit::Port;

use crate::{
    load::Target,
    system::{Core, Process},
};

/// Servers on one core. They end with this value.
pub struct Servers {
    /// The chat server.
    pub chat: Process,
    /// The gateway, unless clients go straight to chat.
    pub gateway: Option<Process>,
    target: Target,
    folder: TempDir,
    ports: [Port; 4],
    database: String,
    core: Core,
    extra: Vec<Variable>,
}

/// A variable of a server besides what all need: `chat` or `gateway`, its name, its value.
pub type Variable = (&'static str, &'static str, String);

impl Servers {
    /// Chat alone, plain HTTP on loopback.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn straight(database: &str, core: Core) -> anyhow::Result<Self> {
        Self::start(database, core, false, Vec::new()).await
    }

    /// Chat behind the gateway, with TLS before and between them.
    ///
    /// # Errors
    /// When one does not start.
    pub async fn behind_gateway(database: &str, core: Core) -> anyhow::Result<Self> {
        Self::behind_gateway_with(database, core, Vec::new()).await
    }

    /// The same with more variables.
    ///
    /// # Errors
    /// When one does not start.
    pub async fn behind_gateway_with(
        database: &str,
        core: Core,
        extra: Vec<Variable>,
    ) -> anyhow::Result<Self> {
        Self::start(database, core, true, extra).await
    }

    async fn start(
        database: &str,
        core: Core,
        gateway: bool,
        extra: Vec<Variable>,
    ) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("snug-bench-").tempdir()?;
        testkit::issue_certificates(folder.path());
        let (_, tls) = testkit::clients(&folder.path().join("ca.pem"));
        let ports = [(); 4].map(|()| Port::reserve());
        let port = if gateway {
            ports[2].number
        } else {
            ports[0].number
        };
        let target = Target {
            port,
            tls: gateway.then(|| forgetful(&tls)),
        };
        let chat = start_chat(&folder, &ports, database, core, gateway, &extra)?;
        let gateway = match gateway {
            true => Some(start_gateway(&folder, &ports, core, &extra)?),
            false => None,
        };
        let mut servers = Self {
            chat,
            gateway,
            target,
            folder,
            ports,
            database: database.to_owned(),
            core,
            extra,
        };
        servers.ready().await?;
        Ok(servers)
    }

    /// Where clients go.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The chat server's port, for whoever stands in front of it in the gateway's place.
    pub fn chat_port(&self) -> u16 {
        self.ports[0].number
    }

    /// The folder with `ca.pem` and each server's certificate and key.
    pub fn certificates(&self) -> &Path {
        self.folder.path()
    }

    /// What the servers have written.
    pub fn logs(&self) -> String {
        ["chat.log", "gateway.log"]
            .map(|name| std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default())
            .concat()
    }

    /// Starts chat again after it was killed.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn restart_chat(&mut self) -> anyhow::Result<()> {
        self.chat.kill();
        let through = self.gateway.is_some();
        self.chat = start_chat(
            &self.folder,
            &self.ports,
            &self.database,
            self.core,
            through,
            &self.extra,
        )?;
        self.ready().await
    }

    /// Starts the gateway again after it was killed.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn restart_gateway(&mut self) -> anyhow::Result<()> {
        if let Some(mut gateway) = self.gateway.take() {
            gateway.kill();
            let gateway = start_gateway(&self.folder, &self.ports, self.core, &self.extra)?;
            self.gateway = Some(gateway);
        }
        self.ready().await
    }

    /// Waits until everything that runs is ready.
    ///
    /// # Errors
    /// When one has ended, or takes longer than half a minute.
    pub async fn ready(&mut self) -> anyhow::Result<()> {
        let http = reqwest::Client::new();
        let mut wanted = vec![self.ports[1].number];
        if self.gateway.is_some() {
            wanted.push(self.ports[3].number);
        }
        for _ in 0..300 {
            let chat = self.chat.has_ended();
            let gateway = self.gateway.as_mut().is_some_and(Process::has_ended);
            ensure!(!chat && !gateway, "a server ended: {}", self.logs());
            let mut ready = 0;
            for port in &wanted {
                let url = format!("http://127.0.0.1:{port}/health/ready");
                let reply = http.get(url).send().await;
                ready += usize::from(reply.is_ok_and(|reply| reply.status().is_success()));
            }
            if ready == wanted.len() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        anyhow::bail!("the servers do not get ready: {}", self.logs())
    }
}

/// Full handshakes, every time.
pub fn forgetful(tls: &rustls::ClientConfig) -> Arc<rustls::ClientConfig> {
    let mut tls = tls.clone();
    tls.resumption = rustls::client::Resumption::disabled();
    Arc::new(tls)
}

fn start_chat(
    folder: &TempDir,
    ports: &[Port; 4],
    database: &str,
    core: Core,
    tls: bool,
    extra: &[Variable],
) -> anyhow::Result<Process> {
    let mut command = command("snug-chat")?;
    command
        .env("LISTEN", format!("127.0.0.1:{}", ports[0].number))
        .env("ADMIN_LISTEN", format!("127.0.0.1:{}", ports[1].number))
        .env("DATABASE_URL", database)
        .env(
            "ATTACHMENTS_URL",
            format!("file:{}", folder.path().join("files").display()),
        )
        // Nothing here asks the MFA service.
        .env("MFA_URL", "http://127.0.0.1:9")
        // Everybody comes from one address.
        .env("RATE_LIMIT_ADDRESS", "1000000 per minute");
    configure(&mut command, folder, "chat", tls, extra);
    Process::start(Some(core), &command, &folder.path().join("chat.log"))
}

fn start_gateway(
    folder: &TempDir,
    ports: &[Port; 4],
    core: Core,
    extra: &[Variable],
) -> anyhow::Result<Process> {
    let mut command = command("snug-gateway")?;
    command
        .env("LISTEN", "127.0.0.1")
        .env("PORT", ports[2].number.to_string())
        .env("ADMIN_LISTEN", format!("127.0.0.1:{}", ports[3].number))
        .env(
            "PUBLIC_URL",
            format!("https://localhost:{}", ports[2].number),
        )
        .env("CHAT_UPSTREAMS", format!("127.0.0.1:{}", ports[0].number));
    configure(&mut command, folder, "gateway", true, extra);
    Process::start(Some(core), &command, &folder.path().join("gateway.log"))
}

fn configure(command: &mut Command, folder: &TempDir, name: &str, tls: bool, extra: &[Variable]) {
    // As an operator runs it: warnings and what matters for security.
    command.env("LOG_LEVEL", "warn").env("LOG_FORMAT", "json");
    if tls {
        let file = |name: String| folder.path().join(name);
        for variable in ["TLS", "CLIENT"] {
            command.env(format!("{variable}_CERT"), file(format!("{name}.pem")));
            command.env(format!("{variable}_KEY"), file(format!("{name}.key")));
        }
        command.env("CA_CERT", file("ca.pem".to_owned()));
    }
    for (_, variable, value) in extra.iter().filter(|(server, ..)| *server == name) {
        command.env(variable, value);
    }
}

/// A server's binary, which was built beside this program.
fn command(name: &str) -> anyhow::Result<Command> {
    let own = env::current_exe()?;
    let path: PathBuf = own.parent().context("a folder")?.join(name);
    ensure!(path.exists(), "{} is not built", path.display());
    Ok(Command::new(path))
}
