//! `POST /api/password/{forgot,reset,change}`.

use axum::extract::State;
use http::StatusCode;
use protocol::{
    Code, Problem,
    mfa::{ChangePassword, CompletePasswordReset},
    rest::{
        account::MessageReply,
        password::{ForgotPassword, ForgotReply, PasswordChange, PasswordReset},
    },
};
use service::Json;

use crate::{app::App, caller::Caller, error::Result, login, session::Session, store::sessions};

/// 202, whoever is meant and whether anybody is.
#[utoipa::path(
    post,
    path = "/api/password/forgot",
    operation_id = "forgot_password",
    tag = "account",
    responses((status = 202, body = ForgotReply)),
    extensions(("x-problems" = json!([Code::MfaUnavailable]))),
)]
pub async fn forgot(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<ForgotPassword>,
) -> Result<(StatusCode, Json<ForgotReply>)> {
    let started = app.mfa.start_reset(body.identifier, &caller).await?;
    app.audit.note("password-forgot", None, None, "ok", &caller);
    let reply = ForgotReply {
        reset_id: started.reset_id,
        message: started.message,
        expires_at: started.expires_at,
    };
    Ok((StatusCode::ACCEPTED, Json(reply)))
}

/// 200; 401 `mfa-required` with a challenge after the right code of the mail, then once more with
/// its answer; 422 `invalid-code`, `code-used`; 410 `expired-code`; 429 `locked`. All sessions end.
#[utoipa::path(
    post,
    path = "/api/password/reset",
    operation_id = "reset_password",
    tag = "account",
    responses((status = 200, body = MessageReply)),
    extensions(("x-problems" = json!([
        Code::MfaRequired, Code::InvalidCode, Code::CodeUsed, Code::ExpiredCode,
        Code::ChallengeExpired, Code::ChallengeUsed, Code::StepUpRequired, Code::Locked,
        Code::NotFound, Code::MfaUnavailable,
    ]))),
)]
pub async fn reset(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<PasswordReset>,
) -> Result<Json<MessageReply>> {
    let given = body.factor_code.is_some() || body.credential.is_some();
    let assertion = match (body.code, body.challenge_id, body.method) {
        (Some(code), None, None) if !given => {
            let proved = app.mfa.prove_reset(body.reset_id, code, &caller).await?;
            if let Some(challenge) = proved.challenge_id {
                return Err(Problem::new(Code::MfaRequired)
                    .with("challenge_id", challenge)
                    .with("methods", proved.methods)
                    .into());
            }
            None
        }
        (None, Some(challenge), Some(method)) if given => {
            let code = body.factor_code.unwrap_or_default();
            let answer = login::answer(method, code, body.credential);
            Some(app.mfa.verify(challenge, &answer, &caller).await?.assertion)
        }
        _ => {
            return Err(Problem::new(Code::InvalidBody)
                .field(
                    "code",
                    "required",
                    "Give the code of the mail, or challenge_id, method and its answer.",
                )
                .into());
        }
    };
    let complete = CompletePasswordReset {
        password: body.password,
        assertion,
    };
    let done = app
        .mfa
        .complete_reset(body.reset_id, &complete, &caller)
        .await?;
    let user = done.account_id.0;
    let ended = sessions::remove_all(&app.pool, user).await?;
    app.hub.end_sessions(user, &ended);
    tracing::info!(security = "password-reset", %user, request_id = %caller.request_id, address = %caller.address, "a password was reset; all sessions ended");
    app.audit.own("password-reset", user, &caller);
    Ok(Json(MessageReply {
        message: "Your password is changed. Please sign in.".to_owned(),
    }))
}

/// 204; 401 `invalid-credentials`; 422. My other sessions end.
#[utoipa::path(
    post,
    path = "/api/password/change",
    operation_id = "change_password",
    tag = "account",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([
        Code::InvalidCredentials, Code::Locked, Code::MfaUnavailable,
    ]))),
)]
pub async fn change(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Json(body): Json<PasswordChange>,
) -> Result<StatusCode> {
    let user = session.user_id;
    let change = ChangePassword {
        password: body.password,
        current: Some(body.current),
    };
    app.mfa
        .change_password(user.into(), &change, &caller)
        .await?;
    let ended = sessions::remove_others(&app.pool, user, session.session_id).await?;
    app.hub.end_sessions(user, &ended);
    tracing::info!(security = "password-change", %user, request_id = %caller.request_id, address = %caller.address, "a password was changed; the other sessions ended");
    app.audit.own("password-changed", user, &caller);
    Ok(StatusCode::NO_CONTENT)
}
