//! Telegram as a factor: bound by a token, answered by codes, lost when the bot is blocked.

use std::time::Duration;

use axum::body::Body;
use http::Request;
use mfa::telegram::Poller;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::{
    bot_api::{BotApi, NAME},
    harness::{Person, Reply, Service, other_than, strings},
};

pub const CHAT: i64 = 4_242;

pub async fn start(flags: &[&str]) -> (Service, BotApi, Poller) {
    let api = BotApi::start().await;
    let own = api.flags();
    let all: Vec<&str> = own
        .iter()
        .map(String::as_str)
        .chain(flags.iter().copied())
        .collect();
    let service = Service::with_flags(&all).await;
    let poller = poller(&service);
    (service, api, poller)
}

pub fn poller(service: &Service) -> Poller {
    let bot = service.app.telegram.clone().unwrap();
    Poller::new(service.app.clone(), bot).with_wait(Duration::ZERO)
}

/// Takes the lease, then handles all updates there are.
pub async fn poll(poller: &mut Poller) {
    for _ in 0..2 {
        assert!(poller.round().await.unwrap());
    }
}

/// A pending factor and the token in its link.
async fn add(service: &Service, person: &Person) -> (String, String) {
    let path = format!("/v1/accounts/{}/factors", person.id);
    let reply = service.post(&path, json!({"kind": "telegram"})).await;
    assert_eq!(reply.status, 201, "{reply:?}");
    let (uri, token) = (reply.text("uri"), reply.text("secret"));
    assert_eq!(uri, format!("https://t.me/{NAME}?start={token}"));
    // What Telegram takes in a link.
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    assert!(token.len() == 43 && token.chars().all(fits));
    assert!(reply.text("qr_svg").contains("<svg"));
    assert_eq!(reply.body["kind"], "telegram");
    (reply.text("factor_id"), token)
}

async fn activate(service: &Service, person: &Person, factor: &str, code: &str) -> Reply {
    let path = format!("/v1/accounts/{}/factors/{factor}/activate", person.id);
    service.post(&path, json!({"code": code})).await
}

/// A member whose second factor is a chat.
pub async fn member(service: &Service, api: &BotApi, poller: &mut Poller) -> (Person, String) {
    let person = service.plain_member("ann").await;
    let (factor, token) = add(service, &person).await;
    api.write(CHAT, &format!("/start {token}"));
    poll(poller).await;
    service.mails().await;
    let done = activate(service, &person, &factor, &api.code(CHAT)).await;
    assert_eq!(strings(&done.body["recovery_codes"]).len(), 10, "{done:?}");
    service.mails().await;
    (person, factor)
}

pub async fn send(service: &Service, challenge: &str) -> Reply {
    let path = format!("/v1/challenges/{challenge}/send");
    service.post(&path, json!({"method": "telegram"})).await
}

async fn listed(service: &Service, person: &Person) -> Value {
    let path = format!("/v1/accounts/{}/factors", person.id);
    service.get(&path).await.body["factors"][0].clone()
}

#[tokio::test]
async fn rule_11_a_chat_becomes_a_factor_by_token_and_code() {
    let (service, api, mut poller) = start(&[]).await;
    let person = service.plain_member("ann").await;
    let (factor, token) = add(&service, &person).await;
    let early = activate(&service, &person, &factor, "123456").await;
    let problem = early.refused(422, "invalid-code");
    assert_eq!(
        problem.member::<String>("reason").as_deref(),
        Some("not-started")
    );

    api.write(CHAT, &format!("/start {token}"));
    poll(&mut poller).await;
    service.mails().await;
    let code = api.code(CHAT);
    activate(&service, &person, &factor, &other_than(&code))
        .await
        .refused(422, "invalid-code");
    // The token is good for one chat.
    api.write(666, &format!("/start {token}"));
    poll(&mut poller).await;
    service.mails().await;
    assert!(api.sent_to(666)[0].contains("no longer good"));
    let done = activate(&service, &person, &factor, &code).await;
    assert_eq!(done.status, 200, "{done:?}");

    let challenge = service.challenge(&person).await;
    let sent = send(&service, &challenge).await;
    assert_eq!(
        (sent.status, &*sent.text("recipient_hint")),
        (202, "Telegram")
    );
    service.mails().await;
    let answered = service
        .answer(&challenge, "telegram", &api.code(CHAT))
        .await;
    assert_eq!(
        answered.body["amr"],
        json!(["pwd", "telegram", "restricted"])
    );
    assert_eq!(answered.body["acr"], "aal2");
    assert!(listed(&service, &person).await["last_used_at"].is_string());
    // The token is spent: its own chat gets no further code either.
    api.write(CHAT, &format!("/start {token}"));
    poll(&mut poller).await;
    assert!(api.sent_to(CHAT).pop().unwrap().contains("no longer good"));
}

