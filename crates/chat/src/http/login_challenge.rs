//! `POST /api/login/challenge`: sends a code for the second factor of a login or step-up.

use axum::extract::State;
use http::StatusCode;
use protocol::{
    Code,
    rest::account::{ChallengeRequest, MessageReply},
};
use service::Json;

use crate::{app::App, caller::Caller, error::Result, login::to_mfa};

/// 202.
#[utoipa::path(
    post,
    path = "/api/login/challenge",
    operation_id = "send_login_code",
    tag = "sessions",
    responses((status = 202, body = MessageReply)),
    extensions(("x-problems" = json!([
        Code::ChallengeExpired, Code::ChallengeUsed, Code::Locked, Code::MfaUnavailable,
        Code::NotFound,
    ]))),
)]
pub async fn login_challenge(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<ChallengeRequest>,
) -> Result<(StatusCode, Json<MessageReply>)> {
    app.mfa
        .send(body.challenge_id, to_mfa(body.method), &caller)
        .await?;
    let message = "The code is on its way.".to_owned();
    Ok((StatusCode::ACCEPTED, Json(MessageReply { message })))
}
