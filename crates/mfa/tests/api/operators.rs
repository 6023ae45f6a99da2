//! Start-up and what operators do.

use mfa::{MIGRATOR, arguments::Apps, clock::Clock, commands::apps_command, keys};
use service::testing::TestDatabase;
use tokio_util::sync::CancellationToken;

use crate::harness::{Service, config};

#[tokio::test]
async fn rule_07_another_secret_key_is_refused_at_start() {
    let service = Service::start().await;
    let mut config = config(&service.database.url, &[]);
    config.secret_key = Some("a quite different key of thirty-two bytes".into());
    let pool = service.database.pool.clone();
    let stop = CancellationToken::new();
    let error = mfa::open(&config, pool.clone(), Clock::default(), &stop)
        .await
        .err()
        .unwrap();
    assert!(format!("{error:#}").contains("SECRET_KEY"), "{error:#}");
    let now = service.clock.now().unwrap();
    let status = keys::status(&pool, &config.vault().unwrap(), now)
        .await
        .unwrap();
    let status = status.to_string();
    assert!(status.contains("DOES NOT OPEN"), "{status}");
    assert!(status.contains("signs"), "{status}");
}

#[tokio::test]
async fn starting_twice_and_together_changes_nothing() {
    let database = TestDatabase::new(&MIGRATOR).await;
    let config = config(&database.url, &[]);
    let stop = CancellationToken::new();
    let start = || mfa::open(&config, database.pool.clone(), Clock::default(), &stop);
    let (one, two) = tokio::join!(start(), start());
    assert!(one.unwrap().is_some() && two.unwrap().is_some());
    let keys: i64 = sqlx::query_scalar("select count(*) from signing_keys")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert_eq!(keys, 1);
    let listed = apps_command(&database.pool, &Apps::List { json: true })
        .await
        .unwrap();
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert_eq!(listed[0]["certificate"], "spiffe://snug/chat");
}

#[tokio::test]
async fn rule_15_the_newest_time_survives_a_restart() {
    let service = Service::start().await;
    service.clock.advance(std::time::Duration::from_secs(3_600));
    mfa::keep_house(&service.app).await.unwrap();
    let config = config(&service.database.url, &[]);
    let stop = CancellationToken::new();
    let pool = service.database.pool.clone();
    let error = mfa::open(&config, pool, Clock::default(), &stop)
        .await
        .err()
        .unwrap();
    assert!(format!("{error:#}").contains("clock"), "{error:#}");
}

#[tokio::test]
async fn applications_are_created_once() {
    let service = Service::start().await;
    let pool = &service.database.pool;
    let create = |client_id: &str| Apps::Create {
        client_id: client_id.to_owned(),
        name: Some("Wiki".to_owned()),
        scopes: vec!["accounts".to_owned()],
        certificate: None,
        rules: Box::default(),
    };
    assert!(
        apps_command(pool, &create("wiki"))
            .await
            .unwrap()
            .contains("client secret")
    );
    assert!(apps_command(pool, &create("wiki")).await.is_err());
    assert!(apps_command(pool, &create("Not An Id")).await.is_err());
    let table = apps_command(pool, &Apps::List { json: false })
        .await
        .unwrap();
    assert!(
        table.contains("wiki") && table.contains("enabled"),
        "{table}"
    );
}
