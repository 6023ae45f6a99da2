//! Remembered devices: rotating tokens, and what happens when one comes back.

use std::time::Duration;

use http::Method;
use serde_json::json;

use crate::harness::{Person, Reply, Service, claims};

async fn assertion(service: &Service, person: &Person) -> String {
    let challenge = service.challenge(person).await;
    let code = service.totp(person);
    let answered = service.answer(&challenge, "totp", &code).await;
    service.next_step();
    answered.text("assertion")
}

async fn remember_with(service: &Service, person: &Person, assertion: &str) -> Reply {
    let path = format!("/v1/accounts/{}/remembered-devices", person.id);
    let headers = [("x-assertion", assertion)];
    let body = json!({"label": "Firefox on Linux"});
    service
        .ask_with("chat", &headers, Method::POST, &path, Some(&body))
        .await
}

async fn remember(service: &Service, person: &Person) -> String {
    let assertion = assertion(service, person).await;
    let reply = remember_with(service, person, &assertion).await;
    assert_eq!(reply.status, 201, "{reply:?}");
    reply.text("remember_token")
}

async fn answer(service: &Service, challenge: &str, token: &str) -> Reply {
    let path = format!("/v1/challenges/{challenge}/remembered");
    service.post(&path, json!({"remember_token": token})).await
}

async fn enters(service: &Service, person: &Person, token: &str) -> Reply {
    let challenge = service.challenge(person).await;
    answer(service, &challenge, token).await
}

