//! `PUT` and `GET /api/vault`: what my devices share of themselves, under a key that they share.
//!
//! Pins with their verified state and archive keys change often, and nobody is asked for a factor
//! each time: what the recovery key opens lies apart, at `/api/recovery`.

use axum::extract::State;
use http::StatusCode;
use protocol::{
    Code, Problem, limits,
    rest::archive::{Vault, VaultUpdate},
    socket::{VaultEvent, server},
};
use service::Json;

use super::rooms::device_of;
use crate::{app::App, error::Result, session::Session, store::vaults};

/// The highest version: what numbers in JSON tell apart everywhere.
const HIGHEST: u64 = (1 << 53) - 1;

/// 204; 403 `device-required`; 409 `stale-version` with the `version` that stands; 413. My other
/// devices hear of it.
#[utoipa::path(
    put,
    path = "/api/vault",
    operation_id = "replace_vault",
    tag = "archive",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::DeviceRequired, Code::StaleVersion]))),
)]
pub async fn replace(
    State(app): State<App>,
    session: Session,
    Json(body): Json<VaultUpdate>,
) -> Result<StatusCode> {
    if body.blob.0.len() > limits::VAULT {
        return Err(Problem::new(Code::BodyTooLarge)
            .detail("A vault may have 512 KiB.")
            .into());
    }
    device_of(&app, &session).await?;
    let user = session.user_id;
    let known = (1..=HIGHEST).contains(&body.version);
    let version = body.version as i64;
    if !known || !vaults::store(&app.pool, user, version, &body.blob.0).await? {
        let stands = vaults::version(&app.pool, user).await?;
        return Err(Problem::new(Code::StaleVersion)
            .with("version", stands)
            .into());
    }
    let event = VaultEvent {
        version: body.version,
    };
    let except = Some(session.session_id);
    app.cluster
        .emit_to_user_except(user, except, server::VAULT_CHANGED, &event);
    Ok(StatusCode::NO_CONTENT)
}

/// 200; 404 when there is none.
#[utoipa::path(
    get,
    path = "/api/vault",
    operation_id = "vault",
    tag = "archive",
    responses((status = 200, body = Vault)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::NotFound]))),
)]
pub async fn load(State(app): State<App>, session: Session) -> Result<Json<Vault>> {
    let vault = vaults::find(&app.pool, session.user_id).await?;
    Ok(Json(vault.ok_or(Code::NotFound)?))
}
