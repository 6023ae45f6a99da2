//! Keys that sign assertions and access tokens.

use sqlx::PgExecutor;
use time::OffsetDateTime;

/// One key pair; its private half is sealed.
pub struct Stored {
    /// Its name.
    pub kid: String,
    /// 32 bytes.
    pub public_key: Vec<u8>,
    /// Sealed.
    pub private_key: Vec<u8>,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// From when on it signs.
    pub signs_at: OffsetDateTime,
    /// When it stops signing: when the next one begins.
    pub retired_at: Option<OffsetDateTime>,
}

/// The newest key first, then those that stopped after `since`.
pub async fn list(db: impl PgExecutor<'_>, since: OffsetDateTime) -> sqlx::Result<Vec<Stored>> {
    sqlx::query_as!(
        Stored,
        "select kid, public_key, private_key, created_at, signs_at, retired_at from signing_keys
         where retired_at is null or retired_at > $1
         order by signs_at desc, created_at desc",
        since
    )
    .fetch_all(db)
    .await
}

/// Adds a key.
pub async fn insert(db: impl PgExecutor<'_>, key: &Stored) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into signing_keys (kid, public_key, private_key, created_at, signs_at)
         values ($1, $2, $3, $4, $5)",
        key.kid,
        key.public_key,
        key.private_key,
        key.created_at,
        key.signs_at
    )
    .execute(db)
    .await
    .map(drop)
}

/// Says when the key in use stops.
pub async fn retire(db: impl PgExecutor<'_>, at: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "update signing_keys set retired_at = $1 where retired_at is null",
        at
    )
    .execute(db)
    .await
    .map(drop)
}

/// Removes keys that stopped before `since`.
pub async fn delete(db: impl PgExecutor<'_>, since: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!("delete from signing_keys where retired_at <= $1", since)
        .execute(db)
        .await
        .map(drop)
}

/// Removes all keys: what they signed counts no more.
pub async fn delete_all(db: impl PgExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query!("delete from signing_keys")
        .execute(db)
        .await
        .map(drop)
}
