//! `POST /api/messages/image`, `POST /api/files`, `GET` and `DELETE /api/attachments/{id}`:
//! encrypted files, streamed in and out.

use axum::{
    body::Body,
    extract::{FromRequest, Multipart, Request, State, multipart::Field},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use object_store::WriteMultipart;
use protocol::{ClientId, Code, Problem, limits, rest::rooms::AttachmentReply};
use service::{Json, Path};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    ranges::{Asked, asked_range},
    rooms::device_of,
};
use crate::{
    app::App,
    error::{Error, Result},
    log::Append,
    session::Session,
    socket::message::application_epoch,
    store::{attachments, members, rooms},
};

/// Parts of a file that are on their way to the store at once.
const PARTS: usize = 2;

/// What came with a file.
#[derive(Default)]
struct Parts {
    room: Option<Uuid>,
    client: Option<ClientId>,
    message: Option<Bytes>,
    file: Option<(u64, [u8; 32])>,
}

/// 201; 403 `not-a-member`; 409 `attachments-full`; 413; 415. With `client_id` and `message` the
/// message is sent at once; when that is refused, the problem names the `attachment_id` that
/// stays.
#[utoipa::path(
    post,
    path = "/api/files",
    operation_id = "store_file",
    tag = "files",
    request_body(content = crate::openapi::FileUpload, content_type = "multipart/form-data"),
    responses((status = 201, body = AttachmentReply)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([
        Code::BadRequest, Code::InvalidBody, Code::UnsupportedMediaType, Code::BodyTooLarge,
        Code::AttachmentsFull, Code::NotAMember, Code::RoomClosed, Code::StaleEpoch,
        Code::InvalidMessage, Code::DeviceRequired, Code::QueueFull,
    ]))),
)]
pub async fn store(
    State(app): State<App>,
    session: Session,
    request: Request,
) -> Result<(StatusCode, Json<AttachmentReply>)> {
    let multipart = Multipart::from_request(request, &app).await.map_err(|_| {
        Problem::new(Code::UnsupportedMediaType).detail("Send the file as multipart/form-data.")
    })?;
    let (user, id) = (session.user_id, Uuid::now_v7());
    let held = attachments::begin(&app.pool, id, user).await?;
    match receive(&app, id, multipart, quota_left(held)).await {
        Ok(parts) => finish(&app, &session, id, parts).await,
        Err(error) => {
            attachments::remove(&app.pool, id, user).await?;
            Err(error)
        }
    }
}

fn quota_left(held: i64) -> u64 {
    (limits::ATTACHMENTS_QUOTA as u64).saturating_sub(held.max(0) as u64)
}

async fn receive(app: &App, id: Uuid, mut multipart: Multipart, left: u64) -> Result<Parts> {
    let mut parts = Parts::default();
    while let Some(field) = multipart.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        let taken = match name.as_str() {
            "file" => parts
                .file
                .replace(pour(app, id, field, left).await?)
                .is_some(),
            "room_id" => parts.room.replace(text(&name, field).await?).is_some(),
            "client_id" => parts.client.replace(text(&name, field).await?).is_some(),
            "message" => {
                let bytes = field.bytes().await.map_err(broken)?;
                parts.message.replace(bytes).is_some()
            }
            _ => return Err(invalid(&name, "unknown", "There is no such part.")),
        };
        if taken {
            return Err(invalid(&name, "duplicate", "This part is given twice."));
        }
    }
    Ok(parts)
}

/// Streams a file into the store: never more than a few parts of it are in memory.
async fn pour(app: &App, id: Uuid, mut field: Field<'_>, left: u64) -> Result<(u64, [u8; 32])> {
    let mut upload = app.files.begin(id).await?;
    let (mut size, mut hash) = (0_u64, Sha256::new());
    let poured: Result<()> = async {
        while let Some(chunk) = field.chunk().await.map_err(broken)? {
            size += chunk.len() as u64;
            if size > limits::ATTACHMENT as u64 {
                return Err(Code::BodyTooLarge.into());
            }
            if size > left {
                return Err(Code::AttachmentsFull.into());
            }
            hash.update(&chunk);
            upload.wait_for_capacity(PARTS).await?;
            upload.put(chunk);
        }
        if size == 0 {
            return Err(invalid("file", "required", "The file is empty."));
        }
        Ok(())
    }
    .await;
    if let Err(error) = poured {
        abort(upload).await;
        return Err(error);
    }
    upload.finish().await?;
    metrics::counter!("chat_attachment_bytes_total").increment(size);
    Ok((size, hash.finalize().into()))
}

async fn abort(upload: WriteMultipart) {
    if let Err(error) = upload.abort().await {
        tracing::warn!(%error, "a broken upload could not be removed from the store");
    }
}

