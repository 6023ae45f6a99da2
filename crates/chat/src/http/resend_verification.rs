//! `POST /api/resend-verification`: another code by mail. The answer is the same for everybody.

use axum::extract::State;
use http::StatusCode;
use protocol::{
    Code, Problem,
    mfa::ResendEmail,
    rest::account::{MessageReply, ResendRequest},
};
use service::Json;

use super::signup_email::enrolled;
use crate::{app::App, caller::Caller, error::Result};

/// 202.
#[utoipa::path(
    post,
    path = "/api/resend-verification",
    operation_id = "resend_verification",
    tag = "sign-up",
    responses((status = 202, body = MessageReply)),
    extensions(("x-problems" = json!([Code::EnrolmentExpired, Code::MfaUnavailable]))),
)]
pub async fn resend_verification(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<ResendRequest>,
) -> Result<(StatusCode, Json<MessageReply>)> {
    let account_id = match &body.enrolment_token {
        Some(token) => Some(enrolled(&app, token).await?),
        None => None,
    };
    if account_id.is_none() && body.email.is_none() {
        return Err(Problem::new(Code::InvalidBody)
            .field(
                "email",
                "required",
                "Give one of email and enrolment_token.",
            )
            .into());
    }
    let email = body.email.filter(|_| account_id.is_none());
    app.mfa
        .resend_email(&ResendEmail { email, account_id }, &caller)
        .await?;
    let message = "If a sign-up waits for this address, a new code is on its way.".to_owned();
    Ok((StatusCode::ACCEPTED, Json(MessageReply { message })))
}
