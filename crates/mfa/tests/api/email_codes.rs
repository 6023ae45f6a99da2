//! Codes that prove an address.

use std::time::Duration;

use serde_json::json;

use crate::harness::{Service, other_than};

#[tokio::test]
async fn rule_04_a_code_is_used_once() {
    let service = Service::start().await;
    let person = service.sign_up("ann", "ann@example.org").await;
    let code = service.mailed_code("ann@example.org").await;
    let spaced = format!(" {} {} ", &code[..3], &code[3..]);
    assert_eq!(service.verify_email(&person, &spaced).await.status, 200);
    service
        .verify_email(&person, &code)
        .await
        .refused(422, "invalid-code");
    let by_address = json!({"email": "ann@example.org", "code": code});
    service
        .post("/v1/email-verifications", by_address)
        .await
        .refused(422, "invalid-code");
}

#[tokio::test]
async fn rule_04_parallel_requests_with_one_code_succeed_once() {
    let service = Service::start().await;
    let person = service.sign_up("ann", "ann@example.org").await;
    let code = service.mailed_code("ann@example.org").await;
    let (a, b, c, d) = tokio::join!(
        service.verify_email(&person, &code),
        service.verify_email(&person, &code),
        service.verify_email(&person, &code),
        service.verify_email(&person, &code),
    );
    let right = [&a, &b, &c, &d]
        .iter()
        .filter(|reply| reply.status == 200)
        .count();
    assert_eq!(right, 1);
}

#[tokio::test]
async fn rule_04_ten_wrong_tries_and_the_right_code_is_worth_nothing() {
    let service = Service::start().await;
    let person = service.sign_up("ann", "ann@example.org").await;
    let code = service.mailed_code("ann@example.org").await;
    for _ in 0..10 {
        service
            .verify_email(&person, &other_than(&code))
            .await
            .refused(422, "invalid-code");
    }
    let locked = service.verify_email(&person, &code).await;
    let problem = locked.refused(429, "locked");
    assert!(problem.detail.contains("new code"), "{problem:?}");
    assert!(locked.headers.contains_key("retry-after"));

    // A new code works at once.
    let resend = json!({"account_id": person.id});
    service.post("/v1/email-verifications/resend", resend).await;
    let fresh = service.mailed_code("ann@example.org").await;
    assert_eq!(service.verify_email(&person, &fresh).await.status, 200);
}

#[tokio::test]
async fn rule_04_a_new_code_replaces_the_old_one_and_keeps_the_failures() {
    let service = Service::start().await;
    let person = service.sign_up("ann", "ann@example.org").await;
    let first = service.mailed_code("ann@example.org").await;
    for _ in 0..10 {
        service.verify_email(&person, "nope").await;
    }
    let resend = json!({"email": "ANN@example.org"});
    service.post("/v1/email-verifications/resend", resend).await;
    let second = service.mailed_code("ann@example.org").await;
    for wrong in [
        &*other_than(&second),
        "nope",
        "",
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
    ] {
        service
            .verify_email(&person, wrong)
            .await
            .refused(422, "invalid-code");
    }
    if first != second {
        service
            .verify_email(&person, &first)
            .await
            .refused(422, "invalid-code");
    }
    // Twenty failures over both codes: now time helps, a third code does not.
    service
        .verify_email(&person, &second)
        .await
        .refused(429, "locked");
}

#[tokio::test]
async fn an_unknown_address_looks_like_a_known_one() {
    let service = Service::start().await;
    service.sign_up("ann", "ann@example.org").await;
    let mut replies = Vec::new();
    for email in ["ann@example.org", "nobody@example.org"] {
        let mut all = Vec::new();
        for _ in 0..22 {
            let body = json!({"email": email, "code": "abc"});
            let reply = service.post("/v1/email-verifications", body).await;
            all.push((reply.status, reply.code()));
        }
        let resent = service
            .post("/v1/email-verifications/resend", json!({"email": email}))
            .await;
        all.push((resent.status, resent.body.to_string()));
        replies.push(all);
    }
    assert_eq!(replies[0], replies[1]);
}

#[tokio::test]
async fn rule_13_one_address_gets_so_many_mails_an_hour() {
    let service = Service::with_flags(&["--rate-limit-mail=3 per hour"]).await;
    let person = service.sign_up("ann", "ann@example.org").await;
    let resend = json!({"account_id": person.id});
    for expected in [202, 202, 429] {
        let reply = service
            .post("/v1/email-verifications/resend", resend.clone())
            .await;
        assert_eq!(reply.status, expected, "{reply:?}");
    }
    assert_eq!(service.mails().await.len(), 3);
    service.clock.advance(Duration::from_secs(21 * 60));
    assert_eq!(
        service
            .post("/v1/email-verifications/resend", resend)
            .await
            .status,
        202
    );
}
