//! Requests that reach chat, who may send them and who may read the replies.

use protocol::Code;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{wire::problem, world::World};

#[tokio::test]
async fn a_request_reaches_chat_with_headers_that_only_we_write() {
    let world = World::start(&[]).await;
    let reply = world
        .client()
        .get(world.url("/api/echo?x=1"))
        .header("x-forwarded-for", "6.6.6.6")
        .header("x-request-id", "forged")
        .header("te", "trailers")
        .send()
        .await
        .unwrap();
    assert_eq!(reply.version(), http::Version::HTTP_2);
    assert!(reply.headers().get("x-hop").is_none());
    let id = reply.headers()["x-request-id"].to_str().unwrap().to_owned();
    let seen = reply.text().await.unwrap();
    let port = world.address.port();
    for line in [
        "GET /api/echo?x=1\n".to_owned(),
        format!("\nhost: localhost:{port}\n"),
        "\nx-forwarded-for: 127.0.0.1\n".to_owned(),
        "\nx-forwarded-proto: https\n".to_owned(),
        format!("\nx-request-id: {id}\n"),
    ] {
        assert!(seen.contains(&line), "{line:?} in {seen}");
    }
    assert!(!seen.contains("6.6.6.6") && !seen.contains("forged") && !seen.contains("trailers"));
}

#[tokio::test]
async fn a_short_reply_that_breaks_off_is_a_problem() {
    let world = World::start(&[]).await;
    let problem = problem(world.get("/api/half").await).await;
    assert_eq!(problem.code, Code::UpstreamUnavailable);
}

#[tokio::test]
async fn the_documented_aliases_are_forwarded() {
    let world = World::start(&[]).await;
    let reply = world
        .client()
        .post(world.url("/register"))
        .body("{}")
        .send()
        .await
        .unwrap();
    assert!(reply.text().await.unwrap().starts_with("POST /register\n"));
}

#[tokio::test]
async fn only_listed_origins_may_read() {
    let world = World::start(&["--cors-origins=https://app.example.org"]).await;
    let ask = async |origin: &str, method: http::Method| {
        world
            .client()
            .request(method, world.url("/api/echo"))
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .send()
            .await
            .unwrap()
    };
    let preflight = ask("https://app.example.org", http::Method::OPTIONS).await;
    assert_eq!(preflight.status(), 204);
    assert_eq!(
        preflight.headers()["access-control-allow-credentials"],
        "true"
    );
    let real = ask("https://app.example.org", http::Method::GET).await;
    assert_eq!(
        real.headers()["access-control-allow-origin"],
        "https://app.example.org"
    );
    let foreign = ask("https://evil.example", http::Method::GET).await;
    assert!(
        !foreign
            .headers()
            .contains_key("access-control-allow-origin")
    );
}

#[tokio::test]
async fn lists_of_networks_are_kept() {
    let world = World::start(&["--deny-ips=127.0.0.0/8"]).await;
    assert_eq!(problem(world.get("/").await).await.code, Code::Forbidden);
}

#[tokio::test]
async fn behind_another_tls_end_plain_http_serves_its_proxies_alone() {
    for (trusted, status) in [("127.0.0.1", "200"), ("10.0.0.1", "403")] {
        let trusted = format!("--trusted-proxies={trusted}");
        let world = World::start(&["--use-ssl=false", &trusted]).await;
        let mut stream = TcpStream::connect(world.address).await.unwrap();
        stream
            .write_all(
                b"GET /api/echo HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 6.6.6.6, 1.2.3.4\r\n\
                  Connection: close\r\n\r\n",
            )
            .await
            .unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).await.unwrap();
        assert!(reply.starts_with(&format!("HTTP/1.1 {status}")), "{reply}");
        assert_eq!(
            reply.contains("x-forwarded-for: 1.2.3.4\n"),
            status == "200"
        );
    }
}
