//! The chat servers: whom to ask, over which connections, and who is down at the moment.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use axum::{body::Body, extract::Request, response::Response};
use http::{HeaderMap, HeaderValue, Uri, header, uri::Authority};
use hyper_rustls::{FixedServerNameResolver, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, Error, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use rustls::pki_types::ServerName;
use service::tls::{self, Files};
use tokio::net::TcpStream;

/// The name in every chat server's certificate, whatever address it is dialled at.
const CHAT_NAME: &str = "chat.snug.internal";
/// Keeps polling at one node, since it holds that session.
const NODE_COOKIE: &str = "__Host-node";
const CONNECT: Duration = Duration::from_secs(3);
/// Shorter than the upstream's header time-out, so that it never closes under a request.
const IDLE: Duration = Duration::from_secs(5);
/// How long a node that did not answer is passed over.
const DOWN: Duration = Duration::from_secs(2);

/// Why an upstream gave no reply.
#[derive(Debug)]
pub(super) struct Failure(Error);

impl Failure {
    pub(super) fn is_connect(&self) -> bool {
        self.0.is_connect()
    }

    /// Whether the client's body broke off, not the upstream.
    pub(super) fn is_from_client(&self) -> bool {
        use std::error::Error as _;
        self.0
            .source()
            .and_then(|cause| cause.downcast_ref::<hyper::Error>())
            .is_some_and(hyper::Error::is_user)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// One or more equal servers behind one kind of connection.
#[derive(Clone)]
pub(crate) struct Upstreams(Arc<Inner>);

struct Inner {
    scheme: &'static str,
    nodes: Vec<Node>,
    next: AtomicUsize,
    client: Client<HttpsConnector<HttpConnector>, Body>,
}

struct Node {
    authority: Authority,
    down_until: Mutex<Option<Instant>>,
}

impl Upstreams {
    /// The chat servers, over mutual TLS.
    pub(crate) fn chat(nodes: &[Authority], files: &Files) -> anyhow::Result<Self> {
        ensure!(!nodes.is_empty(), "CHAT_UPSTREAMS is empty");
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls::client_config(files)?)
            .https_only()
            .with_server_name_resolver(FixedServerNameResolver::new(ServerName::try_from(
                CHAT_NAME,
            )?))
            .enable_http1()
            .wrap_connector(connector());
        Ok(Self::new("https", nodes.to_vec(), connector))
    }

    /// The frontend's development server, over plain HTTP.
    pub(crate) fn development(node: Authority) -> anyhow::Result<Self> {
        let tls = rustls::ClientConfig::builder_with_provider(tls::provider())
            .with_safe_default_protocol_versions()
            .context("TLS")?
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector());
        Ok(Self::new("http", vec![node], connector))
    }

    fn new(
        scheme: &'static str,
        nodes: Vec<Authority>,
        connector: HttpsConnector<HttpConnector>,
    ) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(256)
            .build(connector);
        let nodes = nodes
            .into_iter()
            .map(|authority| Node {
                authority,
                down_until: Mutex::new(None),
            })
            .collect();
        Self(Arc::new(Inner {
            scheme,
            nodes,
            next: AtomicUsize::new(0),
            client,
        }))
    }

    /// The node that the cookie names, else the next one in turn; nodes that are down come last.
    pub(super) fn pick(&self, headers: &HeaderMap) -> usize {
        let count = self.0.nodes.len();
        if count == 1 {
            return 0;
        }
        let now = Instant::now();
        let named = node_cookie(headers).filter(|node| *node < count);
        if let Some(node) = named.filter(|node| self.0.nodes[*node].is_up(now)) {
            return node;
        }
        let first = self.0.next.fetch_add(1, Ordering::Relaxed);
        (0..count)
            .map(|step| first.wrapping_add(step) % count)
            .find(|node| self.0.nodes[*node].is_up(now))
            .unwrap_or(first % count)
    }

    /// The same path and query at a node.
    pub(super) fn target(&self, node: usize, uri: &Uri) -> Option<Uri> {
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        Uri::builder()
            .scheme(self.0.scheme)
            .authority(self.0.nodes.get(node)?.authority.clone())
            .path_and_query(path)
            .build()
            .ok()
    }

    /// Whether this begins a Socket.IO session that has to stay at its node.
    pub(super) fn wants_cookie(&self, uri: &Uri) -> bool {
        self.0.nodes.len() > 1
            && uri.path().starts_with("/socket.io")
            && !uri.query().is_some_and(|query| query.contains("sid="))
    }

    pub(super) fn cookie(&self, node: usize) -> HeaderValue {
        let text = format!("{NODE_COOKIE}={node}; Path=/; Secure; HttpOnly; SameSite=Strict");
        HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
    }

    pub(super) async fn send(&self, node: usize, request: Request) -> Result<Response, Failure> {
        match self.0.client.request(request).await {
            Ok(response) => Ok(response.map(Body::new)),
            Err(error) => {
                if error.is_connect()
                    && let Some(node) = self.0.nodes.get(node)
                {
                    node.rest();
                }
                Err(Failure(error))
            }
        }
    }

    /// Whether any node takes connections.
    pub(crate) fn is_reachable(&self) -> impl Future<Output = bool> + Send + use<> {
        let inner = self.0.clone();
        async move {
            for node in &inner.nodes {
                let dial = TcpStream::connect(node.authority.as_str());
                if matches!(tokio::time::timeout(CONNECT, dial).await, Ok(Ok(_))) {
                    return true;
                }
            }
            false
        }
    }
}

