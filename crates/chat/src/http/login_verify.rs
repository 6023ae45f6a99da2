//! `POST /api/login/verify`: the second factor of a login.

use axum::extract::State;
use protocol::{Code, rest::account::LoginVerifyRequest};
use service::Json;

use crate::{
    app::App,
    caller::Caller,
    error::Result,
    login,
    session::{self, SessionResponse, Wish},
};

/// As a login.
#[utoipa::path(
    post,
    path = "/api/login/verify",
    operation_id = "verify_login",
    tag = "sessions",
    responses((status = 200, body = protocol::rest::account::SessionReply)),
    extensions(("x-problems" = json!([
        Code::InvalidCode, Code::CodeUsed, Code::ChallengeExpired, Code::ChallengeUsed,
        Code::AccountDeactivated, Code::Locked, Code::MfaUnavailable, Code::NotFound,
    ]))),
)]
pub async fn login_verify(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<LoginVerifyRequest>,
) -> Result<SessionResponse> {
    let assertion = login::verify(&app, body.challenge_id, body.method, body.code, &caller).await?;
    let wish = Wish {
        remember: body.remember,
        transport: body.transport,
    };
    let opened = session::open(&app, &assertion, wish, &caller).await?;
    Ok(opened.reply("You are signed in."))
}
