//! Long polling: one node at a time asks Telegram for updates.

use std::time::Duration;

use serde_json::Value;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Bot, Refusal, Update, handle};
use crate::{app::App, error::Result, store::leases};

/// How long Telegram holds a request open while there is nothing new.
const WAIT: Duration = Duration::from_secs(25);
/// How long a node keeps the job without saying so again; longer than the longest request.
const LEASE: time::Duration = time::Duration::seconds(60);
/// How often the other nodes look whether the job is free, and pauses after a fault.
const PAUSE: Duration = Duration::from_secs(10);
const NAME: &str = "telegram updates";

/// Polls on behalf of all nodes, as long as it holds the lease.
pub struct Poller {
    app: App,
    bot: Bot,
    holder: Uuid,
    wait: Duration,
    leads: bool,
    offset: Option<i64>,
}

impl Poller {
    /// A poller of a node.
    pub fn new(app: App, bot: Bot) -> Self {
        Self {
            app,
            bot,
            holder: Uuid::now_v7(),
            wait: WAIT,
            leads: false,
            offset: None,
        }
    }

    /// The same with another wait for updates; 25 s by default.
    #[must_use]
    pub fn with_wait(self, wait: Duration) -> Self {
        Self { wait, ..self }
    }

    /// Runs until `stop`, then gives the job back.
    pub async fn run(mut self, stop: CancellationToken) {
        loop {
            let pause = tokio::select! {
                () = stop.cancelled() => break,
                round = self.round() => match round {
                    Ok(true) => continue,
                    Ok(false) => PAUSE,
                    Err(error) => {
                        tracing::warn!(%error, "updates of Telegram are not handled");
                        PAUSE
                    }
                },
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(pause) => {}
            }
        }
        if self.leads
            && let Err(error) = leases::release(&self.app.pool, NAME, self.holder).await
        {
            tracing::warn!(error = %service::database::Masked(&error), "a lease is not given back");
        }
    }

    /// Asks once and handles what came. False when there is a reason to pause: another node polls,
    /// or Telegram is out of order.
    pub async fn round(&mut self) -> Result<bool> {
        let now = self.app.now()?;
        let held = leases::take(&self.app.pool, NAME, self.holder, now, now + LEASE).await?;
        if !held {
            self.leads = false;
            return Ok(false);
        }
        let asked = match self.leads {
            true => self.bot.updates(self.offset, self.wait).await,
            // Telegram gives updates one way only.
            false => self.bot.delete_webhook().await.map(|()| Vec::new()),
        };
        self.leads = true;
        let updates = match asked {
            Ok(updates) => updates,
            Err(refusal) => {
                self.leads = !matches!(refusal, Refusal::Conflict);
                tracing::warn!("updates of Telegram: {refusal}");
                return Ok(false);
            }
        };
        for value in updates {
            self.one(value).await?;
        }
        Ok(true)
    }

    async fn one(&mut self, value: Value) -> Result<()> {
        let (behind, update) = Update::parse(value);
        if let Some(update) = update
            && let Some(answer) = handle(&self.app, &update).await?
            && let Err(refusal) = self.bot.send(answer.chat, &answer.text).await
        {
            tracing::debug!("an answer in Telegram is lost: {refusal}");
        }
        // Only now: what failed comes again.
        self.offset = behind.or(self.offset);
        Ok(())
    }
}
