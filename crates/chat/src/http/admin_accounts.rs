//! `DELETE /api/admin/users/{id}` and `…/factor-reset`: what only admins do to accounts.

use axum::extract::State;
use http::StatusCode;
use protocol::{
    Code, Problem,
    rest::{
        admin::FactorReset,
        me::{ConfirmUsername, Role},
    },
};
use service::{Json, Path};
use uuid::Uuid;

use super::admin::Keeper;
use crate::{account, app::App, error::Result, store::admin};

/// 204; 409 `last-admin`; 422 unless the username is theirs. Everything that the server holds of
/// the person goes, here at once and at the MFA service as soon as it answers.
#[utoipa::path(
    delete,
    path = "/api/admin/users/{id}",
    operation_id = "delete_account",
    tag = "admin",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([
        Code::Forbidden, Code::StepUpRequired, Code::LastAdmin, Code::MfaUnavailable,
    ]))),
)]
pub async fn delete(
    State(app): State<App>,
    keeper: Keeper,
    Path(user): Path<Uuid>,
    Json(body): Json<ConfirmUsername>,
) -> Result<StatusCode> {
    let account = keeper.on(&app, user, Role::Admin).await?;
    if account.username != body.username.trim().to_lowercase() {
        return Err(Problem::new(Code::InvalidBody)
            .field("username", "mismatch", "Type the username of the account.")
            .into());
    }
    // An admin goes as a member: the last one stays.
    if !admin::set_role(&app.pool, user, Role::Member).await? {
        return Err(Code::LastAdmin.into());
    }
    account::erase(&app, user, None, keeper.caller()).await?;
    keeper.note(&app, "account-deleted", Some(user));
    Ok(StatusCode::NO_CONTENT)
}

/// 202: all second factors go in 24 hours, unless their owner, who gets a mail now, objects. A
/// repeat changes nothing.
#[utoipa::path(
    post,
    path = "/api/admin/users/{id}/factor-reset",
    operation_id = "reset_factors",
    tag = "admin",
    responses((status = 202, body = FactorReset)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([
        Code::Forbidden, Code::StepUpRequired, Code::MfaUnavailable,
    ]))),
)]
pub async fn reset_factors(
    State(app): State<App>,
    keeper: Keeper,
    Path(user): Path<Uuid>,
) -> Result<(StatusCode, Json<FactorReset>)> {
    keeper.on(&app, user, Role::Admin).await?;
    let announced = app.mfa.reset_factors(user.into(), keeper.caller()).await?;
    keeper.note(&app, "factor-reset", Some(user));
    let reset = FactorReset {
        due_at: announced.due_at,
    };
    Ok((StatusCode::ACCEPTED, Json(reset)))
}

/// 204; 404 when none is announced. The factors stay.
#[utoipa::path(
    delete,
    path = "/api/admin/users/{id}/factor-reset",
    operation_id = "keep_factors",
    tag = "admin",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([
        Code::Forbidden, Code::StepUpRequired, Code::MfaUnavailable,
    ]))),
)]
pub async fn keep_factors(
    State(app): State<App>,
    keeper: Keeper,
    Path(user): Path<Uuid>,
) -> Result<StatusCode> {
    keeper.on(&app, user, Role::Admin).await?;
    app.mfa.keep_factors(user.into(), keeper.caller()).await?;
    keeper.note(&app, "factor-reset-withdrawn", Some(user));
    Ok(StatusCode::NO_CONTENT)
}
