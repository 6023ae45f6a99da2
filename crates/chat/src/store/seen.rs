//! When people, devices and sessions were last seen.

use std::collections::HashMap;

use sqlx::{PgPool, Result, query};
use time::OffsetDateTime;
use uuid::Uuid;

/// What is to be written: the newest moment of each.
#[derive(Debug, Default)]
pub struct Moments {
    /// When people's last sockets went.
    pub users: HashMap<Uuid, OffsetDateTime>,
    /// When devices' sockets went.
    pub devices: HashMap<Uuid, OffsetDateTime>,
    /// When sessions were used, and from where.
    pub sessions: HashMap<Uuid, (OffsetDateTime, String)>,
}

/// Writes them in one transaction whose commit does not wait for the disk. Rows are locked in one
/// order, so that two nodes cannot deadlock; an older moment than the stored one changes nothing.
pub async fn write(pool: &PgPool, moments: &Moments) -> Result<()> {
    let mut transaction = pool.begin().await?;
    query!("set local synchronous_commit = off")
        .execute(&mut *transaction)
        .await?;
    if !moments.users.is_empty() {
        let (ids, at): (Vec<Uuid>, Vec<OffsetDateTime>) = moments.users.iter().unzip();
        query!(
            "with known as (
               select user_id from users where user_id = any($1) and deactivated_at is null
               order by user_id for no key update
             )
             update users u set last_seen = greatest(u.last_seen, t.at)
             from known, unnest($1::uuid[], $2::timestamptz[]) as t(id, at)
             where u.user_id = known.user_id and t.id = known.user_id",
            &ids,
            &at
        )
        .execute(&mut *transaction)
        .await?;
    }
    if !moments.devices.is_empty() {
        let (ids, at): (Vec<Uuid>, Vec<OffsetDateTime>) = moments.devices.iter().unzip();
        query!(
            "with known as (
               select device_id from devices where device_id = any($1)
               order by device_id for no key update
             )
             update devices d set last_seen = greatest(d.last_seen, t.at)
             from known, unnest($1::uuid[], $2::timestamptz[]) as t(id, at)
             where d.device_id = known.device_id and t.id = known.device_id",
            &ids,
            &at
        )
        .execute(&mut *transaction)
        .await?;
    }
    if !moments.sessions.is_empty() {
        let ids: Vec<Uuid> = moments.sessions.keys().copied().collect();
        let at: Vec<OffsetDateTime> = moments.sessions.values().map(|one| one.0).collect();
        let from: Vec<String> = moments.sessions.values().map(|one| one.1.clone()).collect();
        query!(
            "with known as (
               select session_id from sessions where session_id = any($1)
               order by session_id for no key update
             )
             update sessions s set last_used_at = greatest(s.last_used_at, t.at), address = t.address
             from known, unnest($1::uuid[], $2::timestamptz[], $3::text[]) as t(id, at, address)
             where s.session_id = known.session_id and t.id = known.session_id",
            &ids,
            &at,
            &from
        )
        .execute(&mut *transaction)
        .await?;
    }
    transaction.commit().await
}
