//! A Redis of a test's own, to be killed and started again at the same place.

use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::Mutex,
    time::Duration,
};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

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

    /// Where it listens.
    pub(crate) const fn port(&self) -> u16 {
        self.port.number
    }

    /// All that it holds, as it would lie on a disk.
    pub(crate) async fn dump(&self) -> Vec<u8> {
        let port = self.port.number;
        // Strings that are compressed are not found in a file of many.
        ask(port, &[b"CONFIG", b"SET", b"rdbcompression", b"no"]).await;
        ask(port, &[b"SAVE"]).await;
        fs::read(self.folder.join("dump.rdb")).unwrap()
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

/// Leaves words in a Redis behind this port, and tells them to whoever listens.
pub(crate) async fn plant(port: u16, words: &[u8]) {
    ask(port, &[b"SET", b"planted", words]).await;
    ask(port, &[b"PUBLISH", b"planted", words]).await;
}

/// A command, and the line of its answer. Waits as tasks do: a relay in between may be one.
async fn ask(port: u16, command: &[&[u8]]) -> String {
    let mut words = format!("*{}\r\n", command.len()).into_bytes();
    for word in command {
        words.extend(format!("${}\r\n", word.len()).as_bytes());
        words.extend(*word);
        words.extend(b"\r\n");
    }
    let mut stream = tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port))
        .await
        .unwrap();
    stream.write_all(&words).await.unwrap();
    let mut line = String::new();
    let mut answers = BufReader::new(stream);
    answers.read_line(&mut line).await.unwrap();
    assert!(
        line.ends_with("\r\n") && !line.starts_with('-'),
        "Redis: {line}"
    );
    line
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}
