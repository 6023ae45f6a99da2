//! What every handler shares.

use std::{ops::Deref, sync::Arc};

use service::config::Rate;
use sqlx::PgPool;
use time::OffsetDateTime;
use tokio::sync::Notify;

use crate::{
    assertion::Signer, client::Client, clock::Clock, error::Result, factor_reset::Resets,
    limits::Limiter, passwords::Hasher, reads::Reads, settle::Settler, telegram::Bot, vault::Vault,
    webhooks,
};

/// The running service. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Shared>);

/// The parts of the running service.
pub struct Shared {
    /// The database.
    pub pool: PgPool,
    /// Seals secrets.
    pub vault: Arc<Vault>,
    /// Signs assertions.
    pub signer: Signer,
    /// Hashes passwords.
    pub hasher: Hasher,
    /// What requests read together.
    pub reads: Reads,
    /// Counts what is limited.
    pub limiter: Limiter,
    /// Judges time-based codes.
    pub settler: Settler,
    /// The clock.
    pub clock: Clock,
    /// The bot, when there is one.
    pub telegram: Option<Bot>,
    /// The way out for events.
    pub webhooks: webhooks::Sender,
    /// Wakes the mail worker after a commit.
    pub wake: Arc<Notify>,
    /// How much one may ask.
    pub rates: Rates,
    /// The page that calls the reset of factors off.
    pub cancel_url: String,
    /// Earlier TOTP steps whose codes are taken.
    pub totp_window: u64,
    /// What describes all routes.
    pub document: serde_json::Value,
    /// Whether `/try` is served.
    pub try_page: bool,
}

/// How much one may ask.
#[derive(Clone, Copy)]
pub struct Rates {
    /// Logins and codes sent, per account.
    pub account: Rate,
    /// Requests, per client address.
    pub address: Rate,
    /// Sign-ups, per client address.
    pub signup: Rate,
    /// Mails, per recipient.
    pub mail: Rate,
}

impl App {
    /// Puts the parts together.
    pub fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }

    /// Earlier TOTP steps whose codes an application takes.
    pub fn window(&self, client: &Client) -> u64 {
        client.app.policy.totp_window.unwrap_or(self.totp_window)
    }

    /// Takes factors off accounts, as operators ask.
    pub fn resets(&self) -> Resets<'_> {
        Resets {
            vault: &self.vault,
            cancel_url: &self.cancel_url,
        }
    }

    /// The time, unless the clock went back.
    pub fn now(&self) -> Result<OffsetDateTime> {
        Ok(self.clock.now()?)
    }
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
