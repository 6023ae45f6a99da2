//! Sends what waits in the outbox: one row at a time, leased, with bounded attempts.

use std::{sync::Arc, time::Duration};

use sqlx::PgPool;
use time::OffsetDateTime;
use tokio::{sync::Notify, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{
    Mail,
    mailer::{Failure, Mailer},
    place,
};
use crate::{
    clock::Clock,
    error::Result,
    store::outbox::{self, Claimed},
    vault::Vault,
};

/// How often the outbox is looked at when nobody wakes the worker.
const POLL: Duration = Duration::from_secs(5);

/// Attempts for one mail.
const ATTEMPTS: i16 = 8;

/// First pause after a failed attempt, in seconds; it doubles.
const PAUSE: i64 = 5;

/// Longest pause between two attempts, in seconds.
const PAUSE_MAX: i64 = 600;

/// What a worker needs.
#[derive(Clone)]
pub struct Worker {
    /// The database.
    pub pool: PgPool,
    /// Opens payloads.
    pub vault: Arc<Vault>,
    /// The clock.
    pub clock: Clock,
    /// The way out.
    pub mailer: Mailer,
    /// Where people reach the product.
    pub public_url: String,
    /// Wakes the worker after a commit.
    pub wake: Arc<Notify>,
}

impl Worker {
    /// Runs until `shutdown`; a mail that is being sent is finished first.
    pub async fn run(self, shutdown: CancellationToken) {
        while !shutdown.is_cancelled() {
            match self.step().await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "the outbox cannot be read"),
            }
            tokio::select! {
                () = shutdown.cancelled() => {}
                _ = timeout(POLL, self.wake.notified()) => {}
            }
        }
    }

    /// Sends the mail that is due first. Returns whether there was one.
    pub async fn step(&self) -> Result<bool> {
        let now = self.clock.now()?;
        let Some(row) = outbox::claim(&self.pool, now).await? else {
            return Ok(false);
        };
        if row.expires_at <= now {
            self.bury(&row, now, "expired").await?;
            return Ok(true);
        }
        let mail = row
            .payload
            .as_deref()
            .and_then(|payload| self.vault.open(place(row.app_id, row.id), payload).ok())
            .and_then(|plain| serde_json::from_slice::<Mail>(&plain).ok());
        let Some(mail) = mail else {
            self.bury(&row, now, "unreadable").await?;
            return Ok(true);
        };
        let sent = self.mailer.send(&mail, &self.public_url).await;
        let now = self.clock.now()?;
        match sent {
            Ok(()) => {
                outbox::finish(&self.pool, row.id, "sent", None, now).await?;
                count(&row.kind, "sent");
            }
            Err(Failure::Permanent(error)) => self.bury(&row, now, &error).await?,
            Err(Failure::Temporary(error)) => {
                let next = now + pause(row.attempts);
                if row.attempts >= ATTEMPTS || next >= row.expires_at {
                    self.bury(&row, now, &error).await?;
                } else {
                    outbox::retry(&self.pool, row.id, next, &error).await?;
                    tracing::warn!(outbox_id = %row.id, attempt = row.attempts, error, "a mail waits for its next attempt");
                    count(&row.kind, "retried");
                }
            }
        }
        Ok(true)
    }

    async fn bury(&self, row: &Claimed, now: OffsetDateTime, error: &str) -> Result<()> {
        outbox::finish(&self.pool, row.id, "dead", Some(error), now).await?;
        tracing::error!(outbox_id = %row.id, kind = row.kind, error, "a mail was given up");
        count(&row.kind, "dead");
        Ok(())
    }
}

fn pause(attempts: i16) -> time::Duration {
    let doubled = PAUSE << (attempts - 1).clamp(0, 10);
    time::Duration::seconds(doubled.min(PAUSE_MAX))
}

fn count(kind: &str, result: &'static str) {
    metrics::counter!("mfa_mails_total", "kind" => kind.to_owned(), "result" => result)
        .increment(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_10_pauses_grow_and_end() {
        let seconds: Vec<_> = (1..=9)
            .map(|attempt| pause(attempt).whole_seconds())
            .collect();
        assert_eq!(seconds, [5, 10, 20, 40, 80, 160, 320, 600, 600]);
    }
}
