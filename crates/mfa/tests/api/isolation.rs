//! Every row belongs to an application and every route to a scope: asked on each route of the
//! document.

use axum::body::Body;
use http::{Method, Request, header};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::{PASSWORD, Person, Reply, Service},
    openapi::operations,
    sample,
};

/// Rows of the application `chat`.
struct Rows {
    person: Person,
    challenge: String,
    reset: String,
    notification: String,
    passkey_login: String,
    device: String,
}

impl Rows {
    async fn make(service: &Service) -> Self {
        let person = service.member("ann").await;
        let challenge = service.challenge(&person).await;
        let body = json!({"identifier": "ann"});
        let started = service.post("/v1/password-resets", body).await;
        let reset = started.text("reset_id");
        sqlx::query("update apps set scopes = '{accounts,challenges,notify,admin}'")
            .execute(&service.database.pool)
            .await
            .unwrap();
        let body = json!({"channel": "email", "recipient": "ann@example.org", "message": "Hello."});
        let notification = service.post("/v1/notifications", body).await.text("id");
        sqlx::query("update apps set rp_id = 'example.org', origins = '{}'")
            .execute(&service.database.pool)
            .await
            .unwrap();
        let login = service.post("/v1/passkey-logins", json!({})).await;
        let answered = service
            .answer(
                &service.challenge(&person).await,
                "recovery",
                &person.recovery_codes[0],
            )
            .await;
        let path = format!("/v1/accounts/{}/remembered-devices", person.id);
        let headers = [("x-assertion", &*answered.text("assertion"))];
        let body = json!({"label": "Firefox"});
        let device = service
            .ask_with("chat", &headers, Method::POST, &path, Some(&body))
            .await
            .text("device_id");
        Self {
            person,
            challenge,
            reset,
            notification,
            passkey_login: login.text("login_id"),
            device,
        }
    }

    /// The row that a name in a path or body stands for.
    fn id(&self, path: &str, name: &str) -> &str {
        match name {
            "account_id" => &self.person.id,
            "id" if path.starts_with("/v1/accounts/") => &self.person.id,
            "factor_id" => &self.person.factor,
            "device_id" => &self.device,
            "id" if path.starts_with("/v1/challenges/") => &self.challenge,
            "id" if path.starts_with("/v1/passkey-logins/") => &self.passkey_login,
            "challenge_id" => &self.challenge,
            "id" if path.starts_with("/v1/password-resets/") => &self.reset,
            "id" if path.starts_with("/v1/notifications/") => &self.notification,
            _ => panic!("{path}: make a row for {name} here, another application asks for it"),
        }
    }
}

