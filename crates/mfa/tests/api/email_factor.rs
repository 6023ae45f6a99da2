//! The mailbox as a second factor: bound by a code, marked restricted, no second thing at a reset.

use std::time::Duration;

use serde_json::json;

use crate::harness::{Person, Reply, Service, claims, other_than, strings};

async fn add(service: &Service, person: &Person) -> Reply {
    let path = format!("/v1/accounts/{}/factors", person.id);
    service.post(&path, json!({"kind": "email"})).await
}

async fn activate(service: &Service, person: &Person, factor: &str, code: &str) -> Reply {
    let path = format!("/v1/accounts/{}/factors/{factor}/activate", person.id);
    service.post(&path, json!({"code": code})).await
}

#[tokio::test]
async fn a_mailbox_becomes_a_factor_and_answers_challenges() {
    let service = Service::start().await;
    let person = service.plain_member("ann").await;
    let added = add(&service, &person).await;
    assert_eq!(added.status, 201, "{added:?}");
    assert_eq!(added.body["kind"], "email");
    assert_eq!(added.body.get("secret"), None);
    let factor = added.text("factor_id");
    let code = service.mailed_code(&person.email).await;
    let wrong = activate(&service, &person, &factor, &other_than(&code)).await;
    wrong.refused(422, "invalid-code");
    let done = activate(&service, &person, &factor, &code).await;
    assert_eq!(done.status, 200, "{done:?}");
    assert_eq!(strings(&done.body["recovery_codes"]).len(), 10);
    add(&service, &person).await.refused(409, "factor-active");

    let challenge = service.challenge(&person).await;
    let path = format!("/v1/challenges/{challenge}/send");
    let sent = service.post(&path, json!({"method": "email"})).await;
    assert_eq!(sent.status, 202, "{sent:?}");
    let code = service.mailed_code(&person.email).await;
    let answered = service.answer(&challenge, "email", &code).await;
    assert_eq!(answered.status, 200, "{answered:?}");
    let amr = &claims(&answered.text("assertion"))["amr"];
    assert_eq!(amr, &json!(["pwd", "email", "restricted"]));
}

#[tokio::test]
async fn beside_an_authenticator_app_both_are_open() {
    let service = Service::start().await;
    let person = service.member("ann").await;
    let factor = add(&service, &person).await.text("factor_id");
    let code = service.mailed_code(&person.email).await;
    let done = activate(&service, &person, &factor, &code).await;
    assert_eq!(done.status, 200, "{done:?}");
    let body = json!({"account_id": person.id, "purpose": "pay"});
    let opened = service.post("/v1/challenges", body).await;
    let methods = strings(&opened.body["methods"]);
    assert_eq!(methods, ["totp", "email", "recovery"]);
}

#[tokio::test]
async fn rule_04_a_code_that_binds_expires_and_takes_ten_tries() {
    let service = Service::start().await;
    let person = service.plain_member("ann").await;
    let factor = add(&service, &person).await.text("factor_id");
    let code = service.mailed_code(&person.email).await;
    service.clock.advance(Duration::from_secs(600));
    // The pending factor goes with its code.
    let late = activate(&service, &person, &factor, &code).await;
    late.refused(404, "not-found");

    let factor = add(&service, &person).await.text("factor_id");
    let first = service.mailed_code(&person.email).await;
    let newer = add(&service, &person).await.text("factor_id");
    let second = service.mailed_code(&person.email).await;
    let gone = activate(&service, &person, &factor, &first).await;
    gone.refused(404, "not-found");
    for _ in 0..9 {
        let wrong = activate(&service, &person, &newer, &other_than(&second)).await;
        wrong.refused(422, "invalid-code");
    }
    let tenth = activate(&service, &person, &newer, &other_than(&second)).await;
    tenth.refused(422, "invalid-code");
    let after = activate(&service, &person, &newer, &second).await;
    assert_ne!(after.status, 200, "{after:?}");
}

#[tokio::test]
async fn an_application_may_refuse_it_and_an_unproved_address_cannot_be_one() {
    let service = Service::start().await;
    let person = service.sign_up("ann", "ann@example.org").await;
    add(&service, &person)
        .await
        .refused(403, "email-unverified");
    let person = service.plain_member("ben").await;
    sqlx::query("update apps set factors = '{totp}'")
        .execute(&service.database.pool)
        .await
        .unwrap();
    add(&service, &person).await.refused(422, "invalid-body");
}

#[tokio::test]
async fn at_a_reset_the_mailbox_is_no_second_thing() {
    let service = Service::start().await;
    let person = service.member("ann").await;
    let factor = add(&service, &person).await.text("factor_id");
    let code = service.mailed_code(&person.email).await;
    activate(&service, &person, &factor, &code).await;
    let body = json!({"identifier": "ann"});
    let started = service.post("/v1/password-resets", body).await;
    let code = service.mailed_code(&person.email).await;
    let path = format!("/v1/password-resets/{}/verify", started.text("reset_id"));
    let proved = service.post(&path, json!({"code": code})).await;
    assert_eq!(strings(&proved.body["methods"]), ["totp", "recovery"]);
}
