//! The admin listener of every server: `/health/live`, `/health/ready`, `/metrics`, plain HTTP on a
//! private address.

use std::{collections::BTreeMap, future::Future, net::SocketAddr, time::Duration};

use anyhow::{Context, bail};
use axum::{Router, response::IntoResponse, routing::get};
use http::{StatusCode, header};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::{Json, Limits, fallback, memory, method_not_allowed, metrics};

/// What a server needs to do its work, and whether it is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Readiness(BTreeMap<&'static str, bool>);

impl Readiness {
    /// A server that needs nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a part by name: `database`, `mfa`, …
    pub fn part(mut self, name: &'static str, up: bool) -> Self {
        self.0.insert(name, up);
        self
    }

    /// Whether every part is up.
    pub fn is_ready(&self) -> bool {
        self.0.values().all(|up| *up)
    }
}

/// The admin routes. `ready` is asked at each probe, for two seconds at most; once `shutdown` is
/// cancelled the server is not ready, so that nobody sends new work.
pub fn router<F, Fut>(metrics: PrometheusHandle, shutdown: CancellationToken, ready: F) -> Router
where
    F: Fn() -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Readiness> + Send,
{
    let readiness = async move || {
        if shutdown.is_cancelled() {
            return status(
                StatusCode::SERVICE_UNAVAILABLE,
                "draining",
                Readiness::new(),
            );
        }
        match timeout(Duration::from_secs(2), ready()).await {
            Ok(parts) if parts.is_ready() => status(StatusCode::OK, "ok", parts),
            Ok(parts) => status(StatusCode::SERVICE_UNAVAILABLE, "down", parts),
            Err(_) => status(StatusCode::SERVICE_UNAVAILABLE, "timeout", Readiness::new()),
        }
    };
    let render = async move || {
        metrics.run_upkeep();
        (
            [(
                header::CONTENT_TYPE,
                "text/plain; version=0.0.4; charset=utf-8",
            )],
            metrics.render(),
        )
    };
    Router::new()
        .route(
            "/health/live",
            get(async || status(StatusCode::OK, "ok", Readiness::new())),
        )
        .route("/health/ready", get(readiness))
        .route("/metrics", get(render))
        .fallback(fallback)
        .method_not_allowed_fallback(method_not_allowed)
}

fn status(code: StatusCode, word: &str, parts: Readiness) -> impl IntoResponse + use<> {
    (
        code,
        Json(serde_json::json!({"status": word, "parts": parts})),
    )
}

/// Binds `address` and serves the admin routes until `stop`, which a server cancels when it has
/// drained. Returns the bound address.
///
/// # Errors
/// When the address is taken.
pub async fn spawn<F, Fut>(
    address: SocketAddr,
    shutdown: CancellationToken,
    stop: CancellationToken,
    ready: F,
) -> anyhow::Result<SocketAddr>
where
    F: Fn() -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Readiness> + Send,
{
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("ADMIN_LISTEN: cannot listen on {address}"))?;
    let bound = listener.local_addr()?;
    let app = router(metrics::handle(), shutdown, ready);
    let limits = Limits {
        connections: 64,
        drain: Duration::from_secs(1),
        ..Limits::default()
    };
    tokio::spawn(memory::give_back(stop.clone()));
    tokio::spawn(metrics::upkeep(stop.clone()));
    tokio::spawn(crate::serve(listener, None, app, stop, limits));
    Ok(bound)
}

/// Asks a running server's `/health/ready`: the `health` command of every binary, for containers.
///
/// # Errors
/// When nothing answers or the answer is not 200; the message holds the answer's body.
pub async fn probe(address: SocketAddr) -> anyhow::Result<()> {
    let mut address = address;
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() {
            std::net::Ipv4Addr::LOCALHOST.into()
        } else {
            std::net::Ipv6Addr::LOCALHOST.into()
        });
    }
    let ask = async {
        let mut stream = TcpStream::connect(address).await?;
        let request = "GET /health/ready HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await?;
        let mut reply = String::new();
        stream.take(16 * 1024).read_to_string(&mut reply).await?;
        Ok::<_, std::io::Error>(reply)
    };
    let reply = timeout(Duration::from_secs(4), ask)
        .await
        .with_context(|| format!("{address} does not answer"))?
        .with_context(|| format!("nothing answers at {address}"))?;
    if reply.starts_with("HTTP/1.1 200") {
        return Ok(());
    }
    bail!(
        "not ready: {}",
        reply.split("\r\n\r\n").nth(1).unwrap_or("no answer")
    )
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    };

    use super::*;

    #[tokio::test]
    async fn ready_follows_the_parts_and_ends_at_shutdown() {
        let up = Arc::new(AtomicBool::new(true));
        let (shutdown, stop) = (CancellationToken::new(), CancellationToken::new());
        let seen = up.clone();
        let ready = move || {
            let up = seen.load(Ordering::SeqCst);
            async move { Readiness::new().part("database", up) }
        };
        let any = ([127, 0, 0, 1], 0).into();
        let address = spawn(any, shutdown.clone(), stop.clone(), ready)
            .await
            .unwrap();

        probe(address).await.unwrap();
        up.store(false, Ordering::SeqCst);
        let down = probe(address).await.unwrap_err().to_string();
        assert!(down.contains(r#""database":false"#), "{down}");
        up.store(true, Ordering::SeqCst);
        probe(address).await.unwrap();
        shutdown.cancel();
        assert!(
            probe(address)
                .await
                .unwrap_err()
                .to_string()
                .contains("draining")
        );
        stop.cancel();
    }

    #[tokio::test]
    async fn nothing_there_is_said_in_one_line() {
        let address = TcpListener::bind("127.0.0.1:0")
            .await
            .unwrap()
            .local_addr()
            .unwrap();
        let error = probe(address).await.unwrap_err().to_string();
        assert!(
            error.starts_with("nothing answers at 127.0.0.1:"),
            "{error}"
        );
    }
}
