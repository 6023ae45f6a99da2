//! `Idempotency-Key`: a POST that is sent again gets the reply that it got before.

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use protocol::{Code, limits::JSON_BODY};
use service::Problem;
use time::Duration;
use uuid::Uuid;

use crate::{
    app::App,
    client::Client,
    error::{Error, Result},
    store::idempotency,
    vault::{Place, Vault},
};

/// The header with the key: up to 255 printable ASCII characters.
const KEY: &str = "idempotency-key";
/// Marks a reply that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// A request that takes longer has died: the key is free again.
const LEASE: Duration = Duration::minutes(1);
/// How long replies are kept, and those that may hold secrets.
const KEPT: Duration = Duration::hours(24);
const KEPT_SECRET: Duration = Duration::minutes(10);
/// Largest reply that is kept, in bytes.
const REPLY: usize = 256 * 1024;

/// The layer behind the authentication.
pub async fn replay(
    State(app): State<App>,
    client: Client,
    request: Request,
    next: Next,
) -> Result<Response> {
    let Some(key) = request
        .headers()
        .get(KEY)
        .filter(|_| request.method() == Method::POST)
    else {
        return Ok(next.run(request).await);
    };
    let key = parse(key)?;
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, JSON_BODY)
        .await
        .map_err(|_| Error::from(Code::BodyTooLarge))?;
    let path = parts.uri.path().to_owned();
    let hash = app
        .vault
        .mac("idempotency request", &[path.as_bytes(), &body]);
    let place = place(&app.vault, client.app.id, &key);
    let now = app.now()?;
    let id = client.app.id;
    if !idempotency::claim(&app.pool, id, &key, &hash, now, now + LEASE).await? {
        return earlier(&app, &client, &key, &hash, place).await;
    }
    let reply = next.run(Request::from_parts(parts, Body::from(body))).await;
    let status = reply.status();
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        idempotency::release(&app.pool, id, &key).await?;
        return Ok(reply);
    }
    let (parts, body) = reply.into_parts();
    let body = to_bytes(body, REPLY)
        .await
        .map_err(|error| Error::Internal(error.into()))?;
    let sealed = app.vault.seal(place, &body, &mut rand::rng());
    let kept = if may_hold_secrets(&path) {
        KEPT_SECRET
    } else {
        KEPT
    };
    let code = status.as_u16().cast_signed();
    idempotency::keep(&app.pool, id, &key, code, &sealed, now + kept).await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

/// The reply to an earlier request with this key, if it was the same one and has ended.
async fn earlier(
    app: &App,
    client: &Client,
    key: &str,
    hash: &[u8],
    place: Place,
) -> Result<Response> {
    let found = idempotency::find(&app.pool, client.app.id, key).await?;
    let found = found.ok_or(Code::RequestInProgress)?;
    if found.request_hash != hash {
        return Err(Code::IdempotencyKeyReused.into());
    }
    let (Some(status), Some(sealed)) = (found.status, found.reply) else {
        return Err(Problem::new(Code::RequestInProgress).retry_after(1).into());
    };
    let body = app.vault.open(place, &sealed)?;
    let status = StatusCode::from_u16(status.cast_unsigned())
        .map_err(|error| Error::Internal(error.into()))?;
    let mut reply = if status.is_client_error() {
        let problem: protocol::Problem = serde_json::from_slice(&body)?;
        Problem::from(problem).into_response()
    } else {
        let json = [(header::CONTENT_TYPE, "application/json")];
        (status, json, body.to_vec()).into_response()
    };
    reply
        .headers_mut()
        .insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(reply)
}

fn parse(value: &HeaderValue) -> Result<String> {
    value
        .to_str()
        .ok()
        .filter(|key| (1..=255).contains(&key.len()))
        .map(str::to_owned)
        .ok_or_else(|| {
            Problem::new(Code::BadRequest)
                .detail("Idempotency-Key takes 1 to 255 printable characters.")
                .into()
        })
}

/// Everything but what is sent and the opening of challenges.
fn may_hold_secrets(path: &str) -> bool {
    let harmless = ["/v1/challenges", "/v1/notifications"];
    !(path.ends_with("/send") || path.ends_with("/resend") || harmless.contains(&path))
}

/// Where a reply is sealed for.
pub fn place(vault: &Vault, app: Uuid, key: &str) -> Place {
    let digest = vault.mac("idempotency key", &[key.as_bytes()]);
    let mut row = [0; 16];
    row.copy_from_slice(&digest[..16]);
    Place {
        app,
        account: Uuid::nil(),
        row: Uuid::from_bytes(row),
        column: "idempotency.reply",
    }
}
