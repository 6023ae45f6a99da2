//! Where the local stack keeps its data and which ports it takes.

use std::{
    io::ErrorKind,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};

use super::{Only, servers::Server};
use crate::workspace::{self, variable};

/// Ports and folders of one stack.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Databases, secrets, logs.
    pub data: PathBuf,
    /// The gateway's port.
    pub gateway: u16,
    /// Chat's port.
    pub chat: u16,
    /// The MFA service's port.
    pub mfa: u16,
    /// The first of three admin ports: gateway, chat, mfa.
    pub admin: u16,
    /// Whether mails are shown in the terminal.
    pub shows_mail: bool,
    /// What every server is told besides.
    pub variables: Vec<(&'static str, String)>,
}

impl Settings {
    /// From `SNUG_…`, with their defaults.
    ///
    /// # Errors
    /// When one is no port, or the data folder cannot be made.
    pub fn from_environment() -> anyhow::Result<Self> {
        let data = variable("SNUG_DATA").map_or_else(|| workspace::path("data"), PathBuf::from);
        Ok(Self {
            data: made(&data)?,
            gateway: port("SNUG_PORT", 8443)?,
            chat: port("SNUG_CHAT_PORT", 5000)?,
            mfa: port("SNUG_MFA_PORT", 3000)?,
            admin: port("SNUG_ADMIN_PORT", 9100)?,
            shows_mail: true,
            variables: Vec::new(),
        })
    }

    /// A stack beside any other: free ports, data in `folder`.
    ///
    /// # Errors
    /// When no ports are left.
    pub fn apart(folder: &Path) -> anyhow::Result<Self> {
        // Held together until all are chosen, so that they differ.
        let single: Vec<TcpListener> = (0..3)
            .map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
            .collect::<Result<_, _>>()?;
        let free = |listener: &TcpListener| listener.local_addr().map(|address| address.port());
        let admin = (0..1000)
            .map(|step| {
                20_000 + u16::try_from(std::process::id() % 1000).unwrap_or(0) * 3 + step * 3
            })
            .find(|first| (0..3).all(|next| is_free(first + next).is_ok()))
            .context("no free ports")?;
        Ok(Self {
            data: made(folder)?,
            gateway: free(&single[0])?,
            chat: free(&single[1])?,
            mfa: free(&single[2])?,
            admin,
            shows_mail: false,
            variables: Vec::new(),
        })
    }

    /// Where people open it.
    pub fn url(&self) -> String {
        variable("PUBLIC_URL").map_or_else(
            || format!("https://localhost:{}", self.gateway),
            |url| url.to_string_lossy().into_owned(),
        )
    }

    /// A server's admin address.
    pub fn admin(&self, server: Server) -> SocketAddr {
        let step = match server {
            Server::Gateway => 0,
            Server::Chat => 1,
            Server::Mfa => 2,
        };
        (Ipv4Addr::LOCALHOST, self.admin + step).into()
    }

    /// The folder of secrets.
    pub fn secrets(&self) -> PathBuf {
        self.data.join("secrets")
    }

    /// The folder of logs.
    pub fn logs(&self) -> PathBuf {
        self.data.join("logs")
    }

    /// What the MFA service prints: the mails, when no SMTP server is set.
    pub fn mail(&self) -> PathBuf {
        self.logs().join("mail.log")
    }

    /// Where Vite listens in `cargo xtask dev`.
    pub fn vite(&self) -> String {
        "http://127.0.0.1:5173".to_owned()
    }

    /// Checks that all ports are free.
    ///
    /// # Errors
    /// Names the port and the variable that moves it.
    pub fn check_ports(&self, only: Option<Only>) -> anyhow::Result<()> {
        let mut ports = vec![
            (self.mfa, "SNUG_MFA_PORT"),
            (self.admin + 2, "SNUG_ADMIN_PORT"),
        ];
        if only.is_none() {
            ports.extend([
                (self.gateway, "SNUG_PORT"),
                (self.chat, "SNUG_CHAT_PORT"),
                (self.admin, "SNUG_ADMIN_PORT"),
                (self.admin + 1, "SNUG_ADMIN_PORT"),
            ]);
        }
        for (port, name) in ports {
            match is_free(port) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::AddrInUse => bail!(
                    "port {port} is taken (by a stack that runs already?); {name} chooses another"
                ),
                Err(error) => bail!("port {port} cannot be used ({error}); {name} chooses another"),
            }
        }
        Ok(())
    }
}

fn is_free(port: u16) -> std::io::Result<()> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map(drop)
}

fn port(name: &str, default: u16) -> anyhow::Result<u16> {
    let Some(text) = variable(name) else {
        return Ok(default);
    };
    match text.to_string_lossy().parse() {
        Ok(port) if port > 0 => Ok(port),
        _ => bail!("{name}={} is no port", text.to_string_lossy()),
    }
}

fn made(folder: &Path) -> anyhow::Result<PathBuf> {
    let create = || format!("cannot create {}", folder.display());
    std::fs::create_dir_all(folder.join("logs")).with_context(create)?;
    folder.canonicalize().with_context(create)
}
