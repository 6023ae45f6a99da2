//! `POST /api/login/verify`: the second factor of a login.

use axum::{extract::State, response::Response};
use protocol::{Code, rest::account::LoginVerifyRequest};
use service::Json;

use crate::{
    app::App,
    browser::Browser,
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
    mut browser: Browser,
    Json(body): Json<LoginVerifyRequest>,
) -> Response {
    let outcome = verify(&app, &caller, &mut browser, body).await;
    browser.keep(outcome)
}

async fn verify(
    app: &App,
    caller: &Caller,
    browser: &mut Browser,
    body: LoginVerifyRequest,
) -> Result<SessionResponse> {
    let answer = login::answer(body.method, body.code, body.credential);
    let proved = login::verify(app, body.challenge_id, &answer, caller).await?;
    if body.remember_browser {
        login::remember(app, &proved, browser, caller).await;
    }
    let wish = Wish {
        remember: body.remember,
        transport: body.transport,
    };
    let opened = session::open(app, &proved.assertion, wish, caller).await?;
    Ok(opened.reply("You are signed in."))
}
