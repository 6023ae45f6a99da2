//! Servers and databases that go away in the middle.

use protocol::Code;
use serde_json::json;
use sqlx::AssertSqlSafe;
use testkit::{Server, Stack, friends, until};

#[tokio::test]
async fn chat_is_killed_twice_in_the_middle() {
    let stack = Stack::start().await;
    let (ana, bo) = friends(&stack).await;
    let mut words = Vec::new();
    for round in 0..3 {
        for n in 0..20 {
            let text = format!("round {round}, message {n}");
            ana.write(&bo.person, &text);
            words.push(text);
            if n == 10 && round < 2 {
                stack.kill(Server::Chat);
            }
        }
        if round < 2 {
            stack.restart(Server::Chat).await;
        }
    }
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    bo.reads(&ana.person, &words).await;
    ana.reads(&bo.person, &words).await;
    bo.write(&ana.person, "all there");
    until("the answer", || async {
        (ana.transcript(&bo.person).last()?.1 == "all there").then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_whole_stack_stops_and_starts() {
    let stack = Stack::start().await;
    let (ana, bo) = friends(&stack).await;
    ana.write(&bo.person, "before");
    bo.reads(&ana.person, &["before"]).await;
    for server in [Server::Gateway, Server::Chat, Server::Mfa] {
        stack.stop(server);
    }
    ana.write(&bo.person, "while it was down");
    stack.restart_all().await;
    bo.reads(&ana.person, &["before", "while it was down"])
        .await;
    assert!(ana.person.me().await.is_ok(), "the session survives");
}

#[tokio::test]
async fn without_mfa_nobody_signs_in_and_chats_go_on() {
    let stack = Stack::start().await;
    let (ana, bo) = friends(&stack).await;
    ana.write(&bo.person, "one");
    bo.reads(&ana.person, &["one"]).await;
    stack.kill(Server::Mfa);
    let login = json!({"username": "ana", "password": ana.person.password});
    let refused = ana
        .person
        .post::<serde_json::Value>("/api/login", &login)
        .await
        .unwrap_err();
    assert_eq!((refused.code, refused.status), (Code::MfaUnavailable, 503));
    ana.write(&bo.person, "two");
    bo.reads(&ana.person, &["one", "two"]).await;
    let health = ana.person.raw("GET", "/api/health", None).await;
    assert_eq!(health.status(), 503);
    stack.restart(Server::Mfa).await;
    until("signing in again", || async {
        let reply = ana
            .person
            .post::<serde_json::Value>("/api/login", &login)
            .await;
        (reply.unwrap_err().code == Code::MfaRequired).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_database_that_goes_away_is_a_503_and_comes_back() {
    let stack = Stack::start().await;
    let (ana, bo) = friends(&stack).await;
    ana.write(&bo.person, "one");
    bo.reads(&ana.person, &["one"]).await;
    let database: String = sqlx::query_scalar("select current_database()::text")
        .fetch_one(stack.chat_database())
        .await
        .unwrap();
    connections(&stack, &database, false).await;
    let refused = ana.person.me().await.unwrap_err();
    assert_eq!((refused.code, refused.status), (Code::Unavailable, 503));
    ana.write(&bo.person, "two");
    connections(&stack, &database, true).await;
    bo.reads(&ana.person, &["one", "two"]).await;
    assert!(ana.person.me().await.is_ok());
}

/// Allows connections to a database, or forbids them and ends those that are open.
async fn connections(stack: &Stack, name: &str, allowed: bool) {
    // From the other database: one cannot lock oneself out.
    let pool = stack.mfa_database();
    let sql = format!("alter database {name} allow_connections {allowed}");
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(pool)
        .await
        .unwrap();
    if !allowed {
        sqlx::query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1")
            .bind(name)
            .execute(pool)
            .await
            .unwrap();
    }
}
