//! Friend requests that wait for an answer.

use protocol::rest::people::{FriendRequest, PendingRequests, Profile, RequestStatus};
use sqlx::{PgExecutor, Result, query};
use time::OffsetDateTime;
use uuid::Uuid;

use super::avatars;

/// A stored request.
#[derive(Clone, Copy, Debug)]
pub struct Stored {
    /// Names it.
    pub request_id: Uuid,
    /// Who asked.
    pub from_user: Uuid,
    /// Who was asked.
    pub to_user: Uuid,
    /// When.
    pub sent_at: OffsetDateTime,
}

impl Stored {
    /// The request as one side sees it: with the profile of the other.
    pub fn seen_with(self, other: Profile, status: RequestStatus) -> FriendRequest {
        FriendRequest {
            request_id: self.request_id.into(),
            user: other,
            status,
            sent_at: self.sent_at.into(),
        }
    }
}

/// Until the transaction ends nobody else deals with requests between these two.
pub async fn lock_pair(db: impl PgExecutor<'_>, one: Uuid, other: Uuid) -> Result<()> {
    let (a, b) = super::pair(one, other);
    query!(
        "select pg_advisory_xact_lock(hashtextextended($1, 0))",
        format!("{a} {b}")
    )
    .execute(db)
    .await
    .map(|_| ())
}

/// Adds a request; `None` when one stands already.
pub async fn add(
    db: impl PgExecutor<'_>,
    request_id: Uuid,
    from: Uuid,
    to: Uuid,
) -> Result<Option<Stored>> {
    sqlx::query_as!(
        Stored,
        "insert into friend_requests (request_id, from_user, to_user) values ($1, $2, $3)
         on conflict (from_user, to_user) do nothing
         returning request_id, from_user, to_user, sent_at",
        request_id,
        from,
        to
    )
    .fetch_optional(db)
    .await
}

/// Takes the request from one person to another away, if it stands.
pub async fn take_between(db: impl PgExecutor<'_>, from: Uuid, to: Uuid) -> Result<Option<Stored>> {
    sqlx::query_as!(
        Stored,
        "delete from friend_requests where from_user = $1 and to_user = $2
         returning request_id, from_user, to_user, sent_at",
        from,
        to
    )
    .fetch_optional(db)
    .await
}

/// Takes a request away that this person received.
pub async fn take_received(
    db: impl PgExecutor<'_>,
    request: Uuid,
    by: Uuid,
) -> Result<Option<Stored>> {
    sqlx::query_as!(
        Stored,
        "delete from friend_requests where request_id = $1 and to_user = $2
         returning request_id, from_user, to_user, sent_at",
        request,
        by
    )
    .fetch_optional(db)
    .await
}

/// Takes a request away that this person sent; tells whether there was one.
pub async fn take_sent(db: impl PgExecutor<'_>, request: Uuid, by: Uuid) -> Result<bool> {
    let done = query!(
        "delete from friend_requests where request_id = $1 and from_user = $2",
        request,
        by
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// All requests that wait for this person or for others because of them, newest first.
pub async fn pending(db: impl PgExecutor<'_>, user: Uuid) -> Result<PendingRequests> {
    let rows = query!(
        r#"select f.request_id, f.sent_at, f.to_user = $1 as "incoming!",
             u.user_id, u.username, u.name, u.avatar
           from friend_requests f
           join users u on u.user_id = case when f.to_user = $1 then f.from_user else f.to_user end
           where (f.to_user = $1 or f.from_user = $1) and u.deactivated_at is null
           order by f.sent_at desc"#,
        user
    )
    .fetch_all(db)
    .await?;
    let mut pending = PendingRequests::default();
    for row in rows {
        let request = FriendRequest {
            request_id: row.request_id.into(),
            user: Profile {
                user_id: row.user_id.into(),
                username: row.username,
                name: row.name,
                avatar: avatars::path(row.user_id, row.avatar),
            },
            status: RequestStatus::Pending,
            sent_at: row.sent_at.into(),
        };
        let list = if row.incoming {
            &mut pending.incoming
        } else {
            &mut pending.outgoing
        };
        list.push(request);
    }
    Ok(pending)
}
