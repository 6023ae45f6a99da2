//! `GET /api/users/{id}`: a person as others see them.

use axum::extract::State;
use protocol::{Code, rest::people::Profile};
use service::{Json, Path};
use uuid::Uuid;

use crate::{app::App, error::Result, session::Session, store::users};

/// 200 for a contact, a room-mate or whoever a search may find; else 404.
#[utoipa::path(
    get,
    path = "/api/users/{id}",
    operation_id = "profile",
    tag = "people",
    responses((status = 200, body = Profile)),
    security(("cookie" = []), ("token" = [])),
)]
pub async fn profile(
    State(app): State<App>,
    session: Session,
    Path(id): Path<Uuid>,
) -> Result<Json<Profile>> {
    check_visible(&app, &session, id).await?;
    let profile = users::profile(&app.pool, id).await?;
    Ok(Json(profile.ok_or(Code::NotFound)?))
}

/// Hidden people and those that do not exist are not told apart.
///
/// # Errors
/// 404 `not-found`.
pub async fn check_visible(app: &App, session: &Session, user: Uuid) -> Result<()> {
    if users::is_visible(&app.pool, session.user_id, user).await? {
        Ok(())
    } else {
        Err(Code::NotFound.into())
    }
}
