//! One request forwarded: limits, headers, the upstream's reply or a problem.

use std::{
    error::Error,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    extract::{MatchedPath, Request},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, Version, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body as _, Frame, SizeHint};
use protocol::Code;
use service::{Problem, RequestId};
use tokio::time::timeout_at;

use super::{
    Rule, Upstreams, headers,
    held::Held,
    node::{Busy, Node},
    tunnel,
    upstreams::Failure,
};
use crate::{access::Client, app::App};

/// Most bytes of a refused body that are read and dropped.
const DISCARDED: usize = 1024 * 1024;
/// How long that may take.
const DISCARD_TIME: Duration = Duration::from_secs(5);

/// Longest reply, in bytes, that waits until it is whole: head and body then leave as one record,
/// and an upstream that breaks off in the middle is seen while a problem can still be sent.
const SMALL: u64 = 16 * 1024;

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
    headers::prepare(
        request.headers_mut(),
        host.as_deref(),
        client.0,
        &id.0,
        websocket,
    );
    // The route, not the path: paths hold ids, and queries anything.
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("unmatched", MatchedPath::as_str);
    let sets_node = upstreams.wants_cookie(request.uri());
    let request = request.map(|body| Body::new(Limited::new(body, rule.body)));

    let started = Instant::now();
    let deadline = started + rule.reply;
    let reply = timeout_at(deadline.into(), send(upstreams, request)).await;
    metrics::histogram!("gateway_upstream_seconds").record(started.elapsed().as_secs_f64());
    let Reply {
        mut response,
        node,
        busy,
    } = match reply {
        Ok(Ok(reply)) => reply,
        Ok(Err(Some(failure))) => return refused(&failure, rule),
        Ok(Err(None)) => return Problem::new(Code::BadRequest).into_response(),
        Err(_) => {
            tracing::debug!(route, ms = milliseconds(started), "no answer in time");
            return Problem::new(Code::Timeout).into_response();
        }
    };
    tracing::debug!(
        route,
        node = node.authority.as_str(),
        status = response.status().as_u16(),
        ms = milliseconds(started),
        "answered"
    );
    if let Some(client_side) = client_side
        && response.status() == StatusCode::SWITCHING_PROTOCOLS
    {
        let upstream = hyper::upgrade::on(&mut response);
        tunnel::open(app, id, client_side, upstream, busy);
        return response;
    }
    headers::strip(response.headers_mut());
    if let Some(cookie) = sets_node.then(|| node.cookie()).flatten() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    let is_small = |size: u64| size <= SMALL;
    if !response.body().size_hint().exact().is_some_and(is_small) {
        return response.map(|body| Body::new(Counted { body, _busy: busy }));
    }
    let (parts, body) = response.into_parts();
    match timeout_at(deadline.into(), body.collect()).await {
        Ok(Ok(body)) => Response::from_parts(parts, Body::from(body.to_bytes())),
        Ok(Err(error)) => broken(&error),
        Err(_) => Problem::new(Code::Timeout).into_response(),
    }
}

/// What a node answered, and its place in that node's count.
struct Reply {
    response: Response,
    node: Arc<Node>,
    busy: Busy,
}

/// Asks one node after another as long as that cannot do anything twice: when nothing was sent, or
/// when the request only reads and has no body. `None` when the target is no URL.
async fn send(upstreams: &Upstreams, request: Request) -> Result<Reply, Option<Failure>> {
    if !upstreams.are_several() {
        let node = upstreams.pick(request.uri(), request.headers(), &[]);
        return send_to(upstreams, node.ok_or(None)?, request).await;
    }
    let (parts, body) = request.into_parts();
    let held = Held::new(body);
    let mut tried = Vec::new();
    let mut last = None;
    while let Some(node) = upstreams.pick(&parts.uri, &parts.headers, &tried) {
        let mut request = Request::new(held.lend());
        *request.method_mut() = parts.method.clone();
        *request.uri_mut() = parts.uri.clone();
        *request.headers_mut() = parts.headers.clone();
        let failure = match send_to(upstreams, node.clone(), request).await {
            Ok(reply) => return Ok(reply),
            Err(failure) => failure.ok_or(None)?,
        };
        let unsent = failure.is_connect() && held.is_whole();
        let reads = parts.method.is_safe() && held.is_empty() && !failure.is_from_client();
        if !unsent && !reads {
            return Err(Some(failure));
        }
        tracing::info!(node = node.authority.as_str(), error = %chain(&failure), "a chat server did not answer; the next one is asked");
        metrics::counter!("gateway_upstream_retries_total").increment(1);
        tried.push(node);
        last = Some(failure);
    }
    Err(last)
}

async fn send_to(
    upstreams: &Upstreams,
    node: Arc<Node>,
    mut request: Request,
) -> Result<Reply, Option<Failure>> {
    *request.uri_mut() = upstreams.target(&node, request.uri()).ok_or(None)?;
    *request.version_mut() = Version::HTTP_11;
    let busy = node.occupy();
    let response = upstreams.send(&node, request).await?;
    Ok(Reply {
        response,
        node,
        busy,
    })
}

/// A reply's body; its node is busy until it has come.
struct Counted {
    body: Body,
    _busy: Busy,
}

impl hyper::body::Body for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Reads what a refused client is still sending, within reason: most clients read the reply only
/// when they are done, and a closed connection would hide it.
async fn discard(body: Body) {
    let mut body = Limited::new(body, DISCARDED);
    let rest = async { while let Some(Ok(_)) = body.frame().await {} };
    let _ = tokio::time::timeout(DISCARD_TIME, rest).await;
}

fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
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
    broken(failure)
}

fn broken(error: &dyn Error) -> Response {
    tracing::warn!(error = %chain(error), "the chat server broke off");
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
