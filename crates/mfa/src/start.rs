//! From a configuration to a running service.

use std::{
    future::Future,
    str::FromStr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use anyhow::Context;
use secrecy::ExposeSecret;
use service::{
    Limits,
    admin::{self, Readiness},
    tls::{self, ClientAuth, Http},
};
use sqlx::{
    ConnectOptions, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::{net::TcpListener, sync::Notify, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    MIGRATOR,
    app::{App, Rates, Shared},
    assertion::Signer,
    clock::Clock,
    config::Config,
    error::is_outage,
    factor_reset,
    http::health,
    keys, limits,
    notify::{Channel, Mailer, worker::Worker},
    passkeys,
    passwords::{Hasher, measure_passes},
    reads::Reads,
    router::{document, router},
    settle,
    store::{apps, outbox, settings, sweep},
    telegram::{self, Bot},
    vault::Vault,
    webhooks,
};

/// How often the database is asked for while it is not there.
const RETRY: Duration = Duration::from_secs(1);
/// How often worthless rows are deleted.
const SWEEP: Duration = Duration::from_secs(60);
/// What a mail in flight gets at shutdown.
const DRAIN: Duration = Duration::from_secs(5);
const NEWEST_TIME: &str = "newest time";
const PASSES: &str = "password passes";

/// Serves until `shutdown`, then lets requests and mails in flight finish.
pub async fn serve(
    config: Config,
    listener: TcpListener,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let mailer = Mailer::new(config.mail.smtp()?.as_ref())?;
    serve_with(config, listener, mailer, Clock::default(), shutdown).await
}

/// As [`serve`], with a mailer and a clock of the caller's: for tests.
pub async fn serve_with(
    config: Config,
    listener: TcpListener,
    mailer: Mailer,
    clock: Clock,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let tls = match config
        .tls
        .tls_cert
        .as_deref()
        .filter(|path| !path.as_os_str().is_empty())
    {
        Some(_) => Some(tls::server_config(
            &config.tls,
            ClientAuth::Optional,
            Http::Two,
        )?),
        None => None,
    };
    let pool = connect(&config)?;
    let stop = CancellationToken::new();
    let _stop_on_every_way_out = stop.clone().drop_guard();
    let opened = Arc::new(OnceLock::new());
    let seen = opened.clone();
    let probe = move || {
        let app: Option<App> = seen.get().cloned();
        async move {
            let up = match &app {
                Some(app) => health::is_ready(app).await,
                None => false,
            };
            Readiness::new().part("database", up)
        }
    };
    // Before the database is asked for: a service that waits for it is alive and not ready.
    admin::spawn(config.admin_listen, shutdown.clone(), stop.clone(), probe).await?;
    let Some(app) = open(&config, pool, clock, &shutdown).await? else {
        return Ok(());
    };
    let _ = opened.set(app.clone());
    let mut background = JoinSet::new();
    background.spawn(worker(&app, &mailer, &config).run(stop.clone()));
    if let Some(bot) = app.telegram.clone() {
        background.spawn(telegram::listen(app.clone(), bot, stop.clone()));
    }
    background.spawn(keep_on(app.clone(), stop.clone()));
    tracing::info!(address = %listener.local_addr()?, tls = tls.is_some(), "mfa is ready");
    service::serve(
        listener,
        tls,
        router(app.clone()),
        shutdown,
        Limits::default(),
    )
    .await;
    stop.cancel();
    // A mail that takes longer is sent again by the next start.
    let _ = tokio::time::timeout(DRAIN, background.join_all()).await;
    app.pool.close().await;
    Ok(())
}

/// The pool of a configuration. Nothing is connected yet.
pub fn connect(config: &Config) -> anyhow::Result<PgPool> {
    let url = config.database()?;
    let options = PgConnectOptions::from_str(url.expose_secret())
        // The parser's message may hold the password.
        .map_err(|_| anyhow::anyhow!("DATABASE_URL is no postgres:// URL"))?
        .application_name("snug-mfa")
        .options([
            // "already exists, skipping" at every start is no news.
            ("client_min_messages", "warning"),
            // Every statement finds its rows by key: planning it again each time gains nothing.
            ("plan_cache_mode", "force_generic_plan"),
        ])
        .log_slow_statements(tracing::log::LevelFilter::Off, Duration::ZERO);
    Ok(PgPoolOptions::new()
        .max_connections(config.database_connections)
        .acquire_timeout(Duration::from_secs(3))
        .idle_timeout(Duration::from_secs(60))
        .connect_lazy_with(options))
}

/// Waits for the database, migrates it, checks the keys and puts the service together. `None`
/// when `shutdown` came first.
pub async fn open(
    config: &Config,
    pool: PgPool,
    clock: Clock,
    shutdown: &CancellationToken,
) -> anyhow::Result<Option<App>> {
    let vault = Arc::new(config.vault()?);
    let prepared = retry(shutdown, || prepare(config, &pool, &vault, &clock)).await?;
    let Some((signer, passes)) = prepared else {
        return Ok(None);
    };
    let parallel = std::thread::available_parallelism().map_or(1, usize::from);
    let hasher = Hasher::new(passes, parallel)?;
    Ok(Some(App::new(Shared {
        reads: Reads::start(&pool),
        limiter: limits::start(pool.clone()),
        settler: settle::start(pool.clone()),
        pool,
        vault,
        signer,
        hasher,
        clock,
        telegram: Bot::new(&config.telegram)?,
        webhooks: webhooks::Sender::new(config.webhook_private)?,
        wake: Arc::new(Notify::new()),
        rates: Rates {
            account: config.rate_limit,
            address: config.rate_limit_address,
            signup: config.rate_limit_signup,
            mail: config.rate_limit_mail,
        },
        cancel_url: config.cancel_url(),
        totp_window: config.totp_window,
        document: document()?,
        try_page: config.try_page,
    })))
}

/// A mail worker of the service.
pub fn worker(app: &App, mailer: &Mailer, config: &Config) -> Worker {
    Worker {
        pool: app.pool.clone(),
        vault: app.vault.clone(),
        clock: app.clock.clone(),
        mailer: mailer.clone(),
        telegram: app.telegram.clone(),
        webhooks: app.webhooks.clone(),
        public_url: config.public_url.clone(),
        wake: app.wake.clone(),
    }
}

async fn prepare(
    config: &Config,
    pool: &PgPool,
    vault: &Vault,
    clock: &Clock,
) -> anyhow::Result<(Signer, u32)> {
    MIGRATOR.run(pool).await?;
    let mut transaction = pool.begin().await?;
    let db: &mut PgConnection = &mut transaction;
    // Several nodes may start at once on a new database.
    keys::lock(db).await?;
    keys::check_vault(db, vault).await?;
    if let Some(newest) = settings::load(&mut *db, NEWEST_TIME).await?
        && let Ok(newest) = newest.try_into()
    {
        clock.restore(i64::from_be_bytes(newest));
    }
    let signing = keys::load_signing(db, vault, clock.now()?).await?;
    let signer = Signer::new(&config.public_url, signing);
    // What its own administrators do, to its own accounts only, needs the third.
    let scopes = ["accounts", "challenges", "admin"].map(str::to_owned);
    for (client_id, certificate) in &config.mfa_apps {
        let new = apps::New {
            client_id,
            name: &config.app_name,
            certificate: Some(certificate),
            secret_hash: None,
            scopes: &scopes,
        };
        if apps::insert(&mut *db, &new).await? {
            give_domain(db, client_id, &config.public_url).await?;
            tracing::info!(client_id, certificate, "application registered");
        }
    }
    let passes = password_passes(config.password_hash_ms, db).await?;
    transaction.commit().await?;
    Ok((signer, passes))
}

/// An application of `MFA_APPS` is what people meet at `PUBLIC_URL`: its passkeys belong there until
/// an operator says otherwise. An address in place of a name has no passkeys.
async fn give_domain(
    db: &mut PgConnection,
    client_id: &str,
    public_url: &str,
) -> anyhow::Result<()> {
    let Some((rp_id, origin)) = passkeys::domain_of(public_url) else {
        return Ok(());
    };
    let Some(mut row) = apps::lock(&mut *db, client_id).await? else {
        return Ok(());
    };
    row.rp_id = Some(rp_id);
    row.origins = vec![origin];
    Ok(apps::update(db, &row).await?)
}

/// The passes of a password hash: measured once for each value of `PASSWORD_HASH_MS` and kept, so
/// that every node and every start does the same work for a name that nobody has.
async fn password_passes(target: u64, db: &mut PgConnection) -> anyhow::Result<u32> {
    if let Some(kept) = settings::load(&mut *db, PASSES).await?
        && let Some((kept_target, passes)) = kept.split_first_chunk()
        && u64::from_be_bytes(*kept_target) == target
        && let Ok(passes) = passes.try_into()
    {
        return Ok(u32::from_be_bytes(passes));
    }
    let passes = measure_passes(Duration::from_millis(target))?;
    let kept = [&target.to_be_bytes()[..], &passes.to_be_bytes()].concat();
    settings::store(db, PASSES, &kept).await?;
    Ok(passes)
}

/// Repeats as long as the database is not there.
async fn retry<T, F: Future<Output = anyhow::Result<T>>>(
    shutdown: &CancellationToken,
    work: impl Fn() -> F,
) -> anyhow::Result<Option<T>> {
    loop {
        let error = match work().await {
            Ok(done) => return Ok(Some(done)),
            Err(error) => error,
        };
        if !is_database_outage(&error) {
            return Err(error.context("cannot start"));
        }
        tracing::warn!("DATABASE_URL: the database does not answer; trying again");
        tokio::select! {
            () = shutdown.cancelled() => return Ok(None),
            () = tokio::time::sleep(RETRY) => {}
        }
    }
}

fn is_database_outage(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<sqlx::Error>().is_some_and(is_outage)
            || matches!(
                cause.downcast_ref(),
                Some(sqlx::migrate::MigrateError::Execute(error)) if is_outage(error)
            )
    })
}

