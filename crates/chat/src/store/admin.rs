//! Accounts as moderators and admins see them.

use protocol::rest::{
    admin::{Account, Summary},
    me::Role,
};
use sqlx::{PgExecutor, Result, query, query_as, query_scalar};
use time::OffsetDateTime;
use uuid::Uuid;

use super::StoredRole;

struct Row {
    user_id: Uuid,
    username: String,
    name: Option<String>,
    email: String,
    role: StoredRole,
    created_at: OffsetDateTime,
    last_seen: Option<OffsetDateTime>,
    deactivated_at: Option<OffsetDateTime>,
    devices: i64,
    sessions: i64,
}

impl From<Row> for Account {
    fn from(row: Row) -> Self {
        Self {
            user_id: row.user_id.into(),
            username: row.username,
            name: row.name,
            email: row.email,
            role: row.role.into(),
            created_at: row.created_at.into(),
            last_seen: row.last_seen.map(Into::into),
            deactivated_at: row.deactivated_at.map(Into::into),
            devices: u32::try_from(row.devices).unwrap_or(u32::MAX),
            sessions: u32::try_from(row.sessions).unwrap_or(u32::MAX),
        }
    }
}

/// Accounts by username behind `after`, those whose username begins with `beginning`.
pub async fn list(
    db: impl PgExecutor<'_>,
    beginning: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<Account>> {
    let rows = query_as!(
        Row,
        r#"select u.user_id, u.username, u.name, u.email, u.role as "role: StoredRole",
             u.created_at, u.last_seen, u.deactivated_at,
             (select count(*) from devices d
               where d.user_id = u.user_id and d.revoked_at is null) as "devices!",
             (select count(*) from sessions s where s.user_id = u.user_id
               and s.ended_at is null and s.expires_at > now()) as "sessions!"
           from users u
           where u.deleted_at is null and u.username collate "C" >= $1
             and u.username collate "C" < $1 || chr(1114111) and u.username collate "C" > $2
           order by u.username collate "C" limit $3"#,
        beginning,
        after,
        limit
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// One account, unless it is gone for good.
pub async fn find(db: impl PgExecutor<'_>, user: Uuid) -> Result<Option<Account>> {
    let row = query_as!(
        Row,
        r#"select u.user_id, u.username, u.name, u.email, u.role as "role: StoredRole",
             u.created_at, u.last_seen, u.deactivated_at,
             (select count(*) from devices d
               where d.user_id = u.user_id and d.revoked_at is null) as "devices!",
             (select count(*) from sessions s where s.user_id = u.user_id
               and s.ended_at is null and s.expires_at > now()) as "sessions!"
           from users u where u.user_id = $1 and u.deleted_at is null"#,
        user
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(Into::into))
}

/// The account with this username.
pub async fn named(db: impl PgExecutor<'_>, username: &str) -> Result<Option<Uuid>> {
    query_scalar!(
        "select user_id from users where username = $1 and deleted_at is null",
        username
    )
    .fetch_optional(db)
    .await
}

/// What somebody may do on this server; `None` for somebody unknown.
pub async fn role(db: impl PgExecutor<'_>, user: Uuid) -> Result<Option<Role>> {
    let role = query_scalar!(
        r#"select role as "role: StoredRole" from users
           where user_id = $1 and deactivated_at is null"#,
        user
    )
    .fetch_optional(db)
    .await?;
    Ok(role.map(Into::into))
}

/// Changes what somebody may do. The last admin stays one: `false`.
pub async fn set_role(db: impl PgExecutor<'_>, user: Uuid, role: Role) -> Result<bool> {
    let done = query!(
        "update users set role = $2::role
         where user_id = $1 and ($2::role = 'admin' or role <> 'admin' or exists (select from users o
           where o.role = 'admin' and o.user_id <> $1 and o.deactivated_at is null))",
        user,
        StoredRole::from(role) as StoredRole
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// How much there is of everything.
pub async fn summary(db: impl PgExecutor<'_>, connections: u64) -> Result<Summary> {
    let row = query!(
        r#"select
             (select count(*) from users where deactivated_at is null) as "users!",
             (select count(*) from users where deactivated_at is null
               and created_at > now() - interval '7 days') as "new_users!",
             (select count(*) from devices where revoked_at is null) as "devices!",
             (select count(*) from rooms where closed_at is null) as "rooms!",
             (select count(*) from messages where body is not null) as "waiting!""#
    )
    .fetch_one(db)
    .await?;
    let number = |count: i64| count.max(0) as u64;
    Ok(Summary {
        users: number(row.users),
        new_users: number(row.new_users),
        devices: number(row.devices),
        rooms: number(row.rooms),
        waiting: number(row.waiting),
        connections,
    })
}
