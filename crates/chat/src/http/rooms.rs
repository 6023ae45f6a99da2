//! `GET /api/rooms` and `POST /api/rooms`: the rooms I am in; making one.

use axum::extract::State;
use http::StatusCode;
use protocol::{Code, rest::rooms::Room, socket::CommitAck};
use service::Json;
use uuid::Uuid;

use super::{bodies::RoomHead, upload::Upload};
use crate::{
    app::App,
    error::Result,
    log::CreateRequest,
    session::Session,
    store::{devices, members},
};

/// 200.
#[utoipa::path(
    get,
    path = "/api/rooms",
    operation_id = "rooms",
    tag = "rooms",
    responses((status = 200, body = Vec<Room>)),
    security(("cookie" = []), ("token" = [])),
)]
pub async fn list(State(app): State<App>, session: Session) -> Result<Json<Vec<Room>>> {
    Ok(Json(members::rooms_of(&app.pool, session.user_id).await?))
}

/// 201, as the event `create_room`.
#[utoipa::path(
    post,
    path = "/api/rooms",
    operation_id = "create_room",
    tag = "rooms",
    request_body(content = crate::openapi::RoomUpload, content_type = "multipart/form-data"),
    responses((status = 201, body = CommitAck)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([
        Code::BadRequest, Code::MalformedJson, Code::InvalidBody, Code::UnsupportedMediaType,
        Code::BodyTooLarge, Code::DeviceRequired, Code::RoomExists, Code::NotAContact,
        Code::Policy, Code::InvalidMessage,
    ]))),
)]
pub async fn create(
    State(app): State<App>,
    session: Session,
    mut upload: Upload,
) -> Result<(StatusCode, Json<CommitAck>)> {
    let device = device_of(&app, &session).await?;
    let head: RoomHead = upload.head()?;
    let request = CreateRequest {
        user: session.user_id,
        device,
        room: head.room_id.0,
        kind: head.kind,
        commit: upload.needed("commit")?,
        welcome: upload.optional("welcome"),
        devices: head.devices,
        group_info: upload.needed("group_info")?,
        tree: upload.needed("tree")?,
    };
    let ack = app.log.create_room(request).await?;
    Ok((StatusCode::CREATED, Json(ack)))
}

/// The device that this session was proved or registered for.
///
/// # Errors
/// 403 `device-required`.
pub async fn device_of(app: &App, session: &Session) -> Result<Uuid> {
    let bound = session.device_id.ok_or(Code::DeviceRequired)?;
    let device = devices::find(&app.pool, bound).await?;
    match device.filter(|device| device.user_id == session.user_id) {
        Some(device) => Ok(device.device_id),
        None => Err(Code::DeviceRequired.into()),
    }
}
