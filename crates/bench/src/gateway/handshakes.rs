//! Full TLS handshakes, one after the other.

use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use anyhow::Context;
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use crate::load::Target;

/// Connects, shakes hands and leaves, for so long; returns how often.
///
/// # Errors
/// When a handshake fails.
pub async fn run(target: &Target, time: Duration) -> anyhow::Result<u64> {
    let tls = target.tls.as_ref().context("TLS")?;
    let connector = TlsConnector::from(tls.clone());
    let name = ServerName::try_from("localhost")?;
    let until = Instant::now() + time;
    let mut count = 0;
    while Instant::now() < until {
        let tcp = TcpStream::connect((Ipv4Addr::LOCALHOST, target.port)).await?;
        tcp.set_nodelay(true)?;
        let mut stream = connector.connect(name.clone(), tcp).await?;
        stream.shutdown().await?;
        // Once the server has gone as well, all of its work is done.
        let _ = stream.read_to_end(&mut Vec::new()).await;
        count += 1;
    }
    Ok(count)
}
