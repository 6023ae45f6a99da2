//! `POST /api/step-up`: a fresh second factor for what asks for one.

use axum::extract::State;
use http::StatusCode;
use protocol::{Code, Problem, rest::account::StepUpRequest};
use service::Json;
use time::OffsetDateTime;

use crate::{
    app::App,
    caller::Caller,
    error::Result,
    login,
    session::{STEP_UP, Session},
    store::sessions,
};

/// 204; 422 `invalid-code`, `code-used`; 410 `challenge-expired`; 429 `locked`.
#[utoipa::path(
    post,
    path = "/api/step-up",
    operation_id = "step_up",
    tag = "sessions",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([
        Code::InvalidCode, Code::CodeUsed, Code::ChallengeExpired, Code::ChallengeUsed,
        Code::Locked, Code::MfaUnavailable, Code::NotFound,
    ]))),
)]
pub async fn step_up(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Json(body): Json<StepUpRequest>,
) -> Result<StatusCode> {
    let answer = login::answer(body.method, body.code, body.credential);
    let authenticated = app.mfa.verify(body.challenge_id, &answer, &caller).await?;
    let assertion = app
        .mfa
        .check(&authenticated.assertion, STEP_UP, &caller)
        .await?;
    // The challenge was made for one person and one session; no other may profit from it.
    if assertion.sub.0 != session.user_id
        || assertion.context != Some(session.session_id.to_string())
    {
        tracing::warn!(security = "step-up", request_id = %caller.request_id, address = %caller.address, "a challenge was answered in another session");
        return Err(Problem::new(Code::ChallengeExpired)
            .detail("This confirmation belongs to another session.")
            .into());
    }
    let at = OffsetDateTime::from_unix_timestamp(assertion.auth_time)
        .unwrap_or_else(|_| OffsetDateTime::now_utc());
    let given = authenticated.assertion.expose();
    sessions::gave_factor(&app.pool, session.session_id, at, given).await?;
    app.audit.own("step-up", session.user_id, &caller);
    Ok(StatusCode::NO_CONTENT)
}
