//! `GET /api/contacts`: my contacts, by name.

use axum::extract::State;
use protocol::rest::people::Contact;
use service::Json;

use crate::{app::App, error::Result, session::Session, store::contacts};

/// 200.
#[utoipa::path(
    get,
    path = "/api/contacts",
    operation_id = "contacts",
    tag = "people",
    responses((status = 200, body = Vec<Contact>)),
    security(("cookie" = []), ("token" = [])),
)]
pub async fn list(State(app): State<App>, session: Session) -> Result<Json<Vec<Contact>>> {
    let mut list = contacts::list(&app.pool, session.user_id).await?;
    app.presence.fill(&mut list).await;
    Ok(Json(list))
}
