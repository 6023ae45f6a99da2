//! The chat servers: whom to ask, over which connections, and what to do when one does not answer.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, ensure};
use axum::{body::Body, extract::Request, response::Response};
use http::{
    HeaderMap, Uri,
    uri::{self, Authority, PathAndQuery, Scheme},
};
use hyper_rustls::{FixedServerNameResolver, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, Error, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use rustls::pki_types::ServerName;
use service::tls::{self, Files};
use tokio_util::sync::CancellationToken;

use super::node::Node;

/// The name in every chat server's certificate, whatever address it is dialled at.
const CHAT_NAME: &str = "chat.snug.internal";
const CONNECT: Duration = Duration::from_secs(3);
/// Shorter than the upstream's header time-out, so that it never closes under a request.
const IDLE: Duration = Duration::from_secs(5);
/// How often each node is asked whether it is ready.
const LOOK: Duration = Duration::from_secs(1);
/// How long it may take to answer that.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why an upstream gave no reply.
#[derive(Debug)]
pub(super) struct Failure(Error);

impl Failure {
    /// Whether nothing of the request has been sent.
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
    scheme: Scheme,
    nodes: Vec<Arc<Node>>,
    next: AtomicUsize,
    client: Client<HttpsConnector<HttpConnector>, Body>,
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
        // What only gateways know. Without a key of ours there is nobody to dial either.
        let mut keys = [&files.client_key, &files.tls_key].into_iter().flatten();
        let secret = keys.find_map(|path| std::fs::read(path).ok());
        let secret = secret.unwrap_or_default();
        Ok(Self::new(Scheme::HTTPS, nodes, &secret, connector))
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
        Ok(Self::new(Scheme::HTTP, &[node], &[], connector))
    }

    fn new(
        scheme: Scheme,
        nodes: &[Authority],
        secret: &[u8],
        connector: HttpsConnector<HttpConnector>,
    ) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(256)
            .build(connector);
        let node = |authority: &Authority| Arc::new(Node::new(authority.clone(), secret));
        Self(Arc::new(Inner {
            scheme,
            nodes: nodes.iter().map(node).collect(),
            next: AtomicUsize::new(0),
            client,
        }))
    }

    /// Whether another node can be asked when one does not answer.
    pub(super) fn are_several(&self) -> bool {
        self.0.nodes.len() > 1
    }

    /// Whom to ask: for long polling the node that the cookie names, else the one with the least to
    /// do. Nodes that are down come last, those that were `tried` not at all.
    pub(super) fn pick(
        &self,
        uri: &Uri,
        headers: &HeaderMap,
        tried: &[Arc<Node>],
    ) -> Option<Arc<Node>> {
        let nodes = &self.0.nodes;
        let open = |node: &&Arc<Node>| !tried.iter().any(|one| Arc::ptr_eq(one, node));
        if let [only] = nodes.as_slice() {
            return tried.is_empty().then(|| only.clone());
        }
        if is_polling(uri) {
            let named = |node: &&Arc<Node>| node.is_up() && node.is_named_by(headers);
            if let Some(node) = nodes.iter().filter(open).find(named) {
                return Some(node.clone());
            }
        }
        // Equals take turns.
        let first = self.0.next.fetch_add(1, Ordering::Relaxed) % nodes.len();
        let (before, from) = nodes.split_at(first);
        from.iter()
            .chain(before)
            .filter(open)
            .min_by_key(|node| (!node.is_up(), node.active()))
            .cloned()
    }

    /// The same path and query at a node.
    pub(super) fn target(&self, node: &Node, uri: &Uri) -> Option<Uri> {
        let mut parts = uri::Parts::default();
        parts.scheme = Some(self.0.scheme.clone());
        parts.authority = Some(node.authority.clone());
        let root = || PathAndQuery::from_static("/");
        parts.path_and_query = Some(uri.path_and_query().cloned().unwrap_or_else(root));
        Uri::from_parts(parts).ok()
    }

    /// Whether this begins a session of long polling, which has to stay at its node.
    pub(super) fn wants_cookie(&self, uri: &Uri) -> bool {
        self.are_several() && is_polling(uri) && !has_parameter(uri, "sid=")
    }

    /// Sends a request to a node. One that cannot be reached is passed over from now on, one that
    /// broke off is looked at.
    pub(super) async fn send(&self, node: &Node, request: Request) -> Result<Response, Failure> {
        match self.0.client.request(request).await {
            Ok(response) => Ok(response.map(Body::new)),
            Err(error) => {
                let failure = Failure(error);
                if failure.is_connect() {
                    node.set_up(false);
                }
                if !failure.is_from_client() {
                    node.doubt.notify_one();
                }
                Err(failure)
            }
        }
    }

    /// Asks every node again and again whether it is ready, until `stop`.
    pub(crate) fn watch(&self, stop: &CancellationToken) {
        for node in &self.0.nodes {
            let (this, node, stop) = (self.clone(), node.clone(), stop.clone());
            tokio::spawn(stop.run_until_cancelled_owned(async move {
                loop {
                    this.look(&node).await;
                    let _ = tokio::time::timeout(LOOK, node.doubt.notified()).await;
                }
            }));
        }
    }

    /// Whether any node is ready, asked now.
    pub(crate) fn is_reachable(&self) -> impl Future<Output = bool> + Send + use<> {
        let this = self.clone();
        async move {
            let looks = this.0.nodes.iter().map(|node| {
                let (this, node) = (this.clone(), node.clone());
                tokio::spawn(async move { this.look(&node).await })
            });
            let mut any = false;
            for look in looks.collect::<Vec<_>>() {
                any |= look.await.unwrap_or(false);
            }
            any
        }
    }

    /// Asks a node whether it is ready, and notes it. Only a server that says that it is not is
    /// passed over: an older one may not know the question.
    async fn look(&self, node: &Node) -> bool {
        let target = self.target(node, &Uri::from_static("/health/ready"));
        let request = target.and_then(|uri| Request::get(uri).body(Body::empty()).ok());
        let answer = async { self.0.client.request(request?).await.ok() };
        let answer = tokio::time::timeout(PATIENCE, answer).await;
        let up = matches!(answer, Ok(Some(reply)) if !reply.status().is_server_error());
        node.set_up(up);
        let name = || node.authority.to_string();
        metrics::gauge!("gateway_upstream_up", "node" => name()).set(f64::from(u8::from(up)));
        metrics::gauge!("gateway_upstream_active", "node" => name()).set(node.active() as f64);
        up
    }
}

