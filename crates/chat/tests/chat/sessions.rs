//! Sessions: how long they live, who may use them, and from where.

use protocol::Code;
use reqwest::Method;
use serde_json::json;

use crate::support::{Person, Server, Socket, TOTP_CODE, refused};

async fn age(server: &Server, sql: &str) {
    let sql = format!("update sessions set {sql}");
    sqlx::query(sqlx::AssertSqlSafe(sql))
        .execute(server.pool())
        .await
        .unwrap();
}

#[tokio::test]
async fn no_session_a_wrong_one_and_one_that_is_over_are_told_apart() {
    let server = Server::start().await;
    let ana = Person::sign_up(&server, "ana").await;
    let me = |token: Option<String>| {
        let mut request = server.request(Method::GET, "/api/me");
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        async move {
            let reply = request.send().await.unwrap();
            (reply.status().as_u16(), reply.json().await.unwrap())
        }
    };
    refused(me(None).await, Code::Unauthenticated);
    refused(me(Some("x".repeat(43))).await, Code::Unauthenticated);
    let (status, user) = me(Some(ana.token.clone())).await;
    assert_eq!((status, &user["username"]), (200, &json!("ana")));
    age(&server, "last_used_at = now() - interval '13 hours'").await;
    refused(me(Some(ana.token.clone())).await, Code::SessionEnded);
    age(&server, "last_used_at = now(), expires_at = now()").await;
    refused(me(Some(ana.token.clone())).await, Code::SessionEnded);
}

#[tokio::test]
async fn remembered_sessions_live_longer() {
    let server = Server::start().await;
    Person::sign_up(&server, "ana").await;
    let body = json!({
        "username": "ana", "password": "green heron seven", "code": TOTP_CODE, "remember": true,
    });
    server.post("/api/login", &body).await;
    let lives: Vec<(i32, i64)> = sqlx::query_as(
        "select idle_seconds, round(extract(epoch from expires_at - created_at))::bigint
         from sessions order by created_at",
    )
    .fetch_all(server.pool())
    .await
    .unwrap();
    assert_eq!(lives, [(43_200, 43_200), (7 * 86_400, 30 * 86_400)]);
    let stored: i64 =
        sqlx::query_scalar("select count(*) from sessions where octet_length(token_hash) = 32")
            .fetch_one(server.pool())
            .await
            .unwrap();
    assert_eq!(stored, 2, "only hashes are stored");
}

#[tokio::test]
async fn sessions_are_listed_and_ended_with_their_sockets() {
    let server = Server::start().await;
    let ana = Person::sign_up(&server, "ana").await;
    let other = ana.sign_in(&server).await;
    let mut socket = other.socket(&server).await;
    socket.event("connected").await;
    let list = ana.get(&server, "/api/sessions").await;
    let list = list.as_array().unwrap();
    assert_eq!(list.len(), 2);
    let theirs = list
        .iter()
        .find(|session| session["current"] == false)
        .unwrap();
    let path = format!("/api/sessions/{}", theirs["session_id"].as_str().unwrap());
    assert_eq!(ana.call(&server, Method::DELETE, &path, None).await.0, 204);
    let last = socket.closed().await;
    assert_eq!(last.last().unwrap().name, "session_ended");
    refused(
        ana.call(&server, Method::DELETE, &path, None).await,
        Code::NotFound,
    );
    refused(
        other.call(&server, Method::GET, "/api/me", None).await,
        Code::SessionEnded,
    );
    assert_eq!(
        Socket::open(&server, &[], Some(&other.token))
            .await
            .err()
            .unwrap(),
        "session-ended"
    );

    let third = ana.sign_in(&server).await;
    assert_eq!(
        ana.call(&server, Method::DELETE, "/api/sessions", None)
            .await
            .0,
        204
    );
    refused(
        third.call(&server, Method::GET, "/api/me", None).await,
        Code::SessionEnded,
    );
    let (status, _) = ana.call(&server, Method::POST, "/api/logout", None).await;
    assert_eq!(status, 204);
    refused(
        ana.call(&server, Method::GET, "/api/me", None).await,
        Code::SessionEnded,
    );
}

