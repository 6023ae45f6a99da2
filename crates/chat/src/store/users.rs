//! People whose accounts are complete.

use protocol::rest::{
    account,
    archive::RecoveryStands,
    me::{Me, MeUpdate},
    people::Profile,
};
use sqlx::{PgExecutor, Result, query, query_as, query_scalar};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{StoredRole, avatars};

/// A person as they see themselves.
#[derive(Clone, Debug)]
pub struct User {
    /// The account.
    pub user_id: Uuid,
    /// The unique name.
    pub username: String,
    /// The display name.
    pub name: Option<String>,
    /// The confirmed address.
    pub email: String,
    /// When the row was made.
    pub created_at: OffsetDateTime,
    /// When the account was switched off.
    pub deactivated_at: Option<OffsetDateTime>,
}

impl From<User> for account::User {
    fn from(user: User) -> Self {
        Self {
            user_id: user.user_id.into(),
            username: user.username,
            name: user.name,
            email: user.email,
            created_at: user.created_at.into(),
        }
    }
}

/// The person with this id.
pub async fn find(db: impl PgExecutor<'_>, user: Uuid) -> Result<Option<User>> {
    query_as!(
        User,
        "select user_id, username, name, email, created_at, deactivated_at from users
         where user_id = $1",
        user
    )
    .fetch_optional(db)
    .await
}

/// A person's own profile with their settings.
pub async fn me(db: impl PgExecutor<'_>, user: Uuid) -> Result<Option<Me>> {
    let row = query!(
        r#"select u.user_id, username, name, email, created_at, role as "role: StoredRole",
             avatar, searchable, shows_last_seen, shows_read, archives,
             r.version as "recovery?", r.stored_at as "stored_at?"
           from users u left join recovery r on r.user_id = u.user_id and not r.ended
           where u.user_id = $1"#,
        user
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Me {
        user: account::User {
            user_id: row.user_id.into(),
            username: row.username,
            name: row.name,
            email: row.email,
            created_at: row.created_at.into(),
        },
        avatar: avatars::path(row.user_id, row.avatar),
        role: row.role.into(),
        searchable: row.searchable,
        shows_last_seen: row.shows_last_seen,
        shows_read: row.shows_read,
        archives: row.archives,
        recovery: row
            .recovery
            .zip(row.stored_at)
            .map(|(version, stored_at)| RecoveryStands {
                version: version.max(0) as u64,
                stored_at: stored_at.into(),
            }),
    }))
}

/// Changes a person's profile and settings; what is `None` stays.
pub async fn change(db: impl PgExecutor<'_>, user: Uuid, update: &MeUpdate) -> Result<()> {
    query!(
        "update users set
           name = case when $2 then $3 else name end,
           searchable = coalesce($4, searchable),
           shows_last_seen = coalesce($5, shows_last_seen),
           shows_read = coalesce($6, shows_read),
           archives = coalesce($7, archives)
         where user_id = $1",
        user,
        update.name.is_some(),
        update.name.as_ref().and_then(Option::as_ref),
        update.searchable,
        update.shows_last_seen,
        update.shows_read,
        update.archives
    )
    .execute(db)
    .await
    .map(|_| ())
}

/// Notes a person's new address.
pub async fn set_email(db: impl PgExecutor<'_>, user: Uuid, email: &str) -> Result<()> {
    query!(
        "update users set email = $2 where user_id = $1",
        user,
        email
    )
    .execute(db)
    .await
    .map(|_| ())
}

/// What the MFA service knows of a complete account.
pub struct NewUser<'a> {
    /// The account.
    pub user_id: Uuid,
    /// The unique name.
    pub username: &'a str,
    /// The name with look-alikes folded.
    pub look: &'a str,
    /// The display name.
    pub name: Option<&'a str>,
    /// The confirmed address.
    pub email: &'a str,
}

/// Adds a person whose account has become complete; a repeat changes nothing.
pub async fn add(db: impl PgExecutor<'_>, new: NewUser<'_>) -> Result<()> {
    query!(
        "insert into users (user_id, username, look, name, email) values ($1, $2, $3, $4, $5)
         on conflict (user_id) do nothing",
        new.user_id,
        new.username,
        new.look,
        new.name,
        new.email
    )
    .execute(db)
    .await
    .map(|_| ())
}

