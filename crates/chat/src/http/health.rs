//! `GET /api/health`: how the parts of the server are.

use std::time::Duration;

use axum::extract::State;
use http::StatusCode;
use protocol::rest::server::{Health, Status};
use service::{Json, admin::Readiness};

use crate::app::App;

/// 200, or 503 when a part is down.
#[utoipa::path(
    get,
    path = "/api/health",
    operation_id = "health",
    tag = "server",
    responses((status = 200, body = Health)),
)]
pub async fn health(State(app): State<App>) -> (StatusCode, Json<Health>) {
    let (database, mfa) = tokio::join!(database_is_up(&app), app.mfa.is_up());
    let status = |up: bool| if up { Status::Ok } else { Status::Down };
    let code = if database && mfa {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let health = Health {
        status: status(database && mfa),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        database: status(database),
        mfa: status(mfa),
    };
    (code, Json(health))
}

/// For the admin listener: the MFA service is not needed to go on chatting.
pub async fn readiness(app: App) -> Readiness {
    Readiness::new().part("database", database_is_up(&app).await)
}

/// For the gateway, beside the public routes: whether this node can take requests.
pub async fn ready(app: App) -> StatusCode {
    if readiness(app).await.is_ready() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    }
}

async fn database_is_up(app: &App) -> bool {
    let probe = sqlx::query("select 1").execute(&app.pool);
    tokio::time::timeout(Duration::from_secs(2), probe)
        .await
        .is_ok_and(|done| done.is_ok())
}
