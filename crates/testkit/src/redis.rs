//! A Redis of a test's own, to be killed and started again at the same place.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::Mutex,
    time::Duration,
};

use crate::{port::Port, until};

/// A Redis that keeps nothing. It is killed with this value.
pub(crate) struct Redis {
    port: Port,
    folder: PathBuf,
    server: Mutex<Option<Child>>,
}

impl Redis {
    /// Starts it and waits until it answers.
    pub(crate) async fn start(folder: PathBuf) -> Self {
        let redis = Self {
            port: Port::reserve(),
            folder,
            server: Mutex::default(),
        };
        redis.restart().await;
        redis
    }

    /// `REDIS_URL`.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port.number)
    }

    /// Starts it again after [`Redis::kill`].
    pub(crate) async fn restart(&self) {
        let port = self.port.number.to_string();
        let started = Command::new("redis-server")
            .args(["--port", &port, "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no", "--daemonize", "no"])
            .current_dir(&self.folder)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let child = started.expect(
            "redis-server is missing: `cargo xtask test` installs it as root on Debian; else \
             `sudo apt install redis-server` or `brew install redis`",
        );
        *self.server.lock().unwrap() = Some(child);
        until("Redis to answer", || async { self.answers() }).await;
    }

    /// SIGKILL.
    pub(crate) fn kill(&self) {
        if let Some(mut server) = self.server.lock().unwrap().take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }

    fn answers(&self) -> Option<()> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port.number)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
        stream.write_all(b"PING\r\n").ok()?;
        let mut reply = [0; 5];
        stream.read_exact(&mut reply).ok()?;
        (&reply == b"+PONG").then_some(())
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}