/// Whether somebody's username is this one or too much like it.
pub async fn look_taken(db: impl PgExecutor<'_>, look: &str) -> Result<bool> {
    query_scalar!(
        r#"select exists (select from users where look = $1)
             or exists (select from reserved_names where look = $1) as "taken!""#,
        look
    )
    .fetch_one(db)
    .await
}

/// A person as others see them.
pub async fn profile(db: impl PgExecutor<'_>, user: Uuid) -> Result<Option<Profile>> {
    let row = query!(
        "select user_id, username, name, avatar from users
         where user_id = $1 and deactivated_at is null",
        user
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Profile {
        user_id: row.user_id.into(),
        username: row.username,
        name: row.name,
        avatar: avatars::path(row.user_id, row.avatar),
    }))
}

/// Whether `viewer` may see `user`: oneself, a contact, somebody with an open request either way,
/// a room-mate, or whoever a search may find. Who has blocked the viewer is not found: only where
/// they share a room they go on seeing each other.
pub async fn is_visible(db: impl PgExecutor<'_>, viewer: Uuid, user: Uuid) -> Result<bool> {
    query_scalar!(
        r#"select exists (
             select from users u where u.user_id = $2 and u.deactivated_at is null and (
               u.user_id = $1
               or (u.searchable and not exists (select from blocks b
                     where b.blocker = $2 and b.blocked = $1))
               or exists (select from blocks b where b.blocker = $1 and b.blocked = $2)
               or exists (select from contacts c
                          where (c.user_a, c.user_b) = (least($1, $2), greatest($1, $2)))
               or exists (select from friend_requests f
                          where (f.from_user, f.to_user) in (($1, $2), ($2, $1)))
               or exists (select from room_people m join room_people n using (room_id)
                            join rooms r using (room_id)
                          where m.user_id = $1 and n.user_id = $2 and r.closed_at is null))
           ) as "visible!""#,
        viewer,
        user
    )
    .fetch_one(db)
    .await
}

/// A person's account key and signed device list.
#[derive(Clone, Debug)]
pub struct Keys {
    /// 32 bytes.
    pub account_key: Vec<u8>,
    /// As signed.
    pub device_list: Vec<u8>,
    /// The version in it.
    pub version: i64,
}

/// A person's keys, once their first device is set up. Locks the row until the transaction ends.
pub async fn lock_keys(db: impl PgExecutor<'_>, user: Uuid) -> Result<Option<Keys>> {
    let row = query!(
        "select account_key, device_list, device_list_version from users
         where user_id = $1 for no key update",
        user
    )
    .fetch_optional(db)
    .await?;
    Ok(row.and_then(|row| {
        Some(Keys {
            account_key: row.account_key?,
            device_list: row.device_list?,
            version: row.device_list_version?,
        })
    }))
}

/// Until the transaction ends nobody else changes what is counted for a person. The statements that
/// follow see what those before had done.
pub async fn lock(db: impl PgExecutor<'_>, user: Uuid) -> Result<()> {
    query!(
        "select from users where user_id = $1 for no key update",
        user
    )
    .execute(db)
    .await
    .map(|_| ())
}

/// As [`lock_keys`], only to read.
pub async fn keys(db: impl PgExecutor<'_>, user: Uuid) -> Result<Option<Keys>> {
    let row = query!(
        "select account_key, device_list, device_list_version from users where user_id = $1",
        user
    )
    .fetch_optional(db)
    .await?;
    Ok(row.and_then(|row| {
        Some(Keys {
            account_key: row.account_key?,
            device_list: row.device_list?,
            version: row.device_list_version?,
        })
    }))
}

/// Stores a person's keys.
pub async fn set_keys(db: impl PgExecutor<'_>, user: Uuid, keys: &Keys) -> Result<()> {
    query!(
        "update users set account_key = $2, device_list = $3, device_list_version = $4
         where user_id = $1",
        user,
        keys.account_key,
        keys.device_list,
        keys.version
    )
    .execute(db)
    .await
    .map(|_| ())
}
