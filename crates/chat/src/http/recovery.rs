//! `PUT` and `GET /api/recovery`: what my recovery key opens, sealed on my devices.

use axum::extract::State;
use http::StatusCode;
use protocol::{
    Code, Problem, limits,
    rest::archive::{Recovery, RecoveryUpdate},
};
use service::Json;

use crate::{
    app::App,
    caller::Caller,
    error::Result,
    session::{Session, require_fresh_factor},
    store::recovery,
};

/// 204; 403 `step-up-required`; 409 `stale-version` with the `version` that stands; 413.
#[utoipa::path(
    put,
    path = "/api/recovery",
    operation_id = "replace_recovery",
    tag = "archive",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([
        Code::StepUpRequired, Code::StaleVersion, Code::MfaUnavailable,
    ]))),
)]
pub async fn replace(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Json(body): Json<RecoveryUpdate>,
) -> Result<StatusCode> {
    if body.bundle.0.len() > limits::RECOVERY {
        return Err(Problem::new(Code::BodyTooLarge)
            .detail("A recovery bundle may have 128 KiB.")
            .into());
    }
    require_fresh_factor(&app, &session, &caller).await?;
    let version = i64::try_from(body.version).unwrap_or(i64::MAX);
    if version < 1 || !recovery::store(&app.pool, session.user_id, version, &body.bundle.0).await? {
        let stands = recovery::version(&app.pool, session.user_id).await?;
        return Err(Problem::new(Code::StaleVersion)
            .with("version", stands)
            .into());
    }
    tracing::info!(security = "recovery", user = %session.user_id, version, request_id = %caller.request_id, address = %caller.address, "a recovery bundle was replaced");
    app.audit.own("recovery-replaced", session.user_id, &caller);
    Ok(StatusCode::NO_CONTENT)
}

/// 200; 403 `step-up-required`; 404 when there is none.
#[utoipa::path(
    get,
    path = "/api/recovery",
    operation_id = "recovery",
    tag = "archive",
    responses((status = 200, body = Recovery)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([
        Code::StepUpRequired, Code::NotFound, Code::MfaUnavailable,
    ]))),
)]
pub async fn load(
    State(app): State<App>,
    session: Session,
    caller: Caller,
) -> Result<Json<Recovery>> {
    require_fresh_factor(&app, &session, &caller).await?;
    let bundle = recovery::find(&app.pool, session.user_id).await?;
    Ok(Json(bundle.ok_or(Code::NotFound)?))
}
