//! Factors that an operator takes off an account, after a day in which its owner can object.

use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use uuid::Uuid;

/// A new reset.
pub struct New<'a> {
    /// The reset.
    pub id: Uuid,
    /// Whose factors.
    pub account: Uuid,
    /// The SHA-256 of what cancels it.
    pub cancel_hash: &'a [u8],
    /// Now.
    pub now: OffsetDateTime,
    /// When the factors go.
    pub due_at: OffsetDateTime,
}

/// One reset, with what is needed to tell its owner.
pub struct Reset {
    /// The reset.
    pub id: Uuid,
    /// Whose factors.
    pub account_id: Uuid,
    /// The account's application.
    pub app_id: Uuid,
    /// What people call that.
    pub app_name: String,
    /// The SHA-256 of what cancels it.
    pub cancel_hash: Vec<u8>,
    /// When the factors go.
    pub due_at: OffsetDateTime,
    /// When it was called off.
    pub cancelled_at: Option<OffsetDateTime>,
    /// When the factors went.
    pub completed_at: Option<OffsetDateTime>,
}

macro_rules! select_reset {
    ($rest:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            Reset,
            "select r.id, r.account_id, a.app_id, p.name as app_name, r.cancel_hash, r.due_at,
                 r.cancelled_at, r.completed_at
             from factor_resets r
             join accounts a on a.id = r.account_id join apps p on p.id = a.app_id " + $rest,
            $($argument),*
        )
    };
}

/// Announces a reset; false when one is announced already.
pub async fn insert(db: &mut PgConnection, new: &New<'_>) -> sqlx::Result<bool> {
    sqlx::query!(
        "insert into factor_resets (id, account_id, cancel_hash, requested_at, due_at)
         values ($1, $2, $3, $4, $5)
         on conflict (account_id) where cancelled_at is null and completed_at is null do nothing",
        new.id,
        new.account,
        new.cancel_hash,
        new.now,
        new.due_at
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// The reset that is announced for an account.
pub async fn announced(db: impl PgExecutor<'_>, account: Uuid) -> sqlx::Result<Option<Reset>> {
    select_reset!(
        "where r.account_id = $1 and r.cancelled_at is null and r.completed_at is null",
        account
    )
    .fetch_optional(db)
    .await
}

/// One reset, locked until the transaction ends.
pub async fn lock(db: &mut PgConnection, id: Uuid) -> sqlx::Result<Option<Reset>> {
    select_reset!("where r.id = $1 for update of r", id)
        .fetch_optional(db)
        .await
}

/// A reset whose time has come and that no other node works on.
pub async fn due(db: &mut PgConnection, now: OffsetDateTime) -> sqlx::Result<Option<Reset>> {
    select_reset!(
        "where r.cancelled_at is null and r.completed_at is null and r.due_at <= $1
         order by r.due_at limit 1 for update of r skip locked",
        now
    )
    .fetch_optional(db)
    .await
}

/// Calls a reset off.
pub async fn cancel(db: &mut PgConnection, id: Uuid, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "update factor_resets set cancelled_at = $2 where id = $1",
        id,
        now
    )
    .execute(db)
    .await
    .map(drop)
}

/// Notes that the factors are gone.
pub async fn complete(db: &mut PgConnection, id: Uuid, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "update factor_resets set completed_at = $2 where id = $1",
        id,
        now
    )
    .execute(db)
    .await
    .map(drop)
}
