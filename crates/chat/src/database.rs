//! Connections to the database, and which of them are taken to live.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use secrecy::ExposeSecret;
use sqlx::{
    Connection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::{MIGRATOR, config::Config};

/// A connection that has rested for longer is asked whether it lives before it is used.
const REST: Duration = Duration::from_secs(1);

/// When the database was lost last, as the connection tells that brings notices: it is always
/// open, so it ends with the database. A connection that rested only shortly, and not across that
/// moment, is used without a question: with many short queries, the question is half of the work.
#[derive(Clone, Debug, Default)]
pub struct Trust(Arc<Mutex<Option<Instant>>>);

impl Trust {
    /// The database was lost.
    pub fn lost(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Whether a connection that rested so long has to be asked.
    fn doubts(&self, rested: Duration) -> bool {
        let lost = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        rested > REST || lost.is_some_and(|lost| lost.elapsed() <= rested)
    }
}

/// Connects, checks that what is committed is on disk, and migrates.
///
/// # Errors
/// When the database is not there, loses commits, or cannot be migrated.
pub async fn connect(config: &Config, trust: &Trust) -> anyhow::Result<PgPool> {
    let url = config.database()?;
    let options: PgConnectOptions = url
        .expose_secret()
        .parse()
        .map_err(|_| anyhow::anyhow!("DATABASE_URL is no PostgreSQL URL"))?;
    let options = options.application_name("snug-chat").options([
        ("statement_timeout", "15s"),
        ("lock_timeout", "10s"),
        ("idle_in_transaction_session_timeout", "30s"),
    ]);
    let trust = trust.clone();
    let pool = PgPoolOptions::new()
        .max_connections(config.database_connections)
        .acquire_timeout(Duration::from_secs(3))
        .test_before_acquire(false)
        .before_acquire(move |connection, rest| {
            let doubts = trust.doubts(rest.idle_for);
            Box::pin(async move {
                if doubts {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_with(options)
        .await
        .context("DATABASE_URL: cannot connect to the database")?;
    let durable: String = sqlx::query_scalar("show synchronous_commit")
        .fetch_one(&pool)
        .await?;
    ensure!(
        ["on", "remote_apply", "remote_write"].contains(&durable.as_str()),
        "synchronous_commit is {durable}: messages would be acknowledged before they are on disk"
    );
    let fsync: String = sqlx::query_scalar("show fsync").fetch_one(&pool).await?;
    if fsync != "on" {
        tracing::warn!("fsync is off: a crash of the database can lose acknowledged messages");
    }
    MIGRATOR
        .run(&pool)
        .await
        .context("cannot migrate the chat database")?;
    Ok(pool)
}

/// A pool of one connection that is held for as long as the server runs.
pub fn alone_for_ever(pool: &PgPool) -> PgPool {
    let options = (*pool.connect_options()).clone();
    PgPoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(Duration::from_secs(3))
        .connect_lazy_with(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_rested_long_or_while_the_database_was_lost_is_asked() {
        let trust = Trust::default();
        assert!(!trust.doubts(REST));
        assert!(trust.doubts(REST + Duration::from_millis(1)));
        trust.lost();
        assert!(!trust.doubts(Duration::ZERO), "used since");
        assert!(trust.doubts(REST), "rested before");
    }
}
