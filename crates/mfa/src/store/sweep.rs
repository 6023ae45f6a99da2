//! Deletes what time has made worthless.

use sqlx::PgPool;
use time::{Duration, OffsetDateTime};

use super::signing_keys;
use crate::keys;

/// Rows deleted by one sweep.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Unfinished accounts.
    pub accounts: u64,
    /// Everything else.
    pub others: u64,
}

/// Deletes unfinished accounts, pending factors, challenges, counters and sent mails whose time
/// is over. Some are kept for a while longer: their codes are answered with "expired".
pub async fn run(pool: &PgPool, now: OffsetDateTime) -> sqlx::Result<Swept> {
    let hour = now - Duration::hours(1);
    let accounts = sqlx::query!("delete from accounts where expires_at < $1", hour)
        .execute(pool)
        .await?
        .rows_affected();
    signing_keys::delete(pool, now - keys::PUBLISHED).await?;
    let mut others = 0;
    for done in [
        sqlx::query!("delete from factors where expires_at < $1", hour)
            .execute(pool)
            .await?,
        sqlx::query!("delete from challenges where expires_at < $1", hour)
            .execute(pool)
            .await?,
        sqlx::query!("delete from password_resets where expires_at < $1", hour)
            .execute(pool)
            .await?,
        sqlx::query!("delete from email_changes where expires_at < $1", hour)
            .execute(pool)
            .await?,
        sqlx::query!("delete from passkey_logins where expires_at < $1", hour)
            .execute(pool)
            .await?,
        sqlx::query!("delete from remembered_devices where expires_at < $1", now)
            .execute(pool)
            .await?,
        sqlx::query!("delete from limits where free_at < $1", now)
            .execute(pool)
            .await?,
        sqlx::query!("delete from stuffing where at < $1", hour)
            .execute(pool)
            .await?,
        sqlx::query!(
            "delete from known_browsers where last_at < $1",
            now - Duration::days(400)
        )
        .execute(pool)
        .await?,
        sqlx::query!("delete from idempotency where expires_at < $1", now)
            .execute(pool)
            .await?,
        sqlx::query!(
            "delete from outbox where finished_at < $1",
            now - Duration::days(7)
        )
        .execute(pool)
        .await?,
        // Names that may be nobody's go first: anybody can make such rows.
        sqlx::query!(
            "delete from failures where succeeded_at is null and updated_at <
             case when factor in ('password', 'address', 'reset') then $1 else $2::timestamptz end",
            now - Duration::days(2),
            now - Duration::days(30)
        )
        .execute(pool)
        .await?,
        sqlx::query!(
            "delete from failures where succeeded_at < $1",
            now - Duration::days(90)
        )
        .execute(pool)
        .await?,
    ] {
        others += done.rows_affected();
    }
    Ok(Swept { accounts, others })
}