#[tokio::test]
async fn rule_11_the_webhook_takes_updates_with_the_right_secret_only() {
    let api = BotApi::start().await;
    let [token, url] = api.flags();
    let hook = "--telegram-webhook-url=https://mfa.example.org/telegram/webhook";
    let service = Service::with_flags(&[&token, &url, hook]).await;
    let bot = service.app.telegram.clone().unwrap();
    mfa::telegram::listen(service.app.clone(), bot, CancellationToken::new()).await;
    let (address, secret) = api.webhook().unwrap();
    assert_eq!(address, "https://mfa.example.org/telegram/webhook");
    let deliver = async |secret: Option<&str>, update: Value| {
        let mut request =
            Request::post("/telegram/webhook").header("content-type", "application/json");
        if let Some(secret) = secret {
            request = request.header("x-telegram-bot-api-secret-token", secret);
        }
        let request = request.body(Body::from(update.to_string())).unwrap();
        service.send(request).await
    };
    let person = service.plain_member("ann").await;
    let (factor, token) = add(&service, &person).await;
    let update = api.write(CHAT, &format!("/start {token}"));
    for wrong in [None, Some(""), Some("x"), Some(&secret[1..])] {
        deliver(wrong, update.clone())
            .await
            .refused(403, "forbidden");
    }
    assert_eq!(deliver(Some(&secret), update).await.status, 200);
    service.mails().await;
    let done = activate(&service, &person, &factor, &api.code(CHAT)).await;
    assert_eq!(done.status, 200);
    let lost = deliver(Some(&secret), api.write(CHAT, "/start nothing")).await;
    assert_eq!(
        (&lost.body["method"], &lost.body["chat_id"]),
        (&json!("sendMessage"), &json!(CHAT))
    );
    let odd = deliver(Some(&secret), json!({"update_id": "?"})).await;
    assert_eq!(odd.status, 200, "it would only come again");
}

#[tokio::test]
async fn rule_11_without_a_webhook_there_is_no_door() {
    let (service, _, _) = start(&[]).await;
    let secret = mfa::telegram::webhook_secret(&service.app);
    let request = Request::post("/telegram/webhook")
        .header("content-type", "application/json")
        .header("x-telegram-bot-api-secret-token", secret)
        .body(Body::from("{}"))
        .unwrap();
    service.send(request).await.refused(404, "not-found");
}

#[tokio::test]
async fn rule_11_one_node_polls_and_another_takes_over() {
    let (service, api, mut one) = start(&[]).await;
    let mut two = poller(&service);
    let person = service.plain_member("ann").await;
    let (_, token) = add(&service, &person).await;
    assert!(one.round().await.unwrap());
    assert!(!two.round().await.unwrap(), "one node is enough");
    service.clock.advance(Duration::from_secs(61));
    assert!(two.round().await.unwrap(), "the first is gone");
    assert!(!one.round().await.unwrap());
    api.write(CHAT, &format!("/start {token}"));
    assert!(two.round().await.unwrap());
    service.mails().await;
    assert_eq!(api.sent_to(CHAT).len(), 1);

    // A node that stops gives the job back at once.
    let stop = CancellationToken::new();
    stop.cancel();
    two.run(stop).await;
    assert!(one.round().await.unwrap());
}

#[tokio::test]
async fn rule_11_a_running_poller_binds_by_itself() {
    let (service, api, _) = start(&[]).await;
    // Before the workers: they would take the mails away from the test's own.
    let person = service.plain_member("ann").await;
    let (factor, token) = add(&service, &person).await;
    let stop = CancellationToken::new();
    let bot = service.app.telegram.clone().unwrap();
    let polling = tokio::spawn(Poller::new(service.app.clone(), bot).run(stop.clone()));
    let working = tokio::spawn(service.worker.clone().run(stop.clone()));
    api.write(CHAT, &format!("/start {token}"));
    let arrived = async {
        while api.sent_to(CHAT).is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), arrived)
        .await
        .unwrap();
    let done = activate(&service, &person, &factor, &api.code(CHAT)).await;
    assert_eq!(done.status, 200);
    stop.cancel();
    let ended = async { (polling.await.unwrap(), working.await.unwrap()) };
    tokio::time::timeout(Duration::from_secs(20), ended)
        .await
        .unwrap();
}

#[tokio::test]
async fn rule_04_a_code_is_good_for_the_way_it_came_and_ten_tries() {
    let (service, api, mut poller) = start(&[]).await;
    let (person, _) = member(&service, &api, &mut poller).await;
    let challenge = service.challenge(&person).await;
    send(&service, &challenge).await;
    service.mails().await;
    let code = api.code(CHAT);
    let path = format!("/v1/challenges/{challenge}/verify");
    for guess in 0..10 {
        let wrong = json!({"method": "telegram", "code": other_than(&code)});
        let address = format!("203.0.113.{guess}");
        service
            .post_from(&address, &path, wrong)
            .await
            .refused(422, "invalid-code");
    }
    service
        .answer(&challenge, "telegram", &code)
        .await
        .refused(422, "invalid-code");
}

#[tokio::test]
async fn rule_11_the_older_names_send_by_telegram_too() {
    let (service, api, mut poller) = start(&[]).await;
    let (_, _) = member(&service, &api, &mut poller).await;
    let body = json!({"username": "ann", "channel": "telegram"});
    let asked = service.post("/request-otp", body).await;
    assert_eq!((asked.status, &*asked.text("channel")), (202, "telegram"));
    service.mails().await;
    let body = json!({"username": "ann", "token": api.code(CHAT)});
    let verified = service.post("/verify", body).await;
    assert_eq!(verified.body["amr"], json!(["telegram", "restricted"]));
}

#[tokio::test]
async fn rule_11_without_a_bot_there_is_no_telegram() {
    let service = Service::start().await;
    let person = service.plain_member("ann").await;
    let path = format!("/v1/accounts/{}/factors", person.id);
    let refused = service.post(&path, json!({"kind": "telegram"})).await;
    assert_eq!(
        refused.refused(422, "invalid-body").errors[0].code,
        "unsupported"
    );
    let body = json!({"username": "ann", "channel": "telegram"});
    service
        .post("/request-otp", body)
        .await
        .refused(422, "invalid-body");
}
