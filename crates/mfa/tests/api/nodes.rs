//! Several nodes on one database: what is good once is good once among all of them.

use std::time::Duration;

use serde_json::json;

use crate::harness::Service;

#[tokio::test]
async fn rule_02_two_nodes_take_one_code_once() {
    let one = std::sync::Arc::new(Service::start().await);
    let ann = one.member("ann").await;
    let two = std::sync::Arc::new(one.node(None).await);
    let code = one.totp(&ann);
    let mut attempts = tokio::task::JoinSet::new();
    for round in 0..10 {
        let node = [&one, &two][round % 2].clone();
        let (code, challenge) = (code.clone(), node.challenge(&ann).await);
        attempts.spawn(async move {
            let path = format!("/v1/challenges/{challenge}/verify");
            let body = json!({"method": "totp", "code": code});
            let address = format!("192.0.2.{}", round + 1);
            node.post_from(&address, &path, body).await.status
        });
    }
    let statuses = attempts.join_all().await;
    let successes = statuses.iter().filter(|status| **status == 200);
    assert_eq!(successes.count(), 1, "{statuses:?}");
}

#[tokio::test]
async fn rule_02_two_nodes_take_one_challenge_and_one_recovery_code_once() {
    let one = std::sync::Arc::new(Service::start().await);
    let ann = one.member("ann").await;
    let two = std::sync::Arc::new(one.node(None).await);
    let challenge = one.challenge(&ann).await;
    let mut attempts = tokio::task::JoinSet::new();
    for (round, code) in ann.recovery_codes.iter().enumerate() {
        let node = [&one, &two][round % 2].clone();
        let (code, challenge) = (code.clone(), challenge.clone());
        attempts.spawn(async move {
            let path = format!("/v1/challenges/{challenge}/verify");
            let body = json!({"method": "recovery", "code": code});
            let address = format!("192.0.2.{}", round + 1);
            node.post_from(&address, &path, body).await.status
        });
    }
    let statuses = attempts.join_all().await;
    let successes = statuses.iter().filter(|status| **status == 200);
    assert_eq!(successes.count(), 1, "{statuses:?}");
    let factors = one.get(&format!("/v1/accounts/{}/factors", ann.id)).await;
    assert_eq!(
        factors.body["recovery_codes_left"], 9,
        "those that came too late are not lost"
    );
}

#[tokio::test]
async fn rule_02_a_code_stays_used_after_a_restart() {
    let before = Service::start().await;
    let ann = before.member("ann").await;
    let code = before.totp(&ann);
    let challenge = before.challenge(&ann).await;
    assert_eq!(before.answer(&challenge, "totp", &code).await.status, 200);
    let open = before.challenge(&ann).await;

    let after = before.node(None).await;
    after
        .answer(&challenge, "totp", &code)
        .await
        .refused(409, "challenge-used");
    after
        .answer(&open, "totp", &code)
        .await
        .refused(422, "code-used");
    after.next_step();
    let next = after.totp(&ann);
    assert_eq!(after.answer(&open, "totp", &next).await.status, 200);
}

#[tokio::test]
async fn rule_05_failures_are_counted_over_nodes_and_restarts() {
    let one = Service::start().await;
    let ann = one.member("ann").await;
    for round in 0..5 {
        let node = one.node(None).await;
        let challenge = node.challenge(&ann).await;
        node.answer(&challenge, "totp", &format!("00000{round}"))
            .await
            .refused(422, "invalid-code");
    }
    let challenge = one.challenge(&ann).await;
    one.answer(&challenge, "totp", &one.totp(&ann))
        .await
        .refused(429, "locked");
}

/// The process of the database that waits for a lock.
async fn waiting(pool: &sqlx::PgPool) -> i32 {
    let found = async {
        loop {
            let pid: Option<i32> = sqlx::query_scalar(
                "select pid from pg_stat_activity
                 where datname = current_database() and wait_event_type = 'Lock' limit 1",
            )
            .fetch_optional(pool)
            .await
            .unwrap();
            match pid {
                Some(pid) => return pid,
                None => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), found)
        .await
        .expect("a request that waits")
}

#[tokio::test]
async fn rule_15_a_connection_that_breaks_in_the_middle_is_no_success_and_uses_nothing_up() {
    let service = std::sync::Arc::new(Service::start().await);
    let ann = service.member("ann").await;
    let pool = &service.database.pool;
    let (challenge, code) = (service.challenge(&ann).await, service.totp(&ann));
    let mut lock = pool.begin().await.unwrap();
    sqlx::query("select from factors for update")
        .execute(&mut *lock)
        .await
        .unwrap();
    let request = {
        let (service, challenge, code) = (service.clone(), challenge.clone(), code.clone());
        tokio::spawn(async move { service.answer(&challenge, "totp", &code).await })
    };
    let pid = waiting(pool).await;
    sqlx::query("select pg_terminate_backend($1)")
        .bind(pid)
        .execute(pool)
        .await
        .unwrap();
    request.await.unwrap().refused(503, "unavailable");
    lock.rollback().await.unwrap();
    let again = service.answer(&challenge, "totp", &code).await;
    assert_eq!(again.status, 200, "the code was not used up: {again:?}");
}

#[tokio::test]
async fn rule_07_without_a_key_nothing_starts() {
    let service = Service::start().await;
    let mut config = crate::harness::config(&service.database.url, &[]);
    config.secret_key = None;
    let stop = tokio_util::sync::CancellationToken::new();
    let pool = service.database.pool.clone();
    let error = mfa::open(&config, pool, service.clock.clone(), &stop)
        .await
        .err()
        .unwrap();
    assert!(format!("{error:#}").contains("SECRET_KEY"), "{error:#}");
}
