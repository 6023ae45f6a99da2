//! Accounts that are gone here and not yet at the MFA service, which is asked until it has
//! confirmed: it may be down when somebody goes.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{app::App, caller::Caller, error::Masked, mfa::Failure, store::accounts};

/// Between two rounds; twice as long after each that the service did not answer.
const PERIOD: Duration = Duration::from_secs(5);
/// At the longest.
const SLOWEST: Duration = Duration::from_secs(20);
/// Accounts in one round.
const ACCOUNTS: i64 = 100;

/// Asks until `stop`.
pub async fn run(app: App, stop: CancellationToken) {
    let mut pause = PERIOD;
    let mut after = Uuid::nil();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        match round(&app, after).await {
            Ok(Round::Done { last }) => (pause, after) = (PERIOD, last),
            Ok(Round::Down) => pause = (pause * 2).min(SLOWEST),
            Err(error) => {
                tracing::warn!(error = %Masked(&error), "cannot see which accounts are gone");
            }
        }
    }
}

enum Round {
    /// The next round goes on behind this account.
    Done { last: Uuid },
    /// The service does not answer.
    Down,
}

async fn round(app: &App, after: Uuid) -> sqlx::Result<Round> {
    let due = accounts::to_erase(&app.pool, after, ACCOUNTS).await?;
    let caller = Caller::server();
    for user in &due {
        match app.mfa.delete((*user).into(), None, &caller).await {
            Ok(()) => {
                accounts::erased(&app.pool, *user).await?;
                app.audit
                    .note("account-erased", None, Some(*user), "ok", &caller);
                tracing::info!(%user, "the MFA service has removed an account that is gone");
            }
            Err(Failure::Down) => return Ok(Round::Down),
            Err(Failure::Refused(problem)) => {
                tracing::warn!(%user, code = problem.code.as_str(), "the MFA service does not remove an account that is gone; does this application have its scope admin?");
            }
        }
    }
    // From the start again behind the last page.
    let last = due.last().copied().filter(|_| due.len() as i64 == ACCOUNTS);
    Ok(Round::Done {
        last: last.unwrap_or_default(),
    })
}
