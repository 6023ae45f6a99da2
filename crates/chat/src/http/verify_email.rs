//! `POST /api/verify-email`: the code from the mail; opens the session when it was the last step.

use axum::extract::State;
use protocol::{
    Code, Problem,
    mfa::{Progress, VerifyEmail},
    rest::account::VerifyEmailRequest,
};
use service::Json;

use super::signup_email::enrolled;
use crate::{
    app::App,
    caller::Caller,
    error::Result,
    session::{self, SessionResponse, Wish},
};

/// 200; 422 `invalid-code`, `code-used`; 410 `expired-code`; 429 `locked`.
#[utoipa::path(
    post,
    path = "/api/verify-email",
    operation_id = "verify_email",
    tag = "sign-up",
    responses((status = 200, body = protocol::rest::account::SessionReply)),
    extensions(("x-problems" = json!([
        Code::InvalidCode, Code::CodeUsed, Code::ExpiredCode, Code::Locked, Code::EnrolmentExpired,
        Code::MfaUnavailable,
    ]))),
)]
pub async fn verify_email(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<VerifyEmailRequest>,
) -> Result<SessionResponse> {
    let account = match &body.enrolment_token {
        Some(token) => Some(enrolled(&app, token).await?),
        None => None,
    };
    if account.is_none() && body.email.is_none() {
        return Err(Problem::new(Code::InvalidBody)
            .field(
                "email",
                "required",
                "Give one of email and enrolment_token.",
            )
            .into());
    }
    // With the token the code has to belong to that very sign-up.
    let email = body.email.filter(|_| account.is_none());
    let wanted = VerifyEmail {
        email,
        account_id: account,
        code: body.code,
    };
    let progress = app.mfa.verify_email(&wanted, &caller).await?;
    let wish = Wish {
        remember: false,
        transport: body.transport.unwrap_or_default(),
    };
    if let Some(opened) = finish(&app, &progress, wish, &caller).await? {
        return Ok(opened.reply("Welcome. Your account is complete."));
    }
    let message = if progress.complete {
        "Your address is confirmed. Please sign in."
    } else {
        "Your address is confirmed. Now set up your authenticator app."
    };
    Ok(SessionResponse::unfinished(message, body.enrolment_token))
}

/// Opens a session when a step has completed the account.
///
/// # Errors
/// When the MFA service or the database fails.
pub async fn finish(
    app: &App,
    progress: &Progress,
    wish: Wish,
    caller: &Caller,
) -> Result<Option<session::Opened>> {
    let Some(assertion) = &progress.assertion else {
        return Ok(None);
    };
    let assertion = app.mfa.check(assertion, "signup", caller).await?;
    session::open(app, &assertion, wish, caller).await.map(Some)
}
