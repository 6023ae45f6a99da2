//! The accept loop against silent, slow and broken peers, and its drain.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::{sync::Arc, time::Duration};

use axum::{Extension, Router, body::Bytes, routing::get};
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use service::{Limits, Peer, tls};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

const SHORT: Duration = Duration::from_millis(200);
const PATIENCE: Duration = Duration::from_secs(10);

struct Server {
    address: std::net::SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<()>,
    certificates: TempDir,
}

fn certificates() -> TempDir {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    let folder = tempfile::tempdir().unwrap();
    let mut ca = CertificateParams::new(vec![]).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let key = KeyPair::generate().unwrap();
    std::fs::write(
        folder.path().join("ca.pem"),
        ca.self_signed(&key).unwrap().pem(),
    )
    .unwrap();
    let issuer = Issuer::new(ca, key);
    let key = KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned(), "gateway.snug.internal".to_owned()];
    let leaf = CertificateParams::new(names).unwrap();
    std::fs::write(
        folder.path().join("a.pem"),
        leaf.signed_by(&key, &issuer).unwrap().pem(),
    )
    .unwrap();
    std::fs::write(folder.path().join("a.key"), key.serialize_pem()).unwrap();
    folder
}

fn files(folder: &TempDir) -> tls::Files {
    tls::Files {
        tls_cert: Some(folder.path().join("a.pem")),
        tls_key: Some(folder.path().join("a.key")),
        ca_cert: Some(folder.path().join("ca.pem")),
        ..tls::Files::default()
    }
}

async fn start(auth: Option<tls::ClientAuth>) -> Server {
    let certificates = certificates();
    let tls =
        auth.map(|auth| tls::server_config(&files(&certificates), auth, tls::Http::Two).unwrap());
    let app = Router::new()
        .route(
            "/names",
            get(async |Extension(peer): Extension<Peer>| peer.names.join(",")),
        )
        .route(
            "/body",
            get(async |body: Result<Bytes, _>| match body {
                Ok(_) => "complete",
                Err::<_, axum::extract::rejection::BytesRejection>(_) => "broken",
            }),
        )
        .route(
            "/slow",
            get(async || {
                tokio::time::sleep(SHORT * 2).await;
                "finished"
            }),
        );
    let limits = Limits {
        handshake: SHORT,
        first_request: SHORT,
        header: SHORT,
        body_idle: SHORT,
        ..Limits::default()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let task = tokio::spawn(service::serve(listener, tls, app, stop.clone(), limits));
    Server {
        address,
        stop,
        task,
        certificates,
    }
}

/// Sends `bytes` and returns all that comes back until the server closes.
async fn exchange(server: &Server, bytes: &str) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut reply = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut reply))
        .await
        .expect("it was not cut")
        .ok();
    String::from_utf8_lossy(&reply).into_owned()
}

#[tokio::test]
async fn who_says_nothing_or_half_a_head_is_cut() {
    let server = start(None).await;
    assert_eq!(exchange(&server, "").await, "");
    assert!(
        !exchange(&server, "GET /names HTTP/1.1\r\nHost: x\r\n")
            .await
            .contains("200 OK")
    );
}

#[tokio::test]
async fn who_sends_a_head_byte_by_byte_is_cut_too() {
    let server = start(None).await;
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (mut reader, mut writer) = stream.into_split();
    let drip = async {
        let head = b"GET /names HTTP/1.1\r\nHost: x\r\nX-Slow: ";
        let mut sent = writer.write_all(head).await;
        while sent.is_ok() {
            tokio::time::sleep(SHORT / 10).await;
            sent = writer.write_all(b"x").await;
        }
    };
    let mut reply = Vec::new();
    let cut = async {
        tokio::select! {
            _ = reader.read_to_end(&mut reply) => {}
            () = drip => {}
        }
    };
    timeout(PATIENCE, cut).await.expect("it was not cut");
    assert!(!String::from_utf8_lossy(&reply).contains("200 OK"));
}

#[test]
fn heads_and_handshakes_get_ten_seconds() {
    let limits = Limits::default();
    for limit in [limits.handshake, limits.first_request, limits.header] {
        assert_eq!(limit, Duration::from_secs(10));
    }
}

#[tokio::test]
async fn who_starts_no_handshake_is_cut() {
    let server = start(Some(tls::ClientAuth::None)).await;
    assert_eq!(exchange(&server, "").await, "");
}

