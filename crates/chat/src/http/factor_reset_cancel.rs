//! `POST /api/factor-resets/cancel`: the link of the mail that tells of a reset of second factors.

use axum::extract::State;
use http::StatusCode;
use protocol::{Code, rest::factors::FactorResetCancel};
use service::Json;

use crate::{app::App, caller::Caller, error::Result};

/// 204: the factors stay; 404 when the link is of no reset; 410 `expired-code` when they are gone
/// already.
#[utoipa::path(
    post,
    path = "/api/factor-resets/cancel",
    operation_id = "cancel_factor_reset",
    tag = "factors",
    responses((status = 204, description = "Done.")),
    extensions(("x-problems" = json!([Code::NotFound, Code::ExpiredCode, Code::MfaUnavailable]))),
)]
pub async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<FactorResetCancel>,
) -> Result<StatusCode> {
    app.mfa.cancel_factor_reset(body.token, &caller).await?;
    app.audit
        .note("factor-reset-cancelled", None, None, "ok", &caller);
    Ok(StatusCode::NO_CONTENT)
}
