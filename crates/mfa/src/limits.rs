//! How often one may ask: per client address, per account, per recipient of mails.

use std::time::Duration;

use protocol::Code;
use service::{Problem, config::Rate};
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    app::App,
    batch::Batcher,
    client::Client,
    error::Result,
    puzzle,
    store::limits::{self, Cell},
};

/// Messages of an application's own to one recipient.
pub const NOTIFICATIONS: Rate = Rate {
    count: 20,
    period: Duration::from_secs(3_600),
};
/// What one chat may write to the bot.
pub const TELEGRAM_CHAT: Rate = Rate {
    count: 30,
    period: Duration::from_secs(3_600),
};

/// Counts events: each is taken, or it is told when there is room again.
pub type Limiter = Batcher<(Cell, OffsetDateTime), Option<OffsetDateTime>>;

/// Starts the task that counts in batches.
pub fn start(pool: PgPool) -> Limiter {
    Batcher::start("limits", move |batch: Vec<(Cell, OffsetDateTime)>| {
        let pool = pool.clone();
        async move {
            let Some(now) = batch.iter().map(|(_, now)| *now).max() else {
                return Ok(Vec::new());
            };
            let cells: Vec<_> = batch.into_iter().map(|(cell, _)| cell).collect();
            limits::take_all(&pool, &cells, now).await
        }
    })
}

/// Counts a request of the client's address, and of the application when it has a limit of its
/// own.
pub async fn requests(app: &App, client: &Client) -> Result<()> {
    let address = client.address_key();
    let (id, rates) = (client.app.id.as_bytes(), &client.app.policy.rates);
    let rate = rates.address.unwrap_or(app.rates.address);
    take(app, "address", &[id, &address], rate).await?;
    match rates.app {
        Some(rate) => take(app, "app", &[id], rate).await,
        None => Ok(()),
    }
}

/// Counts a sign-up from the client's address.
pub async fn signups(app: &App, client: &Client) -> Result<()> {
    let address = client.address_key();
    take(
        app,
        "signup",
        &[client.app.id.as_bytes(), &address],
        client.app.policy.rates.signup.unwrap_or(app.rates.signup),
    )
    .await
}

/// Counts a forgotten password from the client's address.
pub async fn resets(app: &App, client: &Client) -> Result<()> {
    let address = client.address_key();
    take(
        app,
        "reset",
        &[client.app.id.as_bytes(), &address],
        client.app.policy.rates.signup.unwrap_or(app.rates.signup),
    )
    .await
}

/// Counts a login of, or a code sent to, an account.
pub async fn account(app: &App, client: &Client, account: Uuid) -> Result<()> {
    let rate = client.app.policy.rates.account.unwrap_or(app.rates.account);
    take(app, "account", &[account.as_bytes()], rate).await
}

/// Counts a mail to an address, over all applications that have the same limit.
pub async fn mails(app: &App, client: &Client, email_key: &str) -> Result<()> {
    let rate = client.app.policy.rates.mail.unwrap_or(app.rates.mail);
    take(app, "mail", &[email_key.as_bytes()], rate).await
}

/// Counts the news for the owner of a taken address; false when there were enough of them.
pub async fn owner_notices(db: &mut PgConnection, app: &App, owner: Uuid) -> Result<bool> {
    let rate = Rate {
        count: 3,
        period: Duration::from_secs(86_400),
    };
    let key = app.vault.mac("limit owner", &[owner.as_bytes()]);
    Ok(limits::take(db, cell(&key, rate), app.now()?).await?)
}

/// Counts what somebody writes to the bot; false when it was enough.
pub async fn telegram_chat(app: &App, chat: &[u8]) -> Result<bool> {
    let key = app.vault.mac("limit telegram chat", &[chat]);
    let free_at = ask(app, &key, TELEGRAM_CHAT, app.now()?).await?;
    Ok(free_at.is_none())
}

/// Whether a sign of credential stuffing is news: once an hour.
pub async fn stuffing_events(app: &App, sign: &[u8]) -> Result<bool> {
    once(app, "stuffing event", sign, 3_600).await
}

/// Takes a solved puzzle; false when it was taken before.
pub async fn solved_puzzle(app: &App, nonce: &[u8]) -> Result<bool> {
    once(
        app,
        "puzzle",
        nonce,
        puzzle::LIFE.whole_seconds().unsigned_abs() + 1,
    )
    .await
}

async fn once(app: &App, kind: &str, what: &[u8], seconds: u64) -> Result<bool> {
    let rate = Rate {
        count: 1,
        period: Duration::from_secs(seconds),
    };
    let key = app.vault.mac("limit once", &[kind.as_bytes(), what]);
    Ok(ask(app, &key, rate, app.now()?).await?.is_none())
}

/// Counts a message of an application's own to one recipient.
pub async fn notifications(app: &App, client: &Client, recipient: &[u8]) -> Result<()> {
    let parts = [client.app.id.as_bytes().as_slice(), recipient];
    take(app, "notification", &parts, NOTIFICATIONS).await
}

async fn take(app: &App, kind: &str, parts: &[&[u8]], rate: Rate) -> Result<()> {
    // Another rate is another count: what was spent under one says nothing about the other.
    let rate_name = rate.to_string();
    let name = [kind.as_bytes(), rate_name.as_bytes()];
    let key = app.vault.mac("limit", &[&name, parts].concat());
    let now = app.now()?;
    let Some(free_at) = ask(app, &key, rate, now).await? else {
        return Ok(());
    };
    let seconds = (free_at - now).whole_seconds().max(0).unsigned_abs() + 1;
    metrics::counter!("mfa_rate_limited_total", "limit" => kind.to_owned()).increment(1);
    Err(Problem::new(Code::RateLimited)
        .detail(format!(
            "That was too often. Try again in {}.",
            crate::words::span(seconds)
        ))
        .retry_after(seconds)
        .into())
}

async fn ask(
    app: &App,
    key: &[u8],
    rate: Rate,
    now: OffsetDateTime,
) -> Result<Option<OffsetDateTime>> {
    let Cell { key, cost, burst } = cell(key, rate);
    let key = key.to_vec();
    app.limiter.ask((Cell { key, cost, burst }, now)).await
}

fn cell(key: &[u8], rate: Rate) -> Cell<&[u8]> {
    let burst = i64::try_from(rate.period.as_micros()).unwrap_or(i64::MAX);
    Cell {
        key,
        cost: (burst / i64::from(rate.count)).max(1),
        burst,
    }
}
