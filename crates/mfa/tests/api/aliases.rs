//! The documented names of older interfaces.

use serde_json::json;

use crate::harness::{PASSWORD, Person, Service, base32, other_than};

async fn register(service: &Service) -> Person {
    let body = json!({"email": "ann@example.org", "username": "ann", "password": PASSWORD});
    let reply = service.post("/mfa/register", body).await;
    assert_eq!(reply.status, 201, "{reply:?}");
    assert!(
        reply
            .text("otpauth_uri")
            .starts_with("otpauth://totp/Snug:ann?")
    );
    assert!(reply.text("qr_svg").contains("<svg"));
    Person {
        id: reply.text("account_id"),
        email: "ann@example.org".to_owned(),
        username: "ann".to_owned(),
        factor: reply.text("factor_id"),
        secret: base32(&reply.text("secret")),
        recovery_codes: Vec::new(),
    }
}

#[tokio::test]
async fn the_first_code_activates_and_later_ones_verify() {
    let service = Service::start().await;
    let person = register(&service).await;
    let code = service.mailed_code("ann@example.org").await;
    service.verify_email(&person, &code).await;
    let check = |code: String| json!({"username": "ann", "code": code});
    let wrong = service
        .post("/mfa/verify", check(other_than(&service.totp(&person))))
        .await;
    wrong.refused(422, "invalid-code");
    let first = service
        .post("/mfa/verify", check(service.totp(&person)))
        .await;
    assert_eq!(first.body["recovery_codes"].as_array().unwrap().len(), 10);
    assert!(first.body["assertion"].is_string());
    service.next_step();
    let body = json!({"account_id": person.id, "code": service.totp(&person)});
    let later = service.post("/mfa/verify", body).await;
    assert_eq!(later.body["amr"], json!(["otp"]), "{later:?}");
    let unknown = service
        .post("/mfa/verify", json!({"username": "x", "code": "123456"}))
        .await;
    unknown.refused(422, "invalid-code");
}

#[tokio::test]
async fn a_code_by_mail_is_sent_never_returned_and_verified() {
    let service = Service::start().await;
    service.plain_member("ann").await;
    let asked = service
        .post(
            "/request-otp",
            json!({"username": "ann", "channel": "email"}),
        )
        .await;
    assert_eq!(
        (asked.status, &asked.body["channel"]),
        (202, &json!("email"))
    );
    assert_eq!(asked.body.as_object().unwrap().len(), 2);
    let code = service.mailed_code("ann@example.org").await;
    let verify = |token: &str| json!({"username": "ann", "token": token});
    service
        .post("/verify", verify(&other_than(&code)))
        .await
        .refused(422, "invalid-code");
    assert_eq!(service.post("/verify", verify(&code)).await.status, 200);
    service
        .post("/request-otp", json!({"username": "ann", "channel": "sms"}))
        .await
        .refused(422, "invalid-body");
}

#[tokio::test]
async fn a_totp_code_goes_through_verify() {
    let service = Service::start().await;
    let person = service.member("ann").await;
    let body = json!({"username": "ann", "token": service.totp(&person)});
    assert_eq!(service.post("/verify", body).await.status, 200);
}

#[tokio::test]
async fn a_login_with_its_code_in_one_request() {
    let service = Service::start().await;
    let person = service.member("ann").await;
    let body = json!({"email": "ann@example.org", "password": PASSWORD});
    service
        .post("/api/login", body.clone())
        .await
        .refused(401, "mfa-required");
    let with = |code: String| {
        let mut body = body.clone();
        body["code"] = json!(code);
        body
    };
    let wrong = service
        .post("/api/login", with(other_than(&service.totp(&person))))
        .await;
    wrong.refused(422, "invalid-code");
    let right = service
        .post("/api/login", with(service.totp(&person)))
        .await;
    assert_eq!(right.body["acr"], "aal2", "{right:?}");
}
