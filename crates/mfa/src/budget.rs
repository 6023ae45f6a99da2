//! The failure budget: guessing gets slower, then ends, and never locks out somebody else.
//!
//! Every attempt is charged as a failure before it is judged and forgiven when it was right, so
//! that parallel guesses cannot slip past the count. Locks belong to the client's address: with
//! the right first factor one gets in from another one. Over all addresses a second factor takes
//! [`MOST`] consecutive failures, then only a recovery code helps; a password takes more, but one
//! an hour, from addresses that never succeeded.

use protocol::Code;
use service::Problem;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    app::App,
    client::Client,
    error::Result,
    store::failures::{self, Key},
    vault::Vault,
    words,
};

/// Consecutive failures over all addresses.
pub const MOST: i32 = 100;

/// What is guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    /// A password.
    Password,
    /// A time-based code.
    Totp,
    /// A code sent by mail to answer a challenge.
    Sent,
    /// A code sent to a chat.
    Telegram,
    /// A recovery code.
    Recovery,
    /// The code that proves an address.
    Address,
    /// The code that replaces a forgotten password.
    Reset,
}

impl Guess {
    const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Totp => "totp",
            Self::Sent => "email",
            Self::Telegram => "telegram",
            Self::Recovery => "recovery",
            Self::Address => "address",
            Self::Reset => "reset",
        }
    }

    /// The failure that starts the locks of an address.
    pub const fn free(self) -> i32 {
        match self {
            Self::Totp | Self::Recovery => 5,
            Self::Password | Self::Sent | Self::Telegram => 10,
            // A code is dead after ten: the new one that one asks for then is not locked yet.
            Self::Address | Self::Reset => 20,
        }
    }

    /// Whether guesses over all addresses get slow at [`MOST`] instead of ending: where there is no
    /// other way in, a stranger could close it.
    const fn soft(self) -> bool {
        matches!(self, Self::Password | Self::Reset)
    }
}

/// The budget of one subject and factor, seen from one address.
pub struct Budget {
    subject: Vec<u8>,
    address: [u8; 16],
    guess: Guess,
}

impl Budget {
    /// For an account.
    pub fn of_account(app: &App, client: &Client, account: Uuid, guess: Guess) -> Self {
        Self::new(app, client, account.as_bytes().to_vec(), guess)
    }

    /// For what a person typed as a name, whether it names an account or not: otherwise a lock
    /// would tell.
    pub fn of_name(app: &App, client: &Client, name: &str, guess: Guess) -> Self {
        let subject = name_digest(&app.vault, client.app.id, name);
        Self::new(app, client, subject.to_vec(), guess)
    }

    /// For a subject that was kept.
    pub fn of_subject(app: &App, client: &Client, subject: Vec<u8>, guess: Guess) -> Self {
        Self::new(app, client, subject, guess)
    }

    /// Whose failures are counted, to be kept.
    pub fn subject(&self) -> &[u8] {
        &self.subject
    }

    fn new(app: &App, client: &Client, subject: Vec<u8>, guess: Guess) -> Self {
        Self {
            subject,
            address: address_digest(app, client),
            guess,
        }
    }

    /// Charges one attempt, or refuses it with 429 `locked`.
    pub async fn charge(&self, app: &App, now: OffsetDateTime) -> Result<()> {
        let mut transaction = app.pool.begin().await?;
        let db = &mut *transaction;
        if !failures::charge_address(db, self.here(), self.guess.free(), now).await? {
            let until = failures::locked_until(db, self.here()).await?;
            return Err(locked(until, now).into());
        }
        let soft = self.guess.soft();
        let most = if soft && failures::is_known(&mut *db, self.here()).await? {
            i32::MAX
        } else {
            MOST
        };
        if !failures::charge_all(db, self.everywhere(), most, soft, now).await? {
            let until = failures::locked_until(db, self.everywhere()).await?;
            let problem = locked(until, now);
            return Err(if soft { problem } else { exhausted(problem) }.into());
        }
        Ok(transaction.commit().await?)
    }

    /// The attempt was right: both counts start anew.
    pub async fn forgive(&self, db: &mut PgConnection, now: OffsetDateTime) -> Result<()> {
        failures::forgive(&mut *db, self.here(), now).await?;
        Ok(failures::forgive(db, self.everywhere(), now).await?)
    }

    /// The secret that was guessed at is another one now.
    pub async fn forget(&self, db: &mut PgConnection) -> Result<()> {
        Ok(failures::forget(db, &self.subject, self.guess.name()).await?)
    }

    /// The attempt was no guess.
    pub async fn refund(&self, app: &App) -> Result<()> {
        failures::refund(&app.pool, self.here()).await?;
        Ok(failures::refund(&app.pool, self.everywhere()).await?)
    }

    fn here(&self) -> Key<'_> {
        Key {
            subject: &self.subject,
            factor: self.guess.name(),
            address: &self.address,
        }
    }

    /// What is guessed, as rows and the audit trail name it.
    pub const fn factor(&self) -> &'static str {
        self.guess.name()
    }

    /// The count over all addresses.
    pub fn everywhere(&self) -> Key<'_> {
        Key {
            address: &[],
            ..self.here()
        }
    }
}

/// The client's address as the budget counts it.
pub fn address_digest(app: &App, client: &Client) -> [u8; 16] {
    let digest = app.vault.mac("budget address", &[&client.address_key()]);
    let mut address = [0; 16];
    address.copy_from_slice(&digest[..16]);
    address
}

/// What the failures of a name are counted under.
pub fn name_digest(vault: &Vault, app: Uuid, name: &str) -> [u8; 32] {
    vault.mac("budget name", &[app.as_bytes(), name.as_bytes()])
}

/// The refusal while an address is locked.
pub fn locked(until: Option<OffsetDateTime>, now: OffsetDateTime) -> Problem {
    let left = until.map_or(0, |until| {
        (until - now).whole_seconds().max(0).unsigned_abs()
    }) + 1;
    Problem::new(Code::Locked)
        .detail(format!(
            "Too many wrong attempts. Try again in {}.",
            words::span(left)
        ))
        .retry_after(left)
}

/// The refusal when an account's failures are used up.
pub fn exhausted(problem: Problem) -> Problem {
    problem
        .detail("Too many wrong attempts. Use a recovery code.")
        .retry_after(3_600)
        .with("recovery_required", true)
}
