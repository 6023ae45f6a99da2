//! `GET /api/friend-requests/pending`: what waits for me and for others because of me.

use axum::extract::State;
use protocol::rest::people::PendingRequests;
use service::Json;

use crate::{app::App, error::Result, session::Session, store::friend_requests};

/// 200.
#[utoipa::path(
    get,
    path = "/api/friend-requests/pending",
    operation_id = "pending_requests",
    tag = "people",
    responses((status = 200, body = PendingRequests)),
    security(("cookie" = []), ("token" = [])),
)]
pub async fn pending(State(app): State<App>, session: Session) -> Result<Json<PendingRequests>> {
    Ok(Json(
        friend_requests::pending(&app.pool, session.user_id).await?,
    ))
}
