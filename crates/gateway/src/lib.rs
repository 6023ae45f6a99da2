//! The gateway: ends TLS, serves the frontend from memory, forwards the API and tunnels sockets to
//! the chat servers. It never reads a frame or a body and has no database.

mod access;
mod app;
mod config;
mod cors;
mod forwarded;
mod frontend;
mod listeners;
mod proxy;
mod redirect;
mod router;
mod security;

use std::{sync::Arc, time::Duration};

pub use config::{Command, Config, Networks, Origin};
pub use listeners::Listeners;
use service::{Limits, admin::Readiness, tls};
use tokio_util::sync::CancellationToken;

/// What open tunnels get at shutdown before they are cut; clients connect again by themselves.
const TUNNEL_DRAIN: Duration = Duration::from_secs(2);

/// Serves on `listeners` until `shutdown` is cancelled and everything has drained.
///
/// # Errors
/// When the configuration does not hold together: each names its variable.
pub async fn serve(
    config: Config,
    listeners: Listeners,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let tls = if config.use_ssl {
        let http = if config.dev_frontend.is_some() {
            tls::Http::One
        } else {
            tls::Http::Two
        };
        Some(tls::server_config(
            &config.files,
            tls::ClientAuth::None,
            http,
        )?)
    } else {
        None
    };
    let app = Arc::new(app::App::build(&config, shutdown.clone())?);
    let stop = CancellationToken::new();
    let chat = app.chat.clone();
    chat.watch(&stop);
    let admin = service::admin::spawn(
        config.admin_listen,
        shutdown.clone(),
        stop.clone(),
        move || {
            let up = chat.is_reachable();
            async move { Readiness::new().part("chat", up.await) }
        },
    )
    .await?;
    if let Some(http) = listeners.redirect {
        let router = redirect::router(app.public_url.clone());
        tokio::spawn(service::serve(
            http,
            None,
            router,
            shutdown.clone(),
            Limits::default(),
        ));
    }
    tracing::info!(url = %app.public_url, listen = %listeners.main.local_addr()?, %admin, "gateway ready");

    let router = router::router(app.clone());
    service::serve(listeners.main, tls, router, shutdown, Limits::default()).await;
    app.tunnels.close();
    app.tunnels.wait().await;
    stop.cancel();
    Ok(())
}
