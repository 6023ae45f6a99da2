//! Sign-up: every way through it and around it.

use std::time::Duration;

use http::Method;
use serde_json::json;

use crate::harness::{PASSWORD, Service, claims, other_than};

#[tokio::test]
async fn whichever_step_comes_last_completes_the_account() {
    let service = Service::start().await;
    for (username, email_first) in [("ann", true), ("bob", false)] {
        let email = format!("{username}@example.org");
        let person = service.sign_up(username, &email).await;
        let code = service.mailed_code(&email).await;
        let totp = service.totp(&person);
        let (first, last) = if email_first {
            let first = service.verify_email(&person, &code).await;
            (first, service.activate(&person, &totp).await)
        } else {
            let first = service.activate(&person, &totp).await;
            (first, service.verify_email(&person, &code).await)
        };
        assert_eq!(
            (first.status, last.status),
            (200, 200),
            "{first:?} {last:?}"
        );
        assert_eq!(first.body["complete"], false);
        assert!(first.body["assertion"].is_null());
        assert_eq!(last.body["complete"], true);
        let claims = claims(&last.text("assertion"));
        assert_eq!(claims["sub"], json!(person.id));
        assert_eq!(claims["aud"], "chat");
        assert_eq!(claims["purpose"], "signup");
        assert_eq!(claims["amr"], json!(["pwd", "otp"]));
        let activated = if email_first { &last } else { &first };
        assert_eq!(
            activated.body["recovery_codes"].as_array().unwrap().len(),
            10
        );
    }
}

#[tokio::test]
async fn the_last_two_steps_at_once_complete_exactly_once() {
    let service = Service::start().await;
    for round in 0..5 {
        let email = format!("ann{round}@example.org");
        let person = service.sign_up(&format!("ann{round}"), &email).await;
        let code = service.mailed_code(&email).await;
        let totp = service.totp(&person);
        let (one, two) = tokio::join!(
            service.verify_email(&person, &code),
            service.activate(&person, &totp)
        );
        let given = [&one, &two]
            .iter()
            .filter(|reply| reply.body["assertion"].is_string())
            .count();
        assert_eq!(given, 1, "{one:?} {two:?}");
    }
}

#[tokio::test]
async fn rule_17_a_username_is_taken_from_the_first_moment() {
    let service = Service::start().await;
    service.sign_up("ann", "ann@example.org").await;
    let body = json!({"email": "other@example.org", "username": " ANN ", "password": PASSWORD});
    service
        .post("/v1/accounts", body.clone())
        .await
        .refused(409, "username-taken");
    let elsewhere = service
        .ask(
            "shop",
            "192.0.2.1",
            Method::POST,
            "/v1/accounts",
            Some(&body),
        )
        .await;
    assert_eq!(elsewhere.status, 201, "names belong to an application");
}

#[tokio::test]
async fn rule_17_a_taken_address_is_never_told() {
    let service = Service::start().await;
    let owner = service.member("ann").await;
    service.mails().await;

    let thief = service.sign_up("eve", "Ann@Example.org").await;
    let mails = service.mails().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(
        (mails[0].kind, &*mails[0].to),
        ("already_registered", "ann@example.org")
    );
    assert!(mails[0].code.is_none());

    // The row behaves like any other: wrong codes, a resend, the factor, the login.
    service
        .verify_email(&thief, "123456")
        .await
        .refused(422, "invalid-code");
    assert_eq!(
        service.activate(&thief, &service.totp(&thief)).await.status,
        200
    );
    let resent = service
        .post(
            "/v1/email-verifications/resend",
            json!({"account_id": thief.id}),
        )
        .await;
    assert_eq!(resent.status, 202);
    assert!(service.mails().await.iter().all(|mail| mail.code.is_none()));
    service
        .login("eve", PASSWORD)
        .await
        .refused(403, "email-unverified");
    let by_address = service.login("ann@example.org", PASSWORD).await;
    assert_eq!(
        by_address.text("account_id"),
        owner.id,
        "the address is its owner's"
    );
}

#[tokio::test]
async fn rule_17_two_sign_ups_with_one_address_and_the_first_proof_wins() {
    let service = Service::start().await;
    let early = service.sign_up("ann", "ann@example.org").await;
    let early_code = service.mailed_code("ann@example.org").await;
    let late = service.sign_up("anna", "ann@example.org").await;
    let late_code = service.mailed_code("ann@example.org").await;

    // By address the newest sign-up is meant.
    let body = json!({"email": "ann@example.org", "code": late_code});
    let verified = service.post("/v1/email-verifications", body).await;
    assert_eq!(verified.text("account_id"), late.id);
    service
        .verify_email(&early, &early_code)
        .await
        .refused(422, "invalid-code");
    service
        .login("ann", PASSWORD)
        .await
        .refused(403, "email-unverified");
}

