//! `POST /api/me/deactivate` and `DELETE /api/me`: switching my account off, or removing it.

use axum::{extract::State, response::Response};
use http::StatusCode;
use protocol::{Code, Problem, rest::me::ConfirmUsername};
use service::Json;

use crate::{
    account,
    app::App,
    caller::Caller,
    error::Result,
    session::{Session, assertion_of, require_fresh_factor, without_cookie},
    store::users,
};

/// 204; 403 `step-up-required`; 422 unless the username is mine. Nobody sees me any more; an admin
/// can switch it on again.
#[utoipa::path(
    post,
    path = "/api/me/deactivate",
    operation_id = "deactivate_me",
    tag = "account",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::StepUpRequired, Code::MfaUnavailable]))),
)]
pub async fn deactivate(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Json(body): Json<ConfirmUsername>,
) -> Result<Response> {
    confirm(&app, &session, &caller, &body).await?;
    account::switch_off(&app, session.user_id).await?;
    tracing::info!(security = "deactivate", user = %session.user_id, request_id = %caller.request_id, address = %caller.address, "an account was switched off by its owner");
    app.audit
        .own("account-deactivated", session.user_id, &caller);
    Ok(without_cookie(StatusCode::NO_CONTENT))
}

/// 204; 403 `step-up-required`; 422 unless the username is mine. Everything that the server holds
/// of me goes; what I sent stays with those who have it.
#[utoipa::path(
    delete,
    path = "/api/me",
    operation_id = "delete_me",
    tag = "account",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::StepUpRequired, Code::MfaUnavailable]))),
)]
pub async fn delete(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Json(body): Json<ConfirmUsername>,
) -> Result<Response> {
    confirm(&app, &session, &caller, &body).await?;
    let assertion = assertion_of(&app, &session, &caller).await?;
    account::erase(&app, session.user_id, Some(&assertion), &caller).await?;
    tracing::info!(security = "delete", user = %session.user_id, request_id = %caller.request_id, address = %caller.address, "an account was removed by its owner");
    app.audit.own("account-deleted", session.user_id, &caller);
    Ok(without_cookie(StatusCode::NO_CONTENT))
}

async fn confirm(
    app: &App,
    session: &Session,
    caller: &Caller,
    body: &ConfirmUsername,
) -> Result<()> {
    let user = users::find(&app.pool, session.user_id).await?;
    if user.ok_or(Code::SessionEnded)?.username != body.username.trim().to_lowercase() {
        return Err(Problem::new(Code::InvalidBody)
            .field("username", "mismatch", "Type your own username.")
            .into());
    }
    require_fresh_factor(app, session, caller).await
}
