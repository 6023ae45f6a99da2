//! `GET /api/users/search?q=`: people by their username or name.

use std::time::Instant;

use axum::extract::State;
use protocol::{Code, Problem, limits, rest::people::FoundUser};
use serde::Deserialize;
use service::{Json, Query};

use crate::{app::App, error::Result, session::Session, store::search};

/// The parameters.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Search {
    q: String,
}

/// 200: at most 20.
#[utoipa::path(
    get,
    path = "/api/users/search",
    operation_id = "search_people",
    tag = "people",
    params(Search),
    responses((status = 200, body = Vec<FoundUser>)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::InvalidBody]))),
)]
pub async fn search(
    State(app): State<App>,
    session: Session,
    Query(asked): Query<Search>,
) -> Result<Json<Vec<FoundUser>>> {
    let text = asked.q.trim().trim_start_matches('@').to_lowercase();
    let length = text.chars().count();
    if length < limits::SEARCH_MIN {
        return Err(Problem::new(Code::InvalidBody)
            .field("q", "too-short", "Type at least two characters.")
            .into());
    }
    if length > limits::NAME_MAX {
        return Ok(Json(Vec::new()));
    }
    app.rates.search.take(session.user_id, Instant::now())?;
    let limit = limits::SEARCH_RESULTS as i64;
    Ok(Json(
        search::people(&app.pool, session.user_id, &text, limit).await?,
    ))
}