#[tokio::test]
async fn a_cookie_works_from_our_own_pages_only() {
    let server = Server::with(&["--cors-origins=https://app.example.org"]).await;
    let ana = Person::sign_up(&server, "ana").await;
    let cookie = format!("__Host-session={}", ana.token);
    let send = |method: Method, path: &'static str, headers: Vec<(&'static str, &'static str)>| {
        let mut request = server.request(method, path).header("cookie", &cookie);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        async move { request.send().await.unwrap() }
    };
    let search = "/api/friend-requests/pending";
    assert_eq!(send(Method::GET, search, vec![]).await.status(), 200);
    for origin in [
        "https://evil.example",
        "null",
        "https://localhost:8443.evil.example",
    ] {
        let reply = send(Method::DELETE, "/api/sessions", vec![("origin", origin)]).await;
        assert_eq!(reply.status(), 403, "{origin}");
        let problem: serde_json::Value = reply.json().await.unwrap();
        assert_eq!(problem["code"], "forbidden-origin");
    }
    let none = send(Method::DELETE, "/api/sessions", vec![]).await;
    assert_eq!(none.status(), 403, "a cookie without any origin");
    for origin in ["https://localhost:8443", "https://app.example.org"] {
        let reply = send(Method::DELETE, "/api/sessions", vec![("origin", origin)]).await;
        assert_eq!(reply.status(), 204, "{origin}");
    }
    let shared = send(
        Method::GET,
        search,
        vec![("origin", "https://app.example.org")],
    )
    .await;
    assert_eq!(
        shared.headers()["access-control-allow-origin"],
        "https://app.example.org"
    );
    let preflight = send(
        Method::OPTIONS,
        search,
        vec![("origin", "https://app.example.org")],
    );
    assert_eq!(preflight.await.status(), 204);
    let own = send(
        Method::GET,
        search,
        vec![("origin", "https://localhost:8443")],
    )
    .await;
    assert!(!own.headers().contains_key("access-control-allow-origin"));

    let socket = |origin: Option<&'static str>| {
        let mut headers = vec![("cookie", cookie.as_str())];
        headers.extend(origin.map(|origin| ("origin", origin)));
        let server = &server;
        async move { Socket::open(server, &headers, None).await.err() }
    };
    assert_eq!(
        socket(Some("https://evil.example")).await.unwrap(),
        "403 Forbidden"
    );
    assert_eq!(socket(None).await.unwrap(), "403 Forbidden");
    assert!(socket(Some("https://localhost:8443")).await.is_none());
}

#[tokio::test]
async fn a_dead_cookie_is_taken_away() {
    let server = Server::start().await;
    let reply = server
        .request(Method::GET, "/api/me")
        .header("cookie", "__Host-session=gone")
        .send()
        .await
        .unwrap();
    assert_eq!(reply.status(), 401);
    let cookie = reply.headers()["set-cookie"].to_str().unwrap();
    assert!(
        cookie.starts_with("__Host-session=;") && cookie.contains("Max-Age=0"),
        "{cookie}"
    );
    let problem: serde_json::Value = reply.json().await.unwrap();
    assert!(problem["request_id"].is_string(), "{problem}");
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems() {
    let server = Server::start().await;
    for (method, path, code) in [
        (Method::GET, "/api/nothing", Code::NotFound),
        (Method::GET, "/socket.io/", Code::NotFound),
        (Method::PUT, "/api/login", Code::MethodNotAllowed),
        (Method::GET, "/api/rooms/7/messages", Code::Unauthenticated),
    ] {
        let reply = server.request(method, path).send().await.unwrap();
        let status = reply.status().as_u16();
        if path == "/socket.io/" {
            assert_eq!(status, 400, "Engine.IO answers by itself");
            continue;
        }
        refused((status, reply.json().await.unwrap()), code);
    }
}
