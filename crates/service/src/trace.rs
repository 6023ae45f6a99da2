//! One log line and one measurement per request; never a query, a body or a header.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    response::Response,
};
use tracing::Instrument;

use crate::RequestId;

/// Logs and measures a request that has its id.
pub(crate) async fn trace<F, Fut>(request: Request, next: F) -> Response
where
    F: FnOnce(Request) -> Fut,
    Fut: Future<Output = Response>,
{
    let method = request.method().clone();
    // The route, not the path: paths hold ids, and as a metric's label they have no end.
    let path = request.extensions().get::<MatchedPath>().cloned();
    let path = path.as_ref().map_or("unmatched", MatchedPath::as_str);
    let id = request.extensions().get::<RequestId>();
    let id = id.map_or("", |id| id.0.as_str());
    let span = tracing::info_span!("request", request_id = %id);
    let started = Instant::now();
    let response = next(request).instrument(span.clone()).await;
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
    let (method, path) = (method.as_str().to_owned(), path.to_owned());
    let status = status.to_string();
    ::metrics::counter!("http_requests_total", "method" => method.clone(), "path" => path.clone(), "status" => status)
        .increment(1);
    ::metrics::histogram!("http_request_seconds", "method" => method, "path" => path)
        .record(took.as_secs_f64());
    response
}