fn connector() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector.enforce_http(false);
    connector.set_connect_timeout(Some(CONNECT));
    connector
}

/// Whether a request belongs to a session that one node holds. A socket that begins as a WebSocket
/// stays where it is by itself; one that is raised to it names its session.
fn is_polling(uri: &Uri) -> bool {
    uri.path().starts_with("/socket.io")
        && (!has_parameter(uri, "transport=websocket") || has_parameter(uri, "sid="))
}

fn has_parameter(uri: &Uri, start: &str) -> bool {
    let mut parameters = uri.query().unwrap_or_default().split('&');
    parameters.any(|parameter| parameter.starts_with(start))
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, header};

    use super::*;

    fn upstreams() -> Upstreams {
        let nodes = ["one:1", "two:2"].map(Authority::from_static);
        let development = Upstreams::development(nodes[0].clone()).unwrap();
        let node = |authority: &Authority| Arc::new(Node::new(authority.clone(), b"secret"));
        Upstreams(Arc::new(Inner {
            scheme: Scheme::HTTP,
            nodes: nodes.iter().map(node).collect(),
            next: AtomicUsize::new(0),
            client: development.0.client.clone(),
        }))
    }

    fn uri(text: &'static str) -> Uri {
        Uri::from_static(text)
    }

    fn picked(upstreams: &Upstreams, headers: &HeaderMap, path: &'static str) -> String {
        let node = upstreams.pick(&uri(path), headers, &[]).unwrap();
        node.authority.to_string()
    }

    #[test]
    fn the_node_with_least_to_do_is_asked_and_equals_take_turns() {
        let (upstreams, none) = (upstreams(), HeaderMap::new());
        let api = "/api/me";
        assert_ne!(
            picked(&upstreams, &none, api),
            picked(&upstreams, &none, api)
        );
        let busy = upstreams.0.nodes[0].occupy();
        for _ in 0..3 {
            assert_eq!(picked(&upstreams, &none, api), "two:2");
        }
        drop(busy);
        upstreams.0.nodes[1].set_up(false);
        let _busy = upstreams.0.nodes[0].occupy();
        for _ in 0..3 {
            assert_eq!(picked(&upstreams, &none, api), "one:1");
        }
        // When all are down somebody is asked all the same, but nobody twice.
        upstreams.0.nodes[0].set_up(false);
        let first = upstreams.pick(&uri(api), &none, &[]).unwrap();
        let second = upstreams.pick(&uri(api), &none, std::slice::from_ref(&first));
        let second = second.unwrap();
        assert!(!Arc::ptr_eq(&first, &second));
        assert!(upstreams.pick(&uri(api), &none, &[first, second]).is_none());
    }

    #[test]
    fn long_polling_stays_at_its_node_and_nothing_else_does() {
        let upstreams = upstreams();
        let cookie = upstreams.0.nodes[1].cookie().unwrap();
        let pair = cookie.to_str().unwrap().split(';').next().unwrap();
        let headers =
            HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(pair).unwrap())]);
        for path in [
            "/socket.io/?EIO=4&transport=polling",
            "/socket.io/?EIO=4&transport=polling&sid=x",
            "/socket.io/?EIO=4&transport=websocket&sid=x",
        ] {
            for _ in 0..3 {
                assert_eq!(picked(&upstreams, &headers, path), "two:2", "{path}");
            }
        }
        for path in ["/api/me", "/socket.io/?EIO=4&transport=websocket"] {
            let both = [0, 1].map(|_| picked(&upstreams, &headers, path));
            assert_ne!(both[0], both[1], "{path}");
        }
        upstreams.0.nodes[1].set_up(false);
        let path = "/socket.io/?EIO=4&transport=polling&sid=x";
        assert_eq!(picked(&upstreams, &headers, path), "one:1");
    }

    #[test]
    fn the_path_goes_along_as_it_is() {
        let upstreams = upstreams();
        let given = uri("https://outside/api/a%2Fb/../c?x=1");
        let target = upstreams.target(&upstreams.0.nodes[1], &given).unwrap();
        assert_eq!(target.to_string(), "http://two:2/api/a%2Fb/../c?x=1");
        assert!(upstreams.wants_cookie(&uri("/socket.io/?EIO=4&transport=polling")));
        assert!(!upstreams.wants_cookie(&uri("/socket.io/?EIO=4&transport=polling&sid=x")));
        assert!(!upstreams.wants_cookie(&uri("/socket.io/?EIO=4&transport=websocket")));
        assert!(!upstreams.wants_cookie(&uri("/api/health")));
    }
}
