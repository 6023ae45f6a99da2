//! `POST /api/logout`: ends this session.

use axum::{extract::State, response::Response};
use http::StatusCode;

use crate::{
    app::App,
    caller::Caller,
    error::Result,
    session::{Session, without_cookie},
    store::sessions,
};

/// 204; the cookie goes, the session's sockets are closed.
#[utoipa::path(
    post,
    path = "/api/logout",
    operation_id = "sign_out",
    tag = "sessions",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
)]
pub async fn logout(State(app): State<App>, session: Session, caller: Caller) -> Result<Response> {
    sessions::remove(&app.pool, session.user_id, session.session_id).await?;
    app.hub.end_sessions(session.user_id, &[session.session_id]);
    app.audit.own("signed-out", session.user_id, &caller);
    Ok(without_cookie(StatusCode::NO_CONTENT))
}
