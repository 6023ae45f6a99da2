//! Forgotten passwords.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{PASSWORD, Reply, Service, claims, other_than};

const FRESH: &str = "polonium and radium";

struct Reset {
    id: String,
    code: String,
}

async fn start(service: &Service, identifier: &str) -> Reply {
    let body = json!({"identifier": identifier});
    let reply = service.post("/v1/password-resets", body).await;
    assert_eq!(reply.status, 202, "{reply:?}");
    reply
}

async fn begin(service: &Service, identifier: &str, email: &str) -> Reset {
    let id = start(service, identifier).await.text("reset_id");
    let code = service.mailed_code(email).await;
    Reset { id, code }
}

async fn verify(service: &Service, id: &str, code: &str) -> Reply {
    let path = format!("/v1/password-resets/{id}/verify");
    service.post(&path, json!({"code": code})).await
}

async fn complete(service: &Service, id: &str, password: &str, assertion: Option<&str>) -> Reply {
    let path = format!("/v1/password-resets/{id}/complete");
    let body = json!({"password": password, "assertion": assertion});
    service.post(&path, body).await
}

#[tokio::test]
async fn without_a_factor_the_mailbox_is_enough() {
    let service = Service::start().await;
    let ann = service.plain_member("ann").await;
    let reset = begin(&service, "ann", &ann.email).await;
    complete(&service, &reset.id, FRESH, None)
        .await
        .refused(403, "step-up-required");
    let proved = verify(&service, &reset.id, &reset.code).await;
    assert_eq!(proved.status, 200, "{proved:?}");
    assert!(proved.body.get("challenge_id").is_none());
    verify(&service, &reset.id, &reset.code)
        .await
        .refused(422, "code-used");

    let weak = complete(&service, &reset.id, "ann@example", None).await;
    let problem = weak.refused(422, "invalid-body");
    assert_eq!(problem.errors[0].field, "password");
    let done = complete(&service, &reset.id, FRESH, None).await;
    assert_eq!(done.status, 200, "{done:?}");
    let claims = claims(&done.text("assertion"));
    assert_eq!(claims["purpose"], "password-reset");
    assert_eq!(claims["amr"], json!(["email", "restricted"]));
    assert_eq!(claims["acr"], "aal1");
    complete(&service, &reset.id, FRESH, None)
        .await
        .refused(409, "challenge-used");

    service
        .login("ann", PASSWORD)
        .await
        .refused(401, "invalid-credentials");
    assert_eq!(service.login("ann", FRESH).await.status, 200);
    let mails = service.mails().await;
    let told = mails
        .iter()
        .find(|mail| mail.kind == "password_changed")
        .unwrap();
    assert_eq!(told.to, ann.email);
}

#[tokio::test]
async fn a_reset_asks_for_the_second_factor_and_a_recovery_code_counts() {
    let service = Service::start().await;
    let ann = service.member("ann").await;
    for (method, amr) in [
        ("totp", json!(["otp", "email", "restricted"])),
        ("recovery", json!(["recovery", "email", "restricted"])),
    ] {
        let reset = begin(&service, &ann.email, &ann.email).await;
        let proved = verify(&service, &reset.id, &reset.code).await;
        assert_eq!(proved.body["methods"], json!(["totp", "recovery"]));
        let challenge = proved.text("challenge_id");
        for assertion in [None, Some("a.b.c")] {
            complete(&service, &reset.id, FRESH, assertion)
                .await
                .refused(403, "step-up-required");
        }
        // An assertion for something else is not one for this.
        let elsewhere = service.challenge(&ann).await;
        let code = service.totp(&ann);
        let other = service.answer(&elsewhere, "totp", &code).await;
        service.next_step();
        let wrong = other.text("assertion");
        complete(&service, &reset.id, FRESH, Some(&wrong))
            .await
            .refused(403, "step-up-required");

        let code = match method {
            "totp" => service.totp(&ann),
            _ => ann.recovery_codes[0].clone(),
        };
        let answered = service.answer(&challenge, method, &code).await;
        let right = answered.text("assertion");
        let done = complete(&service, &reset.id, PASSWORD, Some(&right)).await;
        assert_eq!(done.status, 200, "{done:?}");
        let claims = claims(&done.text("assertion"));
        assert_eq!((&claims["amr"], &claims["acr"]), (&amr, &json!("aal1")));
        service.next_step();
    }
}

