//! Challenges by mail, for accounts without a factor.

use serde_json::json;

use crate::harness::{Service, claims, other_than};

#[tokio::test]
async fn rule_04_codes_by_mail_for_accounts_without_a_factor() {
    let service = Service::start().await;
    let person = service.plain_member("ann").await;
    let body = json!({"account_id": person.id, "purpose": "pay", "context": "order 7"});
    let created = service.post("/v1/challenges", body).await;
    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!(created.body["methods"], json!(["email"]));
    let challenge = created.text("challenge_id");
    service
        .answer(&challenge, "email", "123456")
        .await
        .refused(422, "invalid-code");
    let sent = service
        .post(
            &format!("/v1/challenges/{challenge}/send"),
            json!({"method": "email"}),
        )
        .await;
    assert_eq!(
        (sent.status, &sent.body["recipient_hint"]),
        (202, &json!("a•••@example.org"))
    );
    assert!(sent.body.get("code").is_none());
    let code = service.mailed_code(&person.email).await;

    // Bound to its challenge.
    let body = json!({"account_id": person.id, "purpose": "pay"});
    let other = service
        .post("/v1/challenges", body)
        .await
        .text("challenge_id");
    service
        .post(
            &format!("/v1/challenges/{other}/send"),
            json!({"method": "email"}),
        )
        .await;
    let other_code = service.mailed_code(&person.email).await;
    if other_code != code {
        service
            .answer(&other, "email", &code)
            .await
            .refused(422, "invalid-code");
    }

    let answered = service.answer(&challenge, "email", &code).await;
    assert_eq!(
        answered.body["amr"],
        json!(["email", "restricted"]),
        "{answered:?}"
    );
    assert_eq!(answered.body["acr"], "aal1");
    let claims = claims(&answered.text("assertion"));
    assert_eq!(
        (&claims["purpose"], &claims["context"]),
        (&json!("pay"), &json!("order 7"))
    );
    service
        .answer(&challenge, "email", &code)
        .await
        .refused(409, "challenge-used");
}

#[tokio::test]
async fn rule_04_ten_tries_a_sent_code_and_a_new_one_does_not_reset_them() {
    let service = Service::start().await;
    let person = service.plain_member("ann").await;
    let body = json!({"account_id": person.id, "purpose": "pay"});
    let challenge = service
        .post("/v1/challenges", body)
        .await
        .text("challenge_id");
    let send = format!("/v1/challenges/{challenge}/send");
    service.post(&send, json!({"method": "email"})).await;
    let code = service.mailed_code(&person.email).await;
    let path = format!("/v1/challenges/{challenge}/verify");
    for guess in 0..10 {
        let wrong = json!({"method": "email", "code": other_than(&code)});
        let address = format!("203.0.113.{guess}");
        service
            .post_from(&address, &path, wrong)
            .await
            .refused(422, "invalid-code");
    }
    service
        .answer(&challenge, "email", &code)
        .await
        .refused(422, "invalid-code");
    service.post(&send, json!({"method": "email"})).await;
    let fresh = service.mailed_code(&person.email).await;
    service
        .answer(&challenge, "email", &fresh)
        .await
        .refused(422, "invalid-code");
}
