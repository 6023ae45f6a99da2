//! How updates get here: Telegram delivers them to the webhook, or they are polled.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Bot, Poller};
use crate::app::App;

/// How often Telegram is told of the webhook until it listens.
const RETRY: Duration = Duration::from_secs(30);

/// Sees to updates until `stop`.
pub async fn listen(app: App, bot: Bot, stop: CancellationToken) {
    let Some(url) = bot.webhook_url() else {
        return Poller::new(app, bot).run(stop).await;
    };
    let secret = webhook_secret(&app);
    while let Err(refusal) = bot.set_webhook(url, &secret).await {
        tracing::warn!("the webhook is not set: {refusal}");
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(RETRY) => {}
        }
    }
    tracing::info!(url, "Telegram delivers updates to the webhook");
}

/// The secret that Telegram repeats with every delivery: there is nothing more to configure.
pub fn webhook_secret(app: &App) -> String {
    app.vault
        .mac("telegram webhook", &[])
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
