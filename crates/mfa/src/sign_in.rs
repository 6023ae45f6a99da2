//! What a sign-in or a lock tells the owner of an account.

use time::OffsetDateTime;

use crate::{
    app::App,
    budget::Budget,
    client::{Attempt, Client},
    enrolment,
    error::Result,
    limits,
    notify::{Notice, SecurityNotice},
    store::{accounts::Account, failures, known_browsers, outbox},
};

/// A browser as it is remembered: what the application says of it, as an HMAC.
pub fn browser(app: &App, account: &Account, agent: &str) -> [u8; 32] {
    let parts = [account.id.as_bytes().as_slice(), agent.as_bytes()];
    app.vault.mac("browser", &parts)
}

/// Somebody signed in from a browser: remembers it, and tells the owner when it is a new one. The
/// first that is ever seen is no news.
pub async fn from_browser(
    app: &App,
    client: &Client,
    account: &Account,
    browser: &[u8],
    now: OffsetDateTime,
) -> Result<()> {
    let mut transaction = app.pool.begin().await?;
    let db = &mut *transaction;
    if known_browsers::meet(db, account.id, browser, now).await? {
        let notice = Notice::Security(SecurityNotice::NewBrowser {
            at: now.unix_timestamp(),
            address: client.address.map(|address| address.to_string()),
        });
        enrolment::mail(db, app, client, account, notice, now).await?;
        let what = Attempt {
            action: "new_browser",
            factor: None,
            account: Some(account.id),
        };
        client.audit(db, what, "ok", now).await?;
    }
    transaction.commit().await?;
    app.wake.notify_one();
    Ok(())
}

/// An attempt met a lock: tells the owner, once until somebody gets in. A name that is nobody's
/// costs the same.
pub async fn locked_out(
    app: &App,
    client: &Client,
    budget: &Budget,
    account: Option<&Account>,
    now: OffsetDateTime,
) -> Result<()> {
    let mut transaction = app.pool.begin().await?;
    let db = &mut *transaction;
    if !failures::tell(&mut *db, budget.everywhere(), now).await? {
        return Ok(());
    }
    let told = match account {
        Some(account) if account.email_verified_at.is_some() => {
            limits::owner_notices(db, app, account.id)
                .await?
                .then_some(account)
        }
        _ => None,
    };
    match told {
        Some(account) => {
            let notice = Notice::Security(SecurityNotice::Locked {
                address: client.address.map(|address| address.to_string()),
            });
            enrolment::mail(db, app, client, account, notice, now).await?;
        }
        None => outbox::insert_for_nobody(db, client.app.id, now).await?,
    }
    let what = Attempt {
        action: "lock",
        factor: Some(budget.factor()),
        account: account.map(|account| account.id),
    };
    client.audit(db, what, "ok", now).await?;
    transaction.commit().await?;
    app.wake.notify_one();
    Ok(())
}
