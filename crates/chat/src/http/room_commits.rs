//! `POST /api/rooms/{id}/commits` and `GET /api/rooms/{id}/commits/{seq}`: commits too large for
//! an event.

use axum::{extract::State, response::IntoResponse};
use http::{StatusCode, header};
use protocol::{Code, socket::CommitAck};
use service::{Json, Path};
use uuid::Uuid;

use super::{bodies::CommitHead, rooms::device_of, upload::Upload};
use crate::{
    app::App,
    error::Result,
    log::CommitRequest,
    session::Session,
    store::{StoredMessageKind, members, messages},
};

/// 201, as the event `commit`.
#[utoipa::path(
    post,
    path = "/api/rooms/{id}/commits",
    operation_id = "commit",
    tag = "rooms",
    request_body(content = crate::openapi::CommitUpload, content_type = "multipart/form-data"),
    responses((status = 201, body = CommitAck)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([
        Code::BadRequest, Code::MalformedJson, Code::InvalidBody, Code::UnsupportedMediaType,
        Code::BodyTooLarge, Code::DeviceRequired, Code::StaleEpoch, Code::RemovalRequired,
        Code::NotAMember, Code::RoomClosed, Code::NotAContact, Code::Policy, Code::InvalidMessage,
    ]))),
)]
pub async fn send(
    State(app): State<App>,
    session: Session,
    Path(room): Path<Uuid>,
    mut upload: Upload,
) -> Result<(StatusCode, Json<CommitAck>)> {
    let device = device_of(&app, &session).await?;
    let head: CommitHead = upload.head()?;
    let request = CommitRequest {
        user: session.user_id,
        device,
        room,
        client: head.client_id.0,
        commit: upload.needed("commit")?,
        welcome: upload.optional("welcome"),
        devices: head.devices,
        group_info: upload.needed("group_info")?,
    };
    let ack = app.log.commit(request).await?;
    Ok((StatusCode::CREATED, Json(ack)))
}

/// 200 with the MLSMessage, for a device that is entitled to it.
#[utoipa::path(
    get,
    path = "/api/rooms/{id}/commits/{seq}",
    operation_id = "fetch_commit",
    tag = "rooms",
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::DeviceRequired, Code::NotAMember, Code::BadRequest]))),
)]
pub async fn fetch(
    State(app): State<App>,
    session: Session,
    Path((room, seq)): Path<(Uuid, i64)>,
) -> Result<impl IntoResponse> {
    let device = device_of(&app, &session).await?;
    let member = members::find(&app.pool, room, device)
        .await?
        .ok_or(Code::NotAMember)?;
    let entitled = member.joined_seq < seq && member.left_seq.is_none_or(|left| seq <= left);
    let row = messages::range(&app.pool, room, seq, seq, 1).await?.pop();
    let row = row
        .filter(|row| entitled && row.kind == StoredMessageKind::Commit)
        .ok_or(Code::NotFound)?;
    Ok((
        [(header::CONTENT_TYPE, "application/octet-stream")],
        row.body,
    ))
}
