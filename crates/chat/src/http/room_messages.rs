//! `GET` and `POST /api/rooms/{id}/messages`: the log for programs without a socket.

use axum::extract::State;
use http::StatusCode;
use protocol::{
    Base64, Code,
    socket::{ConversationLoaded, MessageAck},
};
use service::{Json, Path, Query};
use uuid::Uuid;

use super::{
    bodies::MessageRequest,
    queries::{self, page_limit},
    rooms::device_of,
};
use crate::{
    app::App,
    error::Result,
    log::{Append, budget, by_reference},
    session::Session,
    socket::message::application_epoch,
    store::{members, messages},
};

/// 200: what lies behind `after`, in rising order.
#[utoipa::path(
    get,
    path = "/api/rooms/{id}/messages",
    operation_id = "messages",
    tag = "rooms",
    params(queries::Messages),
    responses((status = 200, body = ConversationLoaded)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::DeviceRequired, Code::NotAMember, Code::InvalidBody]))),
)]
pub async fn load(
    State(app): State<App>,
    session: Session,
    Path(room): Path<Uuid>,
    Query(page): Query<queries::Messages>,
) -> Result<Json<ConversationLoaded>> {
    let device = device_of(&app, &session).await?;
    let member = members::find(&app.pool, room, device)
        .await?
        .ok_or(Code::NotAMember)?;
    let after = page.after().max(member.joined_seq).max(member.kept);
    let until = member.left_seq.unwrap_or(member.head);
    let limit = page_limit(page.limit)?;
    let from = after.saturating_add(1);
    let rows = messages::range(&app.pool, room, from, until, limit + 1).await?;
    let mut page: Vec<_> = rows
        .into_iter()
        .map(|row| by_reference(row.into_envelope::<Base64>()))
        .collect();
    let longer = page.len() as i64 > limit;
    page.truncate(limit as usize);
    let (messages, cut) = budget(page);
    Ok(Json(ConversationLoaded {
        room_id: Some(room.into()),
        messages,
        archive: Vec::new(),
        has_more: longer || cut,
    }))
}

/// 201, as the event `message`.
#[utoipa::path(
    post,
    path = "/api/rooms/{id}/messages",
    operation_id = "send_message",
    tag = "rooms",
    responses((status = 201, body = MessageAck)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([
        Code::DeviceRequired, Code::NotAMember, Code::RoomClosed, Code::StaleEpoch,
        Code::InvalidMessage, Code::QueueFull,
    ]))),
)]
pub async fn send(
    State(app): State<App>,
    session: Session,
    Path(room): Path<Uuid>,
    Json(body): Json<MessageRequest>,
) -> Result<(StatusCode, Json<MessageAck>)> {
    let device = device_of(&app, &session).await?;
    let epoch = application_epoch(&body.message.0, Some(room))?.epoch;
    let user = session.user_id;
    let stored = app
        .log
        .append_and_wait(|done| Append {
            room,
            user,
            device,
            peer: None,
            client: body.client_id.0,
            epoch,
            body: body.message.0,
            done,
        })
        .await?;
    let ack = MessageAck {
        room_id: room.into(),
        seq: stored.seq,
        sent_at: stored.sent_at.into(),
    };
    Ok((StatusCode::CREATED, Json(ack)))
}