#[tokio::test]
async fn a_login_resumes_the_sign_up_with_the_same_secret() {
    let service = Service::start().await;
    let person = service.sign_up("ann", "ann@example.org").await;
    service
        .login("ann", "not the password")
        .await
        .refused(401, "invalid-credentials");

    let problem = service
        .login("ann", PASSWORD)
        .await
        .refused(403, "email-unverified");
    let unfinished = protocol::mfa::Unfinished::of(&problem).unwrap();
    assert_eq!(unfinished.account_id.to_string(), person.id);
    assert_eq!(unfinished.email_hint, "a•••@example.org");
    let factor = unfinished.factor.unwrap();
    assert_eq!(factor.factor_id.to_string(), person.factor);
    assert!(factor.qr_svg.expose().contains("<svg"));

    let code = service.mailed_code("ann@example.org").await;
    service.verify_email(&person, &code).await;
    let problem = service
        .login("ann@example.org", PASSWORD)
        .await
        .refused(403, "enrolment-required");
    let again = protocol::mfa::Unfinished::of(&problem)
        .unwrap()
        .factor
        .unwrap();
    assert_eq!(again.secret.expose(), factor.secret.expose());

    assert_eq!(
        service
            .activate(&person, &service.totp(&person))
            .await
            .status,
        200
    );
    service
        .login("ann", PASSWORD)
        .await
        .refused(401, "mfa-required");
}

#[tokio::test]
async fn a_mistyped_address_is_corrected_until_it_is_proved() {
    let service = Service::start().await;
    let person = service.sign_up("ann", "typo@example.org").await;
    let old = service.mailed_code("typo@example.org").await;
    let path = format!("/v1/accounts/{}", person.id);
    let right = json!({"email": "ann@example.org"});
    let changed = service
        .ask("chat", "192.0.2.1", Method::PATCH, &path, Some(&right))
        .await;
    assert_eq!(
        (changed.status, &changed.body["email"]),
        (200, &json!("ann@example.org"))
    );
    service
        .verify_email(&person, &old)
        .await
        .refused(422, "invalid-code");
    let code = service.mailed_code("ann@example.org").await;
    assert_eq!(service.verify_email(&person, &code).await.status, 200);
    let late = service
        .ask("chat", "192.0.2.1", Method::PATCH, &path, Some(&right))
        .await;
    late.refused(409, "account-complete");
}

#[tokio::test]
async fn rule_17_unfinished_accounts_vanish_and_free_their_name() {
    let service = Service::start().await;
    let person = service.sign_up("ann", "ann@example.org").await;
    let code = service.mailed_code("ann@example.org").await;
    service.clock.advance(Duration::from_secs(24 * 3_600 + 1));
    service
        .verify_email(&person, &other_than(&code))
        .await
        .refused(422, "invalid-code");
    service
        .verify_email(&person, &code)
        .await
        .refused(410, "expired-code");
    service
        .login("ann", PASSWORD)
        .await
        .refused(401, "invalid-credentials");
    service
        .get(&format!("/v1/accounts/{}", person.id))
        .await
        .refused(404, "not-found");
    service.sign_up("ann", "new@example.org").await;
}

#[tokio::test]
async fn rule_17_a_finished_account_stays() {
    let service = Service::start().await;
    let person = service.member("ann").await;
    service.clock.advance(Duration::from_secs(90 * 86_400));
    let account = service.get(&format!("/v1/accounts/{}", person.id)).await;
    assert_eq!(
        (account.status, &account.body["complete"]),
        (200, &json!(true))
    );
    service
        .login("ann", PASSWORD)
        .await
        .refused(401, "mfa-required");
}

#[tokio::test]
async fn mails_speak_the_account_s_language() {
    let service = Service::start().await;
    let body = json!({"email": "élise@example.org", "password": PASSWORD, "language": "fr"});
    service
        .post("/v1/accounts", body)
        .await
        .refused(422, "invalid-body");
    let body = json!({"email": "elise@example.org", "name": "Élise", "password": PASSWORD, "language": "fr"});
    assert_eq!(service.post("/v1/accounts", body).await.status, 201);
    let mails = service.mails().await;
    assert!(
        mails[0].subject.starts_with("Confirmez"),
        "{}",
        mails[0].subject
    );
    assert!(mails[0].text.starts_with("Bonjour Élise,"));
}
