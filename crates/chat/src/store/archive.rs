//! Histories that people keep for themselves, sealed.

use sqlx::{PgExecutor, Result, query};
use uuid::Uuid;

/// Drops what a person kept of all direct rooms with another.
pub async fn forget_direct(db: impl PgExecutor<'_>, user: Uuid, other: Uuid) -> Result<()> {
    let (a, b) = super::pair(user, other);
    query!(
        "delete from archive where user_id = $1 and room_id in (
           select room_id from rooms where direct_a = $2 and direct_b = $3 and kind = 'direct')",
        user,
        a,
        b
    )
    .execute(db)
    .await
    .map(|_| ())
}
