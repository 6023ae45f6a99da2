//! `GET /.well-known/jwks.json`: the keys that assertions are checked with.

use axum::{extract::State, response::IntoResponse};
use http::header;
use protocol::mfa::Jwks;
use service::Json;

use crate::{app::App, error::Result, keys, signing::jwk, store::signing_keys};

/// The key in use, the next one, and those retired a short while ago.
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    operation_id = "jwks",
    tag = "service",
    responses((status = 200, body = Jwks)),
)]
pub async fn handle(State(app): State<App>) -> Result<impl IntoResponse> {
    let published = signing_keys::list(&app.pool, app.now()? - keys::PUBLISHED).await?;
    let keys = published
        .iter()
        .map(|key| jwk(&key.kid, &key.public_key))
        .collect();
    Ok((
        [(header::CACHE_CONTROL, "public, max-age=300")],
        Json(Jwks { keys }),
    ))
}
