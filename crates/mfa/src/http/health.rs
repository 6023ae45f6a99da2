//! `GET /healthcheck`: as `/health/ready` of the admin listener.

use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use service::Json;
use utoipa::ToSchema;

use crate::app::App;

/// How the service is.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// `ok` or `down`.
    status: &'static str,
}

/// 200 when the database answers and the clock is right, else 503.
#[utoipa::path(
    get,
    path = "/healthcheck",
    operation_id = "healthcheck",
    tag = "service",
    responses(
        (status = 200, body = Health, description = "It can do its work."),
        (status = 503, body = Health, description = "The database is away or the clock is wrong."),
    ),
)]
pub async fn handle(State(app): State<App>) -> (StatusCode, Json<Health>) {
    if is_ready(&app).await {
        (StatusCode::OK, Json(Health { status: "ok" }))
    } else {
        let down = Health { status: "down" };
        (StatusCode::SERVICE_UNAVAILABLE, Json(down))
    }
}

/// Whether the service can do its work.
pub async fn is_ready(app: &App) -> bool {
    app.clock.now().is_ok()
        && sqlx::query_scalar!("select 1")
            .fetch_one(&app.pool)
            .await
            .is_ok()
}