/// A path with its parameters filled in.
fn fill<'a>(path: &str, id: impl Fn(&str) -> &'a str) -> String {
    let part = |part: &str| match part
        .strip_prefix('{')
        .and_then(|part| part.strip_suffix('}'))
    {
        Some(name) => id(name).to_owned(),
        None => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

fn scopes(operation: &Value) -> Vec<String> {
    let token = &operation["security"][0]["token"];
    serde_json::from_value(token.clone()).unwrap_or_default()
}

async fn ask(
    service: &Service,
    method: &str,
    path: &str,
    body: Option<&Value>,
    token: Option<&str>,
) -> Reply {
    let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
    let mut request = Request::builder().method(method).uri(path);
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    if body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    service.send(request.body(body).unwrap()).await
}

#[tokio::test]
async fn every_id_of_another_application_is_not_found() {
    let service = Service::start().await;
    let rows = Rows::make(&service).await;
    let mut asked = 0;
    for (method, path, operation) in operations(&service.app.document) {
        let in_body = sample::ids_in_body(&service.app.document, &operation);
        if !path.contains('{') && in_body.is_empty() {
            continue;
        }
        let full = fill(&path, |name| rows.id(&path, name));
        let ids: Vec<(&str, &str)> = in_body
            .iter()
            .map(|name| (&**name, rows.id(&path, name)))
            .collect();
        let body = sample::smallest(&service.app.document, &operation, &ids);
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let reply = service
            .ask("shop", "192.0.2.1", method.clone(), &full, body.as_ref())
            .await;
        assert_eq!(
            (reply.status, &*reply.code()),
            (404, "not-found"),
            "{method} {path} {body:?}"
        );
        asked += 1;
    }
    assert!(asked >= 14, "{asked}");
    let code = service.totp(&rows.person);
    let untouched = service.answer(&rows.challenge, "totp", &code).await;
    assert_eq!(untouched.status, 200, "{untouched:?}");
}

#[tokio::test]
async fn names_of_another_application_are_unknown() {
    let service = Service::start().await;
    let person = service.member("ann").await;
    let code = service.totp(&person);
    for (path, body, status) in [
        (
            "/v1/logins",
            json!({"identifier": "ann", "password": PASSWORD}),
            401,
        ),
        (
            "/api/login",
            json!({"email": "ann@example.org", "password": PASSWORD}),
            401,
        ),
        ("/mfa/verify", json!({"username": "ann", "code": code}), 422),
        ("/verify", json!({"username": "ann", "token": code}), 422),
        ("/request-otp", json!({"username": "ann"}), 422),
    ] {
        let reply = service
            .ask("shop", "192.0.2.1", Method::POST, path, Some(&body))
            .await;
        assert_eq!(reply.status, status, "{path} {reply:?}");
    }
}

#[tokio::test]
async fn every_route_but_the_open_ones_asks_who_it_is() {
    let service = Service::start().await;
    for (method, path, operation) in operations(&service.app.document) {
        let full = fill(&path, |_| "0192f7a0-0000-7000-8000-000000000001");
        let body = sample::example(&service.app.document, &operation);
        let reply = ask(&service, &method, &full, body.as_ref(), None).await;
        if operation["security"].is_null() {
            assert_ne!(reply.code(), "client-required", "{method} {path}");
        } else {
            reply.refused(401, "client-required");
        }
    }
}

/// The document's scopes are the needed ones: without one of them 403, with them alone no 403.
#[tokio::test]
async fn every_route_needs_its_scopes_and_no_other() {
    let service = Service::start().await;
    let app: Uuid = sqlx::query_scalar("select id from apps where client_id = 'chat'")
        .fetch_one(&service.database.pool)
        .await
        .unwrap();
    let all = ["accounts", "challenges", "notify", "admin"];
    sqlx::query("update apps set scopes = $1")
        .bind(&all[..])
        .execute(&service.database.pool)
        .await
        .unwrap();
    let token = |scopes: &[String]| {
        let token = service
            .app
            .signer
            .access_token(app, scopes, service.app.clock.now().unwrap());
        token.unwrap().expose().to_owned()
    };
    for (method, path, operation) in operations(&service.app.document) {
        let needed = scopes(&operation);
        let full = fill(&path, |_| "0192f7a0-0000-7000-8000-000000000001");
        let body = sample::example(&service.app.document, &operation);
        for missing in &needed {
            let others: Vec<String> = all
                .iter()
                .map(|scope| (*scope).to_owned())
                .filter(|scope| scope != missing)
                .collect();
            let token = token(&others);
            let reply = ask(&service, &method, &full, body.as_ref(), Some(&token)).await;
            assert_eq!(
                (reply.status, &*reply.code()),
                (403, "forbidden"),
                "{method} {path} without {missing}"
            );
        }
        if !needed.is_empty() {
            let reply = ask(
                &service,
                &method,
                &full,
                body.as_ref(),
                Some(&token(&needed)),
            )
            .await;
            assert_ne!(reply.code(), "forbidden", "{method} {path} with {needed:?}");
            assert_ne!(reply.code(), "client-required", "{method} {path}");
        }
    }
}

#[tokio::test]
async fn an_address_may_be_proved_once_per_application() {
    let service = Service::start().await;
    service.member("ann").await;
    let body = json!({"email": "ann@example.org", "password": PASSWORD});
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
