//! `GET /api/archive/rooms`: which rooms my archive holds something of.

use axum::extract::State;
use protocol::rest::archive::ArchiveRoom;
use service::Json;

use crate::{app::App, error::Result, session::Session, store::archive};

/// 200: also rooms that I have left and rooms that are gone.
#[utoipa::path(
    get,
    path = "/api/archive/rooms",
    operation_id = "archived_rooms",
    tag = "archive",
    responses((status = 200, body = Vec<ArchiveRoom>)),
    security(("cookie" = []), ("token" = [])),
)]
pub async fn list(State(app): State<App>, session: Session) -> Result<Json<Vec<ArchiveRoom>>> {
    Ok(Json(archive::rooms(&app.pool, session.user_id).await?))
}
