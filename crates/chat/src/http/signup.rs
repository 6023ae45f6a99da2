//! `POST /api/signup`: makes an unfinished account, mails a code and shows a factor to set up.

use std::time::Instant;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use protocol::{
    Code, Secret,
    mfa::{CreateAccount, FactorKind, Language},
    rest::account::{SignupReply, SignupRequest},
};
use service::Json;
use uuid::Uuid;

use crate::{
    app::App,
    caller::Caller,
    config::Signup,
    error::Result,
    invitation, login,
    names::{self, Username},
    store::{enrolments, invitations, users},
    token,
};

/// 201; 403 `invitation-required` where `SIGNUP=invite`; 409 `username-taken`. Whether the address is taken is never told.
#[utoipa::path(
    post,
    path = "/api/signup",
    operation_id = "sign_up",
    tag = "sign-up",
    responses((status = 201, body = SignupReply)),
    extensions(("x-problems" = json!([
        Code::UsernameTaken, Code::SignupClosed, Code::InvitationRequired, Code::MfaUnavailable,
    ]))),
)]
pub async fn signup(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<SignupRequest>,
) -> Result<Response> {
    if app.config.signup == Signup::Closed {
        return Err(Code::SignupClosed.into());
    }
    let username = Username::parse(&body.username)?;
    let name = names::display_name(body.name.as_deref())?;
    app.rates.signup.take(caller.address, Instant::now())?;
    if users::look_taken(&app.pool, &username.look()).await? {
        return Err(Code::UsernameTaken.into());
    }
    let wanted = CreateAccount {
        email: body.email,
        username: Some(username.as_str().to_owned()),
        password: Some(body.password),
        name,
        language: Some(language(body.language.as_deref())),
        factor: Some(FactorKind::Totp),
    };
    let invitation = match app.config.signup {
        Signup::Invite => Some(invited(&app, body.invite.as_ref(), &caller).await?),
        Signup::Open | Signup::Closed => None,
    };
    let created = match app.mfa.create(&wanted, &caller).await {
        Ok(created) => created,
        Err(failure) => {
            if let Some(id) = invitation {
                invitations::give_back(&app.pool, id).await?;
            }
            return Err(failure.into());
        }
    };
    if let Some(id) = invitation {
        invitations::took(&app.pool, id, created.account_id.0).await?;
    }
    let factor = created
        .factor
        .ok_or_else(|| anyhow::anyhow!("the MFA service made an account without its factor"))?;
    let (token, hash) = token::fresh();
    enrolments::add(&app.pool, hash, created.account_id.0).await?;
    metrics::counter!("chat_signups_total").increment(1);
    let reply = SignupReply {
        user_id: created.account_id,
        message: format!(
            "We have sent a code to {}. Enter it, and set up your authenticator app.",
            created.email_hint
        ),
        enrolment_token: token,
        mfa: login::pending(factor),
    };
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok((StatusCode::CREATED, no_store, Json(reply)).into_response())
}

/// Takes a use of the invitation; who tries others' is noted.
async fn invited(app: &App, code: Option<&Secret>, caller: &Caller) -> Result<Uuid> {
    let taken = invitation::take(&app.pool, code).await;
    if taken.is_err() && code.is_some() {
        let refused = Code::InvitationRequired.as_str();
        app.audit.note("sign-up", None, None, refused, caller);
        tracing::warn!(security = "invitation", request_id = %caller.request_id, address = %caller.address, "a sign-up without a good invitation was refused");
    }
    taken
}

fn language(tag: Option<&str>) -> Language {
    match tag.and_then(|tag| tag.split(['-', '_']).next()) {
        Some(primary) if primary.eq_ignore_ascii_case("fr") => Language::Fr,
        _ => Language::En,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_tag_counts_by_its_first_part() {
        assert_eq!(language(Some("fr-CA")), Language::Fr);
        assert_eq!(language(Some("de")), Language::En);
        assert_eq!(language(None), Language::En);
    }
}
