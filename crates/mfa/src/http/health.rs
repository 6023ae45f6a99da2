//! `GET /healthcheck`: as `/health/ready` of the admin listener.

use axum::extract::State;
use http::StatusCode;
use serde_json::{Value, json};
use service::Json;

use crate::app::App;

/// 200 when the database answers and the clock is right, else 503.
pub async fn handle(State(app): State<App>) -> (StatusCode, Json<Value>) {
    if is_ready(&app).await {
        (StatusCode::OK, Json(json!({"status": "ok"})))
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({"status": "down"})),
        )
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
