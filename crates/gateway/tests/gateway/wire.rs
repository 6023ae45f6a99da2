//! Raw HTTP over TLS, for what a well-behaved client never sends, and problems as they arrive.

use std::sync::Arc;

use protocol::Problem;
use rustls::pki_types::ServerName;
use tokio::{io::AsyncReadExt, net::TcpStream, time::timeout};

use crate::{PATIENCE, world::World};

pub type Stream = tokio_rustls::client::TlsStream<TcpStream>;

/// A connection that speaks HTTP/1.1.
pub async fn tls(world: &World) -> Stream {
    connect(world, b"http/1.1").await
}

/// A connection that speaks what ALPN calls by this name.
pub async fn connect(world: &World, protocol: &[u8]) -> Stream {
    let roots = service::tls::roots(&world.folder.path().join("ca.pem")).unwrap();
    let mut config = rustls::ClientConfig::builder_with_provider(service::tls::provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    let stream = TcpStream::connect(world.address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    tokio_rustls::TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .unwrap()
}

/// Reads up to the end of one response head.
pub async fn head(stream: &mut Stream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(timeout(PATIENCE, stream.read_u8()).await.unwrap().unwrap());
    }
    String::from_utf8(head).unwrap()
}

pub async fn problem(reply: reqwest::Response) -> Problem {
    let status = reply.status();
    assert_eq!(reply.headers()["content-type"], "application/problem+json");
    let problem: Problem = serde_json::from_slice(&reply.bytes().await.unwrap()).unwrap();
    assert_eq!(problem.status, status.as_u16());
    assert!(problem.request_id.is_some());
    problem
}
