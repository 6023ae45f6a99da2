//! Rate limits by GCRA: one upsert, no clean-up needed for being right.

use sqlx::{PgExecutor, PgPool, postgres::types::PgInterval};
use time::OffsetDateTime;

/// A cell: `count` events in `period` microseconds, all at once at most.
#[derive(Clone, Copy, Debug)]
pub struct Cell<Key = Vec<u8>> {
    /// Who and what.
    pub key: Key,
    /// Microseconds that one event costs.
    pub cost: i64,
    /// Microseconds that may be spent ahead.
    pub burst: i64,
}

/// Takes one event; false when the cell is empty. For transactions that limit themselves:
/// requests go through [`take_all`].
pub async fn take(
    db: impl PgExecutor<'_>,
    cell: Cell<&[u8]>,
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

/// Takes one event from each cell, in one commit; in the order of the cells: `None` when it was
/// taken, else when the cell has room again.
pub async fn take_all(
    pool: &PgPool,
    cells: &[Cell],
    now: OffsetDateTime,
) -> sqlx::Result<Vec<Option<OffsetDateTime>>> {
    let keys: Vec<_> = cells.iter().map(|cell| cell.key.clone()).collect();
    let costs: Vec<_> = cells.iter().map(|cell| cell.cost).collect();
    let bursts: Vec<_> = cells.iter().map(|cell| cell.burst).collect();
    let mut rows = sqlx::query!(
        r#"select place as "place!", free_at from take_limits($1, $2, $3, $4)"#,
        now,
        &keys,
        &costs,
        &bursts
    )
    .fetch_all(pool)
    .await?;
    if rows.len() != cells.len() {
        return Err(sqlx::Error::Protocol(
            "take_limits lost an event".to_owned(),
        ));
    }
    rows.sort_unstable_by_key(|row| row.place);
    Ok(rows.into_iter().map(|row| row.free_at).collect())
}

const fn interval(microseconds: i64) -> PgInterval {
    PgInterval {
        months: 0,
        days: 0,
        microseconds,
    }
}

#[cfg(test)]
mod tests {
    use service::testing::TestDatabase;
    use time::Duration;

    use super::*;

    #[tokio::test]
    async fn rule_13_events_of_one_batch_share_a_cell_in_their_order() {
        let database = TestDatabase::new(&crate::MIGRATOR).await;
        let pool = &database.pool;
        let now = OffsetDateTime::UNIX_EPOCH + Duration::days(20_000);
        let second = 1_000_000;
        let cell = |key: &str, count: i64| Cell {
            key: key.as_bytes().to_vec(),
            cost: 60 * second / count,
            burst: 60 * second,
        };
        // Two a minute of "a", three of "b".
        let cells = ["a", "b", "a", "b", "a", "b", "b"]
            .map(|key| cell(key, if key == "a" { 2 } else { 3 }));
        let taken = take_all(pool, &cells, now).await.unwrap();
        let in_20 = Some(now + Duration::seconds(20));
        let in_30 = Some(now + Duration::seconds(30));
        assert_eq!(taken, [None, None, None, None, in_30, None, in_20]);
        // A refusal costs nothing, and room comes back when it was said to.
        let early = now + Duration::seconds(30) - Duration::microseconds(1);
        let one = [cell("a", 2)];
        assert_eq!(take_all(pool, &one, early).await.unwrap(), [in_30]);
        let at = now + Duration::seconds(30);
        assert_eq!(take_all(pool, &one, at).await.unwrap(), [None]);
        let in_60 = Some(now + Duration::seconds(60));
        assert_eq!(take_all(pool, &one, at).await.unwrap(), [in_60]);
        // One taken in a transaction of its own counts in the same cell.
        let Cell { key, cost, burst } = cell("c", 2);
        let own = Cell {
            key: &*key,
            cost,
            burst,
        };
        assert!(take(pool, own, now).await.unwrap());
        let taken = take_all(pool, &[cell("c", 2), cell("c", 2)], now).await;
        assert_eq!(taken.unwrap(), [None, in_30]);
    }
}
