//! The first factor, and the failure budget around it.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::{PASSWORD, Service, claims};

#[tokio::test]
async fn a_login_asks_for_the_second_factor_that_the_account_has() {
    let service = Service::start().await;
    let person = service.member("ann").await;
    for identifier in ["ann", " ANN ", "ann@example.org", "Ann@Example.org"] {
        let problem = service
            .login(identifier, PASSWORD)
            .await
            .refused(401, "mfa-required");
        let required = protocol::mfa::MfaRequired::of(&problem).unwrap();
        assert_eq!(required.account_id.to_string(), person.id);
        assert_eq!(
            problem.member::<Vec<String>>("methods").unwrap(),
            ["totp", "recovery"]
        );
    }
}

#[tokio::test]
async fn without_a_factor_the_password_is_asserted_alone() {
    let service = Service::start().await;
    service.plain_member("ann").await;
    let reply = service.login("ann", PASSWORD).await;
    assert_eq!((reply.status, &reply.body["acr"]), (200, &json!("aal1")));
    let claims = claims(&reply.text("assertion"));
    assert_eq!(claims["amr"], json!(["pwd"]));
    assert_eq!(claims["purpose"], "login");
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        60
    );
}

#[tokio::test]
async fn rule_01_unknown_names_and_wrong_passwords_are_one_answer() {
    let service = Service::start().await;
    service.member("ann").await;
    let strip = |mut body: serde_json::Value| {
        body.as_object_mut().unwrap().remove("request_id");
        body
    };
    let mut times = [Duration::ZERO; 2];
    for round in 0..12 {
        let address = format!("192.0.2.{}", 10 + round);
        let started = Instant::now();
        let wrong = service
            .login_from(&address, "ann", "not the password")
            .await;
        times[0] += started.elapsed();
        let started = Instant::now();
        let unknown = service
            .login_from(&address, "nobody", "not the password")
            .await;
        times[1] += started.elapsed();
        wrong.refused(401, "invalid-credentials");
        assert_eq!(strip(wrong.body), strip(unknown.body));
    }
    let ratio = times[0].as_secs_f64() / times[1].as_secs_f64();
    assert!((0.25..4.0).contains(&ratio), "{times:?}");
}

#[tokio::test]
async fn rule_05_locks_look_the_same_for_names_that_nobody_has() {
    let service = Service::start().await;
    service.member("ann").await;
    for name in ["ann", "nobody"] {
        for _ in 0..10 {
            service
                .login(name, "not the password")
                .await
                .refused(401, "invalid-credentials");
        }
        let problem = service.login(name, PASSWORD).await.refused(429, "locked");
        assert!(
            (29..=31).contains(&problem.retry_after.unwrap()),
            "{problem:?}"
        );
    }
}

