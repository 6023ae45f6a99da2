//! What happens to everything around an account when it is switched off or goes for good.

use protocol::{Secret, socket::ContactChange};
use uuid::Uuid;

use crate::{
    app::App,
    caller::Caller,
    error::Result,
    store::{accounts, contacts, rooms, sessions},
};

/// Switches an account off: its sessions end and their sockets close, it leaves its groups, its
/// direct rooms close, its contacts do not see it any more. `false` when it was off already.
///
/// # Errors
/// When the database fails.
pub async fn switch_off(app: &App, user: Uuid) -> Result<bool> {
    let seen_by = contacts::seen_by(&app.pool, &[user], None).await?;
    let mut db = app.pool.begin().await?;
    let done = accounts::deactivate(&mut *db, user).await?;
    let ended = sessions::remove_all(&mut *db, user).await?;
    rooms::close_direct_of(&mut db, user).await?;
    db.commit().await?;
    for room in accounts::groups_of(&app.pool, user).await? {
        app.log.expel(room, user).await?;
    }
    app.hub.end_sessions(user, &ended);
    if done {
        for (owner, contact) in seen_by {
            app.presence
                .emit(owner, contact, ContactChange::Removed)
                .await;
        }
    }
    Ok(done)
}

/// Removes an account for good, here and at the MFA service. What the service does not take now it
/// is asked again later.
///
/// # Errors
/// When the database fails.
pub async fn erase(
    app: &App,
    user: Uuid,
    assertion: Option<&Secret>,
    caller: &Caller,
) -> Result<()> {
    switch_off(app, user).await?;
    let mut db = app.pool.begin().await?;
    accounts::erase(&mut db, user).await?;
    db.commit().await?;
    match app.mfa.delete(user.into(), assertion, caller).await {
        Ok(()) => accounts::erased(&app.pool, user).await?,
        Err(failure) => {
            tracing::warn!(%user, ?failure, "the MFA service has not removed an account yet; it is asked again");
        }
    }
    metrics::counter!("chat_accounts_deleted_total").increment(1);
    Ok(())
}
