//! One log line and one measurement per request; never a query, a body or a header.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use tracing::Instrument;

use crate::RequestId;

/// The layer that logs and measures requests; it stands inside [`crate::request_id`].
pub(crate) async fn trace(request: Request, next: Next) -> Response {
    let method = request.method().as_str().to_owned();
    // The route, not the path: paths hold ids, and as a metric's label they have no end.
    let path = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let id = request
        .extensions()
        .get::<RequestId>()
        .map_or("", |id| id.0.as_str())
        .to_owned();
    let span = tracing::info_span!("request", request_id = %id);
    let started = Instant::now();
    let response = next.run(request).instrument(span.clone()).await;
    let took = started.elapsed();
    let status = response.status().as_u16();
    let milliseconds = (took.as_secs_f64() * 100_000.0).round() / 100.0;
    span.in_scope(|| {
        if status >= 500 {
            tracing::warn!(%method, %path, status, ms = milliseconds, "request failed");
        } else {
            tracing::info!(%method, %path, status, ms = milliseconds, "request");
        }
    });
    let status = status.to_string();
    ::metrics::counter!("http_requests_total", "method" => method.clone(), "path" => path.clone(), "status" => status)
        .increment(1);
    ::metrics::histogram!("http_request_seconds", "method" => method, "path" => path)
        .record(took.as_secs_f64());
    response
}
