//! Factors and recovery codes of an account.

use http::{Method, Request};
use mfa::totp;
use serde_json::json;

use crate::harness::{Person, Reply, Service, peer};

async fn with_assertion(service: &Service, method: Method, path: &str, assertion: &str) -> Reply {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("x-assertion", assertion)
        .extension(peer(&["spiffe://snug/chat"]))
        .body(axum::body::Body::empty())
        .unwrap();
    service.send(request).await
}

async fn fresh_assertion(service: &Service, person: &Person) -> String {
    let challenge = service.challenge(person).await;
    let answered = service
        .answer(&challenge, "totp", &service.totp(person))
        .await;
    service.next_step();
    answered.text("assertion")
}

#[tokio::test]
async fn an_activation_tells_clock_drift_and_algorithm_apart() {
    let service = Service::start().await;
    let person = service.sign_up("ann", "ann@example.org").await;
    let ahead = totp::code_at(&person.secret, service.unix() + 120);
    let problem = service
        .activate(&person, &ahead)
        .await
        .refused(422, "invalid-code");
    assert_eq!(
        problem.member::<String>("reason").as_deref(),
        Some("clock-drift")
    );
    assert_eq!(problem.member::<i64>("seconds"), Some(120));
    let problem = service
        .activate(&person, "12 34")
        .await
        .refused(422, "invalid-code");
    assert!(problem.extra.is_empty());
    assert_eq!(
        service
            .activate(&person, &service.totp(&person))
            .await
            .status,
        200
    );
    service
        .activate(&person, &service.totp(&person))
        .await
        .refused(409, "factor-active");
}

#[tokio::test]
async fn rule_02_the_code_of_the_activation_opens_no_login() {
    let service = Service::start().await;
    let person = service.sign_up("ann", "ann@example.org").await;
    let code = service.mailed_code("ann@example.org").await;
    service.verify_email(&person, &code).await;
    let totp = service.totp(&person);
    service.activate(&person, &totp).await;
    let challenge = service.challenge(&person).await;
    service
        .answer(&challenge, "totp", &totp)
        .await
        .refused(422, "code-used");
}

#[tokio::test]
async fn rule_05_guesses_at_an_activation_are_locked() {
    let service = Service::start().await;
    let person = service.sign_up("ann", "ann@example.org").await;
    for _ in 0..5 {
        service
            .activate(&person, "abcdef")
            .await
            .refused(422, "invalid-code");
    }
    service
        .activate(&person, &service.totp(&person))
        .await
        .refused(429, "locked");
}

#[tokio::test]
async fn factors_are_listed_renamed_added_and_removed() {
    let service = Service::start().await;
    let person = service.member("ann").await;
    let path = format!("/v1/accounts/{}/factors", person.id);
    let list = service.get(&path).await;
    assert_eq!(list.body["factors"].as_array().unwrap().len(), 1);
    assert_eq!(list.body["recovery_codes_left"], 10);
    assert!(
        !list.body.to_string().contains("secret"),
        "secrets are shown while pending only"
    );

    let added = service
        .post(&path, json!({"kind": "totp", "label": "Tablet"}))
        .await;
    assert_eq!(added.status, 201, "{added:?}");
    let one = format!("{path}/{}", added.text("factor_id"));
    let label = json!({"label": "Old tablet"});
    let renamed = service
        .ask("chat", "192.0.2.1", Method::PATCH, &one, Some(&label))
        .await;
    assert_eq!(renamed.body["label"], "Old tablet");
    assert_eq!(
        list.body["kinds"],
        json!(["totp", "passkey", "email"]),
        "there is no bot"
    );
    service
        .post(&path, json!({"kind": "telegram"}))
        .await
        .refused(422, "invalid-body");
    let pending = service
        .ask("chat", "192.0.2.1", Method::DELETE, &one, None)
        .await;
    assert_eq!(pending.status, 204, "a pending factor needs no proof");

    let first = format!("{path}/{}", person.factor);
    let bare = service
        .ask("chat", "192.0.2.1", Method::DELETE, &first, None)
        .await;
    bare.refused(403, "step-up-required");
    let assertion = fresh_assertion(&service, &person).await;
    let last = with_assertion(&service, Method::DELETE, &first, &assertion).await;
    last.refused(409, "last-factor");
}

