//! The accept loop of all servers: deadlines for silent peers, HTTP/1.1 and HTTP/2, upgrades, drain.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{Router, body::Body};
use http::{HeaderValue, Request, Version, header};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{
        conn::auto,
        graceful::{GracefulShutdown, Watcher},
    },
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use tower::ServiceExt;

use crate::{
    IdleBody, Peer, Rest, peer, tls,
    written::{Counted, Written},
};

/// How much and how long a connection may take. Every default is written at its field.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// TLS handshake, from accept to finish. 10 s.
    pub handshake: Duration,
    /// First complete request head after the handshake. 10 s.
    pub first_request: Duration,
    /// One request head from its first byte, and the pause between two requests. 10 s.
    pub header: Duration,
    /// The pause between two pieces of a request's body. 30 s.
    pub body_idle: Duration,
    /// All header lines of a request, in bytes. 16 KiB.
    pub header_bytes: usize,
    /// Open connections, upgraded ones not counted; more wait in the kernel's queue. 10,000.
    pub connections: usize,
    /// What requests in flight get at shutdown. 10 s.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            first_request: Duration::from_secs(10),
            header: Duration::from_secs(10),
            body_idle: Duration::from_secs(30),
            header_bytes: 16 * 1024,
            connections: 10_000,
            drain: Duration::from_secs(10),
        }
    }
}

/// Serves `app` until `shutdown` is cancelled, then lets requests in flight finish.
///
/// Each request has a [`Peer`] and [`Written`] as extensions. Upgraded connections (WebSockets) are not waited for:
/// who upgrades, drains.
pub async fn serve(
    listener: TcpListener,
    tls: Option<tls::Server>,
    app: Router,
    shutdown: CancellationToken,
    limits: Limits,
) {
    // On a worker: the thread that calls may be the main one, which would have to be woken for every
    // connection.
    let accepting = tokio::spawn(accept_all(listener, tls, app, shutdown, limits));
    let _ = AbortOnDropHandle::new(accepting).await;
}

async fn accept_all(
    listener: TcpListener,
    tls: Option<tls::Server>,
    app: Router,
    shutdown: CancellationToken,
    limits: Limits,
) {
    let graceful = GracefulShutdown::new();
    let builder = builder(limits);
    let slots = Arc::new(Semaphore::new(limits.connections));
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = accept(&listener, &slots) => accepted,
        };
        let Some((stream, address, slot)) = accepted else {
            continue;
        };
        let connection = Connection {
            address,
            builder: builder.clone(),
            app: app.clone(),
            limits,
            watcher: graceful.watcher(),
            _slot: slot,
        };
        let acceptor = tls.as_ref().map(|tls| TlsAcceptor::from(tls.config()));
        tokio::spawn(async move {
            let accepted = Instant::now();
            match acceptor {
                Some(acceptor) => connection.secure(acceptor, stream).await,
                None => {
                    tracing::debug!(peer = %address, "connection accepted");
                    connection.run(stream, Arc::new([]), None).await;
                }
            }
            tracing::debug!(peer = %address, ms = accepted.elapsed().as_millis(), "connection done");
        });
    }
    drop(listener);
    let started = Instant::now();
    let clean = timeout(limits.drain, graceful.shutdown()).await.is_ok();
    tracing::debug!(clean, ms = started.elapsed().as_millis(), "drained");
}

fn builder(limits: Limits) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header)
        .max_buf_size(limits.header_bytes);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(128)
        .max_header_list_size(u32::try_from(limits.header_bytes).unwrap_or(u32::MAX))
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(20));
    builder
}

async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let slot = slots.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, address)) => {
            // Without it Nagle's algorithm holds small replies back for 40 ms.
            let _ = stream.set_nodelay(true);
            Some((stream, address, slot))
        }
        Err(error) => {
            // Out of file descriptors, mostly: it will not be better at once.
            tracing::warn!(%error, "accept failed");
            sleep(Duration::from_millis(50)).await;
            None
        }
    }
}

struct Connection {
    address: SocketAddr,
    builder: auto::Builder<TokioExecutor>,
    app: Router,
    limits: Limits,
    watcher: Watcher,
    _slot: OwnedSemaphorePermit,
}

impl Connection {
    async fn secure(self, acceptor: TlsAcceptor, stream: TcpStream) {
        let stream = match timeout(self.limits.handshake, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => {
                ::metrics::counter!("tls_failures_total", "reason" => "handshake").increment(1);
                tracing::debug!(peer = %self.address, %error, "TLS handshake failed");
                return;
            }
            Err(_) => {
                ::metrics::counter!("tls_failures_total", "reason" => "timeout").increment(1);
                tracing::debug!(peer = %self.address, "TLS handshake took too long");
                return;
            }
        };
        let session = stream.get_ref().1;
        let names = peer::names(session.peer_certificates());
        let alpn = session.alpn_protocol();
        tracing::debug!(
            peer = %self.address,
            tls = session.protocol_version().and_then(|version| version.as_str()),
            alpn = alpn.map(|name| String::from_utf8_lossy(name)).as_deref(),
            "connection accepted"
        );
        let http2 = alpn == Some(b"h2");
        self.run(stream, names, Some(http2)).await;
    }

    /// Speaks HTTP on `stream`; `http2` is what ALPN decided, `None` on a plain connection.
    async fn run<S>(self, stream: S, names: Arc<[String]>, http2: Option<bool>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let builder = match http2 {
            Some(true) => self.builder.http2_only(),
            Some(false) | None => self.builder.http1_only(),
        };
        let peer = Peer {
            address: self.address,
            names,
        };
        let written = Written::default();
        let stream = Counted::new(stream, written.clone());
        let (app, idle) = (self.app, self.limits.body_idle);
        let spoke = Arc::new(Notify::new());
        let first = spoke.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            first.notify_one();
            let rest = Rest::default();
            // Who waits for a 100 before it sends is not asked to send what nobody wants.
            let (plain, waits) = (
                request.version() <= Version::HTTP_11,
                request.headers().contains_key(header::EXPECT),
            );
            let mut request =
                request.map(|body| Body::new(IdleBody::new(body, idle, rest.clone())));
            request.extensions_mut().insert(peer.clone());
            request.extensions_mut().insert(written.clone());
            let answer = app.clone().oneshot(request);
            async move {
                let mut response = answer.await?;
                let done = if waits {
                    rest.is_empty()
                } else {
                    rest.discard().await
                };
                if plain && !done {
                    let close = HeaderValue::from_static("close");
                    response.headers_mut().insert(header::CONNECTION, close);
                }
                Ok::<_, Infallible>(response)
            }
        });
        let connection = builder
            .serve_connection_with_upgrades(TokioIo::new(stream), service)
            .into_owned();
        let mut connection = std::pin::pin!(self.watcher.watch(connection));
        // The header time-out starts with the first byte: silence needs a deadline of its own.
        tokio::select! {
            _ = &mut connection => return,
            spoken = timeout(self.limits.first_request, spoke.notified()) => {
                if spoken.is_err() {
                    return;
                }
            }
        }
        let _ = connection.await;
    }
}
