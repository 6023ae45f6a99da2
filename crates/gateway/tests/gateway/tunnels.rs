//! WebSockets: opened, refused, drained.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use crate::{
    PATIENCE,
    wire::{Stream, head, tls},
    world::World,
};

pub async fn open_socket(world: &World, query: &str) -> (Stream, String) {
    let mut stream = tls(world).await;
    let request = format!(
        "GET /socket.io/{query} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let head = head(&mut stream).await;
    (stream, head)
}

#[tokio::test]
async fn a_socket_is_tunnelled_after_the_upstream_agreed() {
    let world = World::start(&[]).await;
    let (mut stream, head) = open_socket(&world, "").await;
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    assert!(head.contains("upgrade: websocket\r\n"), "{head}");
    stream.write_all(b"world").await.unwrap();
    let mut echoed = [0; 11];
    timeout(PATIENCE, stream.read_exact(&mut echoed))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(&echoed, b"hello world");

    let (_, head) = open_socket(&world, "?refuse").await;
    assert!(head.starts_with("HTTP/1.1 403"), "{head}");
}

#[tokio::test]
async fn a_handshake_with_too_many_headers_is_refused() {
    let world = World::start(&[]).await;
    let line = |length: usize| format!("X-Filler: {}\r\n", "x".repeat(length));
    // CVE-2023-43669: parsers of handshakes that read on for as long as lines come.
    for (filler, opens) in [
        (line(15 * 1024), true),
        (line(17 * 1024), false),
        (line(4 * 1024 * 1024), false),
        ("X-Filler: x\r\n".repeat(80), true),
        ("X-Filler: x\r\n".repeat(100_000), false),
    ] {
        let mut stream = tls(&world).await;
        let request = format!(
            "GET /socket.io/ HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{filler}\r\n"
        );
        let (size, mut reply) = (request.len(), Vec::new());
        let answered = async {
            // Who is refused meets a closed connection, perhaps before everything is sent.
            if stream.write_all(request.as_bytes()).await.is_ok() && opens {
                reply = head(&mut stream).await.into_bytes();
            } else {
                let _ = stream.read_to_end(&mut reply).await;
            }
        };
        timeout(PATIENCE, answered).await.unwrap();
        let reply = String::from_utf8_lossy(&reply);
        assert_eq!(
            reply.starts_with("HTTP/1.1 101"),
            opens,
            "{size} bytes: {reply}"
        );
        assert!(
            opens || reply.is_empty() || reply.starts_with("HTTP/1.1 431"),
            "{size} bytes: {reply}"
        );
    }
    assert_eq!(world.get("/api/echo").await.status(), 200);
}

#[tokio::test]
async fn shutdown_ends_tunnels_and_the_server() {
    let world = World::start(&[]).await;
    let (mut stream, head) = open_socket(&world, "").await;
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    world.shutdown.cancel();
    let mut rest = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut rest))
        .await
        .unwrap();
    timeout(PATIENCE, world.task)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
}
