//! `GET /api/rooms/{id}/tree` and `…/group-info`: what a device needs to join a group.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::header;
use protocol::Code;
use service::{Path, Query};
use uuid::Uuid;

use super::queries;
use crate::{
    app::App,
    error::Result,
    session::Session,
    store::{members, rooms},
};

/// 200: the public ratchet tree of an epoch, for members and those invited.
#[utoipa::path(
    get,
    path = "/api/rooms/{id}/tree",
    operation_id = "tree",
    tag = "rooms",
    params(queries::Tree),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::NotAMember, Code::InvalidBody]))),
)]
pub async fn tree(
    State(app): State<App>,
    session: Session,
    Path(room): Path<Uuid>,
    Query(which): Query<queries::Tree>,
) -> Result<Response> {
    check_member(&app, room, &session).await?;
    Ok(bytes(
        rooms::tree(&app.pool, room, which.epoch())
            .await?
            .ok_or(Code::NotFound)?,
    ))
}

/// 200: the group info of the current epoch, for a device that joins by external commit.
#[utoipa::path(
    get,
    path = "/api/rooms/{id}/group-info",
    operation_id = "group_info",
    tag = "rooms",
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::NotAMember]))),
)]
pub async fn group_info(
    State(app): State<App>,
    session: Session,
    Path(room): Path<Uuid>,
) -> Result<Response> {
    check_member(&app, room, &session).await?;
    Ok(bytes(
        rooms::group_info(&app.pool, room)
            .await?
            .ok_or(Code::NotFound)?,
    ))
}

/// By person: a device that has to rejoin has no leaf of its own any more.
async fn check_member(app: &App, room: Uuid, session: &Session) -> Result<()> {
    if members::has_user(&app.pool, room, session.user_id).await? {
        Ok(())
    } else {
        Err(Code::NotAMember.into())
    }
}

fn bytes(body: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    (headers, body).into_response()
}
