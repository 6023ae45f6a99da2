//! `PUT` and `DELETE /api/me/avatar`, `GET /api/users/{id}/avatar/{hash}`: pictures of people.

use axum::{
    extract::{State, rejection::BytesRejection},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use protocol::{Code, Problem, rest::me::Me, socket::ContactChange};
use service::{Json, Path};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{me::me, users::check_visible};
use crate::{
    app::App,
    error::Result,
    picture::{self, Fault},
    session::Session,
    store::avatars::{self, Avatar},
};

/// 200 with my profile; 413; 415 unless the body is `image/png` or `image/jpeg`; 422 unless it is
/// 512 x 512. Metadata is left out.
#[utoipa::path(
    put,
    path = "/api/me/avatar",
    operation_id = "set_avatar",
    tag = "account",
    request_body(content = Vec<u8>, content_type = "image/png"),
    responses((status = 200, body = Me)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([
        Code::BodyTooLarge, Code::UnsupportedMediaType, Code::InvalidBody, Code::BadRequest,
    ]))),
)]
pub async fn replace(
    State(app): State<App>,
    session: Session,
    headers: HeaderMap,
    body: std::result::Result<Bytes, BytesRejection>,
) -> Result<Json<Me>> {
    let named = headers.get(header::CONTENT_TYPE);
    let named = named.and_then(|value| value.to_str().ok()).unwrap_or("");
    if !["image/png", "image/jpeg"].contains(&named) {
        return Err(Problem::new(Code::UnsupportedMediaType)
            .detail("Send a PNG or a JPEG.")
            .into());
    }
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Code::BodyTooLarge,
        _ => Code::BadRequest,
    })?;
    let picture = picture::parse(&body).map_err(|fault| {
        let (code, message) = match fault {
            Fault::Format => ("format", "This is no PNG or JPEG."),
            Fault::Size => ("size", "A picture has 512 x 512 pixels."),
        };
        Problem::new(Code::InvalidBody).field("body", code, message)
    })?;
    let hash: String = Sha256::digest(&picture.bytes)[..12]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let avatar = Avatar {
        hash,
        media_type: picture.media_type.to_owned(),
        bytes: picture.bytes,
    };
    store(&app, session.user_id, Some(&avatar)).await?;
    me(State(app), session).await
}

/// 204.
#[utoipa::path(
    delete,
    path = "/api/me/avatar",
    operation_id = "remove_avatar",
    tag = "account",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
)]
pub async fn remove(State(app): State<App>, session: Session) -> Result<StatusCode> {
    store(&app, session.user_id, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn store(app: &App, user: Uuid, avatar: Option<&Avatar>) -> Result<()> {
    let mut db = app.pool.begin().await?;
    avatars::set(&mut db, user, avatar).await?;
    db.commit().await?;
    app.presence.tell(user, ContactChange::Profile).await;
    Ok(())
}

/// 200, for those who may see the person; 404 also for an older picture.
#[utoipa::path(
    get,
    path = "/api/users/{id}/avatar/{hash}",
    operation_id = "avatar",
    tag = "people",
    responses((status = 200, body = Vec<u8>, content_type = "image/png")),
    security(("cookie" = []), ("token" = [])),
)]
pub async fn show(
    State(app): State<App>,
    session: Session,
    Path((user, hash)): Path<(Uuid, String)>,
) -> Result<Response> {
    check_visible(&app, &session, user).await?;
    let avatar = avatars::find(&app.pool, user).await?;
    let avatar = avatar
        .filter(|avatar| avatar.hash == hash)
        .ok_or(Code::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, avatar.media_type),
        (
            header::CACHE_CONTROL,
            "private, max-age=31536000, immutable".to_owned(),
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox".to_owned(),
        ),
    ];
    Ok((headers, avatar.bytes).into_response())
}
