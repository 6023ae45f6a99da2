//! `POST /api/login`: password first, then the second factor, in one call or two.

use axum::extract::State;
use protocol::{Code, rest::account::LoginRequest};
use service::Json;

use crate::{
    app::App,
    caller::Caller,
    error::Result,
    login::{self, Credentials},
    session::{self, SessionResponse, Wish},
};

/// 200; 401 `invalid-credentials`, `mfa-required`; 422 `invalid-code`, `code-used`; 403
/// `email-unverified`, `enrolment-required`, `account-deactivated`; 429 `locked`; 503
/// `mfa-unavailable`.
#[utoipa::path(
    post,
    path = "/api/login",
    operation_id = "sign_in",
    tag = "sessions",
    responses((status = 200, body = protocol::rest::account::SessionReply)),
    extensions(("x-problems" = json!([
        Code::InvalidCredentials, Code::MfaRequired, Code::InvalidCode, Code::CodeUsed,
        Code::EmailUnverified, Code::EnrolmentRequired, Code::AccountDeactivated, Code::Locked,
        Code::ChallengeExpired, Code::ChallengeUsed, Code::MfaUnavailable,
    ]))),
)]
pub async fn login(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<LoginRequest>,
) -> Result<SessionResponse> {
    let credentials = Credentials::new(
        (body.username, body.email),
        body.password,
        (body.method, body.code),
    )?;
    let assertion = login::sign_in(&app, credentials, &caller).await?;
    let wish = Wish {
        remember: body.remember,
        transport: body.transport,
    };
    let opened = session::open(&app, &assertion, wish, &caller).await?;
    Ok(opened.reply("You are signed in."))
}
