//! `GET /api/me`: oneself.

use axum::extract::State;
use protocol::{Code, rest::account::User};
use service::Json;

use crate::{app::App, error::Result, session::Session, store::users};

/// 200.
pub async fn me(State(app): State<App>, session: Session) -> Result<Json<User>> {
    let user = users::find(&app.pool, session.user_id).await?;
    Ok(Json(user.ok_or(Code::SessionEnded)?.into()))
}