#[tokio::test]
async fn an_active_factor_goes_with_a_fresh_assertion_and_a_mail() {
    let service = Service::start().await;
    let person = service.member("ann").await;
    let path = format!("/v1/accounts/{}/factors", person.id);
    let added = service
        .post(&path, json!({"kind": "totp", "label": "Tablet"}))
        .await;
    let second = Person {
        factor: added.text("factor_id"),
        secret: decode(&added.text("secret")),
        ..service_person(&person)
    };
    let activated = service.activate(&second, &service.totp(&second)).await;
    assert_eq!(activated.status, 200, "{activated:?}");
    assert_eq!(
        activated.body["recovery_codes"],
        json!([]),
        "the first set stays"
    );
    assert!(activated.body["assertion"].is_null());
    service.next_step();

    let assertion = fresh_assertion(&service, &second).await;
    service.clock.advance(std::time::Duration::from_secs(301));
    let one = format!("{path}/{}", person.factor);
    let stale = with_assertion(&service, Method::DELETE, &one, &assertion).await;
    stale.refused(403, "step-up-required");
    let assertion = fresh_assertion(&service, &second).await;
    let gone = with_assertion(&service, Method::DELETE, &one, &assertion).await;
    assert_eq!(gone.status, 204, "{gone:?}");
    let kinds: Vec<_> = service.mails().await.iter().map(|mail| mail.kind).collect();
    assert_eq!(kinds, ["factor_added", "factor_removed"]);
}

#[tokio::test]
async fn rule_06_recovery_codes_work_once_and_are_counted_and_told() {
    let service = Service::start().await;
    let person = service.member("ann").await;
    let code = &person.recovery_codes[3];
    let challenge = service.challenge(&person).await;
    let answered = service
        .answer(&challenge, "recovery", &code.to_uppercase())
        .await;
    assert_eq!(answered.status, 200, "{answered:?}");
    assert_eq!(answered.body["recovery_codes_left"], 9);
    assert_eq!(answered.body["amr"], json!(["pwd", "recovery"]));
    let mails = service.mails().await;
    assert_eq!(mails[0].kind, "recovery_code_used");
    assert!(mails[0].text.contains('9'));

    let challenge = service.challenge(&person).await;
    service
        .answer(&challenge, "recovery", code)
        .await
        .refused(422, "code-used");
    service
        .answer(&challenge, "recovery", "0000-0000-0000-0000")
        .await
        .refused(422, "invalid-code");
}

#[tokio::test]
async fn rule_06_parallel_uses_of_one_recovery_code_succeed_once() {
    let service = Service::start().await;
    let person = service.member("ann").await;
    let mut challenges = Vec::new();
    for _ in 0..4 {
        challenges.push(service.challenge(&person).await);
    }
    let code = &person.recovery_codes[0];
    let (a, b, c, d) = tokio::join!(
        service.answer(&challenges[0], "recovery", code),
        service.answer(&challenges[1], "recovery", code),
        service.answer(&challenges[2], "recovery", code),
        service.answer(&challenges[3], "recovery", code),
    );
    assert_eq!(
        [&a, &b, &c, &d]
            .iter()
            .filter(|reply| reply.status == 200)
            .count(),
        1
    );
}

#[tokio::test]
async fn rule_06_new_recovery_codes_void_the_old_ones() {
    let service = Service::start().await;
    let person = service.member("ann").await;
    let path = format!("/v1/accounts/{}/recovery-codes", person.id);
    service
        .ask("chat", "192.0.2.1", Method::POST, &path, None)
        .await
        .refused(403, "step-up-required");
    let assertion = fresh_assertion(&service, &person).await;
    let renewed = with_assertion(&service, Method::POST, &path, &assertion).await;
    assert_eq!(renewed.status, 201, "{renewed:?}");
    let codes = crate::harness::strings(&renewed.body["recovery_codes"]);
    assert_eq!(codes.len(), 10);
    let challenge = service.challenge(&person).await;
    service
        .answer(&challenge, "recovery", &person.recovery_codes[0])
        .await
        .refused(422, "invalid-code");
    assert_eq!(
        service
            .answer(&challenge, "recovery", &codes[0])
            .await
            .status,
        200
    );
}

fn service_person(person: &Person) -> Person {
    Person {
        id: person.id.clone(),
        email: person.email.clone(),
        username: person.username.clone(),
        factor: person.factor.clone(),
        secret: person.secret.clone(),
        recovery_codes: Vec::new(),
    }
}

fn decode(base32: &str) -> Vec<u8> {
    crate::harness::base32(base32)
}
