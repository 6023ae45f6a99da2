//! Recovery codes: hashed, used once.

use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use uuid::Uuid;

/// Replaces all codes of an account.
pub async fn replace(db: &mut PgConnection, account: Uuid, hashes: &[Vec<u8>]) -> sqlx::Result<()> {
    sqlx::query!("delete from recovery_codes where account_id = $1", account)
        .execute(&mut *db)
        .await?;
    sqlx::query!(
        "insert into recovery_codes (account_id, code_hash)
         select $1, code_hash from unnest($2::bytea[]) as t (code_hash)",
        account,
        hashes
    )
    .execute(db)
    .await
    .map(drop)
}

/// Uses a code up, once; false when it is unknown or was used before.
pub async fn redeem(
    db: &mut PgConnection,
    account: Uuid,
    hash: &[u8],
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    sqlx::query!(
        "update recovery_codes set used_at = $3
         where account_id = $1 and code_hash = $2 and used_at is null",
        account,
        hash,
        now
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// Whether this code was used before.
pub async fn is_used(db: impl PgExecutor<'_>, account: Uuid, hash: &[u8]) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from recovery_codes
               where account_id = $1 and code_hash = $2 and used_at is not null) as "used!""#,
        account,
        hash
    )
    .fetch_one(db)
    .await
}

/// Codes left.
pub async fn left(db: impl PgExecutor<'_>, account: Uuid) -> sqlx::Result<u32> {
    sqlx::query_scalar!(
        r#"select count(*) as "left!" from recovery_codes
           where account_id = $1 and used_at is null"#,
        account
    )
    .fetch_one(db)
    .await
    .map(|left| u32::try_from(left).unwrap_or(u32::MAX))
}

/// Whether the account ever got codes.
pub async fn any(db: impl PgExecutor<'_>, account: Uuid) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from recovery_codes where account_id = $1) as "any!""#,
        account
    )
    .fetch_one(db)
    .await
}
