//! `POST /api/login`: password first, then the second factor, in one call or two.

use axum::{extract::State, response::Response};
use protocol::{Code, rest::account::LoginRequest};
use service::Json;

use crate::{
    app::App,
    browser::Browser,
    caller::Caller,
    error::Result,
    login::{self, Credentials},
    session::{self, SessionResponse, Wish},
};

/// 200; 401 `invalid-credentials`, `mfa-required`; 422 `invalid-code`, `code-used`; 403
/// `email-unverified`, `enrolment-required`, `account-deactivated`, `proof-required` with a
/// `puzzle`; 429 `locked`; 503
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
        Code::ProofRequired, Code::ChallengeExpired, Code::ChallengeUsed, Code::MfaUnavailable,
    ]))),
)]
pub async fn login(
    State(app): State<App>,
    caller: Caller,
    mut browser: Browser,
    Json(body): Json<LoginRequest>,
) -> Response {
    let outcome = sign_in(&app, &caller, &mut browser, body).await;
    browser.keep(outcome)
}

async fn sign_in(
    app: &App,
    caller: &Caller,
    browser: &mut Browser,
    body: LoginRequest,
) -> Result<SessionResponse> {
    let mut credentials = Credentials::new(
        (body.username, body.email),
        body.password,
        (body.method, body.code),
    )?;
    let is_answered = credentials.factor.is_some();
    credentials.work = body.work;
    credentials.known_by = browser.known_by(body.transport);
    let proved = login::sign_in(app, credentials, Some(&mut *browser), caller).await?;
    if body.remember_browser && is_answered {
        login::remember(app, &proved, browser, caller).await;
    }
    let wish = Wish {
        remember: body.remember,
        transport: body.transport,
    };
    let opened = session::open(app, &proved.assertion, wish, caller).await?;
    Ok(opened.reply("You are signed in."))
}
