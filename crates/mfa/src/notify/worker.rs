//! Sends what waits in the outbox: one row at a time, leased, with bounded attempts.

use std::{sync::Arc, time::Duration};

use serde::de::DeserializeOwned;
use sqlx::PgPool;
use time::OffsetDateTime;
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::{Channel, Chat, Failure, Mail, Reason, mailer::Mailer, place, text};
use crate::{
    clock::Clock,
    error::Result,
    store::{
        self, audit, factors,
        outbox::{self, Claimed},
    },
    telegram::Bot,
    vault::Vault,
    webhooks,
};

/// How often the outbox is looked at when nobody wakes the workers.
const POLL: Duration = Duration::from_secs(5);

/// Attempts for one mail.
const ATTEMPTS: i16 = 8;

/// First pause after a failed attempt, in seconds; it doubles.
const PAUSE: i64 = 5;

/// Longest pause between two attempts, in seconds.
const PAUSE_MAX: i64 = 600;

/// Attempts for one event, over some ten hours: its receiver is a server that somebody mends.
const WEBHOOK_ATTEMPTS: i16 = 14;

/// Longest pause between two attempts for an event, in seconds.
const WEBHOOK_PAUSE_MAX: i64 = 7_200;

/// What the workers of a node need.
#[derive(Clone)]
pub struct Worker {
    /// The database.
    pub pool: PgPool,
    /// Opens payloads.
    pub vault: Arc<Vault>,
    /// The clock.
    pub clock: Clock,
    /// The way out for mails.
    pub mailer: Mailer,
    /// The way out for messages to chats.
    pub telegram: Option<Bot>,
    /// The way out for events.
    pub webhooks: webhooks::Sender,
    /// Where people reach the product.
    pub public_url: String,
    /// Wakes the workers after a commit.
    pub wake: Arc<Notify>,
}

impl Worker {
    /// Runs the workers of every way out until `shutdown`; what is being sent is finished first.
    pub async fn run(self, shutdown: CancellationToken) {
        let (bell, _) = watch::channel(());
        let mut workers = JoinSet::new();
        for (channel, count) in Channel::WORKERS {
            for _ in 0..count {
                let rung = bell.subscribe();
                workers.spawn(self.clone().drain(channel, rung, shutdown.clone()));
            }
        }
        while !shutdown.is_cancelled() {
            tokio::select! {
                () = shutdown.cancelled() => {}
                _ = timeout(POLL, self.wake.notified()) => {
                    bell.send_replace(());
                }
            }
        }
        workers.join_all().await;
    }

