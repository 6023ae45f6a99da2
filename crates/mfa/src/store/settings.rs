//! Single values.

use sqlx::PgExecutor;

/// A value.
pub async fn load(db: impl PgExecutor<'_>, key: &str) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar!("select value from settings where key = $1", key)
        .fetch_optional(db)
        .await
}

/// Sets a value.
pub async fn store(db: impl PgExecutor<'_>, key: &str, value: &[u8]) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into settings (key, value) values ($1, $2)
         on conflict (key) do update set value = $2",
        key,
        value
    )
    .execute(db)
    .await
    .map(drop)
}
