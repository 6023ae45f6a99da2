//! `POST /api/rooms/{id}/close`: gives a direct room up, so that the conversation starts anew.

use axum::extract::State;
use http::StatusCode;
use protocol::{Code, socket::ContactChange};
use service::Path;
use uuid::Uuid;

use crate::{app::App, error::Result, session::Session, store::contacts};

/// 204, also for a repeat; 403 `not-a-member`; 422 `policy` for a group. We stay contacts, and
/// whoever writes next makes another room. What was not delivered yet still is; the files go.
#[utoipa::path(
    post,
    path = "/api/rooms/{id}/close",
    operation_id = "close_room",
    tag = "rooms",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::NotAMember, Code::Policy]))),
)]
pub async fn close(
    State(app): State<App>,
    session: Session,
    Path(room): Path<Uuid>,
) -> Result<StatusCode> {
    let me = session.user_id;
    let Some(other) = app.log.close(room, me).await? else {
        return Ok(StatusCode::NO_CONTENT);
    };
    for (owner, contact) in [(other, me), (me, other)] {
        // As after a change of keys: the room is gone, and a new one may be made.
        if let Some(contact) = contacts::one(&app.pool, owner, contact).await? {
            app.presence.emit(owner, contact, ContactChange::Keys).await;
        }
    }
    Ok(StatusCode::NO_CONTENT)
}
