//! The database goes away and comes back: 503 in between, no crash, no success.

use std::{path::PathBuf, time::Duration};

use mfa::{clock::Clock, notify::Mailer};
use sqlx::postgres::PgConnectOptions;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream, UnixStream},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use crate::harness::{PASSWORD, Service, config};

/// Where the cluster listens.
#[derive(Clone)]
enum Target {
    Tcp(String),
    Unix(PathBuf),
}

impl Target {
    fn of(options: &PgConnectOptions) -> Self {
        match options.get_socket() {
            Some(folder) => Self::Unix(folder.join(format!(".s.PGSQL.{}", options.get_port()))),
            None => Self::Tcp(format!("{}:{}", options.get_host(), options.get_port())),
        }
    }

    async fn join(&self, mut near: TcpStream) {
        let _ = match self {
            Self::Tcp(address) => match TcpStream::connect(address).await {
                Ok(mut far) => copy_bidirectional(&mut near, &mut far).await,
                Err(error) => Err(error),
            },
            Self::Unix(path) => match UnixStream::connect(path).await {
                Ok(mut far) => copy_bidirectional(&mut near, &mut far).await,
                Err(error) => Err(error),
            },
        };
    }
}

/// A stretch of wire to the database that can be cut.
struct Wire {
    port: u16,
    target: Target,
    forwarding: JoinHandle<()>,
}

impl Wire {
    async fn to(target: Target, port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let to = target.clone();
        let forwarding = tokio::spawn(async move {
            let mut open = tokio::task::JoinSet::new();
            while let Ok((near, _)) = listener.accept().await {
                let to = to.clone();
                open.spawn(async move { to.join(near).await });
            }
        });
        Self {
            port,
            target,
            forwarding,
        }
    }

    async fn cut(self) -> (Target, u16) {
        self.forwarding.abort();
        let _ = self.forwarding.await;
        (self.target, self.port)
    }
}

#[tokio::test]
async fn rule_15_without_its_database_the_service_answers_503_and_recovers() {
    let service = Service::start().await;
    service.plain_member("ann").await;
    let options: PgConnectOptions = service.database.url.parse().unwrap();
    let wire = Wire::to(Target::of(&options), 0).await;
    // Name and password as they stand; the address is the wire's.
    let (login, _) = service.database.url.rsplit_once('@').unwrap();
    let database = options.get_database().unwrap();
    let through = format!("{login}@127.0.0.1:{}/{database}", wire.port);
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

    let _wire = Wire::to(target, port).await;
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
    let options: PgConnectOptions = service.database.url.parse().unwrap();
    let name = options.get_database().unwrap();
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
