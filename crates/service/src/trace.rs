//! One log line and one measurement per request; never a query, a body or a header.

use std::{
    cell::RefCell,
    collections::HashMap,
    time::{Duration, Instant},
};

use ::metrics::{Counter, Histogram};
use axum::{
    extract::{MatchedPath, Request},
    response::Response,
};
use http::Method;
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
    measured(&method, path, status, took);
    response
}

/// A route's counter and histogram for a method and a status.
struct Known {
    method: &'static str,
    status: u16,
    count: Counter,
    time: Histogram,
}

thread_local! {
    /// By route. To ask the registry for one means to write its labels and hash them.
    static KNOWN: RefCell<HashMap<String, Vec<Known>>> = RefCell::default();
}

fn measured(method: &Method, path: &str, status: u16, took: Duration) {
    let method = label(method);
    KNOWN.with_borrow_mut(|routes| {
        if !routes.contains_key(path) {
            routes.insert(path.to_owned(), Vec::new());
        }
        let Some(known) = routes.get_mut(path) else {
            return;
        };
        let is_wanted = |one: &Known| one.method == method && one.status == status;
        let place = known.iter().position(is_wanted).unwrap_or_else(|| {
            known.push(Known::new(method, path, status));
            known.len() - 1
        });
        known[place].count.increment(1);
        known[place].time.record(took.as_secs_f64());
    });
}

impl Known {
    fn new(method: &'static str, path: &str, status: u16) -> Self {
        // What is asked for before there is a recorder would count nothing for ever.
        let _ = crate::metrics::handle();
        let (path, code) = (path.to_owned(), status.to_string());
        Self {
            method,
            status,
            count: ::metrics::counter!("http_requests_total", "method" => method, "path" => path.clone(), "status" => code),
            time: ::metrics::histogram!("http_request_seconds", "method" => method, "path" => path),
        }
    }
}

/// A client may make methods up, and a label stays for ever.
fn label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_that_somebody_made_up_is_no_label() {
        let handle = crate::metrics::handle();
        for name in ["GET", "GET", "MADEUP1", "MADEUP2"] {
            let method = Method::from_bytes(name.as_bytes()).unwrap();
            measured(&method, "/of/this/test", 200, Duration::from_millis(1));
        }
        let text = handle.render();
        let count = |method: &str| {
            let line = format!(
                "http_requests_total{{method=\"{method}\",path=\"/of/this/test\",status=\"200\"}} 2"
            );
            text.contains(&line)
        };
        assert!(count("GET") && count("other"), "{text}");
        assert!(!text.contains("MADEUP"));
    }
}
