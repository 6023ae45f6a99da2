//! Bodies that do not fit: each has its own answer, and nothing breaks.

use axum::body::Body;
use http::{Method, Request};
use serde_json::{Value, json};

use crate::harness::{PASSWORD, Service, peer};

async fn send(service: &Service, path: &str, kind: &str, body: String) -> (u16, String) {
    let request = Request::post(path)
        .header("content-type", kind)
        .extension(peer(&["spiffe://snug/chat"]))
        .body(Body::from(body))
        .unwrap();
    let reply = service.send(request).await;
    (reply.status, reply.code())
}

#[tokio::test]
async fn malformed_mistyped_unknown_and_oversized_bodies() {
    let service = Service::start().await;
    for path in [
        "/v1/accounts",
        "/v1/logins",
        "/v1/challenges",
        "/v1/email-verifications",
    ] {
        for (kind, body, status, code) in [
            ("application/json", "{".to_owned(), 400, "malformed-json"),
            ("application/json", "[]".to_owned(), 422, "invalid-body"),
            ("application/json", "{}".to_owned(), 422, "invalid-body"),
            (
                "application/json",
                r#"{"role":"admin"}"#.to_owned(),
                422,
                "invalid-body",
            ),
            (
                "application/json",
                "\"\u{0}\"".to_owned(),
                400,
                "malformed-json",
            ),
            ("text/plain", "{}".to_owned(), 415, "unsupported-media-type"),
            (
                "application/json",
                format!("\"{}\"", "x".repeat(70_000)),
                413,
                "body-too-large",
            ),
        ] {
            let got = send(&service, path, kind, body).await;
            assert_eq!(got, (status, code.to_owned()), "{path} {kind}");
        }
    }
    let reply = service
        .ask("chat", "192.0.2.1", Method::GET, "/v1/accounts", None)
        .await;
    reply.refused(405, "method-not-allowed");
    service.get("/v1/nothing").await.refused(404, "not-found");
}

#[tokio::test]
async fn fields_are_named() {
    let service = Service::start().await;
    let long = "x".repeat(300);
    for (change, field, code) in [
        (json!({"email": 7}), "email", "format"),
        (json!({"email": "nobody"}), "email", "format"),
        (
            json!({"email": format!("{long}@example.org")}),
            "email",
            "too-long",
        ),
        (json!({"username": "a b"}), "username", "format"),
        (json!({"username": "ann@example.org"}), "username", "format"),
        (json!({"username": long}), "username", "too-long"),
        (json!({"password": "short"}), "password", "too-short"),
        (json!({"password": long}), "password", "too-long"),
        (json!({"password": "password1"}), "password", "common"),
        (
            json!({"password": "my name is annabel"}),
            "password",
            "contains-name",
        ),
        (json!({"name": long}), "name", "too-long"),
        (json!({"factor": "sms"}), "factor", "format"),
        (json!({"factor": "passkey"}), "factor", "unsupported"),
        (json!({"language": "xx"}), "language", "format"),
        (json!({"admin": true}), "admin", "unknown"),
    ] {
        let mut body =
            json!({"email": "annabel@example.org", "username": "annabel", "password": PASSWORD});
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        let problem = service
            .post("/v1/accounts", body)
            .await
            .refused(422, "invalid-body");
        let error = &problem.errors[0];
        assert_eq!((&*error.field, &*error.code), (field, code), "{change}");
    }
    assert!(service.mails().await.is_empty(), "nothing was made");
}

#[tokio::test]
async fn what_was_sent_is_never_repeated() {
    let service = Service::start().await;
    let bodies: [Value; 3] = [
        json!({"identifier": "ann", "password": {"text": "hunter2hunter2"}}),
        json!({"identifier": ["hunter2hunter2"], "password": "x"}),
        json!({"identifier": "ann", "password": "hunter2hunter2", "hint": "x"}),
    ];
    for body in bodies {
        let reply = service.post("/v1/logins", body).await;
        assert!(!reply.body.to_string().contains("hunter2"), "{reply:?}");
    }
}

#[tokio::test]
async fn a_broken_client_address_is_refused() {
    let service = Service::start().await;
    let reply = service
        .post_from("not an address", "/v1/logins", json!({}))
        .await;
    reply.refused(400, "bad-request");
}

#[tokio::test]
async fn very_long_passwords_cost_nothing() {
    let service = Service::start().await;
    service.plain_member("ann").await;
    let reply = service.login("ann", &"x".repeat(50_000)).await;
    reply.refused(401, "invalid-credentials");
}

#[tokio::test]
async fn one_of_email_and_account_id() {
    let service = Service::start().await;
    for body in [
        json!({"code": "123456"}),
        json!({"email": "a@example.org", "account_id": uuid::Uuid::nil(), "code": "123456"}),
    ] {
        service
            .post("/v1/email-verifications", body)
            .await
            .refused(422, "invalid-body");
    }
    service
        .post("/v1/email-verifications/resend", json!({}))
        .await
        .refused(422, "invalid-body");
}

#[tokio::test]
async fn a_name_with_nul_is_nobody_s() {
    let service = Service::start().await;
    service.member("ann").await;
    for name in ["ann\0", "\0", "a\0nn@example.org"] {
        let login = service.login(name, PASSWORD).await;
        login.refused(401, "invalid-credentials");
        for (path, body) in [
            ("/verify", json!({"username": name, "token": "123456"})),
            ("/mfa/verify", json!({"username": name, "code": "123456"})),
            ("/request-otp", json!({"username": name})),
        ] {
            let reply = service.post(path, body).await;
            reply.refused(422, "invalid-code");
        }
        let reset = service.post("/v1/password-resets", json!({"identifier": name}));
        assert!(reset.await.status < 500);
    }
}
