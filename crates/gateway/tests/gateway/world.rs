//! A gateway on free ports before a small chat server, both over real TLS.

use std::{
    io,
    net::SocketAddr,
    path::Path,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Request},
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use clap::Parser;
use gateway::{Config, Listeners};
use http::{StatusCode, header};
use hyper::body::Frame;
use hyper_util::rt::TokioIo;
use service::{Limits, tls};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::{io::AsyncWriteExt, net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

pub struct World {
    pub address: SocketAddr,
    pub redirect: SocketAddr,
    pub shutdown: CancellationToken,
    pub task: JoinHandle<anyhow::Result<()>>,
    /// Ends the first chat server.
    pub upstream: CancellationToken,
    /// Every chat server.
    pub nodes: Vec<Node>,
    pub folder: TempDir,
}

/// A chat server: where it listens, and its end.
pub struct Node {
    pub address: SocketAddr,
    pub stop: CancellationToken,
}

impl World {
    /// Starts both; `flags` go to the gateway.
    pub async fn start(flags: &[&str]) -> Self {
        Self::with_nodes(1, flags).await
    }

    /// The same with several chat servers, which put their number into `x-node`.
    pub async fn with_nodes(count: usize, flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        certificates(folder.path());
        build(&folder.path().join("dist"));
        let mut nodes = Vec::new();
        for number in 0..count {
            let any = SocketAddr::from(([127, 0, 0, 1], 0));
            nodes.push(chat_node(folder.path(), number, any).await);
        }
        let chat: Vec<String> = nodes.iter().map(|node| node.address.to_string()).collect();
        let chat = chat.join(",");
        let upstream = nodes[0].stop.clone();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let mut arguments: Vec<String> = vec![
            "snug-gateway".into(),
            format!("--chat-upstreams={chat}"),
            "--admin-listen=127.0.0.1:0".into(),
            format!("--tls-cert={}", at("gateway.pem")),
            format!("--tls-key={}", at("gateway.key")),
            format!("--ca-cert={}", at("ca.pem")),
            format!("--frontend-dir={}", at("dist")),
        ];
        arguments.extend(flags.iter().map(|flag| (*flag).to_owned()));
        let config = Config::try_parse_from(arguments).unwrap();
        let any = || TcpListener::bind("127.0.0.1:0");
        let listeners = Listeners {
            main: any().await.unwrap(),
            redirect: Some(any().await.unwrap()),
        };
        let address = listeners.main.local_addr().unwrap();
        let redirect = listeners.redirect.as_ref().unwrap().local_addr().unwrap();
        let shutdown = CancellationToken::new();
        let task = tokio::spawn(gateway::serve(config, listeners, shutdown.clone()));
        Self {
            address,
            redirect,
            shutdown,
            task,
            upstream,
            nodes,
            folder,
        }
    }

    /// Starts a chat server again that was stopped.
    pub async fn restart(&mut self, number: usize) {
        let address = self.nodes[number].address;
        self.nodes[number] = chat_node(self.folder.path(), number, address).await;
    }

    pub fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.address.port())
    }

    /// A browser-like client that trusts the CA.
    pub fn client(&self) -> reqwest::Client {
        let ca = std::fs::read(self.folder.path().join("ca.pem")).unwrap();
        reqwest::Client::builder()
            .tls_backend_rustls()
            .tls_certs_only([reqwest::Certificate::from_pem(&ca).unwrap()])
            .redirect(reqwest::redirect::Policy::none())
            .resolve("localhost", self.address)
            .build()
            .unwrap()
    }

    /// One GET.
    pub async fn get(&self, path: &str) -> reqwest::Response {
        self.client().get(self.url(path)).send().await.unwrap()
    }
}

pub fn files(folder: &Path, name: &str) -> tls::Files {
    tls::Files {
        tls_cert: Some(folder.join(format!("{name}.pem"))),
        tls_key: Some(folder.join(format!("{name}.key"))),
        ca_cert: Some(folder.join("ca.pem")),
        ..tls::Files::default()
    }
}

