//! What happens every minute: sessions end, tokens and old messages go.

use std::{collections::HashMap, time::Duration};

use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    app::App,
    error::Masked,
    store::{
        accounts, attachments, audit, enrolments, invitations, key_packages, links, messages,
        sessions,
    },
};

const PERIOD: Duration = Duration::from_secs(60);
/// How long the trail of what matters for security is kept.
const AUDIT: time::Duration = time::Duration::days(365);
/// Rows removed at once: others get their turn in between.
const ROWS: i64 = 5_000;
/// Files removed between two looks at what is left.
const FILES: i64 = 100;

/// Sweeps until `stop`.
pub async fn run(app: App, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(PERIOD) => {}
        }
        if let Err(error) = sweep(&app).await {
            tracing::warn!(error = %Masked(&error), "the sweep did not finish");
        }
        if let Err(error) = remove_files(&app).await {
            tracing::warn!(%error, "files that are gone could not be removed from the store");
        }
    }
}

/// Sweeps once.
///
/// # Errors
/// When the database fails.
pub async fn sweep(app: &App) -> sqlx::Result<()> {
    end_sessions(app).await?;
    sessions::sweep(&app.pool).await?;
    enrolments::sweep(&app.pool).await?;
    invitations::sweep(&app.pool).await?;
    links::sweep(&app.pool).await?;
    key_packages::sweep(&app.pool).await?;
    let now = OffsetDateTime::now_utc();
    audit::sweep(&app.pool, now - AUDIT).await?;
    let before = now - app.config.retention;
    accounts::sweep(&app.pool, before).await?;
    let stored = now - app.config.attachments_retention;
    while attachments::sweep(&app.pool, stored, ROWS).await? >= ROWS as u64 {}
    while messages::sweep(&app.pool, before, ROWS).await? == ROWS as u64 {}
    Ok(())
}

/// Removes files from the store whose rows are gone.
async fn remove_files(app: &App) -> anyhow::Result<()> {
    loop {
        let gone = attachments::gone(&app.pool, FILES).await?;
        for file in &gone {
            app.files.remove(*file).await?;
        }
        attachments::forget(&app.pool, &gone).await?;
        if (gone.len() as i64) < FILES {
            return Ok(());
        }
    }
}

/// An open socket keeps its session in use; one whose session is over is closed.
///
/// # Errors
/// When the database fails.
pub async fn end_sessions(app: &App) -> sqlx::Result<()> {
    let mut owners: HashMap<Uuid, Uuid> = HashMap::new();
    for connection in app.hub.all() {
        if let Some(signed) = connection.signed() {
            owners.insert(signed.session, signed.user);
        }
    }
    let open: Vec<Uuid> = owners.keys().copied().collect();
    for ended in sessions::touch(&app.pool, &open).await? {
        if let Some(user) = owners.get(&ended) {
            app.hub.end_sessions(*user, &[ended]);
        }
    }
    Ok(())
}
