//! `GET /api/users/search?q=`: people by their username or name.

use std::time::Instant;

use axum::extract::State;
use protocol::{Code, limits, rest::people::FoundUser};
use service::{Json, Query};

use super::queries;
use crate::{app::App, error::Result, session::Session, store::search};

/// 200: at most 20.
#[utoipa::path(
    get,
    path = "/api/users/search",
    operation_id = "search_people",
    tag = "people",
    params(queries::People),
    responses((status = 200, body = Vec<FoundUser>)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::InvalidBody]))),
)]
pub async fn search(
    State(app): State<App>,
    session: Session,
    Query(asked): Query<queries::People>,
) -> Result<Json<Vec<FoundUser>>> {
    let Some(text) = asked.text()? else {
        return Ok(Json(Vec::new()));
    };
    app.rates.search.take(session.user_id, Instant::now())?;
    let limit = limits::SEARCH_RESULTS as i64;
    Ok(Json(
        search::people(&app.pool, session.user_id, &text, limit).await?,
    ))
}
