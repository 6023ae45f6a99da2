//! `POST /api/passkeys/{register,login}/{start,finish}`: making a passkey, and signing in with one
//! without a name.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use protocol::{
    Code, Secret,
    mfa::{ActivateFactor, AddFactor, FactorKind, FinishPasskeyLogin},
    rest::factors::{
        AddedFactor, PasskeyFinish, PasskeyLogin, PasskeyLoginFinish, PasskeyStart, RecoveryCodes,
    },
};
use service::Json;

use super::factors::{NO_STORE, begin};
use crate::{
    app::App,
    caller::Caller,
    error::Result,
    login::{accept, noted},
    session::{self, Session, SessionResponse, Wish},
};

/// 200 with what the browser is to create; 403 `step-up-required`.
#[utoipa::path(
    post,
    path = "/api/passkeys/register/start",
    operation_id = "start_passkey",
    tag = "factors",
    responses((status = 200, body = AddedFactor)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([
        Code::StepUpRequired, Code::EmailUnverified, Code::MfaUnavailable,
    ]))),
)]
pub async fn register_start(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Json(body): Json<PasskeyStart>,
) -> Result<Response> {
    let wanted = AddFactor {
        kind: FactorKind::Passkey,
        label: body.label,
    };
    let added = begin(&app, &session, &wanted, &caller).await?;
    Ok((NO_STORE, Json(added)).into_response())
}

/// 200, with backup codes if there were none before; 404 when no such factor was begun; 422
/// `invalid-code` when the passkey does not answer what was asked.
#[utoipa::path(
    post,
    path = "/api/passkeys/register/finish",
    operation_id = "finish_passkey",
    tag = "factors",
    responses((status = 200, body = RecoveryCodes)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([
        Code::NotFound, Code::InvalidCode, Code::FactorActive, Code::Locked, Code::MfaUnavailable,
    ]))),
)]
pub async fn register_finish(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Json(body): Json<PasskeyFinish>,
) -> Result<Response> {
    let user = session.user_id;
    let created = ActivateFactor {
        code: Secret::default(),
        credential: Some(body.credential),
    };
    let activated = app
        .mfa
        .activate(user.into(), body.factor_id, &created, &caller)
        .await?;
    tracing::info!(security = "factor-added", %user, request_id = %caller.request_id, address = %caller.address, "a passkey was added");
    app.audit.own("factor-added", user, &caller);
    let recovery_codes = activated.recovery_codes;
    Ok((NO_STORE, Json(RecoveryCodes { recovery_codes })).into_response())
}

/// 200 with what to ask the browser: any passkey of this server will do.
#[utoipa::path(
    post,
    path = "/api/passkeys/login/start",
    operation_id = "start_passkey_login",
    tag = "sessions",
    responses((status = 200, body = PasskeyLogin)),
    extensions(("x-problems" = json!([Code::MfaUnavailable]))),
)]
pub async fn login_start(State(app): State<App>, caller: Caller) -> Result<Response> {
    let started = app.mfa.start_passkey_login(&caller).await?;
    let asked = PasskeyLogin {
        login_id: started.login_id,
        request_options: started.request_options,
        expires_at: started.expires_at,
    };
    Ok((StatusCode::OK, NO_STORE, Json(asked)).into_response())
}

/// As a login: a passkey stands for both factors. One try; 401 `invalid-credentials` when it is
/// not known here.
#[utoipa::path(
    post,
    path = "/api/passkeys/login/finish",
    operation_id = "finish_passkey_login",
    tag = "sessions",
    responses((status = 200, body = protocol::rest::account::SessionReply)),
    extensions(("x-problems" = json!([
        Code::InvalidCredentials, Code::ChallengeExpired, Code::EmailUnverified,
        Code::AccountDeactivated, Code::Locked, Code::NotFound, Code::MfaUnavailable,
    ]))),
)]
pub async fn login_finish(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<PasskeyLoginFinish>,
) -> Result<SessionResponse> {
    let answer = FinishPasskeyLogin {
        credential: body.credential,
        client_ip: Some(caller.address),
    };
    let finished = app
        .mfa
        .finish_passkey_login(body.login_id, &answer, &caller)
        .await;
    let proved = match finished {
        Ok(authenticated) => accept(&app, authenticated, &caller).await?,
        Err(failure) => return Err(noted(&app, failure, &caller)),
    };
    let wish = Wish {
        remember: body.remember,
        transport: body.transport,
    };
    let opened = session::open(&app, &proved.assertion, wish, &caller).await?;
    Ok(opened.reply("You are signed in."))
}
