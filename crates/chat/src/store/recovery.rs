//! Sealed recovery bundles, one a person.

use protocol::rest::archive::Recovery;
use sqlx::{PgExecutor, Result, query, query_scalar};
use uuid::Uuid;

/// Stores a bundle when its version is the next one; else `false`.
pub async fn store(
    db: impl PgExecutor<'_>,
    user: Uuid,
    version: i64,
    bundle: &[u8],
) -> Result<bool> {
    let done = query!(
        "insert into recovery (user_id, version, bundle)
         select $1, $2::bigint, $3
         where $2::bigint = 1 or exists (select from recovery where user_id = $1)
         on conflict (user_id) do update
         set version = excluded.version, bundle = excluded.bundle, stored_at = now(), ended = false
         where recovery.version = excluded.version - 1",
        user,
        version,
        bundle
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// The person started over: what stands is for keys that are worth nothing any more.
pub async fn end(db: impl PgExecutor<'_>, user: Uuid) -> Result<()> {
    query!("update recovery set ended = true where user_id = $1", user)
        .execute(db)
        .await?;
    Ok(())
}

/// The version that stands, 0 for none.
pub async fn version(db: impl PgExecutor<'_>, user: Uuid) -> Result<i64> {
    let version = query_scalar!("select version from recovery where user_id = $1", user)
        .fetch_optional(db)
        .await?;
    Ok(version.unwrap_or(0))
}

/// The bundle that stands.
pub async fn find(db: impl PgExecutor<'_>, user: Uuid) -> Result<Option<Recovery>> {
    let row = query!(
        "select version, bundle, stored_at from recovery where user_id = $1",
        user
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Recovery {
        version: row.version.max(0) as u64,
        bundle: row.bundle.into(),
        stored_at: row.stored_at.into(),
    }))
}