    async fn drain(
        self,
        channel: Channel,
        mut rung: watch::Receiver<()>,
        shutdown: CancellationToken,
    ) {
        while !shutdown.is_cancelled() {
            // Before the look: what comes during it rings again.
            rung.borrow_and_update();
            match self.next(Some(channel)).await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "the outbox cannot be read"),
            }
            tokio::select! {
                () = shutdown.cancelled() => {}
                _ = rung.changed() => {}
            }
        }
    }

    /// Sends what is due first on any way out. Returns whether there was something.
    pub async fn step(&self) -> Result<bool> {
        self.next(None).await
    }

    async fn next(&self, channel: Option<Channel>) -> Result<bool> {
        let now = self.clock.now()?;
        let channel = channel.map(Channel::as_str);
        let Some(row) = outbox::claim(&self.pool, channel, now).await? else {
            return Ok(false);
        };
        if row.expires_at <= now {
            self.bury(&row, Reason::Expired, "its time is over").await?;
            return Ok(true);
        }
        match self.deliver(&row).await {
            Ok(()) => {
                outbox::sent(&self.pool, row.id, self.clock.now()?).await?;
                count(&row, "sent");
            }
            Err(Undelivered::Unreadable) => {
                let error = "it does not open with this SECRET_KEY";
                self.bury(&row, Reason::Unreadable, error).await?;
            }
            Err(Undelivered::Failed(failure)) => self.fail(&row, failure).await?,
        }
        Ok(true)
    }

    async fn deliver(&self, row: &Claimed) -> Result<(), Undelivered> {
        match Channel::parse(&row.channel) {
            Some(Channel::Email) => {
                let mail: Mail = self.open(row)?;
                Ok(self.mailer.send(&mail, &self.public_url).await?)
            }
            Some(Channel::Telegram) => {
                let message: Chat = self.open(row)?;
                Ok(self.say(row, &message).await?)
            }
            Some(Channel::Webhook) => self.tell(row).await,
            None => Err(Undelivered::Unreadable),
        }
    }

    async fn tell(&self, row: &Claimed) -> Result<(), Undelivered> {
        let (Some(id), Some(event)) = (row.webhook_id, &row.event) else {
            return Err(Undelivered::Unreadable);
        };
        let found = store::webhooks::by_id(&self.pool, id).await;
        let (Ok(found), Ok(now)) = (found, self.clock.now()) else {
            let text = "the database does not answer".to_owned();
            return Err(Failure::Temporary(text).into());
        };
        let Some(endpoint) = found else {
            return Err(Failure::Permanent("the endpoint was removed".to_owned()).into());
        };
        let sent = self
            .webhooks
            .send(&self.vault, &endpoint, row.id, event.to_string(), now);
        Ok(sent.await?)
    }

    async fn say(&self, row: &Claimed, message: &Chat) -> Result<(), Failure> {
        let Some(bot) = &self.telegram else {
            return Err(Failure::Temporary("TELEGRAM_TOKEN is not set".to_owned()));
        };
        let sent = bot.send(message.chat, &text::chat(message)).await;
        let failure = match sent {
            Ok(()) => return Ok(()),
            Err(refusal) => Failure::from(refusal),
        };
        if let (Failure::Unreachable(_), Some((account, factor))) = (&failure, message.factor)
            && let Err(error) = self.lose(row, account, factor).await
        {
            tracing::warn!(%error, "a factor that cannot be reached is not marked");
        }
        Err(failure)
    }

    /// Marks a factor whose chat takes no messages, and writes it down.
    async fn lose(&self, row: &Claimed, account: uuid::Uuid, factor: uuid::Uuid) -> Result<()> {
        let now = self.clock.now()?;
        if !factors::lose(&self.pool, factor, now).await? {
            return Ok(());
        }
        let entry = audit::Entry {
            app: row.app_id,
            account: Some(account),
            action: "factor_unreachable",
            factor: Some("telegram"),
            result: "ok",
            address: None,
            request_id: None,
        };
        Ok(audit::append(&self.pool, &entry, now).await?)
    }

    async fn fail(&self, row: &Claimed, failure: Failure) -> Result<()> {
        let error = failure.to_string();
        let wanted = match failure {
            Failure::Permanent(_) => return self.bury(row, Reason::Refused, &error).await,
            Failure::Unreachable(_) => return self.bury(row, Reason::Unreachable, &error).await,
            Failure::Temporary(_) => time::Duration::ZERO,
            Failure::Pause(wanted, _) => wanted.try_into().unwrap_or(time::Duration::DAY),
        };
        let (most, longest) = match Channel::parse(&row.channel) {
            Some(Channel::Webhook) => (WEBHOOK_ATTEMPTS, WEBHOOK_PAUSE_MAX),
            _ => (ATTEMPTS, PAUSE_MAX),
        };
        let next = self.clock.now()? + pause(row.attempts, longest).max(wanted);
        if row.attempts >= most || next >= row.expires_at {
            return self.bury(row, Reason::Exhausted, &error).await;
        }
        outbox::retry(&self.pool, row.id, next, &error).await?;
        tracing::warn!(outbox_id = %row.id, channel = row.channel, attempt = row.attempts, error, "a message waits for its next attempt");
        count(row, "retried");
        Ok(())
    }

    async fn bury(&self, row: &Claimed, reason: Reason, error: &str) -> Result<()> {
        let (reason, now): (_, OffsetDateTime) = (reason.as_str(), self.clock.now()?);
        outbox::bury(&self.pool, row.id, reason, error, now).await?;
        tracing::error!(outbox_id = %row.id, channel = row.channel, kind = row.kind, reason, error, "a message was given up");
        count(row, "dead");
        Ok(())
    }

    fn open<T: DeserializeOwned>(&self, row: &Claimed) -> Result<T, Undelivered> {
        row.payload
            .as_deref()
            .and_then(|payload| self.vault.open(place(row.app_id, row.id), payload).ok())
            .and_then(|plain| serde_json::from_slice(&plain).ok())
            .ok_or(Undelivered::Unreadable)
    }
}

/// Why a row was not delivered.
enum Undelivered {
    /// It cannot be understood: nothing was tried.
    Unreadable,
    /// It was tried.
    Failed(Failure),
}

impl From<Failure> for Undelivered {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

fn pause(attempts: i16, longest: i64) -> time::Duration {
    let doubled = PAUSE << (attempts - 1).clamp(0, 12);
    time::Duration::seconds(doubled.min(longest))
}

fn count(row: &Claimed, result: &'static str) {
    metrics::counter!(
        "mfa_outbox_total",
        "channel" => row.channel.clone(),
        "kind" => row.kind.clone(),
        "result" => result,
    )
    .increment(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_10_pauses_grow_and_end() {
        let seconds: Vec<_> = (1..=9)
            .map(|attempt| pause(attempt, PAUSE_MAX).whole_seconds())
            .collect();
        assert_eq!(seconds, [5, 10, 20, 40, 80, 160, 320, 600, 600]);
    }
}
