//! `POST /api/signup/email`: corrects a mistyped address and mails a new code.

use axum::extract::State;
use http::StatusCode;
use protocol::{
    Code, Secret, UserId,
    rest::account::{MessageReply, SignupEmailRequest},
};
use service::Json;

use crate::{app::App, caller::Caller, error::Result, store::enrolments, token::Hash};

/// 202.
#[utoipa::path(
    post,
    path = "/api/signup/email",
    operation_id = "correct_signup_email",
    tag = "sign-up",
    responses((status = 202, body = MessageReply)),
    extensions(("x-problems" = json!([
        Code::EnrolmentExpired, Code::AccountComplete, Code::MfaUnavailable,
    ]))),
)]
pub async fn signup_email(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<SignupEmailRequest>,
) -> Result<(StatusCode, Json<MessageReply>)> {
    let account = enrolled(&app, &body.enrolment_token).await?;
    app.mfa.change_email(account, body.email, &caller).await?;
    let message = "We have sent a new code to that address.".to_owned();
    Ok((StatusCode::ACCEPTED, Json(MessageReply { message })))
}

/// The unfinished account of an enrolment token, which is renewed.
///
/// # Errors
/// 401 `enrolment-expired`.
pub async fn enrolled(app: &App, token: &Secret) -> Result<UserId> {
    let found = enrolments::renew(&app.pool, Hash::of(token.expose())).await?;
    Ok(found.ok_or(Code::EnrolmentExpired)?.into())
}
