//! `POST /api/email/change` and `POST /api/email/verify`: another address.

use axum::extract::State;
use http::StatusCode;
use protocol::{
    Code,
    rest::{
        me::Me,
        password::{EmailChange, EmailChangeReply, EmailConfirm},
    },
};
use service::Json;

use super::me::me;
use crate::{
    app::App,
    caller::Caller,
    error::Result,
    session::{Session, assertion_of},
    store::users,
};

/// 202, whether the address is taken or not; 403 `step-up-required`. The old one counts until the
/// code is given.
#[utoipa::path(
    post,
    path = "/api/email/change",
    operation_id = "change_email",
    tag = "account",
    responses((status = 202, body = EmailChangeReply)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::StepUpRequired, Code::MfaUnavailable]))),
)]
pub async fn ask(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Json(body): Json<EmailChange>,
) -> Result<(StatusCode, Json<EmailChangeReply>)> {
    let assertion = assertion_of(&app, &session, &caller).await?;
    let user = session.user_id.into();
    let started = app
        .mfa
        .ask_email(user, body.email, &assertion, &caller)
        .await?;
    let reply = EmailChangeReply {
        email_hint: started.email_hint,
        expires_at: started.expires_at,
    };
    Ok((StatusCode::ACCEPTED, Json(reply)))
}

/// 200 with my profile; 422 `invalid-code`; 410 `expired-code`; 429 `locked`.
#[utoipa::path(
    post,
    path = "/api/email/verify",
    operation_id = "confirm_email",
    tag = "account",
    responses((status = 200, body = Me)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([
        Code::InvalidCode, Code::CodeUsed, Code::ExpiredCode, Code::Locked, Code::MfaUnavailable,
    ]))),
)]
pub async fn confirm(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Json(body): Json<EmailConfirm>,
) -> Result<Json<Me>> {
    let user = session.user_id;
    let account = app
        .mfa
        .confirm_email(user.into(), body.code, &caller)
        .await?;
    users::set_email(&app.pool, user, &account.email).await?;
    tracing::info!(security = "email-change", %user, request_id = %caller.request_id, address = %caller.address, "an address was changed");
    app.audit.own("email-changed", user, &caller);
    me(State(app), session).await
}
