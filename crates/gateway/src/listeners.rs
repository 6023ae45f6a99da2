//! The sockets that the gateway listens on.

use anyhow::Context;
use tokio::net::TcpListener;

use crate::Config;

/// Bound listeners: from the configuration, or on port 0 in tests.
#[derive(Debug)]
pub struct Listeners {
    /// HTTPS (plain HTTP when `USE_SSL=false`).
    pub main: TcpListener,
    /// Plain HTTP that only redirects.
    pub redirect: Option<TcpListener>,
}

impl Listeners {
    /// Binds `LISTEN:PORT` and `HTTP_LISTEN`.
    ///
    /// # Errors
    /// When one is taken or not allowed.
    pub async fn bind(config: &Config) -> anyhow::Result<Self> {
        let main = TcpListener::bind((config.listen, config.port))
            .await
            .with_context(|| {
                format!(
                    "LISTEN, PORT: cannot listen on {}:{}",
                    config.listen, config.port
                )
            })?;
        let redirect = match config.http_listen {
            None => None,
            Some(address) => Some(
                TcpListener::bind(address)
                    .await
                    .with_context(|| format!("HTTP_LISTEN: cannot listen on {address}"))?,
            ),
        };
        Ok(Self { main, redirect })
    }
}