async fn devices(service: &Service, person: &Person) -> Vec<String> {
    let path = format!("/v1/accounts/{}/remembered-devices", person.id);
    let reply = service.get(&path).await;
    let devices = reply.body["devices"].as_array().unwrap().clone();
    devices
        .iter()
        .map(|device| device["device_id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_remembered_device_needs_the_password_only_and_its_token_rotates() {
    let service = Service::start().await;
    let ann = service.member("ann").await;
    let first = remember(&service, &ann).await;
    let entered = enters(&service, &ann, &first).await;
    assert_eq!(entered.status, 200, "{entered:?}");
    let claims = claims(&entered.text("assertion"));
    assert_eq!(
        (&claims["amr"], &claims["acr"], &claims["purpose"]),
        (&json!(["pwd", "rmb"]), &json!("aal1"), &json!("login"))
    );
    let second = entered.text("remember_token");
    assert_ne!(first, second);
    let third = enters(&service, &ann, &second).await;
    assert_eq!(third.status, 200, "{third:?}");

    // It is no second factor for what needs one.
    let weak = remember_with(&service, &ann, &third.text("assertion")).await;
    weak.refused(403, "step-up-required");
    let body = json!({"account_id": ann.id, "purpose": "pay"});
    let step_up = service.post("/v1/challenges", body).await;
    let token = third.text("remember_token");
    let refused = answer(&service, &step_up.text("challenge_id"), &token).await;
    let problem = refused.refused(422, "invalid-code");
    assert_eq!(
        problem.member::<String>("reason").as_deref(),
        Some("not-a-login")
    );
}

#[tokio::test]
async fn a_token_that_comes_back_was_stolen_and_all_devices_are_forgotten() {
    let service = Service::start().await;
    let ann = service.member("ann").await;
    let bob = service.member("bob").await;
    let others = remember(&service, &ann).await;
    let bobs = remember(&service, &bob).await;
    let first = remember(&service, &ann).await;
    let second = enters(&service, &ann, &first).await.text("remember_token");
    service.mails().await;
    service.clock.advance(Duration::from_secs(31));
    let problem = enters(&service, &ann, &first)
        .await
        .refused(422, "invalid-code");
    assert_eq!(
        problem.member::<String>("reason").as_deref(),
        Some("stolen")
    );
    for token in [&second, &others] {
        let reply = enters(&service, &ann, token).await;
        let problem = reply.refused(422, "invalid-code");
        assert_eq!(
            problem.member::<String>("reason").as_deref(),
            Some("unknown")
        );
    }
    assert!(devices(&service, &ann).await.is_empty());
    let mails = service.mails().await;
    let told = mails.iter().find(|mail| mail.to == ann.email).unwrap();
    assert_eq!(told.kind, "devices_forgotten");
    let stolen: i64 = sqlx::query_scalar("select count(*) from audit where result = 'stolen'")
        .fetch_one(&service.database.pool)
        .await
        .unwrap();
    assert_eq!(stolen, 1);
    assert_eq!(enters(&service, &bob, &bobs).await.status, 200);
}

#[tokio::test]
async fn two_tabs_at_once_and_a_lost_reply_are_no_theft() {
    let service = std::sync::Arc::new(Service::start().await);
    let ann = service.member("ann").await;
    let first = remember(&service, &ann).await;
    let mut tabs = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let (challenge, token) = (service.challenge(&ann).await, first.clone());
        let service = service.clone();
        tabs.spawn(async move {
            let reply = answer(&service, &challenge, &token).await;
            assert_eq!(reply.status, 200, "{reply:?}");
            reply.text("remember_token")
        });
    }
    let mut next = tabs.join_all().await;
    next.dedup();
    assert_eq!(next.len(), 1, "all get the same next token");
    service.clock.advance(Duration::from_secs(31));
    assert_eq!(enters(&service, &ann, &next[0]).await.status, 200);
}

#[tokio::test]
async fn tokens_of_nobody_of_others_and_of_yesterday_do_not_count() {
    let service = Service::start().await;
    let ann = service.member("ann").await;
    let bob = service.member("bob").await;
    let token = remember(&service, &ann).await;
    let mut changed = token.clone().into_bytes();
    let last = changed.len() - 2;
    changed[last] = if changed[last] == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(changed).unwrap();
    for wrong in ["", "x", "!!", &token[..30], &changed] {
        enters(&service, &ann, wrong)
            .await
            .refused(422, "invalid-code");
    }
    enters(&service, &bob, &token)
        .await
        .refused(422, "invalid-code");
    assert_eq!(devices(&service, &ann).await.len(), 1, "guesses do no harm");
    service.clock.advance(Duration::from_secs(30 * 86_400 - 60));
    let entered = enters(&service, &ann, &token).await;
    assert_eq!(entered.status, 200, "{entered:?}");
    service.clock.advance(Duration::from_secs(61));
    let token = entered.text("remember_token");
    enters(&service, &ann, &token)
        .await
        .refused(422, "invalid-code");
    mfa::keep_house(&service.app).await.unwrap();
    assert!(devices(&service, &ann).await.is_empty());
}

#[tokio::test]
async fn devices_are_listed_forgotten_and_end_with_password_and_factor() {
    let service = Service::start().await;
    let ann = service.member("ann").await;
    let path = format!("/v1/accounts/{}/remembered-devices", ann.id);
    let delete = async |path: &str| {
        service
            .ask("chat", "192.0.2.1", Method::DELETE, path, None)
            .await
    };
    let assertion = assertion(&service, &ann).await;
    let mut tokens = Vec::new();
    for _ in 0..21 {
        let reply = remember_with(&service, &ann, &assertion).await;
        tokens.push(reply.text("remember_token"));
    }
    let all = devices(&service, &ann).await;
    assert_eq!(all.len(), 20, "the oldest is forgotten");
    enters(&service, &ann, &tokens[0])
        .await
        .refused(422, "invalid-code");
    let one = format!("{path}/{}", all[19]);
    assert_eq!(delete(&one).await.status, 204);
    delete(&one).await.refused(404, "not-found");
    enters(&service, &ann, &tokens[20])
        .await
        .refused(422, "invalid-code");
    assert_eq!(enters(&service, &ann, &tokens[19]).await.status, 200);
    assert_eq!(delete(&path).await.status, 204);
    assert!(devices(&service, &ann).await.is_empty());

    remember(&service, &ann).await;
    let body = json!({"password": crate::harness::PASSWORD, "current": crate::harness::PASSWORD});
    let change = format!("/v1/accounts/{}/password", ann.id);
    assert_eq!(service.post(&change, body).await.status, 204);
    assert!(devices(&service, &ann).await.is_empty());
}
