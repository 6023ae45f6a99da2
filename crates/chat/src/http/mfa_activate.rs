//! `POST /api/mfa/activate`: the first code of a second factor; opens the session when it was the
//! last step of a sign-up.

use axum::extract::State;
use http::HeaderMap;
use protocol::{Code, mfa::ActivateFactor, rest::account::ActivateRequest};
use service::Json;

use super::{signup_email::enrolled, verify_email::finish};
use crate::{
    app::App,
    caller::Caller,
    error::Result,
    session::{self, SessionResponse, Wish},
};

/// 200 with the recovery codes; 422 `invalid-code`; 409 `factor-active`.
#[utoipa::path(
    post,
    path = "/api/mfa/activate",
    operation_id = "activate_factor",
    tag = "sign-up",
    responses((status = 200, body = protocol::rest::account::SessionReply)),
    extensions(("x-problems" = json!([
        Code::InvalidCode, Code::CodeUsed, Code::EnrolmentExpired, Code::FactorActive,
        Code::Locked, Code::NotFound, Code::Unauthenticated, Code::SessionEnded,
        Code::ChallengeExpired, Code::MfaUnavailable,
    ]))),
)]
pub async fn mfa_activate(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Json(body): Json<ActivateRequest>,
) -> Result<SessionResponse> {
    let account = match &body.enrolment_token {
        Some(token) => enrolled(&app, token).await?,
        None => {
            let token = session::token_of(&headers).ok_or(Code::Unauthenticated)?;
            session::find(&app, token, &caller).await?.user_id.into()
        }
    };
    let first = ActivateFactor {
        code: body.code,
        credential: None,
    };
    let activated = app
        .mfa
        .activate(account, body.factor_id, &first, &caller)
        .await?;
    let wish = Wish {
        remember: false,
        transport: body.transport.unwrap_or_default(),
    };
    let opened = finish(&app, &activated.progress, wish, &caller).await?;
    let mut response = match opened {
        Some(opened) => opened.reply("Welcome. Your account is complete."),
        None if activated.progress.complete => {
            app.audit.own("factor-added", account.0, &caller);
            SessionResponse::unfinished("Your second factor is set up.", None)
        }
        None => SessionResponse::unfinished(
            "Your authenticator app is set up. Now confirm your e-mail address.",
            body.enrolment_token,
        ),
    };
    if !activated.recovery_codes.is_empty() {
        response.reply.recovery_codes = Some(activated.recovery_codes);
    }
    Ok(response)
}
