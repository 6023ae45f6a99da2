//! `POST /oauth/token`: an access token for a client id and secret (RFC 6749, section 4.4).

use axum::{
    body::Bytes,
    extract::{Query, State, rejection::BytesRejection},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, StatusCode, Uri, header};
use protocol::{Code, mfa::Token};
use serde::Serialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use utoipa::ToSchema;

use super::bodies::Form;
use crate::{
    app::App,
    assertion::TOKEN_LIFE,
    error::{Error, Result},
    identity::storable,
    store::apps,
};

/// A refusal as OAuth writes it (RFC 6749, section 5.2).
#[derive(Serialize, ToSchema)]
pub struct Refused {
    /// What is wrong.
    error: &'static str,
}

/// What a token request is refused with (RFC 6749, section 5.2).
enum Refusal {
    InvalidRequest,
    InvalidClient,
    UnsupportedGrantType,
    InvalidScope,
}

/// Checks the client's secret and signs a token.
#[utoipa::path(
    post,
    path = "/oauth/token",
    operation_id = "token",
    tag = "service",
    request_body(content = Form, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = Token, description = "An access token for ten minutes."),
        (status = 400, body = Refused, description = "`invalid_request`, \
            `unsupported_grant_type` or `invalid_scope`."),
        (status = 401, body = Refused, description = "`invalid_client`."),
    ),
    extensions(("x-problems" = json!([Code::BodyTooLarge]))),
)]
pub async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response> {
    let body = body.map_err(|_| Error::from(Code::BodyTooLarge))?;
    match issue(&app, &headers, &body).await? {
        Ok(token) => {
            let no_store = [(header::CACHE_CONTROL, "no-store")];
            Ok((no_store, axum::Json(token)).into_response())
        }
        Err(refusal) => Ok(refusal.into_response()),
    }
}

async fn issue(
    app: &App,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<std::result::Result<Token, Refusal>, Error> {
    let Some(form) = parse(headers, body) else {
        return Ok(Err(Refusal::InvalidRequest));
    };
    match form.grant_type.as_deref() {
        Some("client_credentials") => {}
        Some(_) => return Ok(Err(Refusal::UnsupportedGrantType)),
        None => return Ok(Err(Refusal::InvalidRequest)),
    }
    let basic = basic(headers);
    let credentials = basic.or(form.client_id.zip(form.client_secret));
    let Some((client_id, secret)) = credentials else {
        return Ok(Err(Refusal::InvalidClient));
    };
    let found = apps::by_client_id(&app.pool, &storable(&client_id)).await?;
    let given = hash(&secret);
    // Compared in any case, so that an unknown id takes as long as a wrong secret.
    let (client, stored) = found.map_or((None, None), |(client, stored)| (Some(client), stored));
    let stored = stored.unwrap_or_else(|| vec![0; 32]);
    let right: bool = given.ct_eq(&*stored).into();
    let Some(client) = client.filter(|_| right) else {
        metrics::counter!("mfa_token_refusals_total").increment(1);
        return Ok(Err(Refusal::InvalidClient));
    };
    let scopes: Vec<String> = match &form.scope {
        None => client.scopes.clone(),
        Some(asked) => asked.split_whitespace().map(str::to_owned).collect(),
    };
    if scopes.iter().any(|scope| !client.scopes.contains(scope)) {
        return Ok(Err(Refusal::InvalidScope));
    }
    Ok(Ok(Token {
        access_token: app.signer.access_token(client.id, &scopes, app.now()?)?,
        token_type: "Bearer".to_owned(),
        expires_in: TOKEN_LIFE.unsigned_abs(),
        scope: scopes.join(" "),
    }))
}

/// What a client's secret is stored as. It has 256 random bits: no slow hash is needed.
pub fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

fn parse(headers: &HeaderMap, body: &[u8]) -> Option<Form> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    if kind.split(';').next()?.trim() != "application/x-www-form-urlencoded" {
        return None;
    }
    // A form is a query without the question mark.
    let uri: Uri = format!("/?{}", std::str::from_utf8(body).ok()?)
        .parse()
        .ok()?;
    Query::<Form>::try_from_uri(&uri)
        .ok()
        .map(|Query(form)| form)
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let encoded = value.strip_prefix("Basic ")?;
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (client_id, secret) = text.split_once(':')?;
    Some((client_id.to_owned(), secret.to_owned()))
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, error) = match self {
            Self::InvalidRequest => (StatusCode::BAD_REQUEST, "invalid_request"),
            Self::InvalidClient => (StatusCode::UNAUTHORIZED, "invalid_client"),
            Self::UnsupportedGrantType => (StatusCode::BAD_REQUEST, "unsupported_grant_type"),
            Self::InvalidScope => (StatusCode::BAD_REQUEST, "invalid_scope"),
        };
        let mut response = (status, axum::Json(Refused { error })).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CACHE_CONTROL,
            http::HeaderValue::from_static("no-store"),
        );
        if status == StatusCode::UNAUTHORIZED {
            let challenge = http::HeaderValue::from_static("Basic realm=\"snug-mfa\"");
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