impl Node {
    fn is_up(&self, now: Instant) -> bool {
        let until = *self
            .down_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        until.is_none_or(|until| until <= now)
    }

    fn rest(&self) {
        let mut until = self
            .down_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *until = Some(Instant::now() + DOWN);
    }
}

fn connector() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector.enforce_http(false);
    connector.set_connect_timeout(Some(CONNECT));
    connector
}

fn node_cookie(headers: &HeaderMap) -> Option<usize> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(NODE_COOKIE)?.strip_prefix('='))
        .and_then(|value| value.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upstreams() -> Upstreams {
        let nodes = ["one:1", "two:2"]
            .map(|node| node.parse().unwrap())
            .to_vec();
        let one = Upstreams::development("one:1".parse().unwrap()).unwrap();
        let nodes: Vec<Node> = nodes
            .into_iter()
            .map(|authority| Node {
                authority,
                down_until: Mutex::new(None),
            })
            .collect();
        let client = one.0.client.clone();
        Upstreams(Arc::new(Inner {
            scheme: "http",
            nodes,
            next: AtomicUsize::new(0),
            client,
        }))
    }

    fn with_cookie(cookie: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(cookie))])
    }

    #[test]
    fn nodes_take_turns_the_cookie_holds_and_who_is_down_is_passed_over() {
        let upstreams = upstreams();
        let none = HeaderMap::new();
        assert_ne!(upstreams.pick(&none), upstreams.pick(&none));
        for _ in 0..3 {
            assert_eq!(upstreams.pick(&with_cookie("a=1; __Host-node=1")), 1);
        }
        assert!(upstreams.pick(&with_cookie("__Host-node=9")) < 2);
        upstreams.0.nodes[1].rest();
        for _ in 0..3 {
            assert_eq!(upstreams.pick(&none), 0);
            assert_eq!(upstreams.pick(&with_cookie("__Host-node=1")), 0);
        }
        upstreams.0.nodes[0].rest();
        assert!(upstreams.pick(&none) < 2);
    }

    #[test]
    fn the_path_goes_along_as_it_is() {
        let upstreams = upstreams();
        let uri = "https://outside/api/a%2Fb/../c?x=1".parse().unwrap();
        let target = upstreams.target(1, &uri).unwrap();
        assert_eq!(target.to_string(), "http://two:2/api/a%2Fb/../c?x=1");
        assert!(upstreams.wants_cookie(&"/socket.io/?EIO=4".parse().unwrap()));
        assert!(!upstreams.wants_cookie(&"/socket.io/?EIO=4&sid=x".parse().unwrap()));
        assert!(!upstreams.wants_cookie(&"/api/health".parse().unwrap()));
    }
}
