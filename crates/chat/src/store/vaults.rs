//! Sealed vaults, one a person.

use protocol::rest::archive::Vault;
use sqlx::{PgExecutor, Result, query, query_scalar};
use uuid::Uuid;

/// Stores a vault when its version is higher than the one that stands; else `false`. Not the next one
/// alone: a database that was set back has a lower version than devices know.
pub async fn store(db: impl PgExecutor<'_>, user: Uuid, version: i64, blob: &[u8]) -> Result<bool> {
    let done = query!(
        "insert into vaults (user_id, version, blob) values ($1, $2, $3)
         on conflict (user_id) do update
         set version = excluded.version, blob = excluded.blob, stored_at = now()
         where vaults.version < excluded.version",
        user,
        version,
        blob
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// The version that stands, 0 for none.
pub async fn version(db: impl PgExecutor<'_>, user: Uuid) -> Result<i64> {
    let version = query_scalar!("select version from vaults where user_id = $1", user)
        .fetch_optional(db)
        .await?;
    Ok(version.unwrap_or(0))
}

/// The vault that stands.
pub async fn find(db: impl PgExecutor<'_>, user: Uuid) -> Result<Option<Vault>> {
    let row = query!(
        "select version, blob, stored_at from vaults where user_id = $1",
        user
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Vault {
        version: row.version.max(0) as u64,
        blob: row.blob.into(),
        stored_at: row.stored_at.into(),
    }))
}
