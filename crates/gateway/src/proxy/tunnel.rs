//! WebSockets: after the upstream's 101 two byte streams are joined and nothing is read any more.

use axum::extract::Request;
use http::{Version, header};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;

use crate::{TUNNEL_DRAIN, app::App};

/// Buffer of each direction: the memory of an idle tunnel.
const BUFFER: usize = 2048;

/// Whether the client asks for a WebSocket (RFC 6455, section 4.1).
pub(super) fn is_websocket(request: &Request) -> bool {
    request.version() == Version::HTTP_11
        && request
            .headers()
            .get(header::UPGRADE)
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Joins both sides until one ends, or a moment after shutdown began.
pub(super) fn open(app: &App, client: OnUpgrade, upstream: OnUpgrade) {
    let shutdown = app.shutdown.clone();
    app.tunnels.spawn(async move {
        let Ok((client, upstream)) = tokio::try_join!(client, upstream) else { return };
        let (mut client, mut upstream) = (TokioIo::new(client), TokioIo::new(upstream));
        metrics::gauge!("gateway_tunnels").increment(1);
        tokio::select! {
            _ = tokio::io::copy_bidirectional_with_sizes(&mut client, &mut upstream, BUFFER, BUFFER) => {}
            () = async { shutdown.cancelled().await; tokio::time::sleep(TUNNEL_DRAIN).await } => {}
        }
        metrics::gauge!("gateway_tunnels").decrement(1);
    });
}
