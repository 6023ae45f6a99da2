//! Accounts that are switched off, on again, or go for good.

use sqlx::{PgConnection, PgExecutor, Result, query, query_scalar};
use time::OffsetDateTime;
use uuid::Uuid;

use super::users;

/// Switches an account off; `false` when it was.
pub async fn deactivate(db: impl PgExecutor<'_>, user: Uuid) -> Result<bool> {
    let done = query!(
        "update users set deactivated_at = now() where user_id = $1 and deactivated_at is null",
        user
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Switches an account on again; `false` when it was, or is gone for good.
pub async fn activate(db: impl PgExecutor<'_>, user: Uuid) -> Result<bool> {
    let done = query!(
        "update users set deactivated_at = null
         where user_id = $1 and deactivated_at is not null and deleted_at is null",
        user
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// The open groups of a person.
pub async fn groups_of(db: impl PgExecutor<'_>, user: Uuid) -> Result<Vec<Uuid>> {
    query_scalar!(
        r#"select distinct m.room_id as "room_id!" from room_people m join rooms r using (room_id)
         where m.user_id = $1 and r.kind = 'group' order by 1"#,
        user
    )
    .fetch_all(db)
    .await
}

/// Empties the account of a person who is switched off. What others were sent stays theirs; the
/// username is never given out again. The row itself stays until no group holds a leaf of theirs.
pub async fn erase(db: &mut PgConnection, user: Uuid) -> Result<()> {
    // What is being put into the archive is there when it goes, or finds nobody.
    users::lock(&mut *db, user).await?;
    query!(
        "insert into reserved_names (look) select look from users where user_id = $1
         on conflict do nothing",
        user
    )
    .execute(&mut *db)
    .await?;
    query!(
        "update devices set revoked_at = coalesce(revoked_at, now()), name = '' where user_id = $1",
        user
    )
    .execute(&mut *db)
    .await?;
    query!(
        "with devices as (select device_id from devices where user_id = $1),
         a as (delete from sessions where user_id = $1),
         b as (delete from contacts where $1 in (user_a, user_b)),
         c as (delete from friend_requests where $1 in (from_user, to_user)),
         d as (delete from blocks where $1 in (blocker, blocked)),
         e as (delete from archive where user_id = $1),
         f as (delete from recovery where user_id = $1),
         g as (delete from avatars where user_id = $1),
         h as (delete from enrolments where user_id = $1),
         i as (delete from key_packages where device_id in (select device_id from devices)),
         j as (delete from welcomes where device_id in (select device_id from devices)),
         k as (update members set removal_due = true where user_id = $1 and left_seq is null),
         l as (delete from vaults where user_id = $1),
         m as (delete from links where user_id = $1),
         n as (update room_users set away = false where user_id = $1 and away)
         update users set username = 'gone.' || left(md5(user_id::text), 27),
           look = 'gone.' || left(md5(user_id::text), 27), name = null, email = '', avatar = null,
           last_seen = null, searchable = false, role = 'member', account_key = null,
           device_list = null, device_list_version = null, archive_bytes = 0,
           deleted_at = now(), erase_due = true
         where user_id = $1",
        user
    )
    .execute(db)
    .await
    .map(|_| ())
}

/// Accounts that are gone here and that the MFA service may still have, behind `after`.
pub async fn to_erase(db: impl PgExecutor<'_>, after: Uuid, limit: i64) -> Result<Vec<Uuid>> {
    query_scalar!(
        "select user_id from users where erase_due and user_id > $1 order by user_id limit $2",
        after,
        limit
    )
    .fetch_all(db)
    .await
}

/// The MFA service has forgotten the account too.
pub async fn erased(db: impl PgExecutor<'_>, user: Uuid) -> Result<()> {
    query!(
        "update users set erase_due = false where user_id = $1",
        user
    )
    .execute(db)
    .await
    .map(|_| ())
}

/// Removes the empty rows of people who have no leaf in any group left and nothing to be
/// delivered.
pub async fn sweep(db: impl PgExecutor<'_>, before: OffsetDateTime) -> Result<()> {
    query!(
        "delete from users u
         where u.deleted_at < $1 and not u.erase_due
           and not exists (select from members m join rooms r using (room_id)
             where m.user_id = u.user_id and m.left_seq is null and r.closed_at is null)",
        before
    )
    .execute(db)
    .await
    .map(|_| ())
}
