//! Leaving rooms, and their roles.

use sqlx::{PgConnection, PgExecutor, Result, query, query_as};
use uuid::Uuid;

/// Who stays in a room when somebody leaves it.
#[derive(Clone, Copy, Debug)]
pub struct Staying {
    /// Other people.
    pub people: i64,
    /// Admins among them.
    pub admins: i64,
}

/// Counts the others.
pub async fn staying(db: impl PgExecutor<'_>, room: Uuid, user: Uuid) -> Result<Staying> {
    query_as!(
        Staying,
        r#"select count(*) as "people!", count(*) filter (where x.admin) as "admins!"
           from room_users x
           where x.room_id = $1 and x.user_id <> $2 and exists (select from room_people m
             where m.room_id = x.room_id and m.user_id = x.user_id)"#,
        room,
        user
    )
    .fetch_one(db)
    .await
}

/// Refuses a person's devices in a room at once; the next commit has to remove them. Their open
/// welcomes go. What waited for them alone is left for [`super::marks::drop_behind`].
pub async fn leave(db: &mut PgConnection, room: Uuid, user: Uuid) -> Result<()> {
    query!(
        "delete from welcomes w using devices d
         where w.room_id = $1 and d.device_id = w.device_id and d.user_id = $2",
        room,
        user
    )
    .execute(&mut *db)
    .await?;
    query!(
        "with away as (update room_users set away = false
           where room_id = $1 and user_id = $2 and away)
         update members set removal_due = true
         where room_id = $1 and user_id = $2 and left_seq is null",
        room,
        user
    )
    .execute(db)
    .await
    .map(|_| ())
}

/// Removes a room with its log; what people keep of it stays theirs.
pub async fn remove_room(db: impl PgExecutor<'_>, room: Uuid) -> Result<()> {
    query!("delete from rooms where room_id = $1", room)
        .execute(db)
        .await
        .map(|_| ())
}

/// Notes who the admins of a room are.
pub async fn set_admins(db: impl PgExecutor<'_>, room: Uuid, admins: &[Uuid]) -> Result<()> {
    query!(
        "update room_users set admin = user_id = any($2)
         where room_id = $1 and admin <> (user_id = any($2))",
        room,
        admins
    )
    .execute(db)
    .await
    .map(|_| ())
}