#[tokio::test]
async fn a_kept_connection_ends_when_idle() {
    let server = start(None).await;
    let reply = exchange(&server, "GET /names HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(reply.starts_with("HTTP/1.1 200 OK"), "{reply}");
}

#[tokio::test]
async fn a_body_that_stalls_breaks_off() {
    let server = start(None).await;
    let head = "GET /body HTTP/1.1\r\nHost: x\r\nContent-Length: 400\r\n\r\nabc";
    assert!(exchange(&server, head).await.ends_with("broken"));
}

#[tokio::test]
async fn a_body_that_nobody_reads_does_not_end_the_connection_unannounced() {
    let server = start(None).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    for part in [
        "POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n",
        "1234",
        "GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ] {
        stream.write_all(part.as_bytes()).await.unwrap();
        tokio::time::sleep(SHORT / 4).await;
    }
    let mut replies = String::new();
    stream.read_to_string(&mut replies).await.unwrap();
    assert_eq!(replies.matches("HTTP/1.1 404").count(), 2, "{replies}");
    // What is too long to be read for nothing ends the connection, and the reply says so.
    for expects in ["", "Expect: 100-continue\r\n"] {
        let head = format!(
            "POST /nowhere HTTP/1.1\r\nHost: x\r\n{expects}Content-Length: 1000000\r\n\r\n"
        );
        let reply = exchange(&server, &head).await;
        assert!(reply.starts_with("HTTP/1.1 404"), "{reply}");
        assert!(
            reply.to_lowercase().contains("connection: close"),
            "{reply}"
        );
    }
}

#[tokio::test]
async fn contradicting_lengths_never_reach_a_handler_twice() {
    let server = start(None).await;
    let smuggled =
        "GET /body HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n";
    assert!(
        exchange(&server, smuggled)
            .await
            .starts_with("HTTP/1.1 400")
    );
}

#[tokio::test]
async fn requests_in_flight_finish_at_shutdown_and_no_new_ones_start() {
    let server = start(None).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream
        .write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    tokio::time::sleep(SHORT / 2).await;
    let started = Instant::now();
    server.stop.cancel();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    assert!(reply.ends_with("finished"), "{reply}");
    server.task.await.unwrap();
    assert!(started.elapsed() < PATIENCE);
    assert!(TcpStream::connect(server.address).await.is_err());
}

async fn tls_get(server: &Server, config: rustls::ClientConfig) -> std::io::Result<String> {
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let stream = TcpStream::connect(server.address).await?;
    let name = ServerName::try_from("gateway.snug.internal").unwrap();
    let mut stream = connector.connect(name, stream).await?;
    stream
        .write_all(b"GET /names HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .await?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await?;
    Ok(reply)
}

fn without_certificate(folder: &TempDir) -> rustls::ClientConfig {
    let mut roots = rustls::RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(folder.path().join("ca.pem")).unwrap())
        .unwrap();
    rustls::ClientConfig::builder_with_provider(tls::provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

#[tokio::test]
async fn a_client_certificate_is_demanded_and_its_names_are_handed_on() {
    let server = start(Some(tls::ClientAuth::Required)).await;
    let named = tls::client_config(&files(&server.certificates)).unwrap();
    let reply = tls_get(&server, named.clone()).await.unwrap();
    assert!(
        reply.ends_with("localhost,gateway.snug.internal"),
        "{reply}"
    );

    assert!(
        tls_get(&server, without_certificate(&server.certificates))
            .await
            .is_err()
    );
    let foreign = certificates();
    let mut foreign_files = files(&foreign);
    foreign_files.ca_cert = Some(server.certificates.path().join("ca.pem"));
    assert!(
        tls_get(&server, tls::client_config(&foreign_files).unwrap())
            .await
            .is_err()
    );
}

#[tokio::test]
async fn an_optional_certificate_may_be_missing() {
    let server = start(Some(tls::ClientAuth::Optional)).await;
    let reply = tls_get(&server, without_certificate(&server.certificates))
        .await
        .unwrap();
    assert!(reply.starts_with("HTTP/1.1 200 OK"), "{reply}");
    let named = tls::client_config(&files(&server.certificates)).unwrap();
    assert!(
        tls_get(&server, named)
            .await
            .unwrap()
            .contains("gateway.snug.internal")
    );
}
