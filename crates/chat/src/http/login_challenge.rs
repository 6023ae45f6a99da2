//! `POST /api/login/challenge`: sends a code for the second factor of a login or step-up, or says
//! what to ask the browser for a passkey.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use protocol::{
    Code,
    mfa::SendReply,
    rest::{
        account::{ChallengeRequest, MessageReply},
        factors::PasskeyQuestion,
    },
};
use service::Json;

use crate::{app::App, caller::Caller, error::Result, login::to_mfa};

/// 202; for a passkey 200 with what to ask the browser.
#[utoipa::path(
    post,
    path = "/api/login/challenge",
    operation_id = "send_login_code",
    tag = "sessions",
    responses(
        (status = 202, body = MessageReply),
        (status = 200, body = PasskeyQuestion),
    ),
    extensions(("x-problems" = json!([
        Code::ChallengeExpired, Code::ChallengeUsed, Code::Locked, Code::MfaUnavailable,
        Code::NotFound,
    ]))),
)]
pub async fn login_challenge(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<ChallengeRequest>,
) -> Result<Response> {
    let sent = app
        .mfa
        .send(body.challenge_id, to_mfa(body.method), &caller)
        .await?;
    if let SendReply::Passkey(asked) = sent {
        let request_options = asked.request_options;
        return Ok(Json(PasskeyQuestion { request_options }).into_response());
    }
    let message = "The code is on its way.".to_owned();
    Ok((StatusCode::ACCEPTED, Json(MessageReply { message })).into_response())
}