fn certificates(folder: &Path) {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    let mut ca = CertificateParams::new(vec![]).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let key = KeyPair::generate().unwrap();
    std::fs::write(folder.join("ca.pem"), ca.self_signed(&key).unwrap().pem()).unwrap();
    let issuer = Issuer::new(ca, key);
    for (name, host) in [("gateway", "localhost"), ("chat", "chat.snug.internal")] {
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(vec![host.to_owned()]).unwrap();
        let pem = leaf.signed_by(&key, &issuer).unwrap().pem();
        std::fs::write(folder.join(format!("{name}.pem")), pem).unwrap();
        std::fs::write(folder.join(format!("{name}.key")), key.serialize_pem()).unwrap();
    }
}

fn build(folder: &Path) {
    std::fs::create_dir_all(folder.join("assets")).unwrap();
    let page = "<!doctype html><title>Snug</title><script type=\"importmap\">{}</script>";
    let mut files = serde_json::Map::new();
    for (name, content) in [
        ("index.html", page.to_owned()),
        ("assets/app-1a2b3c.js", "console.log('snug');\n".repeat(100)),
        ("assets/engine-1a2b3c.wasm", "\0asm".repeat(400)),
    ] {
        files.insert(name.to_owned(), sha256(content.as_bytes()).into());
        std::fs::write(folder.join(name), content).unwrap();
    }
    let manifest = serde_json::json!({"version": 1, "files": files}).to_string();
    std::fs::write(folder.join("build-manifest.json"), manifest).unwrap();
}

/// In hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn chat_node(folder: &Path, number: usize, address: SocketAddr) -> Node {
    let listener = TcpListener::bind(address).await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let tls = tls::server_config(
        &files(folder, "chat"),
        tls::ClientAuth::Required,
        tls::Http::One,
    );
    let limits = Limits {
        drain: Duration::ZERO,
        ..Limits::default()
    };
    let serving = service::serve(
        listener,
        Some(tls.unwrap()),
        chat_server(number),
        stop.clone(),
        limits,
    );
    tokio::spawn(serving);
    Node { address, stop }
}

fn chat_server(number: usize) -> Router {
    let echo = async |request: Request| {
        let line = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            format!("{name}: {}\n", value.to_str().unwrap_or_default())
        };
        let mut text = format!("{} {}\n", request.method(), request.uri());
        text.extend(request.headers().iter().map(line));
        (
            [
                (header::CONNECTION, "x-hop"),
                ("x-hop".parse().unwrap(), "1"),
            ],
            text,
        )
    };
    Router::new()
        .route("/api/echo", any(echo))
        .route("/register", post(echo))
        .route("/health/ready", get(async || ""))
        .route("/api/slow", get(std::future::pending::<()>))
        .route(
            "/api/{*rest}",
            post(async |body: Bytes| body.len().to_string()),
        )
        .route("/api/break", any(async move || break_off(number)))
        .route(
            "/api/half",
            get(async || ([(header::CONTENT_LENGTH, 10)], Body::new(Half(false)))),
        )
        .route("/socket.io/", get(socket))
        .layer(DefaultBodyLimit::disable())
        .layer(axum::middleware::map_response(
            move |mut reply: Response| {
                reply.headers_mut().insert("x-node", number.into());
                std::future::ready(reply)
            },
        ))
}

/// The first server ends the connection instead of answering.
fn break_off(number: usize) -> &'static str {
    assert_ne!(number, 0, "on purpose");
    "whole"
}

/// Breaks off after five bytes.
struct Half(bool);

impl hyper::body::Body for Half {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let first = !std::mem::replace(&mut self.0, true);
        let rest = || io::Error::other("on purpose");
        let frame = first
            .then(|| Frame::data(Bytes::from_static(b"first")))
            .ok_or_else(rest);
        Poll::Ready(Some(frame))
    }
}

/// Echoes what comes after the upgrade, unless asked to refuse.
async fn socket(mut request: Request) -> Response {
    if !request.headers().contains_key(header::UPGRADE) {
        return "long polling".into_response();
    }
    if request.uri().query() == Some("refuse") {
        return (StatusCode::FORBIDDEN, "no").into_response();
    }
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let mut stream = TokioIo::new(upgrade.await.unwrap());
        stream.write_all(b"hello ").await.unwrap();
        let (mut reader, mut writer) = tokio::io::split(stream);
        let _ = tokio::io::copy(&mut reader, &mut writer).await;
    });
    Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header(header::CONNECTION, "upgrade")
        .header(header::UPGRADE, "websocket")
        .body(Body::empty())
        .unwrap()
}
