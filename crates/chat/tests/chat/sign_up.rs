//! Sign-up and sign-in: every step, every refusal.

use protocol::{Code, limits};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{EMAIL_CODE, Person, Server, TOTP_CODE, refused};

fn ann() -> Value {
    json!({"email": "ann@example.org", "username": "ann", "password": "green heron seven"})
}

#[tokio::test]
async fn whichever_step_completes_last_opens_the_session() {
    let server = Server::start().await;
    let (status, made) = server.post("/register", &ann()).await;
    assert_eq!(status, 201);
    assert_eq!(made["mfa"]["otpauth_uri"], "otpauth://totp/x");
    let token = &made["enrolment_token"];
    let factor = &made["mfa"]["factor_id"];
    // The factor first, the address last: the cookie comes with the address.
    let body = json!({"enrolment_token": token, "factor_id": factor, "code": TOTP_CODE});
    let (status, active) = server.post("/api/mfa/activate", &body).await;
    assert_eq!(
        (status, &active["recovery_codes"]),
        (200, &json!(["one", "two"]))
    );
    assert_eq!(&active["enrolment_token"], token);
    assert!(active.get("user").is_none());

    let body = json!({"email": "ann@example.org", "code": EMAIL_CODE});
    let reply = server
        .request(Method::POST, "/api/verify-email")
        .json(&body)
        .send()
        .await
        .unwrap();
    let cookie = reply.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-session="), "{cookie}");
    for part in ["HttpOnly", "Secure", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let done: Value = reply.json().await.unwrap();
    assert_eq!(done["user"]["username"], "ann");
    assert!(done["expires_at"].is_string() && done.get("token").is_none());
    // The account is complete: its enrolment token stands for nothing any more.
    let body = json!({"enrolment_token": token, "code": EMAIL_CODE});
    refused(
        server.post("/api/verify-email", &body).await,
        Code::EnrolmentExpired,
    );
}

#[tokio::test]
async fn sign_ups_that_do_not_fit() {
    let server = Server::start().await;
    let with = |field: &str, value: Value| {
        let mut body = ann();
        body[field] = value;
        body
    };
    for (field, value, code) in [
        ("username", json!("a"), "too-short"),
        ("username", json!("no spaces"), "format"),
        ("name", json!("x".repeat(limits::NAME_MAX + 1)), "too-long"),
        ("password", json!("short"), "too-short"),
        ("username", json!(7), "format"),
        ("colour", json!("green"), "unknown"),
    ] {
        let reply = server.post("/api/signup", &with(field, value)).await;
        let problem = refused(reply, Code::InvalidBody);
        assert_eq!(
            (
                problem.errors[0].field.as_str(),
                problem.errors[0].code.as_str()
            ),
            (field, code)
        );
    }
    Person::sign_up(&server, "ann").await;
    // Upper case is lowered, look-alikes are too alike.
    refused(
        server
            .post("/api/signup", &with("username", json!("ANN")))
            .await,
        Code::UsernameTaken,
    );
    Person::sign_up(&server, "bob").await;
    refused(
        server
            .post("/api/signup", &with("username", json!("b0b")))
            .await,
        Code::UsernameTaken,
    );

    let broken = server
        .request(Method::POST, "/api/signup")
        .header("content-type", "application/json")
        .body("{");
    assert_eq!(broken.send().await.unwrap().status(), 400);
    let large = with("name", json!("x".repeat(limits::JSON_BODY)));
    refused(server.post("/api/signup", &large).await, Code::BodyTooLarge);
}

#[tokio::test]
async fn a_closed_server_takes_nobody() {
    let server = Server::with(&["--signup=closed"]).await;
    refused(server.post("/api/signup", &ann()).await, Code::SignupClosed);
    let config: Value = server
        .request(Method::GET, "/api/config")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(
        (&config["signup"], &config["mail"]),
        (&json!("closed"), &json!("console"))
    );
}

#[tokio::test]
async fn too_many_sign_ups_from_one_address() {
    let server = Server::with(&["--rate-limit-signup=1 per hour"]).await;
    assert_eq!(server.post("/api/signup", &ann()).await.0, 201);
    let problem = refused(server.post("/api/signup", &ann()).await, Code::RateLimited);
    assert!(problem.retry_after.unwrap() > 3_500);
}

#[tokio::test]
async fn wrong_codes_and_tokens() {
    let server = Server::start().await;
    let (_, made) = server.post("/api/signup", &ann()).await;
    let token = &made["enrolment_token"];
    let verify = |body: Value| {
        let server = &server;
        async move { server.post("/api/verify-email", &body).await }
    };
    refused(
        verify(json!({"enrolment_token": token, "code": "000000"})).await,
        Code::InvalidCode,
    );
    refused(
        verify(json!({"enrolment_token": "x", "code": EMAIL_CODE})).await,
        Code::EnrolmentExpired,
    );
    refused(verify(json!({"code": EMAIL_CODE})).await, Code::InvalidBody);
    let body = json!({
        "enrolment_token": token, "factor_id": made["mfa"]["factor_id"], "code": "000000",
    });
    let problem = refused(
        server.post("/api/mfa/activate", &body).await,
        Code::InvalidCode,
    );
    assert_eq!(problem.extra["reason"], "clock-drift");

    // An hour later the token is over.
    sqlx::query("update enrolments set expires_at = now()")
        .execute(server.pool())
        .await
        .unwrap();
    refused(
        verify(json!({"enrolment_token": token, "code": EMAIL_CODE})).await,
        Code::EnrolmentExpired,
    );
    for body in [
        json!({"email": "ann@example.org"}),
        json!({"email": "who@example.org"}),
    ] {
        assert_eq!(server.post("/api/resend-verification", &body).await.0, 202);
    }
}

#[tokio::test]
async fn an_unfinished_account_goes_on_after_a_login() {
    let server = Server::start().await;
    server.post("/api/signup", &ann()).await;
    let login = json!({"username": "ann", "password": "green heron seven"});
    let problem = refused(
        server.post("/api/login", &login).await,
        Code::EmailUnverified,
    );
    let token = &problem.extra["enrolment_token"];
    assert_eq!(problem.extra["mfa"]["secret"], "ABC");
    assert!(
        problem.extra.get("account_id").is_none(),
        "ids of the other service stay there"
    );
    let body = json!({"enrolment_token": token, "email": "ann.b@example.org"});
    assert_eq!(server.post("/api/signup/email", &body).await.0, 202);
    let body = json!({"enrolment_token": token, "code": EMAIL_CODE});
    assert_eq!(server.post("/api/verify-email", &body).await.0, 200);
    let problem = refused(
        server.post("/api/login", &login).await,
        Code::EnrolmentRequired,
    );
    let body = json!({
        "enrolment_token": problem.extra["enrolment_token"],
        "factor_id": problem.extra["mfa"]["factor_id"], "code": TOTP_CODE,
    });
    let (_, done) = server.post("/api/mfa/activate", &body).await;
    assert_eq!(done["user"]["email"], "ann.b@example.org");
}

#[tokio::test]
async fn a_login_takes_two_factors() {
    let server = Server::start().await;
    Person::sign_up(&server, "ann").await;
    let login = |password: &str| json!({"username": "ann", "password": password});
    refused(
        server.post("/api/login", &login("wrong")).await,
        Code::InvalidCredentials,
    );
    let nobody = json!({"email": "nobody@example.org", "password": "green heron seven"});
    refused(
        server.post("/api/login", &nobody).await,
        Code::InvalidCredentials,
    );
    refused(
        server.post("/api/login", &json!({"password": "x"})).await,
        Code::InvalidBody,
    );

    let problem = refused(
        server.post("/login", &login("green heron seven")).await,
        Code::MfaRequired,
    );
    assert_eq!(problem.extra["methods"], json!(["totp", "recovery"]));
    let verify = |code: &str| {
        json!({
            "challenge_id": problem.extra["challenge_id"], "method": "totp", "code": code,
            "transport": "bearer", "remember": true,
        })
    };
    let again = refused(
        server.post("/api/login/verify", &verify("0")).await,
        Code::InvalidCode,
    );
    assert_eq!(again.extra["challenge_id"], problem.extra["challenge_id"]);
    let (status, done) = server.post("/api/login/verify", &verify(TOTP_CODE)).await;
    assert_eq!(status, 200);
    assert_eq!(done["token"].as_str().unwrap().len(), 43);
    refused(
        server.post("/api/login/verify", &verify(TOTP_CODE)).await,
        Code::ChallengeUsed,
    );
}
