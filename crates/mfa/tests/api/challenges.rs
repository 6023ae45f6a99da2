//! The second factor: each method, each way to fail.

use std::time::Duration;

use http::Method;
use mfa::totp;
use serde_json::json;

use crate::harness::{PASSWORD, Service, claims, other_than};

#[tokio::test]
async fn password_and_totp_make_aal2() {
    let service = Service::start().await;
    let person = service.member("ann").await;
    let challenge = service.challenge(&person).await;
    let answered = service
        .answer(&challenge, "totp", &service.totp(&person))
        .await;
    assert_eq!(answered.status, 200, "{answered:?}");
    assert_eq!(answered.body["account_id"], json!(person.id));
    assert_eq!(answered.headers["cache-control"], "no-store");
    let claims = claims(&answered.text("assertion"));
    assert_eq!(
        (&claims["amr"], &claims["acr"]),
        (&json!(["pwd", "otp"]), &json!("aal2"))
    );
}

#[tokio::test]
async fn rule_01_a_wrong_code_is_never_2xx_and_says_how_to_go_on() {
    let service = Service::start().await;
    let person = service.member("ann").await;
    let challenge = service.challenge(&person).await;
    for wrong in [
        &*other_than(&service.totp(&person)),
        "",
        "12345",
        "abcdef",
        "1234567",
    ] {
        let reply = service.answer(&challenge, "totp", wrong).await;
        let problem = reply.refused(422, "invalid-code");
        let required = protocol::mfa::MfaRequired::of(&problem).unwrap();
        assert_eq!(required.challenge_id.to_string(), challenge);
    }
}

#[tokio::test]
async fn rule_02_one_code_one_success_in_parallel() {
    let service = std::sync::Arc::new(Service::start().await);
    let person = service.member("ann").await;
    let code = service.totp(&person);
    let mut attempts = tokio::task::JoinSet::new();
    for round in 0..8 {
        let challenge = service.challenge(&person).await;
        let (service, code) = (service.clone(), code.clone());
        attempts.spawn(async move {
            let path = format!("/v1/challenges/{challenge}/verify");
            let body = json!({"method": "totp", "code": code});
            service
                .post_from(&format!("192.0.2.{round}"), &path, body)
                .await
                .status
        });
    }
    let answers = attempts.join_all().await;
    assert_eq!(
        answers.iter().filter(|status| **status == 200).count(),
        1,
        "{answers:?}"
    );
    assert!(answers.iter().all(|status| [200, 422].contains(status)));
}

#[tokio::test]
async fn rule_02_a_used_code_says_when_the_next_one_comes() {
    let service = Service::start().await;
    let person = service.member("ann").await;
    let code = service.totp(&person);
    let first = service.challenge(&person).await;
    assert_eq!(service.answer(&first, "totp", &code).await.status, 200);
    let second = service.challenge(&person).await;
    let reply = service.answer(&second, "totp", &code).await;
    let problem = reply.refused(422, "code-used");
    let left = totp::STEP - service.unix() % totp::STEP;
    assert!(
        (left..=left + 1).contains(&problem.retry_after.unwrap()),
        "{problem:?} {left}"
    );
    service.next_step();
    assert_eq!(
        service
            .answer(&second, "totp", &service.totp(&person))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn rule_02_an_older_step_is_refused_after_a_newer_one() {
    let service = Service::start().await;
    let person = service.member("ann").await;
    service.next_step();
    let older = totp::code_at(&person.secret, service.unix() - totp::STEP);
    let first = service.challenge(&person).await;
    assert_eq!(
        service
            .answer(&first, "totp", &service.totp(&person))
            .await
            .status,
        200
    );
    let second = service.challenge(&person).await;
    service
        .answer(&second, "totp", &older)
        .await
        .refused(422, "code-used");
}

#[tokio::test]
async fn rule_03_the_window_is_configurable() {
    for (flags, expected) in [(&[][..], 200), (&["--totp-window=0"][..], 422)] {
        let service = Service::with_flags(flags).await;
        let person = service.member("ann").await;
        service.next_step();
        let before = totp::code_at(&person.secret, service.unix() - totp::STEP);
        let challenge = service.challenge(&person).await;
        assert_eq!(
            service.answer(&challenge, "totp", &before).await.status,
            expected
        );
    }
}

#[tokio::test]
async fn a_challenge_is_answered_once_and_in_time() {
    let service = Service::start().await;
    let person = service.member("ann").await;
    let challenge = service.challenge(&person).await;
    assert_eq!(
        service
            .answer(&challenge, "totp", &service.totp(&person))
            .await
            .status,
        200
    );
    service.next_step();
    let again = service
        .answer(&challenge, "totp", &service.totp(&person))
        .await;
    again.refused(409, "challenge-used");

    let late = service.challenge(&person).await;
    service.clock.advance(Duration::from_secs(601));
    let reply = service.answer(&late, "totp", &service.totp(&person)).await;
    reply.refused(410, "challenge-expired");
    let unknown = uuid::Uuid::now_v7().to_string();
    service
        .answer(&unknown, "totp", "123456")
        .await
        .refused(404, "not-found");
    service
        .answer("x", "totp", "123456")
        .await
        .refused(404, "not-found");
}

#[tokio::test]
async fn a_method_that_is_not_open_is_refused() {
    let service = Service::start().await;
    let person = service.member("ann").await;
    let challenge = service.challenge(&person).await;
    for method in ["email", "telegram", "passkey"] {
        service
            .answer(&challenge, method, "123456")
            .await
            .refused(422, "invalid-body");
    }
    let send = format!("/v1/challenges/{challenge}/send");
    service
        .post(&send, json!({"method": "email"}))
        .await
        .refused(422, "invalid-body");
}

#[tokio::test]
async fn a_challenge_for_nobody_is_not_found() {
    let service = Service::start().await;
    let body = json!({"account_id": uuid::Uuid::now_v7(), "purpose": "pay"});
    service
        .post("/v1/challenges", body)
        .await
        .refused(404, "not-found");
    let person = service.sign_up("ann", "ann@example.org").await;
    let body = json!({"account_id": person.id, "purpose": "pay"});
    service
        .post("/v1/challenges", body)
        .await
        .refused(403, "enrolment-required");
}

#[tokio::test]
async fn rule_12_the_jwks_checks_the_assertion() {
    let service = Service::start().await;
    service.plain_member("ann").await;
    let assertion = service.login("ann", PASSWORD).await.text("assertion");
    let jwks = service
        .ask(
            "nobody",
            "192.0.2.1",
            Method::GET,
            "/.well-known/jwks.json",
            None,
        )
        .await;
    assert_eq!(jwks.status, 200);
    let jwks: protocol::mfa::Jwks = serde_json::from_value(jwks.body).unwrap();
    let key = jsonwebtoken::DecodingKey::from_ed_components(&jwks.keys[0].x).unwrap();
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::EdDSA);
    validation.set_audience(&["chat"]);
    validation.set_issuer(&["https://localhost:8443"]);
    validation.leeway = 0;
    let checked =
        jsonwebtoken::decode::<protocol::mfa::Assertion>(&assertion, &key, &validation).unwrap();
    assert_eq!(checked.header.kid.as_deref(), Some(&*jwks.keys[0].kid));
    assert_eq!(checked.claims.purpose, "login");
}
