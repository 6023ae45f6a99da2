//! `GET` and `PATCH /api/me`: oneself, and what one shows of oneself.

use axum::extract::State;
use protocol::{
    Code,
    rest::me::{Me, MeUpdate},
    socket::ContactChange,
};
use service::Json;

use crate::{app::App, error::Result, names, session::Session, store::users};

/// 200.
#[utoipa::path(
    get,
    path = "/api/me",
    operation_id = "me",
    tag = "account",
    responses((status = 200, body = Me)),
    security(("cookie" = []), ("token" = [])),
)]
pub async fn me(State(app): State<App>, session: Session) -> Result<Json<Me>> {
    let me = users::me(&app.pool, session.user_id).await?;
    Ok(Json(me.ok_or(Code::SessionEnded)?))
}

/// 200 with the whole; 422 `invalid-body`. Contacts hear of what they see.
#[utoipa::path(
    patch,
    path = "/api/me",
    operation_id = "change_me",
    tag = "account",
    responses((status = 200, body = Me)),
    security(("cookie" = []), ("token" = [])),
)]
pub async fn change(
    State(app): State<App>,
    session: Session,
    Json(mut update): Json<MeUpdate>,
) -> Result<Json<Me>> {
    if let Some(name) = &update.name {
        update.name = Some(names::display_name(name.as_deref())?);
    }
    users::change(&app.pool, session.user_id, &update).await?;
    if update.name.is_some() || update.shows_last_seen.is_some() {
        app.presence
            .tell(session.user_id, ContactChange::Profile)
            .await;
    }
    me(State(app), session).await
}
