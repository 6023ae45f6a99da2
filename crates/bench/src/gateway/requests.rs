//! Requests with keep-alive over TLS, as many as get answered.
//!
//! Not wrk: over TLS it takes about 26 µs for a request, more than nginx for a file, and so its
//! whole core.

use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use futures_util::future::try_join_all;
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::load::Target;

/// Connections with a request in flight each.
const CONNECTIONS: usize = 32;
/// No reply here is longer, its head included.
const LONGEST: usize = 16 * 1024;

/// Asks for a path for so long; returns how many answers came.
///
/// # Errors
/// When one of them was no 200, or a connection broke.
pub async fn run(target: &Target, path: &str, time: Duration) -> anyhow::Result<u64> {
    let streams = try_join_all((0..CONNECTIONS).map(|_| connect(target))).await?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: localhost:{}\r\nAccept-Encoding: gzip\r\n\r\n",
        target.port
    );
    let until = Instant::now() + time;
    let asking = streams
        .into_iter()
        .map(|stream| ask(stream, request.as_bytes(), until));
    Ok(try_join_all(asking).await?.iter().sum())
}

async fn connect(target: &Target) -> anyhow::Result<TlsStream<TcpStream>> {
    let tls = target.tls.clone().context("TLS")?;
    let tcp = TcpStream::connect((Ipv4Addr::LOCALHOST, target.port)).await?;
    tcp.set_nodelay(true)?;
    let name = ServerName::try_from("localhost")?;
    Ok(TlsConnector::from(tls).connect(name, tcp).await?)
}

async fn ask(
    mut stream: TlsStream<TcpStream>,
    request: &[u8],
    until: Instant,
) -> anyhow::Result<u64> {
    let mut buffer = vec![0; LONGEST];
    let mut count = 0;
    while Instant::now() < until {
        stream.write_all(request).await?;
        stream.flush().await?;
        let (mut read, mut whole) = (0, None);
        while whole.is_none_or(|whole| read < whole) {
            let more = stream.read(&mut buffer[read..]).await?;
            ensure!(more > 0, "the connection ended");
            read += more;
            if whole.is_none() {
                whole = length(&buffer[..read])?;
            }
        }
        count += 1;
    }
    Ok(count)
}

/// How long a reply is, head and body, as soon as its head is there.
fn length(reply: &[u8]) -> anyhow::Result<Option<usize>> {
    let Some(head) = reply.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = std::str::from_utf8(&reply[..head])?;
    if !text.starts_with("HTTP/1.1 200") {
        bail!("{text}");
    }
    let mut lines = text.lines().filter_map(|line| line.split_once(": "));
    let (_, body) = lines
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .context("no length")?;
    Ok(Some(head + 4 + body.parse::<usize>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_as_long_as_it_says() {
        let reply = b"HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 5\r\n\r\nhe";
        assert_eq!(length(reply).unwrap(), Some(reply.len() + 3));
        assert_eq!(length(&reply[..30]).unwrap(), None);
        assert!(length(b"HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n").is_err());
        assert!(length(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
