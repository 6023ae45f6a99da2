//! `/api/mfa/factors` and `POST /api/mfa/recovery-codes`: my second factors.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use protocol::{
    Code, FactorId,
    mfa::{self, AddFactor},
    rest::factors::{AddedFactor, Factor, FactorAdd, FactorRename, Factors, RecoveryCodes},
};
use service::{Json, Path};
use uuid::Uuid;

use crate::{
    app::App,
    caller::Caller,
    error::Result,
    session::{Session, assertion_of, require_fresh_factor},
};

/// 200: all of mine, how many backup codes are left, and what can be added here.
#[utoipa::path(
    get,
    path = "/api/mfa/factors",
    operation_id = "factors",
    tag = "factors",
    responses((status = 200, body = Factors)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::MfaUnavailable]))),
)]
pub async fn list(
    State(app): State<App>,
    session: Session,
    caller: Caller,
) -> Result<Json<Factors>> {
    let all = app.mfa.factors(session.user_id.into(), &caller).await?;
    Ok(Json(Factors {
        factors: all.factors.into_iter().map(view).collect(),
        recovery_codes_left: all.recovery_codes_left,
        kinds: all.kinds,
    }))
}

/// 201: it waits for its first code; 403 `step-up-required`; 409 `factor-active` when there can be
/// one only. A secret is shown this once.
#[utoipa::path(
    post,
    path = "/api/mfa/factors",
    operation_id = "add_factor",
    tag = "factors",
    responses((status = 201, body = AddedFactor)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([
        Code::StepUpRequired, Code::FactorActive, Code::EmailUnverified, Code::MfaUnavailable,
    ]))),
)]
pub async fn add(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Json(body): Json<FactorAdd>,
) -> Result<Response> {
    let wanted = AddFactor {
        kind: body.kind,
        label: body.label,
    };
    let added = begin(&app, &session, &wanted, &caller).await?;
    Ok((StatusCode::CREATED, NO_STORE, Json(added)).into_response())
}

/// What a reply with a secret says to caches.
pub const NO_STORE: [(header::HeaderName, HeaderValue); 1] =
    [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];

/// Adds a factor for whoever gave one a moment ago.
///
/// # Errors
/// 403 `step-up-required`.
pub async fn begin(
    app: &App,
    session: &Session,
    wanted: &AddFactor,
    caller: &Caller,
) -> Result<AddedFactor> {
    require_fresh_factor(app, session, caller).await?;
    let user = session.user_id.into();
    let added = app.mfa.add_factor(user, wanted, caller).await?;
    Ok(shown(added))
}

/// 200.
#[utoipa::path(
    patch,
    path = "/api/mfa/factors/{id}",
    operation_id = "rename_factor",
    tag = "factors",
    responses((status = 200, body = Factor)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::MfaUnavailable]))),
)]
pub async fn rename(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(body): Json<FactorRename>,
) -> Result<Json<Factor>> {
    let user = session.user_id.into();
    let renamed = app
        .mfa
        .rename_factor(user, id.into(), body.label, &caller)
        .await?;
    Ok(Json(view(renamed)))
}

/// 204; 403 `step-up-required` once it is active; 409 `last-factor`.
#[utoipa::path(
    delete,
    path = "/api/mfa/factors/{id}",
    operation_id = "remove_factor",
    tag = "factors",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([
        Code::StepUpRequired, Code::LastFactor, Code::MfaUnavailable,
    ]))),
)]
pub async fn remove(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<StatusCode> {
    let (user, id) = (session.user_id, FactorId::from(id));
    let all = app.mfa.factors(user.into(), &caller).await?.factors;
    let factor = all.into_iter().find(|factor| factor.factor_id == id);
    let factor = factor.ok_or(Code::NotFound)?;
    // What nobody ever used to sign in may go without a question.
    let assertion = match factor.active {
        true => Some(assertion_of(&app, &session, &caller).await?),
        false => None,
    };
    app.mfa
        .remove_factor(user.into(), id, assertion.as_ref(), &caller)
        .await?;
    if factor.active {
        tracing::info!(security = "factor-removed", %user, request_id = %caller.request_id, address = %caller.address, "a second factor was removed");
        app.audit.own("factor-removed", user, &caller);
    }
    Ok(StatusCode::NO_CONTENT)
}

/// 201, shown this once: the older ones are void; 403 `step-up-required`.
#[utoipa::path(
    post,
    path = "/api/mfa/recovery-codes",
    operation_id = "renew_recovery_codes",
    tag = "factors",
    responses((status = 201, body = RecoveryCodes)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::StepUpRequired, Code::MfaUnavailable]))),
)]
pub async fn renew_recovery_codes(
    State(app): State<App>,
    session: Session,
    caller: Caller,
) -> Result<Response> {
    let assertion = assertion_of(&app, &session, &caller).await?;
    let user = session.user_id;
    let renewed = app
        .mfa
        .renew_recovery_codes(user.into(), &assertion, &caller)
        .await?;
    tracing::info!(security = "recovery-codes-renewed", %user, request_id = %caller.request_id, address = %caller.address, "backup codes were renewed");
    app.audit.own("recovery-codes-renewed", user, &caller);
    let recovery_codes = renewed.recovery_codes;
    Ok((
        StatusCode::CREATED,
        NO_STORE,
        Json(RecoveryCodes { recovery_codes }),
    )
        .into_response())
}

fn view(factor: mfa::Factor) -> Factor {
    Factor {
        factor_id: factor.factor_id,
        kind: factor.kind,
        label: factor.label,
        active: factor.active,
        created_at: factor.created_at,
        last_used_at: factor.last_used_at,
        unreachable: factor.unreachable,
    }
}

fn shown(added: mfa::AddedFactor) -> AddedFactor {
    match added {
        mfa::AddedFactor::Shown(factor) => AddedFactor {
            uri: Some(factor.uri),
            secret: Some(factor.secret),
            qr_svg: Some(factor.qr_svg),
            ..bare(
                factor.factor_id,
                factor.kind,
                factor.label,
                factor.expires_at,
            )
        },
        mfa::AddedFactor::Mailed(factor) => AddedFactor {
            recipient_hint: Some(factor.recipient_hint),
            ..bare(
                factor.factor_id,
                factor.kind,
                factor.label,
                factor.expires_at,
            )
        },
        mfa::AddedFactor::Passkey(factor) => AddedFactor {
            creation_options: Some(factor.creation_options),
            ..bare(
                factor.factor_id,
                factor.kind,
                factor.label,
                factor.expires_at,
            )
        },
    }
}

fn bare(
    factor_id: FactorId,
    kind: mfa::FactorKind,
    label: String,
    expires_at: protocol::Timestamp,
) -> AddedFactor {
    AddedFactor {
        factor_id,
        kind,
        label,
        expires_at,
        uri: None,
        secret: None,
        qr_svg: None,
        recipient_hint: None,
        creation_options: None,
    }
}
