//! `POST /api/friend-requests/{accept,reject,withdraw}`: ends a request.

use axum::extract::State;
use http::StatusCode;
use protocol::{
    Code,
    rest::people::{AnswerRequest, Contact},
};
use service::Json;

use super::friend_request_send::{become_contacts, tell};
use crate::{
    app::App,
    error::Result,
    session::Session,
    store::{contacts, friend_requests, users},
};

/// 200: the new contact; 404 when no such request waits for me.
#[utoipa::path(
    post,
    path = "/api/friend-requests/accept",
    operation_id = "accept_request",
    tag = "people",
    responses((status = 200, body = Contact)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::NotFound]))),
)]
pub async fn accept(
    State(app): State<App>,
    session: Session,
    Json(body): Json<AnswerRequest>,
) -> Result<Json<Contact>> {
    let me = session.user_id;
    let mine = users::profile(&app.pool, me)
        .await?
        .ok_or(Code::SessionEnded)?;
    let mut db = app.pool.begin().await?;
    let taken = friend_requests::take_received(&mut *db, body.request_id.0, me).await?;
    let request = taken.ok_or(Code::NotFound)?;
    become_contacts(&mut db, &request).await?;
    db.commit().await?;
    tell(&app, &request, mine).await?;
    let contact = contacts::one(&app.pool, me, request.from_user).await?;
    let mut contact = [contact.ok_or(Code::NotFound)?];
    app.presence.fill(&mut contact).await;
    let [contact] = contact;
    Ok(Json(contact))
}

/// 204: says no; the other person is not told.
#[utoipa::path(
    post,
    path = "/api/friend-requests/reject",
    operation_id = "reject_request",
    tag = "people",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::NotFound]))),
)]
pub async fn reject(
    State(app): State<App>,
    session: Session,
    Json(body): Json<AnswerRequest>,
) -> Result<StatusCode> {
    let taken =
        friend_requests::take_received(&app.pool, body.request_id.0, session.user_id).await?;
    taken.ok_or(Code::NotFound)?;
    Ok(StatusCode::NO_CONTENT)
}

/// 204: takes my own request back.
#[utoipa::path(
    post,
    path = "/api/friend-requests/withdraw",
    operation_id = "withdraw_request",
    tag = "people",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::NotFound]))),
)]
pub async fn withdraw(
    State(app): State<App>,
    session: Session,
    Json(body): Json<AnswerRequest>,
) -> Result<StatusCode> {
    if friend_requests::take_sent(&app.pool, body.request_id.0, session.user_id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Code::NotFound.into())
    }
}
