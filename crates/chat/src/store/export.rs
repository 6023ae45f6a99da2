//! What an export tells by numbers.

use sqlx::{PgExecutor, Result, query, query_scalar};
use uuid::Uuid;

/// What a person keeps in the archive: room, entries, bytes.
pub async fn archive(db: impl PgExecutor<'_>, user: Uuid) -> Result<Vec<(Uuid, i64, i64)>> {
    let rows = query!(
        r#"select room_id, count(*) as "entries!", sum(octet_length(blob)) as "bytes!"
           from archive where user_id = $1 group by room_id order by room_id"#,
        user
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.room_id, row.entries, row.bytes))
        .collect())
}

/// How many messages of a person still wait for somebody.
pub async fn waiting(db: impl PgExecutor<'_>, user: Uuid) -> Result<i64> {
    query_scalar!(
        r#"select count(*) as "waiting!" from room_users x join messages m using (room_id)
           where x.user_id = $1 and m.sender_user = $1 and m.body is not null"#,
        user
    )
    .fetch_one(db)
    .await
}