async fn finish(
    app: &App,
    session: &Session,
    id: Uuid,
    parts: Parts,
) -> Result<(StatusCode, Json<AttachmentReply>)> {
    let user = session.user_id;
    let checked = async {
        let room = parts.room.ok_or_else(|| required("room_id"))?;
        let (size, sha256) = parts.file.ok_or_else(|| required("file"))?;
        if parts.client.is_some() != parts.message.is_some() {
            return Err(invalid(
                "message",
                "required",
                "Give client_id and message, or neither.",
            ));
        }
        if !members::has_user(&app.pool, room, user).await? {
            return Err(Code::NotAMember.into());
        }
        let bytes = i64::try_from(size).unwrap_or(i64::MAX);
        let quota = limits::ATTACHMENTS_QUOTA as i64;
        if !attachments::complete(&app.pool, id, room, bytes, &sha256, quota).await? {
            let open = rooms::find(&app.pool, room)
                .await?
                .is_some_and(|room| room.open);
            return Err(Error::from(match open {
                true => Code::AttachmentsFull,
                false => Code::RoomClosed,
            }));
        }
        Ok((room, size, sha256))
    };
    let (room, size, sha256) = match checked.await {
        Ok(checked) => checked,
        Err(error) => {
            attachments::remove(&app.pool, id, user).await?;
            return Err(error);
        }
    };
    let seq = match parts.client.zip(parts.message) {
        None => None,
        Some((client, message)) => match send(app, session, room, client, message).await {
            Ok(seq) => Some(seq),
            Err(error) => return Err(error.into_problem().with("attachment_id", id).into()),
        },
    };
    let reply = AttachmentReply {
        attachment_id: id.into(),
        size,
        sha256: sha256.to_vec().into(),
        seq,
    };
    Ok((StatusCode::CREATED, Json(reply)))
}

async fn send(
    app: &App,
    session: &Session,
    room: Uuid,
    client: ClientId,
    body: Bytes,
) -> Result<u64> {
    let device = device_of(app, session).await?;
    let epoch = application_epoch(&body, Some(room))?.epoch;
    let user = session.user_id;
    let stored = app
        .log
        .append_and_wait(|done| Append {
            room,
            user,
            device,
            peer: None,
            client: client.0,
            epoch,
            body,
            done,
        })
        .await?;
    Ok(stored.seq)
}

/// 200, or 206 for a range; 304; 404 unless it belongs to a room of mine; 416.
#[utoipa::path(
    get,
    path = "/api/attachments/{id}",
    operation_id = "fetch_file",
    tag = "files",
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 206, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 304, description = "Known already."),
    ),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::RangeNotSatisfiable]))),
)]
pub async fn fetch(
    State(app): State<App>,
    session: Session,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response> {
    let found = attachments::find(&app.pool, id).await?;
    let found = found.ok_or(Code::NotFound)?;
    if !members::has_user(&app.pool, found.room_id, session.user_id).await? {
        return Err(Code::NotFound.into());
    }
    let size = found.size.max(0) as u64;
    let hash: String = found
        .sha256
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let tag = format!("\"{hash}\"");
    if headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == tag.as_bytes())
    {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    let asked = headers
        .get(header::RANGE)
        .and_then(|value| value.to_str().ok());
    let range = match asked.map_or(Asked::Whole, |text| asked_range(text, size)) {
        Asked::Whole => None,
        Asked::Part(first, last) => Some((first, last)),
        Asked::Nothing => {
            let mut refused = Error::from(Code::RangeNotSatisfiable).into_response();
            insert(
                &mut refused,
                header::CONTENT_RANGE,
                &format!("bytes */{size}"),
            );
            return Ok(refused);
        }
    };
    let (first, last) = range.unwrap_or((0, size.saturating_sub(1)));
    let stream = app.files.read(id, first..last + 1).await?;
    let mut response = Body::from_stream(stream).into_response();
    insert(
        &mut response,
        header::CONTENT_LENGTH,
        &(last + 1 - first).to_string(),
    );
    if range.is_some() {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        let part = format!("bytes {first}-{last}/{size}");
        insert(&mut response, header::CONTENT_RANGE, &part);
    }
    for (name, value) in [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (
            header::CACHE_CONTROL,
            "private, max-age=31536000, immutable",
        ),
        (header::ACCEPT_RANGES, "bytes"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::ETAG, &tag),
    ] {
        insert(&mut response, name, value);
    }
    Ok(response)
}

/// 204; 404 unless it is mine. The message that names it stays.
#[utoipa::path(
    delete,
    path = "/api/attachments/{id}",
    operation_id = "remove_file",
    tag = "files",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
)]
pub async fn remove(
    State(app): State<App>,
    session: Session,
    Path(id): Path<Uuid>,
) -> Result<StatusCode> {
    if attachments::remove(&app.pool, id, session.user_id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Code::NotFound.into())
    }
}

fn insert(response: &mut Response, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

async fn text<T: std::str::FromStr>(name: &str, field: Field<'_>) -> Result<T> {
    let text = field.text().await.map_err(broken)?;
    text.trim()
        .parse()
        .map_err(|_| invalid(name, "format", "This is no id."))
}

fn required(name: &str) -> Error {
    invalid(name, "required", "This part is required.")
}

fn invalid(field: &str, code: &str, message: &str) -> Error {
    Problem::new(Code::InvalidBody)
        .field(field, code, message)
        .into()
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn broken(error: axum::extract::multipart::MultipartError) -> Error {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Code::BodyTooLarge.into()
    } else {
        Problem::new(Code::BadRequest)
            .detail("The multipart body is malformed.")
            .into()
    }
}
