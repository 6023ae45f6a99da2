//! Rate limits by GCRA: one upsert, no clean-up needed for being right.

use sqlx::{PgExecutor, postgres::types::PgInterval};
use time::OffsetDateTime;

/// A cell: `count` events in `period` microseconds, all at once at most.
#[derive(Clone, Copy)]
pub struct Cell<'a> {
    /// Who and what.
    pub key: &'a [u8],
    /// Microseconds that one event costs.
    pub cost: i64,
    /// Microseconds that may be spent ahead.
    pub burst: i64,
}

/// Takes one event; false when the cell is empty.
pub async fn take(
    db: impl PgExecutor<'_>,
    cell: Cell<'_>,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    sqlx::query!(
        "insert into limits as l (key, free_at) values ($1, $4::timestamptz + $2::interval)
         on conflict (key) do update set free_at = greatest(l.free_at, $4) + $2
         where greatest(l.free_at, $4) + $2 <= $4 + $3::interval",
        cell.key,
        interval(cell.cost),
        interval(cell.burst),
        now
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// When the cell has room for one event again.
pub async fn free_at(db: impl PgExecutor<'_>, cell: Cell<'_>) -> sqlx::Result<OffsetDateTime> {
    sqlx::query_scalar!(
        r#"select free_at + $2::interval - $3::interval as "free!" from limits where key = $1"#,
        cell.key,
        interval(cell.cost),
        interval(cell.burst)
    )
    .fetch_one(db)
    .await
}

const fn interval(microseconds: i64) -> PgInterval {
    PgInterval {
        months: 0,
        days: 0,
        microseconds,
    }
}
