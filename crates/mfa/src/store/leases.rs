//! What one node does for all of them.

use sqlx::PgExecutor;
use time::OffsetDateTime;
use uuid::Uuid;

/// Takes a job or keeps it; false when another node holds it.
pub async fn take(
    db: impl PgExecutor<'_>,
    name: &str,
    holder: Uuid,
    now: OffsetDateTime,
    until: OffsetDateTime,
) -> sqlx::Result<bool> {
    sqlx::query!(
        "insert into leases as l (name, holder, held_until) values ($1, $2, $4)
         on conflict (name) do update set holder = $2, held_until = $4
         where l.holder = $2 or l.held_until <= $3",
        name,
        holder,
        now,
        until
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// Gives a job back.
pub async fn release(db: impl PgExecutor<'_>, name: &str, holder: Uuid) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from leases where name = $1 and holder = $2",
        name,
        holder
    )
    .execute(db)
    .await
    .map(drop)
}
