//! Guesses at second factors: counted over all challenges, locked, judged one by one.

use serde_json::json;

use crate::harness::{Service, other_than};

#[tokio::test]
async fn rule_05_second_factor_guesses_are_locked_over_all_challenges() {
    let service = Service::start().await;
    let person = service.member("ann").await;
    for _ in 0..5 {
        let challenge = service.challenge(&person).await;
        service
            .answer(&challenge, "totp", "000-0")
            .await
            .refused(422, "invalid-code");
    }
    let challenge = service.challenge(&person).await;
    let locked = service
        .answer(&challenge, "totp", &service.totp(&person))
        .await;
    assert!((29..=31).contains(&locked.refused(429, "locked").retry_after.unwrap()));

    let path = format!("/v1/challenges/{challenge}/verify");
    let body = json!({"method": "totp", "code": service.totp(&person)});
    let elsewhere = service.post_from("198.51.100.7", &path, body).await;
    assert_eq!(
        elsewhere.status, 200,
        "the owner at another address gets in"
    );
}

#[tokio::test]
async fn rule_05_a_hundred_failures_need_recovery() {
    let service = Service::with_flags(&["--rate-limit=10000 per day"]).await;
    let person = service.member("ann").await;
    let challenge = service.challenge(&person).await;
    let path = format!("/v1/challenges/{challenge}/verify");
    for guess in 0..100 {
        let body = json!({"method": "totp", "code": "nope"});
        service
            .post_from(&format!("203.0.113.{guess}"), &path, body)
            .await;
    }
    let body = json!({"method": "totp", "code": service.totp(&person)});
    let problem = service
        .post_from("198.51.100.7", &path, body)
        .await
        .refused(429, "locked");
    assert_eq!(problem.member::<bool>("recovery_required"), Some(true));

    let recovered = service
        .answer(&challenge, "recovery", &person.recovery_codes[0])
        .await;
    assert_eq!(recovered.status, 200, "{recovered:?}");
    let challenge = service.challenge(&person).await;
    assert_eq!(
        service
            .answer(&challenge, "totp", &service.totp(&person))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn rule_05_parallel_guesses_at_one_account_are_judged_one_by_one() {
    let service = Service::start().await;
    let (ann, ben) = (service.member("ann").await, service.member("ben").await);
    let (right, others) = (service.totp(&ann), service.totp(&ben));
    let mut challenges = Vec::new();
    for _ in 0..12 {
        challenges.push(service.challenge(&ann).await);
    }
    let bens = service.challenge(&ben).await;
    let wrong = other_than(&right);
    let guesses = challenges
        .iter()
        .map(|challenge| service.answer(challenge, "totp", &wrong));
    // In the same batches: another account is not touched by any of it.
    let (replies, bens) = tokio::join!(
        futures_util::future::join_all(guesses),
        service.answer(&bens, "totp", &others)
    );
    assert_eq!(bens.status, 200, "{bens:?}");
    let count = |code: &str| replies.iter().filter(|reply| reply.code() == code).count();
    assert_eq!((count("invalid-code"), count("locked")), (5, 7));
    // The right code is worth nothing now, and nobody learns that it is right.
    let late = service.answer(&challenges[0], "totp", &right).await;
    late.refused(429, "locked");
}
