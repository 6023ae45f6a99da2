//! `POST /api/friend-requests/send`: asks a person. Two who ask each other are contacts at once.

use std::time::Instant;

use axum::extract::State;
use http::StatusCode;
use protocol::{
    Code, Problem,
    rest::people::{FriendRequest, Profile, RequestStatus, UserRequest},
    socket::{ContactChange, server},
};
use service::Json;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    app::App,
    error::Result,
    session::Session,
    store::{
        blocks, contacts,
        friend_requests::{self, Stored},
        users,
    },
};

/// 201: pending, or accepted when the other had asked before; 409 `already-contacts`,
/// `request-pending`, `blocked`; 404.
#[utoipa::path(
    post,
    path = "/api/friend-requests/send",
    operation_id = "send_request",
    tag = "people",
    responses((status = 201, body = FriendRequest)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([
        Code::NotFound, Code::AlreadyContacts, Code::RequestPending, Code::Blocked,
    ]))),
)]
pub async fn send(
    State(app): State<App>,
    session: Session,
    Json(body): Json<UserRequest>,
) -> Result<(StatusCode, Json<FriendRequest>)> {
    let (me, other) = (session.user_id, body.user_id.0);
    if me == other {
        return Err(Problem::new(Code::InvalidBody)
            .field("user_id", "self", "That is you.")
            .into());
    }
    app.rates.requests.take(me, Instant::now())?;
    if !users::is_visible(&app.pool, me, other).await? {
        return Err(Code::NotFound.into());
    }
    let mine = users::profile(&app.pool, me)
        .await?
        .ok_or(Code::SessionEnded)?;
    let theirs = users::profile(&app.pool, other)
        .await?
        .ok_or(Code::NotFound)?;

    let mut db = app.pool.begin().await?;
    // Two requests that cross must see each other.
    friend_requests::lock_pair(&mut *db, me, other).await?;
    if blocks::stands(&mut *db, me, other).await? {
        return Err(Code::Blocked.into());
    }
    // As if there were nobody, also where the two see each other in a room.
    if blocks::stands(&mut *db, other, me).await? {
        return Err(Code::NotFound.into());
    }
    if contacts::are(&mut *db, me, other).await? {
        return Err(Code::AlreadyContacts.into());
    }
    if let Some(crossing) = friend_requests::take_between(&mut *db, other, me).await? {
        become_contacts(&mut db, &crossing).await?;
        db.commit().await?;
        tell(&app, &crossing, mine).await?;
        let reply = crossing.seen_with(theirs, RequestStatus::Accepted);
        return Ok((StatusCode::CREATED, Json(reply)));
    }
    let stored = friend_requests::add(&mut *db, Uuid::now_v7(), me, other).await?;
    let stored = stored.ok_or(Code::RequestPending)?;
    db.commit().await?;
    let event = stored.seen_with(mine, RequestStatus::Pending);
    app.cluster
        .emit_to_user(other, server::FRIEND_REQUEST_RECEIVED, &event);
    Ok((
        StatusCode::CREATED,
        Json(stored.seen_with(theirs, RequestStatus::Pending)),
    ))
}

/// Turns a request that was taken away into a contact.
///
/// # Errors
/// When the database fails.
pub async fn become_contacts(db: &mut PgConnection, request: &Stored) -> Result<()> {
    Ok(contacts::add(db, request.from_user, request.to_user).await?)
}

/// Tells both people that they are contacts now. `accepter` is who said yes.
///
/// # Errors
/// When the database fails.
pub async fn tell(app: &App, request: &Stored, accepter: Profile) -> Result<()> {
    let event = request.seen_with(accepter, RequestStatus::Accepted);
    app.cluster
        .emit_to_user(request.from_user, server::FRIEND_REQUEST_ACCEPTED, &event);
    for (owner, contact) in [
        (request.from_user, request.to_user),
        (request.to_user, request.from_user),
    ] {
        if let Some(contact) = contacts::one(&app.pool, owner, contact).await? {
            app.presence
                .emit(owner, contact, ContactChange::Added)
                .await;
        }
    }
    Ok(())
}
