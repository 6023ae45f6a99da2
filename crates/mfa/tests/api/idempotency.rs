//! `Idempotency-Key`: repeated requests.

use std::time::Duration;

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};

use crate::harness::{PASSWORD, Reply, Service, peer};

async fn post(service: &Service, app: &str, path: &str, key: &str, body: &Value) -> Reply {
    let request = Request::post(path)
        .header("content-type", "application/json")
        .header("idempotency-key", key)
        .extension(peer(&[&format!("spiffe://snug/{app}")]))
        .body(Body::from(body.to_string()))
        .unwrap();
    service.send(request).await
}

fn sign_up(username: &str) -> Value {
    json!({"email": format!("{username}@example.org"), "username": username,
        "password": PASSWORD, "factor": "totp"})
}

#[tokio::test]
async fn rule_09_a_repeat_gets_the_first_reply() {
    let service = Service::start().await;
    let first = post(&service, "chat", "/v1/accounts", "k1", &sign_up("ann")).await;
    let again = post(&service, "chat", "/v1/accounts", "k1", &sign_up("ann")).await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.body, again.body);
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.headers["cache-control"], "no-store");
    assert_eq!(service.mails().await.len(), 1);
}

#[tokio::test]
async fn rule_09_refusals_are_repeated_too() {
    let service = Service::start().await;
    service.sign_up("ann", "ann@example.org").await;
    for _ in 0..2 {
        let reply = post(&service, "chat", "/v1/accounts", "k1", &sign_up("ann")).await;
        let problem = reply.refused(409, "username-taken");
        assert!(problem.request_id.is_some());
    }
}

#[tokio::test]
async fn rule_09_a_key_belongs_to_one_request_of_one_application() {
    let service = Service::start().await;
    post(&service, "chat", "/v1/accounts", "k1", &sign_up("ann")).await;
    let other = post(&service, "chat", "/v1/accounts", "k1", &sign_up("bob")).await;
    other.refused(422, "idempotency-key-reused");
    let shop = post(&service, "shop", "/v1/accounts", "k1", &sign_up("ann")).await;
    assert_eq!(shop.status, 201);
    assert!(!shop.headers.contains_key("idempotency-replayed"));
    let long = "k".repeat(256);
    post(&service, "chat", "/v1/accounts", &long, &sign_up("c"))
        .await
        .refused(400, "bad-request");
}

#[tokio::test]
async fn rule_09_replies_with_secrets_are_kept_ten_minutes() {
    let service = Service::start().await;
    post(&service, "chat", "/v1/accounts", "k1", &sign_up("ann")).await;
    service.clock.advance(Duration::from_secs(601));
    let late = post(&service, "chat", "/v1/accounts", "k1", &sign_up("ann")).await;
    late.refused(409, "username-taken");
}

#[tokio::test]
async fn rule_09_parallel_repeats_run_once() {
    let service = Service::start().await;
    let body = sign_up("ann");
    let send = || post(&service, "chat", "/v1/accounts", "k1", &body);
    let (one, two, three) = tokio::join!(send(), send(), send());
    for reply in [&one, &two, &three] {
        assert!(
            reply.status == 201 || reply.code() == "request-in-progress",
            "{reply:?}"
        );
    }
    assert_eq!(service.mails().await.len(), 1);
}
