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
mod database;
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
mod revocation;
mod router;
pub mod seed;
mod seen;
mod session;
mod socket;
mod store;
mod sweep;
mod token;

use std::{sync::Arc, time::Duration};

use anyhow::ensure;
use secrecy::ExposeSecret;
use service::{
    Limits,
    tls::{ClientAuth, Http},
};
use sqlx::migrate::Migrator;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use router::document;

use crate::{
    app::{App, Shared},
    audit::Audit,
    cluster::Cluster,
    config::Config,
    database::Trust,
    files::Files,
    hub::Hub,
    log::Log,
    mfa::Mfa,
    presence::Presence,
    push::Push,
    rates::Rates,
    seen::Seen,
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
    let trust = Trust::default();
    let pool = database::connect(&config, &trust).await?;
    let hub = Arc::new(Hub::new(pool.clone()));
    let listening = database::alone_for_ever(&pool);
    let parts = (pool.clone(), listening, trust);
    let (cluster, parts) = Cluster::new(redis, parts, hub.clone()).await?;
    let seen = Seen::default();
    let presence = Presence::start(pool.clone(), cluster.clone(), seen.clone());
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
        seen,
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
    // To the last socket's end.
    let last = CancellationToken::new();
    let seeing = app.seen.clone().run(app.pool.clone(), last.clone());
    let seeing = tokio::spawn(seeing);
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
    last.cancel();
    let _ = seeing.await;
    stop.cancel();
    Ok(())
}
