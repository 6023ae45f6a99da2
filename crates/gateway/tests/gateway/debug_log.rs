//! What `LOG_LEVEL=debug` adds: enough to follow a connection, nothing of what goes through it.

use std::time::Duration;

use serde_json::Value;
use service::telemetry::{Format, Telemetry, init};
use tokio::{io::AsyncWriteExt, time::sleep};

use crate::{
    PATIENCE,
    wire::{head, tls},
    world::World,
};

/// What a client sends and nobody writes down: query, cookie, token, body.
const SECRETS: [&str; 4] = [
    "heron-in-the-query",
    "heron-in-the-cookie",
    "heron-in-the-token",
    "heron-in-the-body",
];

#[tokio::test]
async fn a_debug_log_follows_connections_and_tunnels_and_holds_nothing_of_them() {
    let world = World::start(&[]).await;
    let path = world.folder.path().join("gateway.log");
    // Of the whole process: other tests' lines are in it, too.
    init(&Telemetry {
        log_format: Format::Json,
        log_level: "debug".to_owned(),
        log_file: Some(path.clone()),
    })
    .unwrap();
    let [query, cookie, token, body] = SECRETS;
    let reply = world
        .client()
        .post(world.url(&format!("/api/echo?code={query}")))
        .header("cookie", format!("session={cookie}"))
        .header("authorization", format!("Bearer {token}"))
        .body(body)
        .send()
        .await
        .unwrap();
    assert_eq!(reply.status(), 200);
    let asked = reply.headers()["x-request-id"].to_str().unwrap().to_owned();

    let mut stream = tls(&world).await;
    let request = format!(
        "GET /socket.io/?auth={query} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nCookie: session={cookie}\r\n\
         Authorization: Bearer {token}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let head = head(&mut stream).await;
    let line = |line: &str| Some(line.strip_prefix("x-request-id: ")?.to_owned());
    let tunnelled = head.lines().find_map(line).unwrap();
    stream.write_all(body.as_bytes()).await.unwrap();
    drop(stream);

    let find = |id: &str, message: &str| {
        let log = std::fs::read_to_string(&path).unwrap();
        // The last line may be half a one.
        let mut lines = log
            .lines()
            .filter_map(|it| serde_json::from_str::<Value>(it).ok());
        let is = |line: &Value| {
            let span = &line["span"]["request_id"];
            line["message"] == message && (id.is_empty() || line["request_id"] == id || *span == id)
        };
        lines.find(is)
    };
    let wait = async {
        while find(&tunnelled, "tunnel closed").is_none() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap();
    let answered = find(&asked, "answered").unwrap();
    assert_eq!(answered["route"], "/api/{*path}");
    assert_eq!(
        (&answered["status"], &answered["level"]),
        (&200.into(), &"DEBUG".into())
    );
    assert!(answered["ms"].is_u64() && answered["node"].is_string());
    assert_eq!(find(&tunnelled, "answered").unwrap()["status"], 101);
    assert!(find(&tunnelled, "tunnel opened").is_some());
    let accepted = find("", "connection accepted").unwrap();
    assert_eq!(accepted["tls"], "TLSv1_3");
    assert!(
        ["h2", "http/1.1"]
            .map(Value::from)
            .contains(&accepted["alpn"])
    );

    let log = std::fs::read_to_string(&path).unwrap();
    for secret in SECRETS {
        assert!(!log.contains(secret), "{secret}");
    }
}
