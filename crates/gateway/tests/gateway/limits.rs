//! Bodies that are too large, framing that contradicts itself, a chat server that is away.

use protocol::{Code, limits};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use crate::{
    PATIENCE,
    wire::{head, problem, tls},
    world::World,
};

#[tokio::test]
async fn bodies_are_limited_per_route() {
    let world = World::start(&[]).await;
    let send = async |path: &str, size: usize| {
        world
            .client()
            .post(world.url(path))
            .body(vec![b' '; size])
            .send()
            .await
            .unwrap()
    };
    let kib = 1024;
    assert_eq!(
        send("/api/json", 64 * kib).await.text().await.unwrap(),
        "65536"
    );
    assert_eq!(
        problem(send("/api/json", 65 * kib).await).await.code,
        Code::BodyTooLarge
    );
    assert_eq!(send("/api/keys", 256 * kib).await.status(), 200);
    let (edge, over) = (limits::VAULT_BODY, limits::VAULT_BODY + 1);
    assert_eq!(send("/api/vault", edge).await.status(), 200);
    assert_eq!(
        problem(send("/api/vault", over).await).await.code,
        Code::BodyTooLarge
    );
    assert_eq!(send("/api/files", 5 * 1024 * kib).await.status(), 200);
    assert_eq!(
        problem(send("/api/files", 6 * 1024 * kib).await).await.code,
        Code::BodyTooLarge
    );
    assert_eq!(
        send("/api/rooms/x/commits", 2 * 1024 * kib).await.status(),
        200
    );
}

#[tokio::test]
async fn a_body_of_unknown_length_is_cut_at_the_limit() {
    let world = World::start(&[]).await;
    let mut stream = tls(&world).await;
    let head_of_request =
        "POST /api/json HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head_of_request.as_bytes()).await.unwrap();
    let chunk = [b"4000\r\n".as_slice(), &[b' '; 0x4000], b"\r\n"].concat();
    for _ in 0..5 {
        if stream.write_all(&chunk).await.is_err() {
            break;
        }
    }
    let head = head(&mut stream).await;
    assert!(head.starts_with("HTTP/1.1 413"), "{head}");
}

#[tokio::test]
async fn contradicting_framing_never_gets_through() {
    let world = World::start(&[]).await;
    let mut stream = tls(&world).await;
    let twice = "POST /api/json HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\
                 Content-Length: 4\r\n\r\nabc";
    stream.write_all(twice.as_bytes()).await.unwrap();
    assert!(head(&mut stream).await.starts_with("HTTP/1.1 400"));

    // Both at once: the chunks count, the length is not passed on, the connection ends.
    let mut stream = tls(&world).await;
    let both = "POST /api/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\
                Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n\
                GET /api/smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    stream.write_all(both.as_bytes()).await.unwrap();
    let mut all = String::new();
    let _ = timeout(PATIENCE, stream.read_to_string(&mut all))
        .await
        .unwrap();
    assert!(
        all.starts_with("HTTP/1.1 200") && all.contains("connection: close"),
        "{all}"
    );
    assert!(
        !all.contains("content-length: 40") && !all.contains("smuggled"),
        "{all}"
    );
}

#[tokio::test]
async fn a_chat_server_that_is_down_or_silent_is_a_problem() {
    let world = World::start(&["--upstream-timeout=1"]).await;
    assert_eq!(
        problem(world.get("/api/slow").await).await.code,
        Code::Timeout
    );
    world.upstream.cancel();
    timeout(PATIENCE, async {
        while world.get("/api/echo").await.status() != 502 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    let down = world.get("/api/echo").await;
    assert_eq!(down.headers()["retry-after"], "2");
    assert_eq!(problem(down).await.code, Code::UpstreamUnavailable);
    assert_eq!(world.get("/").await.status(), 200);
}
