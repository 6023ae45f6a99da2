//! One request forwarded: limits, headers, the upstream's reply or a problem.

use std::{
    error::Error,
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, Version, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use protocol::Code;
use service::{Problem, RequestId};

use super::{Rule, Upstreams, headers, tunnel, upstreams::Failure};
use crate::{access::Client, app::App};

/// Most bytes of a refused body that are read and dropped.
const DISCARDED: usize = 1024 * 1024;
/// How long that may take.
const DISCARD_TIME: Duration = Duration::from_secs(5);

pub(super) async fn forward(
    app: &App,
    upstreams: &Upstreams,
    rule: Rule,
    client: Client,
    id: &RequestId,
    request: Request,
) -> Response {
    if declared_length(request.headers()).is_some_and(|length| length > rule.body as u64) {
        discard(request.into_body()).await;
        return too_large(rule);
    }
    let mut request = request;
    let websocket = tunnel::is_websocket(&request);
    let host = request
        .uri()
        .authority()
        .map(|authority| authority.as_str().to_owned());
    let client_side = websocket.then(|| hyper::upgrade::on(&mut request));
    let node = upstreams.pick(request.headers());
    let Some(uri) = upstreams.target(node, request.uri()) else {
        return Problem::new(Code::BadRequest).into_response();
    };
    let sets_node = upstreams.wants_cookie(request.uri());
    *request.uri_mut() = uri;
    *request.version_mut() = Version::HTTP_11;
    headers::prepare(
        request.headers_mut(),
        host.as_deref(),
        client.0,
        id,
        websocket,
    );
    let request = request.map(|body| Body::new(Limited::new(body, rule.body)));

    let started = Instant::now();
    let reply = tokio::time::timeout(rule.reply, upstreams.send(node, request)).await;
    metrics::histogram!("gateway_upstream_seconds").record(started.elapsed().as_secs_f64());
    let mut response = match reply {
        Ok(Ok(response)) => response,
        Ok(Err(failure)) => return refused(&failure, rule),
        Err(_) => return Problem::new(Code::Timeout).into_response(),
    };
    if let Some(client_side) = client_side
        && response.status() == StatusCode::SWITCHING_PROTOCOLS
    {
        tunnel::open(app, client_side, hyper::upgrade::on(&mut response));
        return response.map(Body::new);
    }
    headers::strip(response.headers_mut());
    if let Some(cookie) = sets_node.then(|| upstreams.cookie(node)) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response.map(Body::new)
}

/// Reads what a refused client is still sending, within reason: most clients read the reply only
/// when they are done, and a closed connection would hide it.
async fn discard(body: Body) {
    let mut body = Limited::new(body, DISCARDED);
    let rest = async { while let Some(Ok(_)) = body.frame().await {} };
    let _ = tokio::time::timeout(DISCARD_TIME, rest).await;
}

fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

fn too_large(rule: Rule) -> Response {
    Problem::new(Code::BodyTooLarge)
        .detail(format!("The body may hold {} bytes at most.", rule.body))
        .into_response()
}

fn refused(failure: &Failure, rule: Rule) -> Response {
    let mut cause: Option<&(dyn Error + 'static)> = Some(failure);
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            return too_large(rule);
        }
        cause = error.source();
    }
    if failure.is_connect() {
        tracing::warn!(error = %chain(failure), "no chat server reachable");
        return Problem::new(Code::UpstreamUnavailable)
            .retry_after(2)
            .into_response();
    }
    if failure.is_from_client() {
        return Problem::new(Code::BadRequest)
            .detail("The body did not arrive completely.")
            .into_response();
    }
    tracing::warn!(error = %chain(failure), "the chat server broke off");
    Problem::new(Code::UpstreamUnavailable)
        .detail("The chat server broke off before it answered.")
        .retry_after(2)
        .into_response()
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
