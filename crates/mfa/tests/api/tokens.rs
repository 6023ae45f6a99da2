//! Client authentication: certificates, secrets that buy tokens, scopes.

use std::time::Duration;

use axum::body::Body;
use http::{Method, Request};
use mfa::{arguments::Apps, commands::apps_command};
use serde_json::json;

use crate::harness::{PASSWORD, Reply, Service, peer};

async fn create(service: &Service, client_id: &str, scopes: &[&str]) -> String {
    let command = Apps::Create {
        client_id: client_id.to_owned(),
        name: None,
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        certificate: None,
        rules: Box::default(),
    };
    let printed = apps_command(&service.database.pool, &command)
        .await
        .unwrap();
    let line = printed
        .lines()
        .find(|line| line.starts_with("client secret"))
        .unwrap();
    line.split_whitespace().last().unwrap().to_owned()
}

async fn token(service: &Service, form: &str) -> Reply {
    let request = Request::post("/oauth/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .extension(peer(&[]))
        .body(Body::from(form.to_owned()))
        .unwrap();
    service.send(request).await
}

async fn with_token(
    service: &Service,
    token: &str,
    method: Method,
    path: &str,
    body: &str,
) -> Reply {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {token}"))
        .extension(peer(&[]))
        .body(Body::from(body.to_owned()))
        .unwrap();
    service.send(request).await
}

#[tokio::test]
async fn a_secret_buys_a_token_and_the_token_opens_the_routes() {
    let service = Service::start().await;
    let secret = create(&service, "wiki", &["accounts", "challenges"]).await;
    let form = format!("grant_type=client_credentials&client_id=wiki&client_secret={secret}");
    let bought = token(&service, &form).await;
    assert_eq!(bought.status, 200, "{bought:?}");
    assert_eq!(bought.body["expires_in"], 600);
    assert_eq!(bought.headers["cache-control"], "no-store");
    let access = bought.text("access_token");
    let body = json!({"email": "ann@example.org", "password": PASSWORD}).to_string();
    let made = with_token(&service, &access, Method::POST, "/v1/accounts", &body).await;
    assert_eq!(made.status, 201, "{made:?}");

    service.clock.advance(Duration::from_secs(601));
    let late = with_token(&service, &access, Method::POST, "/v1/accounts", &body).await;
    late.refused(401, "client-required");
}

#[tokio::test]
async fn the_secret_may_come_by_basic_authentication() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let service = Service::start().await;
    let secret = create(&service, "wiki", &["accounts"]).await;
    let basic = STANDARD.encode(format!("wiki:{secret}"));
    let request = Request::post("/oauth/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("authorization", format!("Basic {basic}"))
        .body(Body::from("grant_type=client_credentials&scope=accounts"))
        .unwrap();
    assert_eq!(service.send(request).await.status, 200);
}

#[tokio::test]
async fn wrong_secrets_ids_grants_and_scopes_are_refused() {
    let service = Service::start().await;
    let secret = create(&service, "wiki", &["accounts"]).await;
    for (form, status, error) in [
        (
            "grant_type=client_credentials&client_id=wiki&client_secret=x".to_owned(),
            401,
            "invalid_client",
        ),
        (
            "grant_type=client_credentials&client_id=nobody&client_secret=x".to_owned(),
            401,
            "invalid_client",
        ),
        (
            format!("grant_type=client_credentials&client_id=wiki%00&client_secret={secret}"),
            401,
            "invalid_client",
        ),
        (
            "grant_type=client_credentials&client_id=chat&client_secret=".to_owned(),
            401,
            "invalid_client",
        ),
        (
            "grant_type=client_credentials".to_owned(),
            401,
            "invalid_client",
        ),
        (
            format!("grant_type=password&client_id=wiki&client_secret={secret}"),
            400,
            "unsupported_grant_type",
        ),
        ("client_id=wiki".to_owned(), 400, "invalid_request"),
        (
            format!(
                "grant_type=client_credentials&client_id=wiki&client_secret={secret}&scope=admin"
            ),
            400,
            "invalid_scope",
        ),
    ] {
        let reply = token(&service, &form).await;
        assert_eq!(
            (reply.status, &reply.body["error"]),
            (status, &json!(error)),
            "{form}"
        );
    }
    let request = Request::post("/oauth/token")
        .body(Body::from("{}"))
        .unwrap();
    assert_eq!(service.send(request).await.status, 400);
}

#[tokio::test]
async fn rotated_and_disabled_applications_are_out() {
    let service = Service::start().await;
    let old = create(&service, "wiki", &["accounts"]).await;
    let form = |secret: &str| {
        format!("grant_type=client_credentials&client_id=wiki&client_secret={secret}")
    };
    let access = token(&service, &form(&old)).await.text("access_token");
    let pool = &service.database.pool;
    apps_command(
        pool,
        &Apps::Rotate {
            client_id: "wiki".to_owned(),
        },
    )
    .await
    .unwrap();
    assert_eq!(token(&service, &form(&old)).await.status, 401);
    let path = format!("/v1/accounts/{}", uuid::Uuid::nil());
    assert_eq!(
        with_token(&service, &access, Method::GET, &path, "")
            .await
            .status,
        404
    );
    apps_command(
        pool,
        &Apps::Disable {
            client_id: "wiki".to_owned(),
        },
    )
    .await
    .unwrap();
    assert_eq!(
        with_token(&service, &access, Method::GET, &path, "")
            .await
            .status,
        401
    );
    apps_command(
        pool,
        &Apps::Disable {
            client_id: "chat".to_owned(),
        },
    )
    .await
    .unwrap();
    service.get(&path).await.refused(401, "client-required");
}

#[tokio::test]
async fn scopes_are_kept_apart() {
    let service = Service::start().await;
    let secret = create(&service, "wiki", &["challenges"]).await;
    let form = format!("grant_type=client_credentials&client_id=wiki&client_secret={secret}");
    let access = token(&service, &form).await.text("access_token");
    let body = json!({"email": "ann@example.org"}).to_string();
    let refused = with_token(&service, &access, Method::POST, "/v1/accounts", &body).await;
    refused.refused(403, "forbidden");
    let body = json!({"identifier": "ann", "password": "x"}).to_string();
    let login = with_token(&service, &access, Method::POST, "/v1/logins", &body).await;
    login.refused(401, "invalid-credentials");
}

#[tokio::test]
async fn nobody_gets_in_without_saying_who() {
    let service = Service::start().await;
    for (method, path) in [
        (Method::POST, "/v1/accounts"),
        (Method::POST, "/v1/logins"),
        (Method::POST, "/v1/challenges"),
        (Method::POST, "/v1/email-verifications"),
        (Method::POST, "/mfa/register"),
        (Method::POST, "/mfa/verify"),
        (Method::POST, "/request-otp"),
        (Method::POST, "/verify"),
        (Method::POST, "/api/login"),
    ] {
        for names in [&[][..], &["spiffe://snug/gateway"], &["chat.snug.internal"]] {
            let request = Request::builder()
                .method(method.clone())
                .uri(path)
                .header("content-type", "application/json")
                .extension(peer(names))
                .body(Body::from("{}"))
                .unwrap();
            service.send(request).await.refused(401, "client-required");
        }
    }
    for open in ["/.well-known/jwks.json", "/healthcheck"] {
        let request = Request::get(open).body(Body::empty()).unwrap();
        assert_eq!(service.send(request).await.status, 200, "{open}");
    }
}
