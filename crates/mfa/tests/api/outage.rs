//! The database goes away and comes back: 503 in between, no crash, no success.

use std::time::Duration;

use mfa::{clock::Clock, notify::Mailer};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use crate::harness::{PASSWORD, Service, config};

/// A stretch of wire to the database that can be cut.
struct Wire {
    port: u16,
    target: String,
    forwarding: JoinHandle<()>,
}

impl Wire {
    async fn to(target: &str, port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let target = target.to_owned();
        let to = target.clone();
        let forwarding = tokio::spawn(async move {
            let mut open = tokio::task::JoinSet::new();
            while let Ok((mut near, _)) = listener.accept().await {
                let to = to.clone();
                open.spawn(async move {
                    if let Ok(mut far) = TcpStream::connect(to).await {
                        let _ = copy_bidirectional(&mut near, &mut far).await;
                    }
                });
            }
        });
        Self {
            port,
            target,
            forwarding,
        }
    }

    async fn cut(self) -> (String, u16) {
        self.forwarding.abort();
        let _ = self.forwarding.await;
        (self.target, self.port)
    }
}

#[tokio::test]
async fn rule_15_without_its_database_the_service_answers_503_and_recovers() {
    let service = Service::start().await;
    service.plain_member("ann").await;
    let url = service.database.url.clone();
    let authority = url
        .split('@')
        .nth(1)
        .unwrap()
        .split('/')
        .next()
        .unwrap()
        .to_owned();
    let wire = Wire::to(&authority, 0).await;
    let through = url.replace(&authority, &format!("127.0.0.1:{}", wire.port));
    let config = config(&through, &["--listen=127.0.0.1:0"]);
    let stop = CancellationToken::new();
    let pool = sqlx::postgres::PgPoolOptions::new()
        .acquire_timeout(Duration::from_millis(500))
        .connect_lazy(&through)
        .unwrap();
    let app = mfa::open(&config, pool, Clock::default(), &stop)
        .await
        .unwrap()
        .unwrap();
    let service = Service {
        router: mfa::router(app),
        ..service
    };
    assert_eq!(service.login("ann", PASSWORD).await.status, 200);

    let (target, port) = wire.cut().await;
    service
        .login("ann", PASSWORD)
        .await
        .refused(503, "unavailable");
    service
        .get("/v1/accounts/00000000-0000-0000-0000-000000000000")
        .await
        .refused(503, "unavailable");
    assert_eq!(service.get("/healthcheck").await.status, 503);

    let _wire = Wire::to(&target, port).await;
    assert_eq!(service.login("ann", PASSWORD).await.status, 200);
    assert_eq!(service.get("/healthcheck").await.status, 200);
}

#[tokio::test]
async fn a_service_started_before_its_database_waits_for_it() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let url = format!("postgres://nobody@127.0.0.1:{port}/nothing");
    let config = config(&url, &["--admin-listen=127.0.0.1:0"]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stop = CancellationToken::new();
    let serving = tokio::spawn(mfa::serve_with(
        config,
        listener,
        Mailer::Console,
        Clock::default(),
        stop.clone(),
    ));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!serving.is_finished(), "it neither crashes nor gives up");
    stop.cancel();
    serving.await.unwrap().unwrap();
}

#[tokio::test]
async fn rule_15_a_database_that_takes_no_connections_is_a_503_too() {
    let service = Service::start().await;
    service.plain_member("ann").await;
    let name = service.database.url.rsplit('/').next().unwrap();
    // From another database: one cannot lock oneself out.
    let cluster = std::env::var("TEST_DATABASE_URL").unwrap();
    let admin = sqlx::PgPool::connect(&cluster).await.unwrap();
    for (allowed, status) in [(false, 503), (true, 200)] {
        let sql = format!("alter database {name} allow_connections {allowed}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(&admin)
            .await
            .unwrap();
        sqlx::query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1")
            .bind(name)
            .execute(&admin)
            .await
            .unwrap();
        let reply = service.login("ann", PASSWORD).await;
        assert_eq!(reply.status, status, "{reply:?}");
    }
}
