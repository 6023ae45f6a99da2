//! Credential stuffing: many names tried from one address, or one password tried at many names.
//!
//! The answer is work, not a lock: who is part of it has to solve a [`puzzle`] for each login, the
//! people whose names are tried notice nothing. Passwords are compared as keyed HMACs of this
//! hour, never kept in clear and worth nothing an hour later.

use protocol::{Code, mfa::Login};
use service::Problem;
use time::{Duration, OffsetDateTime};

use crate::{
    app::App,
    client::{Attempt, Client},
    error::Result,
    limits, puzzle,
    store::stuffing,
};

/// Names at which wrong passwords were given from one address within [`ADDRESS_WINDOW`] that make
/// the address suspicious. A school or company behind one address stays below it.
pub const ADDRESS_NAMES: i64 = 30;
/// For how long a name counts against an address.
pub const ADDRESS_WINDOW: Duration = Duration::minutes(10);
/// Names at which one wrong password was given within [`PASSWORD_WINDOW`] that make it suspicious.
pub const PASSWORD_NAMES: i64 = 20;
/// For how long a name counts against a password, at most: digests change with the hour.
pub const PASSWORD_WINDOW: Duration = Duration::hours(1);

/// What an attempt at a login has in common with others.
pub struct Signs {
    address: [u8; 32],
    password: [u8; 32],
    name: [u8; 32],
}

impl Signs {
    /// Those of a login, normalised as passwords and names are.
    pub fn of(app: &App, client: &Client, name: &str, password: &str, now: OffsetDateTime) -> Self {
        let id = client.app.id.as_bytes().as_slice();
        let hour = now.unix_timestamp().div_euclid(3_600).to_be_bytes();
        let mac = |purpose: &str, parts: &[&[u8]]| app.vault.mac(purpose, parts);
        Self {
            address: mac("stuffing address", &[id, &client.address_key()]),
            password: mac("stuffing password", &[id, &hour, password.as_bytes()]),
            name: mac("stuffing name", &[id, name.as_bytes()]),
        }
    }

    /// Goes on unless the attempt looks like stuffing and brings no work: 403 `proof-required`.
    pub async fn ensure_worked(
        &self,
        app: &App,
        client: &Client,
        body: &Login,
        now: OffsetDateTime,
    ) -> Result<()> {
        let [address, password] = self.counts(app, now).await?;
        if address < ADDRESS_NAMES && password < PASSWORD_NAMES {
            return Ok(());
        }
        if let Some(work) = &body.work
            && puzzle::accept(app, client, work, now).await?
        {
            return Ok(());
        }
        metrics::counter!("mfa_work_demanded_total").increment(1);
        let puzzle = puzzle::make(app, client, now);
        Err(Problem::new(Code::ProofRequired)
            .detail("Too many wrong passwords come from here. Solve the puzzle and try again.")
            .with("puzzle", puzzle)
            .into())
    }

    /// Counts a wrong password. The attempt that makes it stuffing is written down, once an hour.
    pub async fn failed(&self, app: &App, client: &Client, now: OffsetDateTime) -> Result<()> {
        let signs = [self.address.as_slice(), &self.password];
        stuffing::see(&app.pool, signs, &self.name, now).await?;
        let [address, password] = self.counts(app, now).await?;
        for (sign, is_met, key) in [
            ("address", address >= ADDRESS_NAMES, &self.address),
            ("password", password >= PASSWORD_NAMES, &self.password),
        ] {
            if is_met && limits::stuffing_events(app, key).await? {
                metrics::counter!("mfa_stuffing_total", "sign" => sign).increment(1);
                tracing::warn!(
                    app = client.app.client_id,
                    sign,
                    "this looks like credential stuffing"
                );
                let what = Attempt {
                    action: "credential_stuffing",
                    factor: Some(sign),
                    account: None,
                };
                client.audit(&app.pool, what, "ok", now).await?;
            }
        }
        Ok(())
    }

    async fn counts(&self, app: &App, now: OffsetDateTime) -> Result<[i64; 2]> {
        let signs = [
            (self.address.as_slice(), now - ADDRESS_WINDOW),
            (self.password.as_slice(), now - PASSWORD_WINDOW),
        ];
        Ok(stuffing::names(&app.pool, signs).await?)
    }
}
