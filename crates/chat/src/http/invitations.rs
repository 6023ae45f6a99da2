//! `/api/admin/invitations`: who may sign up where `SIGNUP=invite`. For moderators and admins.

use axum::extract::State;
use http::StatusCode;
use protocol::{
    Code, limits,
    rest::admin::{CreatedInvitation, Invitation, NewInvitation},
};
use service::{Json, Path};
use uuid::Uuid;

use super::admin::Keeper;
use crate::{app::App, error::Result, invitation, store::invitations};

/// 200: the newest hundred, those that are over included for a month.
#[utoipa::path(
    get,
    path = "/api/admin/invitations",
    operation_id = "invitations",
    tag = "admin",
    responses((status = 200, body = Vec<Invitation>)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::Forbidden]))),
)]
pub async fn list(State(app): State<App>, _: Keeper) -> Result<Json<Vec<Invitation>>> {
    let newest = invitations::list(&app.pool, limits::ADMIN_PAGE as i64).await?;
    Ok(Json(newest))
}

/// 201. The code is shown this once.
#[utoipa::path(
    post,
    path = "/api/admin/invitations",
    operation_id = "invite",
    tag = "admin",
    responses((status = 201, body = CreatedInvitation)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([
        Code::Forbidden, Code::StepUpRequired, Code::MfaUnavailable,
    ]))),
)]
pub async fn create(
    State(app): State<App>,
    keeper: Keeper,
    Json(wanted): Json<NewInvitation>,
) -> Result<(StatusCode, Json<CreatedInvitation>)> {
    keeper.fresh(&app).await?;
    let by = Some(keeper.user());
    let created = invitation::create(&app.pool, &app.config.public_url, wanted, by).await?;
    keeper.note(&app, "invitation-created", None);
    Ok((StatusCode::CREATED, Json(created)))
}

/// 204; 404. Nobody signs up with it any more; who did stays.
#[utoipa::path(
    delete,
    path = "/api/admin/invitations/{id}",
    operation_id = "revoke_invitation",
    tag = "admin",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([
        Code::Forbidden, Code::StepUpRequired, Code::MfaUnavailable,
    ]))),
)]
pub async fn revoke(
    State(app): State<App>,
    keeper: Keeper,
    Path(id): Path<Uuid>,
) -> Result<StatusCode> {
    keeper.fresh(&app).await?;
    if !invitations::remove(&app.pool, id).await? {
        return Err(Code::NotFound.into());
    }
    keeper.note(&app, "invitation-revoked", None);
    Ok(StatusCode::NO_CONTENT)
}
