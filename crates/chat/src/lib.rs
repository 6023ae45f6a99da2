//! Snug's chat server: people, contacts, devices, rooms and their durable logs. It orders and
//! keeps ciphertext; it never sees a private key, a password or a text.

mod account;
mod app;
mod audit;
mod browser;
mod caller;
mod cluster;
pub mod config;
mod cookie;
mod erasures;
mod error;
mod files;
mod gate;
mod http;
mod hub;
mod invitation;
mod keys;
mod log;
mod login;
mod mfa;
mod names;
mod openapi;
pub mod operator;
mod picture;
mod presence;
mod push;
mod rates;
mod router;
pub mod seed;
mod session;
mod socket;
mod store;
mod sweep;
mod token;

use std::{sync::Arc, time::Duration};

use anyhow::{Context, ensure};
use secrecy::ExposeSecret;
use service::{
    Limits,
    tls::{ClientAuth, Http},
};
use sqlx::{
    PgPool,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use router::document;

use crate::{
    app::{App, Shared},
    audit::Audit,
    cluster::Cluster,
    config::Config,
    files::Files,
    hub::Hub,
    log::Log,
    mfa::Mfa,
    presence::Presence,
    push::Push,
    rates::Rates,
};

/// The migrations of the chat database.
pub static MIGRATOR: Migrator = sqlx::migrate!();

/// Serves on `listener` until `shutdown`, then drains: requests finish, sockets are closed, what
/// is queued is written.
///
/// # Errors
/// When something is configured wrongly or the database is not there at the start.
pub async fn serve(
    config: Config,
    listener: TcpListener,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let origins = config.origins()?;
    let tls = if config.is_secure() {
        Some(service::tls::server_config(
            &config.tls,
            ClientAuth::Required,
            Http::One,
        )?)
    } else {
        let address = listener.local_addr()?;
        ensure!(
            address.ip().is_loopback(),
            "TLS_CERT is not set: without certificates this server listens on a loopback \
             address only, not on {address}"
        );
        None
    };
    let mfa = Mfa::new(&config)?;
    let files = Files::new(&config.attachments_url)?;
    let redis = config.redis()?;
    let redis = redis.as_ref().map(ExposeSecret::expose_secret);
    let pool = connect(&config).await?;
    let hub = Arc::new(Hub::new(pool.clone()));
    let listening = alone_for_ever(&pool);
    let (cluster, parts) = Cluster::new(redis, pool.clone(), listening, hub.clone()).await?;
    let presence = Presence::start(pool.clone(), cluster.clone());
    let push = Push::start(&config, pool.clone(), presence.clone())?;
    let (log, tasks) = Log::start(pool.clone(), cluster.clone(), push.clone());
    let rates = Rates::new(&config);
    let audit = Audit::start(pool.clone());
    let admin_listen = config.admin_listen;
    let app = App::new(Shared {
        config,
        origins,
        pool,
        mfa,
        hub,
        cluster,
        log,
        files,
        push,
        presence,
        rates,
        audit,
        document: document()?,
    });

    let others = Cluster::start(&app, parts).await?;
    let stop = CancellationToken::new();
    let probed = app.clone();
    let ready = move || http::health::readiness(probed.clone());
    let admin = service::admin::spawn(admin_listen, shutdown.clone(), stop.clone(), ready).await?;
    metrics::gauge!("chat_connections").set(0.0);
    metrics::gauge!("chat_queue_depth").set(0.0);
    tokio::spawn(sweep::run(app.clone(), shutdown.clone()));
    tokio::spawn(erasures::run(app.clone(), shutdown.clone()));
    let (sockets, io) = socket::service(app.clone());
    let closing = shutdown.clone();
    let closer = tokio::spawn(async move {
        closing.cancelled().await;
        io.close().await;
    });
    tracing::info!(address = %listener.local_addr()?, %admin, "chat is ready");
    service::serve(
        listener,
        tls,
        router::router(app, sockets),
        shutdown,
        Limits::default(),
    )
    .await;
    let _ = tokio::time::timeout(Duration::from_secs(5), closer).await;
    tasks.finish().await;
    others.finish().await;
    stop.cancel();
    Ok(())
}

/// A pool of one connection that is held for as long as the server runs.
fn alone_for_ever(pool: &PgPool) -> PgPool {
    let options = (*pool.connect_options()).clone();
    PgPoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(Duration::from_secs(3))
        .connect_lazy_with(options)
}

/// Connects, checks that what is committed is on disk, and migrates.
async fn connect(config: &Config) -> anyhow::Result<PgPool> {
    let url = config.database()?;
    let options: PgConnectOptions = url
        .expose_secret()
        .parse()
        .map_err(|_| anyhow::anyhow!("DATABASE_URL is no PostgreSQL URL"))?;
    let options = options.application_name("snug-chat").options([
        ("statement_timeout", "15s"),
        ("lock_timeout", "10s"),
        ("idle_in_transaction_session_timeout", "30s"),
    ]);
    let pool = PgPoolOptions::new()
        .max_connections(config.database_connections)
        .acquire_timeout(Duration::from_secs(3))
        .connect_with(options)
        .await
        .context("DATABASE_URL: cannot connect to the database")?;
    let durable: String = sqlx::query_scalar("show synchronous_commit")
        .fetch_one(&pool)
        .await?;
    ensure!(
        ["on", "remote_apply", "remote_write"].contains(&durable.as_str()),
        "synchronous_commit is {durable}: messages would be acknowledged before they are on disk"
    );
    let fsync: String = sqlx::query_scalar("show fsync").fetch_one(&pool).await?;
    if fsync != "on" {
        tracing::warn!("fsync is off: a crash of the database can lose acknowledged messages");
    }
    MIGRATOR
        .run(&pool)
        .await
        .context("cannot migrate the chat database")?;
    Ok(pool)
}
