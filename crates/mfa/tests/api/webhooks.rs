//! Events at an application's endpoints: signed, repeated until they are taken, never sent inside.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use mfa::{arguments::Webhooks, commands::webhooks_command, notify::worker::Worker};
use serde_json::Value;
use sha2::Sha256;
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::harness::{PASSWORD, Service, other_than};

/// An endpoint of a test.
#[derive(Clone, Default)]
struct Endpoint(Arc<Mutex<State_>>);

#[derive(Default)]
struct State_ {
    got: Vec<(HeaderMap, String)>,
    /// Statuses to answer with before all is well; 0: never answer.
    troubles: VecDeque<u16>,
}

impl Endpoint {
    async fn start() -> (Self, String) {
        let endpoint = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/hook", post(take))
            .with_state(endpoint.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (endpoint, url)
    }

    fn trouble(&self, status: u16) {
        self.0.lock().unwrap().troubles.push_back(status);
    }

    /// What came since the last look: headers and bodies.
    fn got(&self) -> Vec<(HeaderMap, String)> {
        std::mem::take(&mut self.0.lock().unwrap().got)
    }

    fn types(&self) -> Vec<String> {
        let kind = |(_, body): &(HeaderMap, String)| {
            let body: Value = serde_json::from_str(body).unwrap();
            body["type"].as_str().unwrap().to_owned()
        };
        self.got().iter().map(kind).collect()
    }
}

async fn take(State(endpoint): State<Endpoint>, headers: HeaderMap, body: String) -> StatusCode {
    let trouble = {
        let mut state = endpoint.0.lock().unwrap();
        state.got.push((headers, body));
        state.troubles.pop_front()
    };
    match trouble {
        Some(0) => std::future::pending().await,
        Some(status) => StatusCode::from_u16(status).unwrap(),
        None => StatusCode::NO_CONTENT,
    }
}

/// Runs a command and takes the id and the secret out of what it says.
async fn command(service: &Service, command: &Webhooks) -> (Uuid, Vec<u8>) {
    let (pool, vault) = (&service.database.pool, &service.app.vault);
    let said = webhooks_command(pool, vault, true, command).await.unwrap();
    let word = |line: usize| {
        said.lines()
            .nth(line)
            .and_then(|line| line.split_whitespace().last())
            .unwrap()
            .to_owned()
    };
    let secret = word(1);
    let secret = STANDARD.decode(secret.strip_prefix("whsec_").unwrap());
    (word(0).parse().unwrap(), secret.unwrap())
}

async fn add(service: &Service, app: &str, url: &str, events: &[&str]) -> (Uuid, Vec<u8>) {
    let add = Webhooks::Add {
        client_id: app.to_owned(),
        url: url.to_owned(),
        events: events.iter().map(|event| (*event).to_owned()).collect(),
    };
    command(service, &add).await
}

async fn start() -> (Service, Endpoint, String) {
    let service = Service::with_flags(&["--webhook-private=true"]).await;
    let (endpoint, url) = Endpoint::start().await;
    (service, endpoint, url)
}

/// What a receiver does: one signature has to be by its secret.
fn is_signed(secret: &[u8], headers: &HeaderMap, body: &str) -> bool {
    let text = |name: &str| headers[name].to_str().unwrap();
    let signed = format!(
        "{}.{}.{body}",
        text("webhook-id"),
        text("webhook-timestamp")
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    mac.update(signed.as_bytes());
    let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    text("webhook-signature")
        .split(' ')
        .any(|one| one == expected)
}

async fn dead(service: &Service) -> (String, String) {
    sqlx::query_as("select reason, error from outbox where channel = 'webhook' and state = 'dead'")
        .fetch_one(&service.database.pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn rule_14_events_reach_the_endpoints_that_want_them_signed() {
    let (service, endpoint, url) = start().await;
    let (chosen, chosen_url) = Endpoint::start().await;
    let (strange, strange_url) = Endpoint::start().await;
    let (_, secret) = add(&service, "chat", &url, &[]).await;
    add(&service, "chat", &chosen_url, &["account.locked"]).await;
    add(&service, "shop", &strange_url, &[]).await;
    let person = service.member("ann").await;
    service.mails().await;
    let got = endpoint.got();
    let (headers, body) = got
        .iter()
        .find(|(_, body)| body.contains("factor.added"))
        .expect("an event");
    assert!(is_signed(&secret, headers, body) && !is_signed(b"another", headers, body));
    let event: Value = serde_json::from_str(body).unwrap();
    assert_eq!(event["data"]["account_id"], *person.id);
    assert_eq!(
        (&event["data"]["factor"], &event["data"]["audit_seq"]),
        (&"totp".into(), &3.into())
    );
    assert!(event["timestamp"].as_str().unwrap().ends_with('Z'));
    assert!(!body.contains("example.org"), "no address of mail");
    assert!(
        got.iter()
            .any(|(_, body)| body.contains("account.completed"))
    );
    assert_eq!(got.len(), 2);

    let challenge = service.challenge(&person).await;
    let code = person.recovery_codes[0].clone();
    service.answer(&challenge, "recovery", &code).await;
    let challenge = service.challenge(&person).await;
    for _ in 0..6 {
        let wrong = other_than(&service.totp(&person));
        service.answer(&challenge, "totp", &wrong).await;
    }
    service.mails().await;
    assert_eq!(endpoint.types(), ["recovery_code.used", "account.locked"]);
    assert_eq!(chosen.types(), ["account.locked"]);
    assert!(strange.got().is_empty(), "another application's");
}

#[tokio::test]
async fn two_secrets_sign_while_one_replaces_the_other() {
    let (service, endpoint, url) = start().await;
    let (id, first) = add(&service, "chat", &url, &[]).await;
    let (same, second) = command(&service, &Webhooks::Rotate { id }).await;
    assert!(id == same && first != second);
    service.plain_member("ann").await;
    service.mails().await;
    let (headers, body) = endpoint.got().remove(0);
    assert!(is_signed(&first, &headers, &body) && is_signed(&second, &headers, &body));
    service.clock.advance(Duration::from_secs(24 * 3_600 + 60));
    service.plain_member("bob").await;
    service.mails().await;
    let (headers, body) = endpoint.got().remove(0);
    assert!(!is_signed(&first, &headers, &body) && is_signed(&second, &headers, &body));
}

#[tokio::test]
async fn rule_10_an_event_is_repeated_until_it_is_taken() {
    let (service, endpoint, url) = start().await;
    add(&service, "chat", &url, &[]).await;
    for status in [500, 302, 404, 0] {
        endpoint.trouble(status);
    }
    let impatient = Worker {
        webhooks: service
            .worker
            .webhooks
            .clone()
            .with_timeout(Duration::from_millis(300)),
        ..service.worker.clone()
    };
    service.plain_member("ann").await;
    for wait in [6, 11, 21, 41] {
        while impatient.step().await.unwrap() {}
        service.clock.advance(Duration::from_secs(wait));
    }
    while service.worker.step().await.unwrap() {}
    let got = endpoint.got();
    assert_eq!(got.len(), 5);
    let ids: std::collections::BTreeSet<_> = got
        .iter()
        .map(|(headers, _)| headers["webhook-id"].to_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 1, "one event, one id");
    assert!(!service.worker.step().await.unwrap());

    endpoint.trouble(410);
    service.plain_member("bob").await;
    service.mails().await;
    service.clock.advance(Duration::from_secs(600));
    service.mails().await;
    assert_eq!(endpoint.got().len(), 1, "gone is gone");
    let gone = ("refused".to_owned(), "the endpoint answered 410".to_owned());
    assert_eq!(dead(&service).await, gone);
}

#[tokio::test]
async fn events_do_not_go_inside_unless_that_is_allowed() {
    let service = Service::start().await;
    let (endpoint, url) = Endpoint::start().await;
    let (pool, vault) = (&service.database.pool, &service.app.vault);
    for inside in [
        &*url,
        "https://10.0.0.1/",
        "https://[::1]/",
        "http://example.org/",
        "hello",
    ] {
        let add = Webhooks::Add {
            client_id: "chat".to_owned(),
            url: inside.to_owned(),
            events: Vec::new(),
        };
        assert!(
            webhooks_command(pool, vault, false, &add).await.is_err(),
            "{inside}"
        );
    }
    // What was allowed once is checked again when it is used; a name, when it is looked up.
    add(&service, "chat", &url, &[]).await;
    service.plain_member("ann").await;
    service.mails().await;
    assert_eq!(dead(&service).await.0, "refused");
    let port = url.rsplit(':').next().unwrap().replace("/hook", "");
    let named = format!("https://localhost:{port}/hook");
    add(&service, "shop", &named, &[]).await;
    sqlx::query("update webhooks set app_id = (select id from apps where client_id = 'chat')")
        .execute(pool)
        .await
        .unwrap();
    service.plain_member("bob").await;
    service.mails().await;
    let error: String = sqlx::query_scalar(
        "select error from outbox where channel = 'webhook' and state = 'queued'",
    )
    .fetch_one(pool)
    .await
    .unwrap();
    assert_eq!(error, "no connection to the endpoint");
    assert!(endpoint.got().is_empty());
}

#[tokio::test]
async fn endpoints_are_listed_and_removed_with_what_waits() {
    let (service, endpoint, url) = start().await;
    let (id, _) = add(
        &service,
        "chat",
        &url,
        &["factor.added", "account.completed"],
    )
    .await;
    let (pool, vault) = (&service.database.pool, &service.app.vault);
    let list = |json| Webhooks::List {
        client_id: "chat".to_owned(),
        json,
    };
    let text = webhooks_command(pool, vault, true, &list(false))
        .await
        .unwrap();
    assert_eq!(
        text,
        format!("{id}  {url}  factor.added,account.completed\n")
    );
    let json = webhooks_command(pool, vault, true, &list(true))
        .await
        .unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&json).unwrap()[0]["version"],
        1
    );
    assert!(!json.contains("whsec_"));
    service.plain_member("ann").await;
    let remove = Webhooks::Remove { id };
    webhooks_command(pool, vault, true, &remove).await.unwrap();
    assert!(webhooks_command(pool, vault, true, &remove).await.is_err());
    assert!(
        webhooks_command(pool, vault, true, &Webhooks::Rotate { id })
            .await
            .is_err()
    );
    service.mails().await;
    assert!(endpoint.got().is_empty());
    assert_eq!(service.login("ann", PASSWORD).await.status, 200);
}
