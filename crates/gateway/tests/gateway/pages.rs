//! Pages, assets, their headers, and the redirect to them.

use axum::{Router, routing::get};
use service::Limits;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::CancellationToken;

use crate::world::{World, sha256};

#[tokio::test]
async fn pages_and_assets_come_from_memory() {
    let world = World::start(&[]).await;
    let page = world.get("/").await;
    assert_eq!(page.headers()["cache-control"], "no-cache");
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    let tag = page.headers()["etag"].clone();
    let again = world
        .client()
        .get(world.url("/"))
        .header("if-none-match", tag)
        .send()
        .await
        .unwrap();
    assert_eq!(again.status(), 304);

    let asset = world
        .client()
        .get(world.url("/assets/engine-1a2b3c.wasm"))
        .header("accept-encoding", "gzip")
        .send()
        .await
        .unwrap();
    assert_eq!(asset.headers()["content-type"], "application/wasm");
    assert_eq!(
        asset.headers()["cache-control"],
        "public, max-age=31536000, immutable"
    );
    assert_eq!(asset.headers()["content-encoding"], "gzip");

    for path in ["/rooms/7", "/login", "/register"] {
        let open = world
            .client()
            .get(world.url(path))
            .header("accept", "text/html,*/*;q=0.8");
        let inside = open.send().await.unwrap();
        assert_eq!(inside.status(), 200, "{path}");
        assert!(inside.text().await.unwrap().contains("<title>Snug"));
    }
    for path in [
        "/assets/missing.js",
        "/favicon.ico",
        "/../Cargo.toml",
        "/assets/",
    ] {
        assert_eq!(world.get(path).await.status(), 404, "{path}");
    }
    assert_eq!(
        world
            .client()
            .delete(world.url("/"))
            .send()
            .await
            .unwrap()
            .status(),
        405
    );
}

#[tokio::test]
async fn the_pages_import_map_is_the_one_inline_script() {
    let world = World::start(&[]).await;
    // By `printf '{}' | openssl dgst -sha256 -binary | base64`.
    let allowed = "script-src 'self' 'wasm-unsafe-eval' \
                   'sha256-RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=';";
    for path in ["/", "/assets/app-1a2b3c.js", "/api/echo"] {
        let reply = world.get(path).await;
        let policy = reply.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.contains(allowed), "{path}: {policy}");
        assert!(!policy.contains("unsafe-inline"), "{path}: {policy}");
    }
}

#[tokio::test]
async fn the_manifest_of_the_build_is_served() {
    let world = World::start(&[]).await;
    let reply = world.get("/build-manifest.json").await;
    assert_eq!(reply.headers()["cache-control"], "no-cache");
    assert_eq!(
        reply.headers()["content-type"],
        "application/json; charset=utf-8"
    );
    let manifest: serde_json::Value = reply.json().await.unwrap();
    let files = manifest["files"].as_object().unwrap();
    assert_eq!(files.len(), 3);
    for (name, hash) in files {
        let file = world.get(&format!("/{name}")).await.bytes().await.unwrap();
        assert_eq!(*hash, sha256(&file), "{name}");
    }
}

#[tokio::test]
async fn every_reply_has_the_security_headers() {
    let world = World::start(&["--public-url=https://chat.example.org"]).await;
    for path in ["/", "/api/echo", "/assets/missing.js", "/api/%00"] {
        let reply = world.get(path).await;
        for name in [
            "content-security-policy",
            "strict-transport-security",
            "cross-origin-opener-policy",
            "cross-origin-resource-policy",
            "permissions-policy",
            "referrer-policy",
            "x-content-type-options",
            "x-request-id",
        ] {
            assert!(reply.headers().contains_key(name), "{name} on {path}");
        }
    }
}

#[tokio::test]
async fn plain_http_is_sent_to_the_public_url() {
    let world = World::start(&["--public-url=https://chat.example.org"]).await;
    let mut stream = TcpStream::connect(world.redirect).await.unwrap();
    stream
        .write_all(b"GET /a?b=c HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    assert!(reply.starts_with("HTTP/1.1 308"), "{reply}");
    assert!(
        reply.contains("location: https://chat.example.org/a?b=c\r\n"),
        "{reply}"
    );
}

#[tokio::test]
async fn in_development_pages_come_from_the_frontends_server() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let vite = format!("--dev-frontend=http://{}", listener.local_addr().unwrap());
    let app = Router::new().fallback(get(async |uri: http::Uri| format!("vite {uri}")));
    let stop = CancellationToken::new();
    tokio::spawn(service::serve(listener, None, app, stop, Limits::default()));
    let world = World::start(&[&vite]).await;
    let reply = world.get("/src/main.tsx?t=1").await;
    let policy = reply.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(policy.contains("'unsafe-inline'"));
    assert_eq!(reply.text().await.unwrap(), "vite /src/main.tsx?t=1");
    assert!(
        world
            .get("/api/echo")
            .await
            .text()
            .await
            .unwrap()
            .starts_with("GET /api/echo")
    );
}
