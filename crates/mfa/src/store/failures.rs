//! The failure budget: consecutive failures by subject and factor, per address and in all.

use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

/// Whose failures of what are counted, and from where.
#[derive(Clone, Copy)]
pub struct Key<'a> {
    /// An account, or an identifier that may name none.
    pub subject: &'a [u8],
    /// `password`, `totp`, …
    pub factor: &'a str,
    /// A digest of the client's address; empty for all addresses together.
    pub address: &'a [u8],
}

/// Counts a failure in advance unless the address is locked: from `free` on each one locks it for
/// 30 seconds, doubling up to an hour. False when it is locked.
pub async fn charge_address(
    db: &mut PgConnection,
    key: Key<'_>,
    free: i32,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    sqlx::query!(
        "insert into failures as f (subject, factor, address, failures, updated_at)
         values ($1, $2, $3, 1, $5)
         on conflict (subject, factor, address) do update set
             failures = f.failures + 1,
             updated_at = $5,
             locked_until = case when f.failures + 1 >= $4 then $5::timestamptz
                 + least(3600, 30 * power(2, least(f.failures + 1 - $4, 7))) * interval '1 second'
             end
         where f.locked_until is null or f.locked_until <= $5",
        key.subject,
        key.factor,
        key.address,
        free,
        now
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// Counts a failure in advance over all addresses, up to `most`; beyond it only once an hour when
/// `soft`, or never. False when nothing is left.
pub async fn charge_all(
    db: &mut PgConnection,
    key: Key<'_>,
    most: i32,
    soft: bool,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    sqlx::query!(
        "insert into failures as f (subject, factor, address, failures, updated_at)
         values ($1, $2, '', 1, $5)
         on conflict (subject, factor, address) do update set
             failures = f.failures + 1,
             updated_at = $5,
             locked_until = case when f.failures + 1 >= $3
                 then $5::timestamptz + interval '1 hour' end
         where f.failures < $3
             or $4 and (f.locked_until is null or f.locked_until <= $5)",
        key.subject,
        key.factor,
        most,
        soft,
        now
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// When the lock of an address or, with an empty one, of all ends.
pub async fn locked_until(
    db: impl PgExecutor<'_>,
    key: Key<'_>,
) -> sqlx::Result<Option<OffsetDateTime>> {
    sqlx::query_scalar!(
        "select locked_until from failures where subject = $1 and factor = $2 and address = $3",
        key.subject,
        key.factor,
        key.address
    )
    .fetch_optional(db)
    .await
    .map(Option::flatten)
}

/// Notes that the owner is told of a lock; false when they were told in this episode already.
pub async fn tell(
    db: impl PgExecutor<'_>,
    everywhere: Key<'_>,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    sqlx::query!(
        "update failures set told_at = $4
         where subject = $1 and factor = $2 and address = $3 and told_at is null",
        everywhere.subject,
        everywhere.factor,
        everywhere.address,
        now
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// Whether this address succeeded before.
pub async fn is_known(db: impl PgExecutor<'_>, key: Key<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from failures where subject = $1 and factor = $2
               and address = $3 and succeeded_at is not null) as "known!""#,
        key.subject,
        key.factor,
        key.address
    )
    .fetch_one(db)
    .await
}

/// A success: the count starts anew. With an address it becomes a known one.
pub async fn forgive(
    db: impl PgExecutor<'_>,
    key: Key<'_>,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update failures set failures = 0, locked_until = null, updated_at = $4,
             succeeded_at = case when address = '' then null else $4::timestamptz end
         where subject = $1 and factor = $2 and address = $3",
        key.subject,
        key.factor,
        key.address,
        now
    )
    .execute(db)
    .await
    .map(drop)
}

/// Takes a charge back: the attempt was no guess.
pub async fn refund(db: impl PgExecutor<'_>, key: Key<'_>) -> sqlx::Result<()> {
    sqlx::query!(
        "update failures set failures = greatest(failures - 1, 0), locked_until = null
         where subject = $1 and factor = $2 and address = $3",
        key.subject,
        key.factor,
        key.address
    )
    .execute(db)
    .await
    .map(drop)
}

/// Forgets the failures of a subject with one factor; addresses that succeeded stay known.
pub async fn forget(db: impl PgExecutor<'_>, subject: &[u8], factor: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "update failures set failures = 0, locked_until = null
         where subject = $1 and factor = $2",
        subject,
        factor
    )
    .execute(db)
    .await
    .map(drop)
}

/// Forgets every failure of a subject: it recovered by other means.
pub async fn clear(db: impl PgExecutor<'_>, subject: &[u8]) -> sqlx::Result<()> {
    sqlx::query!("delete from failures where subject = $1", subject)
        .execute(db)
        .await
        .map(drop)
}
