//! Parts that go away: the MFA service and the database.

use protocol::Code;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use crate::support::{Person, Server, refused, room_between};

#[tokio::test]
async fn without_the_mfa_service_nobody_signs_in_and_chats_go_on() {
    let server = Server::start().await;
    let (room, (mut ana, mut here), (_bo, mut there)) = room_between(&server).await;
    let reply = server
        .request(Method::GET, "/api/health")
        .send()
        .await
        .unwrap();
    assert_eq!(reply.status(), 200);
    server.stop_mfa();
    let login = json!({"username": "ana", "password": "green heron seven"});
    // Once the connection is refused; after that nobody is asked for a moment.
    for _ in 0..3 {
        let problem = refused(
            server.post("/api/login", &login).await,
            Code::MfaUnavailable,
        );
        assert!(problem.retry_after.is_some());
    }
    ana.say(&mut here, room, "hello").await;
    there.event("new_message").await;
    let reply = server
        .request(Method::GET, "/api/health")
        .send()
        .await
        .unwrap();
    assert_eq!(reply.status(), 503);
    let health: Value = reply.json().await.unwrap();
    assert_eq!(
        (&health["database"], &health["mfa"]),
        (&json!("ok"), &json!("down"))
    );
}

#[tokio::test]
async fn without_the_database_everything_is_503_until_it_is_back() {
    let server = Server::start().await;
    let (room, (mut ana, mut here), (_bo, mut there)) = room_between(&server).await;
    let (payload, sealed) = ana.seal(room, "hello");
    connections(&server, false).await;
    refused(
        ana.person.call(&server, Method::GET, "/api/me", None).await,
        Code::Unavailable,
    );
    let problem = here
        .refused("message", &payload, &[&sealed], Code::Unavailable)
        .await;
    assert!(problem.retry_after.is_some());
    let reply = server
        .request(Method::GET, "/api/health")
        .send()
        .await
        .unwrap();
    assert_eq!(reply.status(), 503);
    connections(&server, true).await;
    let ack = here.ask("message", &payload, &[&sealed]).await;
    assert_eq!(ack["seq"], 2);
    assert_eq!(there.event("new_message").await.payload["seq"], 2);
    ana.person.get(&server, "/api/me").await;
}

#[tokio::test]
async fn a_database_that_loses_commits_is_not_served() {
    let database = service::testing::TestDatabase::new(&chat::MIGRATOR).await;
    let name: String = sqlx::query_scalar("select current_database()::text")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    let sql = format!("alter database {name} set synchronous_commit = off");
    sqlx::query(AssertSqlSafe(sql))
        .execute(&database.pool)
        .await
        .unwrap();
    let arguments = [
        "snug-chat",
        "--admin-listen=127.0.0.1:0",
        "--mfa-url=http://127.0.0.1:1",
    ];
    let url = format!("--database-url={}", database.url);
    let arguments = arguments.into_iter().chain([url.as_str()]);
    let config = <chat::config::Arguments as clap::Parser>::try_parse_from(arguments)
        .unwrap()
        .config;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stop = tokio_util::sync::CancellationToken::new();
    let error = chat::serve(config, listener, stop)
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("synchronous_commit is off"), "{error}");
}

#[tokio::test]
async fn a_draining_server_says_so_and_ends() {
    let mut server = Server::start().await;
    let ana = Person::sign_up(&server, "ana").await;
    let mut socket = ana.socket(&server).await;
    socket.event("connected").await;
    server.restart().await;
    socket.closed().await;
    ana.get(&server, "/api/me").await;
}

/// Allows connections to the database, or forbids them and ends those that are open. From another
/// database: one cannot lock oneself out.
async fn connections(server: &Server, allowed: bool) {
    let name: String = match sqlx::query_scalar("select current_database()::text")
        .fetch_one(server.pool())
        .await
    {
        Ok(name) => name,
        Err(_) => server
            .pool()
            .connect_options()
            .get_database()
            .unwrap()
            .to_owned(),
    };
    let url = std::env::var("TEST_DATABASE_URL").unwrap();
    let mut admin = <sqlx::PgConnection as sqlx::Connection>::connect(&url)
        .await
        .unwrap();
    let sql = format!("alter database {name} allow_connections {allowed}");
    sqlx::query(AssertSqlSafe(sql))
        .execute(&mut admin)
        .await
        .unwrap();
    if !allowed {
        sqlx::query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1")
            .bind(&name)
            .execute(&mut admin)
            .await
            .unwrap();
    }
}