#[tokio::test]
async fn rule_05_locks_grow_end_and_spare_other_addresses() {
    let service = Service::start().await;
    service.member("ann").await;
    for _ in 0..10 {
        service.login("ann", "not the password").await;
    }
    let mut waits = Vec::new();
    for _ in 0..9 {
        let problem = service
            .login("ann", "not the password")
            .await
            .refused(429, "locked");
        let wait = problem.retry_after.unwrap();
        waits.push(wait);
        service.clock.advance(Duration::from_secs(wait));
        service
            .login("ann", "not the password")
            .await
            .refused(401, "invalid-credentials");
    }
    let rounded: Vec<_> = waits.iter().map(|wait| (wait + 5) / 10 * 10).collect();
    assert_eq!(rounded, [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);

    service.login("ann", PASSWORD).await.refused(429, "locked");
    service
        .login_from("192.0.2.77", "ann", PASSWORD)
        .await
        .refused(401, "mfa-required");
    service.clock.advance(Duration::from_secs(3_601));
    service
        .login("ann", PASSWORD)
        .await
        .refused(401, "mfa-required");
    service
        .login("ann", "not the password")
        .await
        .refused(401, "invalid-credentials");
}

#[tokio::test]
async fn rule_05_a_hundred_failures_from_everywhere_leave_the_owner_s_address_open() {
    let service = Service::with_flags(&["--rate-limit-address=10000 per minute"]).await;
    service.member("ann").await;
    service
        .login_from("198.51.100.1", "ann", PASSWORD)
        .await
        .refused(401, "mfa-required");
    for attacker in 0..100 {
        let address = format!("203.0.113.{attacker}");
        service
            .login_from(&address, "ann", "guess number one")
            .await;
    }
    let problem = service
        .login_from("203.0.113.200", "ann", PASSWORD)
        .await
        .refused(429, "locked");
    assert!(problem.retry_after.unwrap() > 3_000);
    service
        .login_from("198.51.100.1", "ann", PASSWORD)
        .await
        .refused(401, "mfa-required");
}

#[tokio::test]
async fn rule_05_the_budget_survives_a_restart() {
    let service = Service::start().await;
    service.member("ann").await;
    for _ in 0..10 {
        service.login("ann", "not the password").await;
    }
    let config = crate::harness::config(&service.database.url, &[]);
    let stop = tokio_util::sync::CancellationToken::new();
    let pool = service.database.pool.clone();
    let app = mfa::open(&config, pool, service.clock.clone(), &stop)
        .await
        .unwrap()
        .unwrap();
    let restarted = Service {
        router: mfa::router(app),
        ..service
    };
    restarted
        .login("ann", PASSWORD)
        .await
        .refused(429, "locked");
}

#[tokio::test]
async fn rule_13_logins_of_one_account_are_limited() {
    let service = Service::with_flags(&["--rate-limit=3 per day"]).await;
    service.plain_member("ann").await;
    for expected in [200, 200, 200, 429] {
        assert_eq!(service.login("ann", PASSWORD).await.status, expected);
    }
    let problem = service
        .login("ann", PASSWORD)
        .await
        .refused(429, "rate-limited");
    assert!(problem.retry_after.unwrap() > 7 * 3_600);
    service.clock.advance(Duration::from_secs(8 * 3_600 + 1));
    assert_eq!(service.login("ann", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn rule_13_requests_and_sign_ups_of_one_address_are_limited() {
    let service = Service::with_flags(&["--rate-limit-address=5 per hour"]).await;
    let unknown = json!({"account_id": uuid::Uuid::nil(), "purpose": "x"});
    for expected in [404, 404, 404, 404, 404, 429] {
        let reply = service
            .post_from("192.0.2.9", "/v1/challenges", unknown.clone())
            .await;
        assert_eq!(reply.status, expected);
    }
    let other = service
        .post_from("192.0.2.10", "/v1/challenges", unknown)
        .await;
    assert_eq!(other.status, 404, "other people go on");

    let service = Service::with_flags(&["--rate-limit-signup=2/hour"]).await;
    for (count, expected) in [(1, 201), (2, 201), (3, 429)] {
        let body = json!({"email": format!("a{count}@example.org"), "password": PASSWORD});
        assert_eq!(service.post("/v1/accounts", body).await.status, expected);
    }
}

#[tokio::test]
async fn rule_08_logins_in_parallel_all_get_an_answer() {
    let service = Service::start().await;
    for name in ["ann", "bob", "cleo"] {
        service.plain_member(name).await;
    }
    let mut storm = tokio::task::JoinSet::new();
    let service = std::sync::Arc::new(service);
    for round in 0..30 {
        let service = service.clone();
        let name = ["ann", "bob", "cleo"][round % 3];
        let address = format!("192.0.2.{round}");
        storm.spawn(async move { service.login_from(&address, name, PASSWORD).await.status });
    }
    let answers = storm.join_all().await;
    assert!(answers.iter().all(|status| *status == 200), "{answers:?}");
}

#[tokio::test]
async fn rule_08_who_is_sent_away_in_a_storm_loses_no_guess() {
    let service = Service::start().await;
    service.plain_member("ann").await;
    let storm: Vec<_> = std::iter::from_fn(|| service.app.hasher.place().ok()).collect();
    for _ in 0..20 {
        let reply = service.login("ann", "not the password").await;
        reply.refused(503, "queue-full");
    }
    drop(storm);
    assert_eq!(service.login("ann", PASSWORD).await.status, 200);
}
