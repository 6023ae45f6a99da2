//! Every row belongs to an application; no other one sees it.

use http::Method;
use serde_json::{Value, json};

use crate::harness::Service;

#[tokio::test]
async fn no_route_shows_another_application_s_rows() {
    let service = Service::start().await;
    let person = service.member("ann").await;
    let challenge = service.challenge(&person).await;
    let code = service.totp(&person);
    let account = format!("/v1/accounts/{}", person.id);
    let factors = format!("{account}/factors");
    let factor = format!("{factors}/{}", person.factor);
    let requests: Vec<(Method, String, Option<Value>)> = vec![
        (Method::GET, account.clone(), None),
        (
            Method::PATCH,
            account.clone(),
            Some(json!({"email": "eve@example.org"})),
        ),
        (Method::GET, factors.clone(), None),
        (Method::POST, factors, Some(json!({"kind": "totp"}))),
        (
            Method::PATCH,
            factor.clone(),
            Some(json!({"label": "mine"})),
        ),
        (Method::DELETE, factor.clone(), None),
        (
            Method::POST,
            format!("{factor}/activate"),
            Some(json!({"code": code})),
        ),
        (Method::POST, format!("{account}/recovery-codes"), None),
        (
            Method::POST,
            "/v1/email-verifications".to_owned(),
            Some(json!({"account_id": person.id, "code": "123456"})),
        ),
        (
            Method::POST,
            "/v1/email-verifications/resend".to_owned(),
            Some(json!({"account_id": person.id})),
        ),
        (
            Method::POST,
            "/v1/challenges".to_owned(),
            Some(json!({"account_id": person.id, "purpose": "x"})),
        ),
        (
            Method::POST,
            format!("/v1/challenges/{challenge}/send"),
            Some(json!({"method": "email"})),
        ),
        (
            Method::POST,
            format!("/v1/challenges/{challenge}/verify"),
            Some(json!({"method": "totp", "code": code})),
        ),
        (
            Method::POST,
            "/mfa/verify".to_owned(),
            Some(json!({"account_id": person.id, "code": code})),
        ),
    ];
    for (method, path, body) in requests {
        let reply = service
            .ask("shop", "192.0.2.1", method.clone(), &path, body.as_ref())
            .await;
        assert_eq!(
            (reply.status, &*reply.code()),
            (404, "not-found"),
            "{method} {path}"
        );
    }
    for (path, body, status) in [
        (
            "/v1/logins",
            json!({"identifier": "ann", "password": crate::harness::PASSWORD}),
            401,
        ),
        ("/verify", json!({"username": "ann", "token": code}), 422),
        ("/request-otp", json!({"username": "ann"}), 422),
    ] {
        let reply = service
            .ask("shop", "192.0.2.1", Method::POST, path, Some(&body))
            .await;
        assert_eq!(reply.status, status, "{path} {reply:?}");
    }
    assert_eq!(
        service.answer(&challenge, "totp", &code).await.status,
        200,
        "nothing was touched"
    );
}

#[tokio::test]
async fn an_address_may_be_proved_once_per_application() {
    let service = Service::start().await;
    service.member("ann").await;
    let body = json!({"email": "ann@example.org", "password": crate::harness::PASSWORD});
    let reply = service
        .ask(
            "shop",
            "192.0.2.1",
            Method::POST,
            "/v1/accounts",
            Some(&body),
        )
        .await;
    let code = service.mailed_code("ann@example.org").await;
    let body = json!({"account_id": reply.text("account_id"), "code": code});
    let verified = service
        .ask(
            "shop",
            "192.0.2.1",
            Method::POST,
            "/v1/email-verifications",
            Some(&body),
        )
        .await;
    assert_eq!(verified.status, 200, "{verified:?}");
}
