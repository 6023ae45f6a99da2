//! Audit, expiry sweep, outbox, clock.

use std::time::Duration;

use mfa::commands::verify_audit;
use serde_json::json;

use crate::harness::{PASSWORD, Service};

#[tokio::test]
async fn rule_14_every_attempt_is_written_down_in_a_chain() {
    let service = Service::start().await;
    let person = service.member("ann").await;
    service.login("ann", "not the password").await;
    let challenge = service.challenge(&person).await;
    service.answer(&challenge, "totp", "000-0").await;
    service
        .answer(&challenge, "totp", &service.totp(&person))
        .await;
    let pool = &service.database.pool;
    let entries: Vec<(String, String, Option<String>, Option<String>)> =
        sqlx::query_as("select action, result, address, request_id from audit order by seq")
            .fetch_all(pool)
            .await
            .unwrap();
    let seen: Vec<_> = entries.iter().map(|e| (&*e.0, &*e.1)).collect();
    assert_eq!(
        seen,
        [
            ("sign_up", "ok"),
            ("verify_email", "ok"),
            ("activate", "ok"),
            ("login", "invalid-credentials"),
            ("login", "mfa-required"),
            ("verify", "invalid-code"),
            ("verify", "ok"),
        ]
    );
    assert!(
        entries
            .iter()
            .all(|e| e.2.as_deref() == Some("192.0.2.1") && e.3.is_some())
    );
    verify_audit(pool).await.unwrap();

    for (change, broken) in [
        ("update audit set result = 'ok' where seq = 4", 4),
        ("delete from audit where seq = 5", 6),
        ("delete from audit where seq = 7", 7),
    ] {
        let mut transaction = pool.begin().await.unwrap();
        sqlx::query(change)
            .execute(&mut *transaction)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        let error = verify_audit(pool).await.unwrap_err().to_string();
        let least: usize = error.rsplit(' ').next().unwrap().parse().unwrap();
        assert!(least <= broken, "{change}: {error}");
    }
}

#[tokio::test]
async fn rule_14_parallel_entries_keep_the_chain_whole() {
    let service = std::sync::Arc::new(Service::start().await);
    let mut storm = tokio::task::JoinSet::new();
    for round in 0..20 {
        let service = service.clone();
        storm.spawn(async move {
            service
                .login(&format!("nobody{round}"), "not the password")
                .await
                .status
        });
    }
    storm.join_all().await;
    verify_audit(&service.database.pool).await.unwrap();
}

#[tokio::test]
async fn rule_15_a_clock_that_went_back_fails_closed() {
    let service = Service::start().await;
    let person = service.member("ann").await;
    let challenge = service.challenge(&person).await;
    service.clock.set_back(Duration::from_secs(120));
    let code = service.totp_at(&person, 0);
    service
        .answer(&challenge, "totp", &code)
        .await
        .refused(503, "unavailable");
    service
        .login("ann", PASSWORD)
        .await
        .refused(503, "unavailable");
    assert_eq!(service.get("/healthcheck").await.status, 503);
    service.clock.advance(Duration::from_secs(120));
    assert_eq!(
        service
            .answer(&challenge, "totp", &service.totp(&person))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn rule_10_a_mail_that_is_too_late_is_not_sent() {
    let service = Service::start().await;
    service.sign_up("ann", "ann@example.org").await;
    service.clock.advance(Duration::from_secs(25 * 3_600));
    assert!(service.mails().await.is_empty());
    let (state, payload): (String, Option<Vec<u8>>) =
        sqlx::query_as("select state, payload from outbox")
            .fetch_one(&service.database.pool)
            .await
            .unwrap();
    assert_eq!((&*state, payload), ("dead", None));
}

#[tokio::test]
async fn rule_10_two_workers_send_each_mail_once() {
    let service = Service::start().await;
    for round in 0..12 {
        let body = json!({"email": format!("a{round}@example.org"), "password": PASSWORD});
        service.post("/v1/accounts", body).await;
    }
    let (one, two) = tokio::join!(service.mails(), service.mails());
    assert_eq!(one.len() + two.len(), 12);
}

#[tokio::test]
async fn rule_17_the_sweep_deletes_what_time_made_worthless() {
    let service = Service::start().await;
    service.sign_up("ann", "ann@example.org").await;
    let member = service.member("bob").await;
    service.challenge(&member).await;
    service.clock.advance(Duration::from_secs(26 * 3_600));
    mfa::keep_house(&service.app).await.unwrap();
    let count = |table: &'static str| {
        let pool = service.database.pool.clone();
        async move {
            let sql = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
            sqlx::query_scalar::<_, i64>(sql)
                .fetch_one(&pool)
                .await
                .unwrap()
        }
    };
    assert_eq!(count("accounts").await, 1);
    assert_eq!(count("factors").await, 1);
    assert_eq!(count("challenges").await, 0);
    assert_eq!(count("email_codes").await, 1);
}
