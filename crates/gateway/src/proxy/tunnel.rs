//! WebSockets: after the upstream's 101 two byte streams are joined and nothing is read any more.

use std::{
    io,
    pin::pin,
    time::{Duration, Instant},
};

use axum::extract::Request;
use http::{Version, header};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use service::RequestId;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split},
    time::{sleep, timeout},
};

use super::node::Busy;
use crate::{TUNNEL_DRAIN, app::App};

/// Buffer of each direction: the memory of an idle tunnel.
const BUFFER: usize = 2048;

/// How long a side may still speak after the other has ended.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Whether the client asks for a WebSocket (RFC 6455, section 4.1).
pub(super) fn is_websocket(request: &Request) -> bool {
    request.version() == Version::HTTP_11
        && request
            .headers()
            .get(header::UPGRADE)
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Joins both sides until one ends, or a moment after shutdown began. Until then the node is `busy`.
pub(super) fn open(app: &App, id: &RequestId, client: OnUpgrade, upstream: OnUpgrade, busy: Busy) {
    let shutdown = app.shutdown.clone();
    // Out of the request's span, which ends with its reply.
    let id = id.0.clone();
    app.tunnels.spawn(async move {
        let _busy = busy;
        let Ok((client, upstream)) = tokio::try_join!(client, upstream) else {
            tracing::debug!(request_id = %id, "a side was gone before the tunnel stood");
            return;
        };
        let (client, upstream) = (TokioIo::new(client), TokioIo::new(upstream));
        metrics::gauge!("gateway_tunnels").increment(1);
        let opened = Instant::now();
        tracing::debug!(request_id = %id, "tunnel opened");
        let cut = tokio::select! {
            () = join(client, upstream, LAST_WORDS) => false,
            () = async { shutdown.cancelled().await; sleep(TUNNEL_DRAIN).await } => true,
        };
        metrics::gauge!("gateway_tunnels").decrement(1);
        tracing::debug!(request_id = %id, cut, seconds = opened.elapsed().as_secs(), "tunnel closed");
    });
}

/// Carries bytes both ways. A side that cannot be written to any more may have said something
/// before it went (why it closed, for one): that still reaches the other side.
async fn join(
    client: impl AsyncRead + AsyncWrite + Unpin,
    upstream: impl AsyncRead + AsyncWrite + Unpin,
    last_words: Duration,
) {
    let (from_client, to_client) = split(client);
    let (from_upstream, to_upstream) = split(upstream);
    let mut up = pin!(carry(from_client, to_upstream));
    let mut down = pin!(carry(from_upstream, to_client));
    // How a direction ended does not matter: the other one ends by itself or is cut.
    tokio::select! {
        _ = &mut up => { let _ = timeout(last_words, down).await; }
        _ = &mut down => { let _ = timeout(last_words, up).await; }
    }
}

async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return to.shutdown().await;
        }
        to.write_all(&buffer[..read]).await?;
        // TLS keeps a part of a record back otherwise.
        to.flush().await?;
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::duplex;

    use super::*;

    #[tokio::test]
    async fn the_last_words_of_a_side_that_is_gone_arrive() {
        let (mut client, client_end) = duplex(64);
        let (upstream_end, mut upstream) = duplex(64);
        upstream.write_all(b"displaced").await.unwrap();
        drop(upstream);
        client.write_all(b"nobody reads this").await.unwrap();
        join(client_end, upstream_end, LAST_WORDS).await;
        let mut heard = Vec::new();
        client.read_to_end(&mut heard).await.unwrap();
        assert_eq!(heard, b"displaced");
    }

    #[tokio::test]
    async fn bytes_go_both_ways_until_a_side_ends() {
        let (mut client, client_end) = duplex(64);
        let (upstream_end, mut upstream) = duplex(64);
        let tunnel = tokio::spawn(join(client_end, upstream_end, LAST_WORDS));
        let long: Vec<u8> = (0..3 * BUFFER).map(|byte| byte as u8).collect();
        let mut heard = vec![0; long.len()];
        tokio::try_join!(client.write_all(&long), upstream.read_exact(&mut heard)).unwrap();
        assert_eq!(heard, long);
        heard.fill(0);
        tokio::try_join!(upstream.write_all(&long), client.read_exact(&mut heard)).unwrap();
        assert_eq!(heard, long);
        drop(client);
        assert_eq!(upstream.read(&mut heard).await.unwrap(), 0);
        drop(upstream);
        tunnel.await.unwrap();
    }

    #[tokio::test]
    async fn a_side_that_stays_alone_is_cut() {
        let (client, client_end) = duplex(64);
        let (upstream_end, upstream) = duplex(64);
        drop(upstream);
        join(client_end, upstream_end, Duration::from_millis(1)).await;
        drop(client);
    }
}
