//! Contacts: one row a pair of people.

use protocol::rest::people::Contact;
use sqlx::{PgExecutor, Result, query, query_scalar};
use uuid::Uuid;

use super::{avatars, pair};

/// Makes two people contacts; a repeat changes nothing.
pub async fn add(db: impl PgExecutor<'_>, one: Uuid, other: Uuid) -> Result<()> {
    let (a, b) = pair(one, other);
    query!(
        "insert into contacts (user_a, user_b) values ($1, $2) on conflict do nothing",
        a,
        b
    )
    .execute(db)
    .await
    .map(|_| ())
}

/// Parts two people; tells whether they were contacts.
pub async fn remove(db: impl PgExecutor<'_>, one: Uuid, other: Uuid) -> Result<bool> {
    let (a, b) = pair(one, other);
    let done = query!(
        "delete from contacts where user_a = $1 and user_b = $2",
        a,
        b
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Whether two people are contacts.
pub async fn are(db: impl PgExecutor<'_>, one: Uuid, other: Uuid) -> Result<bool> {
    let (a, b) = pair(one, other);
    query_scalar!(
        r#"select exists (select from contacts where user_a = $1 and user_b = $2) as "are!""#,
        a,
        b
    )
    .fetch_one(db)
    .await
}

/// As [`are`], and keeps it so until the transaction ends.
pub async fn lock(db: impl PgExecutor<'_>, one: Uuid, other: Uuid) -> Result<bool> {
    let (a, b) = pair(one, other);
    let row = query_scalar!(
        "select added_at from contacts where user_a = $1 and user_b = $2 for key share",
        a,
        b
    )
    .fetch_optional(db)
    .await?;
    Ok(row.is_some())
}

/// Which of `others` are contacts or room-mates of a person, oneself included.
pub async fn reachable(db: impl PgExecutor<'_>, user: Uuid, others: &[Uuid]) -> Result<Vec<Uuid>> {
    query_scalar!(
        r#"select t.id as "id!" from unnest($2::uuid[]) as t(id)
           where t.id = $1
             or exists (select from contacts c
                        where (c.user_a, c.user_b) = (least($1, t.id), greatest($1, t.id)))
             or exists (select from room_people m join room_people n using (room_id)
                          join rooms r using (room_id)
                        where m.user_id = $1 and n.user_id = t.id and r.closed_at is null)"#,
        user,
        others
    )
    .fetch_all(db)
    .await
}

/// The contacts of a person; `online` is left for the caller to fill in.
pub async fn list(db: impl PgExecutor<'_>, user: Uuid) -> Result<Vec<Contact>> {
    let rows = query!(
        r#"select u.user_id, u.username, u.name, u.avatar, c.added_at,
             case when u.shows_last_seen then u.last_seen end as last_seen,
             r.room_id as "room_id?"
           from contacts c
           join users u on u.user_id = case when c.user_a = $1 then c.user_b else c.user_a end
           left join rooms r on r.direct_a = c.user_a and r.direct_b = c.user_b
             and r.kind = 'direct' and r.closed_at is null
           where (c.user_a = $1 or c.user_b = $1) and u.deactivated_at is null
           order by coalesce(u.name, u.username), u.username"#,
        user
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Contact {
            user_id: row.user_id.into(),
            username: row.username,
            name: row.name,
            avatar: avatars::path(row.user_id, row.avatar),
            online: false,
            last_seen: row.last_seen.map(Into::into),
            added_at: row.added_at.into(),
            room_id: row.room_id.map(Into::into),
        })
        .collect())
}

/// One contact as a person sees them; `online` is left for the caller to fill in.
pub async fn one(db: impl PgExecutor<'_>, owner: Uuid, contact: Uuid) -> Result<Option<Contact>> {
    Ok(seen_by(db, &[contact], Some(owner))
        .await?
        .into_iter()
        .next()
        .map(|(_, contact)| contact))
}

/// People as each of their contacts sees them, or one of these alone.
pub async fn seen_by(
    db: impl PgExecutor<'_>,
    users: &[Uuid],
    owner: Option<Uuid>,
) -> Result<Vec<(Uuid, Contact)>> {
    let rows = query!(
        r#"select c.owner as "owner!",
             u.user_id, u.username, u.name, u.avatar, c.added_at as "added_at!",
             case when u.shows_last_seen then u.last_seen end as last_seen,
             r.room_id as "room_id?"
           from users u
           join lateral (
             select user_a, user_b, user_b as owner, added_at from contacts
               where user_a = u.user_id
             union all
             select user_a, user_b, user_a, added_at from contacts where user_b = u.user_id
           ) c on true
           left join rooms r on r.direct_a = c.user_a and r.direct_b = c.user_b
             and r.kind = 'direct' and r.closed_at is null
           where u.user_id = any($1) and ($2::uuid is null or $2 = c.owner)"#,
        users,
        owner
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let contact = Contact {
                user_id: row.user_id.into(),
                username: row.username,
                name: row.name,
                avatar: avatars::path(row.user_id, row.avatar),
                online: false,
                last_seen: row.last_seen.map(Into::into),
                added_at: row.added_at.into(),
                room_id: row.room_id.map(Into::into),
            };
            (row.owner, contact)
        })
        .collect())
}
