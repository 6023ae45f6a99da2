//! nginx in front of a chat server: TLS, WebSockets and, in the gateway's place, static files.

use std::{
    fs,
    net::TcpStream,
    path::{Path, PathBuf},
    process::Command,
    thread::sleep,
    time::Duration,
};

use anyhow::Context;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use testkit::Port;

use super::{Installed, until_ready};
use crate::system::{Core, Process};

/// How long it may take to end, in hundredths of a second.
const LAST_WORDS: u32 = 500;

/// What stands behind it.
pub enum InFrontOf<'a> {
    /// A peer that speaks plain HTTP.
    Peer {
        /// Its port on 127.0.0.1.
        port: u16,
    },
    /// Our chat server, over mutual TLS with the gateway's certificate.
    Chat {
        /// Its port on 127.0.0.1.
        port: u16,
        /// Files that nginx serves itself.
        files: &'a Path,
    },
}

/// A running nginx with one worker. It ends with this value.
pub struct Nginx {
    /// Master and worker.
    pub process: Process,
    /// HTTPS on 127.0.0.1.
    pub port: u16,
    _port: Port,
}

impl Nginx {
    /// Starts it on a core. `certificates` holds `ca.pem` and `gateway.pem` with its key; `folder`
    /// takes configuration and log.
    ///
    /// # Errors
    /// When it does not listen after half a minute; its log is in the message.
    pub async fn start(
        installed: &Installed,
        behind: InFrontOf<'_>,
        certificates: &Path,
        core: Core,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let reserved = Port::reserve();
        let port = reserved.number;
        let (template, upstream, files) = match behind {
            InFrontOf::Peer { port } => ("node.conf", port, Path::new("")),
            InFrontOf::Chat { port, files } => ("gateway.conf", port, files),
        };
        let sources = installed.peers.join("nginx");
        let sources = fs::canonicalize(&sources).with_context(|| sources.display().to_string())?;
        let mut text = fs::read_to_string(sources.join(template)).context(template)?;
        let path = |path: &Path| path.display().to_string();
        for (name, value) in [
            ("@PORT@", port.to_string()),
            ("@UPSTREAM@", upstream.to_string()),
            ("@CERTIFICATES@", path(certificates)),
            ("@FILES@", path(files)),
            ("@FOLDER@", path(folder)),
            ("@SOURCES@", path(&sources)),
        ] {
            text = text.replace(name, &value);
        }
        let file = folder.join(format!("nginx-{port}.conf"));
        fs::write(&file, text).with_context(|| file.display().to_string())?;
        let log = file.with_extension("log");
        let mut command = Command::new(program());
        command.args(["-e", "stderr", "-c"]).arg(&file);
        let mut process = Process::start(Some(core), &command, &log)?;
        let listens = || TcpStream::connect(("127.0.0.1", port)).is_ok();
        until_ready("nginx", &mut process, &log, listens).await?;
        Ok(Self {
            process,
            port,
            _port: reserved,
        })
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // A master that is killed leaves its worker behind, which goes on listening.
        let id = i32::try_from(self.process.id()).unwrap_or_default();
        if id > 0 && kill(Pid::from_raw(id), Signal::SIGTERM).is_ok() {
            for _ in 0..LAST_WORDS {
                if self.process.has_ended() {
                    return;
                }
                sleep(Duration::from_millis(10));
            }
        }
    }
}

/// Debian puts it where people who are not root do not look.
fn program() -> PathBuf {
    let place = PathBuf::from("/usr/sbin/nginx");
    match place.exists() {
        true => place,
        false => PathBuf::from("nginx"),
    }
}
