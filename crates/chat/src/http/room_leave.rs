//! `POST /api/rooms/{id}/leave`: out of a group.

use axum::extract::State;
use http::StatusCode;
use protocol::Code;
use service::Path;
use uuid::Uuid;

use crate::{app::App, error::Result, session::Session};

/// 204; 403 `not-a-member`; 409 `last-admin`; 422 `policy` for a direct room. My devices hear
/// nothing more of the room at once; one of those who stay commits their removal.
#[utoipa::path(
    post,
    path = "/api/rooms/{id}/leave",
    operation_id = "leave_room",
    tag = "rooms",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::NotAMember, Code::LastAdmin, Code::Policy]))),
)]
pub async fn leave(
    State(app): State<App>,
    session: Session,
    Path(room): Path<Uuid>,
) -> Result<StatusCode> {
    app.log.leave(room, session.user_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
