//! What every request passes first: the caller's certificate, its rate, and where it comes from.

use std::time::Instant;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use protocol::{Code, Problem};
use service::Peer;

use crate::{app::App, caller::Caller, error::Result, session};

/// The layer before all routes.
pub async fn gate(State(app): State<App>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let caller = Caller::of(&parts);
    if let Err(error) = check(&app, &parts, &caller) {
        return error.into_response();
    }
    let origin = parts.headers.get(header::ORIGIN).cloned();
    let shared = origin.filter(|origin| is_listed(&app, origin));
    // A preflight of a frontend on a sibling host.
    let mut response = if parts.method == Method::OPTIONS && shared.is_some() {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(Request::from_parts(parts, body)).await
    };
    if let Some(origin) = shared {
        share(response.headers_mut(), origin);
    }
    response
}

fn check(app: &App, parts: &http::request::Parts, caller: &Caller) -> Result<()> {
    let peer = parts.extensions.get::<Peer>();
    if app.config.is_secure()
        && !peer.is_some_and(|peer| peer.is_one_of(&app.config.allowed_clients))
    {
        let names = peer.map(|peer| peer.names.join(", ")).unwrap_or_default();
        tracing::warn!(
            security = "client-certificate",
            names,
            "a client certificate is not in ALLOWED_CLIENTS"
        );
        return Err(Problem::new(Code::Forbidden)
            .detail("This server talks to its gateway only.")
            .into());
    }
    app.rates.address.take(caller.address, Instant::now())?;
    if !is_own_origin(app, parts) {
        let origin = parts.headers.get(header::ORIGIN);
        let origin = origin
            .and_then(|value| value.to_str().ok())
            .unwrap_or("none");
        tracing::warn!(security = "forbidden-origin", origin, request_id = %caller.request_id, address = %caller.address, "a request from a foreign origin was refused");
        return Err(Code::ForbiddenOrigin.into());
    }
    Ok(())
}

/// Whether a request may do something: safe requests always; the others, and every socket
/// handshake, from an origin of ours, or from a program that carries no cookie.
fn is_own_origin(app: &App, parts: &http::request::Parts) -> bool {
    let socket = parts.uri.path().starts_with("/socket.io");
    if !socket && parts.method.is_safe() {
        return true;
    }
    match parts.headers.get(header::ORIGIN) {
        Some(origin) => app
            .origins
            .iter()
            .any(|own| own.as_bytes() == origin.as_bytes()),
        // A browser leaves Origin out of same-origin GETs (polling) and says so.
        None => session::cookie(&parts.headers).is_none() || is_same_origin(&parts.headers),
    }
}

fn is_same_origin(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-site")
        .is_some_and(|site| site == "same-origin")
}

/// Whether an origin is one of `CORS_ORIGINS`.
fn is_listed(app: &App, origin: &HeaderValue) -> bool {
    app.origins
        .iter()
        .skip(1)
        .any(|own| own.as_bytes() == origin.as_bytes())
}

fn share(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"),
        (
            header::ACCESS_CONTROL_ALLOW_METHODS,
            "GET, POST, PUT, PATCH, DELETE",
        ),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type",
        ),
        (
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            "retry-after, x-request-id",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
        (header::VARY, "origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// Problems of a dead session take the cookie away, so that a browser does not show it again.
pub async fn forget_dead_cookies(request: Request, next: Next) -> Response {
    let shown = session::cookie(request.headers()).is_some();
    let response = next.run(request).await;
    let ended = response
        .extensions()
        .get::<service::Problem>()
        .is_some_and(|problem| {
            matches!(problem.code(), Code::SessionEnded | Code::Unauthenticated)
        });
    if shown && ended {
        session::without_cookie(response)
    } else {
        response
    }
}
