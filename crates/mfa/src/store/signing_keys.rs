//! Keys that sign assertions and access tokens.

use sqlx::PgExecutor;
use time::OffsetDateTime;

/// One key pair; its private half is sealed.
pub struct SigningKey {
    /// Its name.
    pub kid: String,
    /// 32 bytes.
    pub public_key: Vec<u8>,
    /// Sealed.
    pub private_key: Vec<u8>,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// When it stopped signing.
    pub retired_at: Option<OffsetDateTime>,
}

/// The key in use first, then those retired after `since`, newest first.
pub async fn list(db: impl PgExecutor<'_>, since: OffsetDateTime) -> sqlx::Result<Vec<SigningKey>> {
    sqlx::query_as!(
        SigningKey,
        "select kid, public_key, private_key, created_at, retired_at from signing_keys
         where retired_at is null or retired_at > $1
         order by retired_at is not null, created_at desc",
        since
    )
    .fetch_all(db)
    .await
}

/// Adds a key.
pub async fn insert(db: impl PgExecutor<'_>, key: &SigningKey) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into signing_keys (kid, public_key, private_key, created_at)
         values ($1, $2, $3, $4)",
        key.kid,
        key.public_key,
        key.private_key,
        key.created_at
    )
    .execute(db)
    .await
    .map(drop)
}
