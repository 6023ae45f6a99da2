//! The proof that a change is the owner's own: a fresh assertion, or the password.

use http::HeaderMap;
use protocol::{Code, Secret};
use time::OffsetDateTime;

use super::factors::ensure_fresh;
use crate::{
    app::App,
    budget::{Budget, Guess},
    client::{Attempt, Client},
    error::{Error, Result},
    passwords::{self, Verdict},
    store::accounts::Account,
};

/// Goes on with the account's password when one is given, else with a fresh assertion. Wrong
/// passwords are counted as at a login and written down as `action`.
pub async fn password_or_assertion(
    app: &App,
    client: &Client,
    account: &Account,
    password: Option<&Secret>,
    headers: &HeaderMap,
    action: &'static str,
) -> Result<()> {
    let Some(password) = password else {
        return ensure_fresh(app, client, account, headers);
    };
    let now = app.now()?;
    let result = check(app, client, account, password, now).await;
    if let Err(Error::Problem(problem)) = &result {
        let what = Attempt {
            action,
            factor: Some("password"),
            account: Some(account.id),
        };
        client
            .audit(&app.pool, what, problem.code().as_str(), now)
            .await?;
    }
    result
}

async fn check(
    app: &App,
    client: &Client,
    account: &Account,
    password: &Secret,
    now: OffsetDateTime,
) -> Result<()> {
    // Who cannot be served now loses no guess.
    let place = app.hasher.place()?;
    let budget = Budget::of_account(app, client, account.id, Guess::Password);
    budget.charge(app, now).await?;
    let password = passwords::normalise(password.expose());
    let fits = password.chars().count() <= protocol::limits::PASSWORD_MAX;
    let hash = account.password_hash.clone().filter(|_| fits);
    match app.hasher.verify(place, password, hash).await? {
        Verdict::Right | Verdict::Outdated => {
            let mut db = app.pool.acquire().await?;
            budget.forgive(&mut db, now).await
        }
        Verdict::Wrong => Err(Code::InvalidCredentials.into()),
    }
}