#[tokio::test]
async fn rule_01_a_reset_never_tells_whether_there_is_such_an_account() {
    let service = Service::start().await;
    service.plain_member("ann").await;
    let unproved = service.sign_up("bob", "bob@example.org").await;
    service.mails().await;
    let shape = |body: &Value| -> Vec<String> {
        let members = body.as_object().unwrap();
        members.keys().cloned().collect()
    };
    let known = start(&service, "ann").await;
    let wrong = verify(&service, &known.text("reset_id"), "000000").await;
    for nobody in ["carl", "carl@example.org", "bob", &unproved.email] {
        let reply = start(&service, nobody).await;
        assert_eq!(reply.body["message"], known.body["message"]);
        assert_eq!(shape(&reply.body), shape(&known.body));
        let id = reply.text("reset_id");
        let refused = verify(&service, &id, "000000").await;
        let (mut one, mut other) = (refused.body.clone(), wrong.body.clone());
        for body in [&mut one, &mut other] {
            body.as_object_mut().unwrap().remove("request_id");
        }
        assert_eq!((refused.status, one), (wrong.status, other), "{nobody}");
        complete(&service, &id, FRESH, None)
            .await
            .refused(403, "step-up-required");
    }
    let to: Vec<String> = service.mails().await.into_iter().map(|m| m.to).collect();
    assert_eq!(to, ["ann@example.org"], "nobody else gets a mail");
    let rows: (i64, i64) = sqlx::query_as(
        "select (select count(*) from password_resets),
             (select count(*) from outbox where kind in ('nobody', 'reset_password'))",
    )
    .fetch_one(&service.database.pool)
    .await
    .unwrap();
    assert_eq!(rows, (5, 5), "as much work for nobody as for somebody");
}

#[tokio::test]
async fn rule_04_a_reset_code_lives_ten_minutes_and_takes_ten_tries() {
    let service = Service::start().await;
    let ann = service.plain_member("ann").await;
    let late = begin(&service, "ann", &ann.email).await;
    service.clock.advance(Duration::from_secs(599));
    let proved = begin(&service, "ann", &ann.email).await;
    assert_eq!(verify(&service, &proved.id, &proved.code).await.status, 200);
    service.clock.advance(Duration::from_secs(2));
    verify(&service, &late.id, &late.code)
        .await
        .refused(410, "expired-code");
    service.clock.advance(Duration::from_secs(600));
    complete(&service, &proved.id, FRESH, None)
        .await
        .refused(410, "expired-code");

    let reset = begin(&service, "ann", &ann.email).await;
    for _ in 0..10 {
        verify(&service, &reset.id, &other_than(&reset.code))
            .await
            .refused(422, "invalid-code");
    }
    verify(&service, &reset.id, &reset.code)
        .await
        .refused(422, "invalid-code");
}

#[tokio::test]
async fn rule_05_guesses_at_resets_are_counted_over_all_of_them() {
    let service = Service::start().await;
    service.plain_member("ann").await;
    for name in ["ann", "nobody"] {
        for round in 0..4 {
            let id = start(&service, name).await.text("reset_id");
            for guess in 0..5 {
                let reply = verify(&service, &id, "nope").await;
                assert_eq!(reply.status, 422, "{name} {round} {guess}");
            }
        }
        let id = start(&service, name).await.text("reset_id");
        verify(&service, &id, "nope").await.refused(429, "locked");
    }
}

#[tokio::test]
async fn ten_parallel_completions_set_one_password() {
    let service = std::sync::Arc::new(Service::start().await);
    let ann = service.plain_member("ann").await;
    let reset = begin(&service, "ann", &ann.email).await;
    let mut proofs = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let (service, id, code) = (service.clone(), reset.id.clone(), reset.code.clone());
        proofs.spawn(async move { verify(&service, &id, &code).await.status });
    }
    let proofs = proofs.join_all().await;
    assert_eq!(
        proofs.iter().filter(|status| **status == 200).count(),
        1,
        "{proofs:?}"
    );
    let mut ends = tokio::task::JoinSet::new();
    for round in 0..10 {
        let (service, id) = (service.clone(), reset.id.clone());
        ends.spawn(async move {
            let password = format!("{FRESH} {round}");
            complete(&service, &id, &password, None).await.status
        });
    }
    let ends = ends.join_all().await;
    assert_eq!(
        ends.iter().filter(|status| **status == 200).count(),
        1,
        "{ends:?}"
    );
}

#[tokio::test]
async fn a_new_password_ends_what_stood_on_the_old_one() {
    let service = Service::start().await;
    let ann = service.member("ann").await;
    let challenge = service.challenge(&ann).await;
    let first = begin(&service, "ann", &ann.email).await;
    let second = begin(&service, "ann", &ann.email).await;
    let proved = verify(&service, &second.id, &second.code).await;
    let answered = service
        .answer(&proved.text("challenge_id"), "totp", &service.totp(&ann))
        .await;
    let assertion = answered.text("assertion");
    let done = complete(&service, &second.id, FRESH, Some(&assertion)).await;
    assert_eq!(done.status, 200, "{done:?}");
    service.next_step();
    service
        .answer(&challenge, "totp", &service.totp(&ann))
        .await
        .refused(410, "challenge-expired");
    verify(&service, &first.id, &first.code)
        .await
        .refused(410, "expired-code");
}
