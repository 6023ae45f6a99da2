//! Who has blocked whom.

use protocol::{limits, rest::people::BlockedPerson};
use sqlx::{PgExecutor, Result, query, query_scalar};
use uuid::Uuid;

use super::avatars;

/// Blocks a person; a repeat changes nothing. `false` when there are too many already.
pub async fn add(db: impl PgExecutor<'_>, blocker: Uuid, blocked: Uuid) -> Result<bool> {
    let done = query!(
        "insert into blocks (blocker, blocked)
         select $1, $2 where (select count(*) from blocks where blocker = $1 and blocked <> $2) < $3
         on conflict (blocker, blocked) do update set blocked = excluded.blocked",
        blocker,
        blocked,
        limits::BLOCKED as i64
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Takes a block away; tells whether there was one.
pub async fn remove(db: impl PgExecutor<'_>, blocker: Uuid, blocked: Uuid) -> Result<bool> {
    let done = query!(
        "delete from blocks where blocker = $1 and blocked = $2",
        blocker,
        blocked
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Whether one has blocked the other.
pub async fn stands(db: impl PgExecutor<'_>, blocker: Uuid, blocked: Uuid) -> Result<bool> {
    query_scalar!(
        r#"select exists (
             select from blocks where blocker = $1 and blocked = $2) as "stands!""#,
        blocker,
        blocked
    )
    .fetch_one(db)
    .await
}

/// Whom a person has blocked, the latest first.
pub async fn list(db: impl PgExecutor<'_>, blocker: Uuid) -> Result<Vec<BlockedPerson>> {
    let rows = query!(
        "select u.user_id, u.username, u.name, u.avatar, b.blocked_at
         from blocks b join users u on u.user_id = b.blocked
         where b.blocker = $1 order by b.blocked_at desc, u.username",
        blocker
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| BlockedPerson {
            user_id: row.user_id.into(),
            username: row.username,
            name: row.name,
            avatar: avatars::path(row.user_id, row.avatar),
            blocked_at: row.blocked_at.into(),
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use service::testing::TestDatabase;

    use super::*;
    use crate::MIGRATOR;

    #[tokio::test]
    async fn one_can_block_a_thousand_people() {
        let database = TestDatabase::new(&MIGRATOR).await;
        let pool = &database.pool;
        let ids: Vec<Uuid> = query_scalar(
            "insert into users (user_id, username, look, email)
             select gen_random_uuid(), 'user' || n, 'user' || n, 'x' from generate_series(1, 1002) n
             returning user_id",
        )
        .fetch_all(pool)
        .await
        .unwrap();
        let (me, last) = (ids[0], ids[1001]);
        query("insert into blocks (blocker, blocked) select $1, unnest($2::uuid[])")
            .bind(me)
            .bind(&ids[1..1000])
            .execute(pool)
            .await
            .unwrap();
        assert!(add(pool, me, ids[1000]).await.unwrap(), "the thousandth");
        assert!(add(pool, me, ids[1000]).await.unwrap(), "a repeat");
        assert!(!add(pool, me, last).await.unwrap());
        assert!(remove(pool, me, ids[1]).await.unwrap());
        assert!(add(pool, me, last).await.unwrap());
        assert!(stands(pool, me, last).await.unwrap());
        assert!(!stands(pool, last, me).await.unwrap());
    }
}