async fn keep_on(app: App, stop: CancellationToken) {
    loop {
        if let Err(error) = keep_house(&app).await {
            tracing::warn!(error = %format_args!("{error:#}"), "housekeeping failed");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(SWEEP) => {}
        }
    }
}

/// One round of housekeeping: deletes what is worthless, remembers the time, lets signing keys take
/// turns, resets factors whose day is over, measures the outbox.
pub async fn keep_house(app: &App) -> anyhow::Result<()> {
    let now = app.clock.now()?;
    let newest = app.clock.newest().to_be_bytes();
    settings::store(&app.pool, NEWEST_TIME, &newest)
        .await
        .context("the time")?;
    let mut transaction = app.pool.begin().await?;
    keys::lock(&mut transaction).await?;
    let signing = keys::load_signing(&mut transaction, &app.vault, now).await?;
    transaction.commit().await?;
    app.signer.reload(signing);
    if factor_reset::run_due(&app.pool, &app.vault, now).await? > 0 {
        app.wake.notify_one();
    }
    let swept = sweep::run(&app.pool, now).await?;
    if swept.accounts > 0 {
        tracing::info!(
            accounts = swept.accounts,
            "unfinished sign-ups have expired"
        );
    }
    let depths = outbox::depths(&app.pool).await?;
    for (channel, _) in Channel::WORKERS {
        let channel = channel.as_str();
        let found = depths.iter().find(|depth| depth.channel == channel);
        let (waiting, age) = found.map_or((0, time::Duration::ZERO), |depth| {
            (depth.waiting, now - depth.oldest)
        });
        metrics::gauge!("mfa_outbox_depth", "channel" => channel).set(waiting as f64);
        metrics::gauge!("mfa_outbox_oldest_seconds", "channel" => channel)
            .set(age.as_seconds_f64());
    }
    Ok(())
}
