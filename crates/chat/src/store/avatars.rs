//! Pictures of people.

use sqlx::{PgConnection, PgExecutor, Result, query, query_as};
use uuid::Uuid;

/// A stored picture.
#[derive(Clone, Debug)]
pub struct Avatar {
    /// Of its bytes.
    pub hash: String,
    /// `image/png` or `image/jpeg`.
    pub media_type: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Where a person's picture is found.
pub fn path(user: Uuid, hash: Option<String>) -> Option<String> {
    hash.map(|hash| format!("/api/users/{user}/avatar/{hash}"))
}

/// Sets or takes away a person's picture.
pub async fn set(db: &mut PgConnection, user: Uuid, avatar: Option<&Avatar>) -> Result<()> {
    match avatar {
        Some(avatar) => {
            query!(
                "insert into avatars (user_id, hash, media_type, bytes) values ($1, $2, $3, $4)
                 on conflict (user_id) do update set hash = excluded.hash,
                   media_type = excluded.media_type, bytes = excluded.bytes",
                user,
                avatar.hash,
                avatar.media_type,
                avatar.bytes
            )
            .execute(&mut *db)
            .await?;
        }
        None => {
            query!("delete from avatars where user_id = $1", user)
                .execute(&mut *db)
                .await?;
        }
    }
    query!(
        "update users set avatar = $2 where user_id = $1",
        user,
        avatar.map(|avatar| avatar.hash.as_str())
    )
    .execute(db)
    .await
    .map(|_| ())
}

/// A person's picture.
pub async fn find(db: impl PgExecutor<'_>, user: Uuid) -> Result<Option<Avatar>> {
    query_as!(
        Avatar,
        "select hash, media_type, bytes from avatars where user_id = $1",
        user
    )
    .fetch_optional(db)
    .await
}
