//! `POST /api/contacts/{block,unblock}` and `GET /api/contacts/blocked`.
//!
//! A block parts two people as a removal does, and looks like one: nobody is told of it. From then
//! on the blocked person does not find the other in a search, gets 404 for their profile and for
//! requests to them as for anybody who is hidden, and hears nothing of their coming and going. In
//! rooms that both are in they go on seeing each other: a room is not one person's to shut.

use axum::extract::State;
use http::StatusCode;
use protocol::{
    Code, Problem,
    rest::people::{BlockedPerson, UserRequest},
};
use service::Json;

use super::contacts_remove::part;
use crate::{
    app::App,
    caller::Caller,
    error::Result,
    session::Session,
    store::{blocks, friend_requests, users},
};

/// 204, also for a repeat; 404; 409 `too-many-blocked`.
#[utoipa::path(
    post,
    path = "/api/contacts/block",
    operation_id = "block",
    tag = "people",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::NotFound, Code::TooManyBlocked]))),
)]
pub async fn block(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Json(body): Json<UserRequest>,
) -> Result<StatusCode> {
    let (me, other) = (session.user_id, body.user_id.0);
    if me == other {
        return Err(Problem::new(Code::InvalidBody)
            .field("user_id", "self", "That is you.")
            .into());
    }
    if !users::is_visible(&app.pool, me, other).await? {
        return Err(Code::NotFound.into());
    }
    let mut db = app.pool.begin().await?;
    // A request on its way is either seen here or sees the block.
    friend_requests::lock_pair(&mut *db, me, other).await?;
    if !blocks::add(&mut *db, me, other).await? {
        return Err(Code::TooManyBlocked.into());
    }
    friend_requests::take_between(&mut *db, me, other).await?;
    friend_requests::take_between(&mut *db, other, me).await?;
    let parted = part(&mut db, me, other).await?;
    db.commit().await?;
    if let Some(parted) = parted {
        parted.tell(&app, me, other).await;
    }
    tracing::info!(user = %me, blocked = %other, request_id = %caller.request_id, "somebody was blocked");
    Ok(StatusCode::NO_CONTENT)
}

/// 204; 404 when there is no such block. They are strangers now, not contacts.
#[utoipa::path(
    post,
    path = "/api/contacts/unblock",
    operation_id = "unblock",
    tag = "people",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::NotFound]))),
)]
pub async fn unblock(
    State(app): State<App>,
    session: Session,
    Json(body): Json<UserRequest>,
) -> Result<StatusCode> {
    if blocks::remove(&app.pool, session.user_id, body.user_id.0).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Code::NotFound.into())
    }
}

/// 200: whom I have blocked, the latest first.
#[utoipa::path(
    get,
    path = "/api/contacts/blocked",
    operation_id = "blocked",
    tag = "people",
    responses((status = 200, body = Vec<BlockedPerson>)),
    security(("cookie" = []), ("token" = [])),
)]
pub async fn list(State(app): State<App>, session: Session) -> Result<Json<Vec<BlockedPerson>>> {
    Ok(Json(blocks::list(&app.pool, session.user_id).await?))
}
