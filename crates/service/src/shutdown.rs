//! SIGTERM and Ctrl-C as a token that everything listens to.

use tokio::signal::unix::{self, SignalKind};
use tokio_util::sync::CancellationToken;

/// A token that is cancelled at the first SIGTERM or SIGINT. The second ends the process at once.
///
/// # Errors
/// When the handlers cannot be installed.
pub fn signal() -> std::io::Result<CancellationToken> {
    let mut terminate = unix::signal(SignalKind::terminate())?;
    let mut interrupt = unix::signal(SignalKind::interrupt())?;
    let token = CancellationToken::new();
    let stop = token.clone();
    tokio::spawn(async move {
        let mut next = async || {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        };
        next().await;
        tracing::info!("shutting down");
        stop.cancel();
        next().await;
        std::process::exit(130);
    });
    Ok(token)
}
