//! `GET` and `DELETE /api/sessions`, `DELETE /api/sessions/{id}`: where one is signed in.

use axum::extract::State;
use http::StatusCode;
use protocol::{Code, rest::account};
use service::{Json, Path};
use uuid::Uuid;

use crate::{app::App, caller::Caller, error::Result, session::Session, store::sessions};

/// 200: all of mine, newest first.
#[utoipa::path(
    get,
    path = "/api/sessions",
    operation_id = "sessions",
    tag = "sessions",
    responses((status = 200, body = Vec<account::Session>)),
    security(("cookie" = []), ("token" = [])),
)]
pub async fn list(State(app): State<App>, session: Session) -> Result<Json<Vec<account::Session>>> {
    Ok(Json(
        sessions::list(&app.pool, session.user_id, session.session_id).await?,
    ))
}

/// 204: ends one of mine; 404 when there is no such session.
#[utoipa::path(
    delete,
    path = "/api/sessions/{id}",
    operation_id = "end_session",
    tag = "sessions",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
)]
pub async fn end(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<StatusCode> {
    if !sessions::remove(&app.pool, session.user_id, id).await? {
        return Err(Code::NotFound.into());
    }
    app.hub.end_sessions(session.user_id, &[id]);
    app.audit.own("session-ended", session.user_id, &caller);
    Ok(StatusCode::NO_CONTENT)
}

/// 204: ends all of mine but this one.
#[utoipa::path(
    delete,
    path = "/api/sessions",
    operation_id = "end_other_sessions",
    tag = "sessions",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
)]
pub async fn end_others(
    State(app): State<App>,
    session: Session,
    caller: Caller,
) -> Result<StatusCode> {
    let ended = sessions::remove_others(&app.pool, session.user_id, session.session_id).await?;
    app.hub.end_sessions(session.user_id, &ended);
    app.audit
        .own("other-sessions-ended", session.user_id, &caller);
    Ok(StatusCode::NO_CONTENT)
}
