//! `GET /api/friend-requests/pending`: what waits for me and for others because of me.

use axum::extract::State;
use protocol::rest::people::PendingRequests;
use service::Json;

use crate::{app::App, error::Result, session::Session, store::friend_requests};

/// 200.
pub async fn pending(State(app): State<App>, session: Session) -> Result<Json<PendingRequests>> {
    Ok(Json(
        friend_requests::pending(&app.pool, session.user_id).await?,
    ))
}
