//! What every server's routes stand behind.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
    time::Duration,
};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};
use protocol::{Code, limits};

use crate::{Problem, fallback, method_not_allowed, request_id::request_id, trace::trace};

/// What differs between servers in [`layers()`].
#[derive(Clone, Copy, Debug)]
pub struct Stack {
    /// Largest body in bytes; a route with an `axum::extract::DefaultBodyLimit` of its own
    /// overrides it. Default: 64 KiB.
    pub body: usize,
    /// Longest time for a handler until its reply begins, 504 `timeout` after it. Default: 30 s.
    pub timeout: Duration,
}

impl Default for Stack {
    fn default() -> Self {
        Self {
            body: limits::JSON_BODY,
            timeout: Duration::from_secs(30),
        }
    }
}

/// Wraps all routes in [`guard`], with a body limit and problems for unknown paths and methods.
pub fn layers(router: Router, stack: Stack) -> Router {
    router
        .fallback(fallback)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(stack.body))
        .layer(from_fn(move |request: Request, next: Next| {
            guard(stack.timeout, request, |request| next.run(request))
        }))
}

/// Request id, log line and metrics, panics to 500 `internal`, `time` until the reply begins and 504
/// `timeout` after it.
///
/// One function, not a layer each: a layer copies all that it wraps, for every request.
pub async fn guard<F, Fut>(time: Duration, request: Request, next: F) -> Response
where
    F: FnOnce(Request) -> Fut,
    Fut: Future<Output = Response>,
{
    let within = |request| async move {
        let answer = tokio::time::timeout(time, next(request));
        match caught(answer).await {
            Ok(Ok(response)) => response,
            Ok(Err(_)) => Problem::new(Code::Timeout).into_response(),
            Err(panic) => panicked(&*panic),
        }
    };
    request_id(request, |request| trace(request, within)).await
}

/// A future's panic as an error.
async fn caught<T>(future: impl Future<Output = T>) -> std::thread::Result<T> {
    let mut future = pin!(future);
    std::future::poll_fn(move |context| {
        // What it used is gone with it.
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
            Err(panic) => Poll::Ready(Err(panic)),
        }
    })
    .await
}

fn panicked(panic: &(dyn Any + Send)) -> Response {
    // Only messages that stand in the source: a formatted one may hold what a person sent.
    let message = panic
        .downcast_ref::<&'static str>()
        .copied()
        .unwrap_or("see standard error");
    tracing::error!(message, "a handler panicked");
    Problem::new(Code::Internal).into_response()
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, routing::get};
    use tower::ServiceExt;

    use super::*;
    use crate::Json;

    async fn problem(method: &str, uri: &str, body: String) -> protocol::Problem {
        let router = Router::new()
            .route(
                "/panic",
                get(async || -> &'static str { panic!("on purpose") }),
            )
            .route("/slow", get(std::future::pending::<&'static str>))
            .route(
                "/json",
                get(async || "").post(async |Json(()): Json<()>| ""),
            );
        let app = layers(
            router,
            Stack {
                body: 100,
                timeout: Duration::from_millis(50),
            },
        );
        let request = http::Request::builder()
            .method(method)
            .uri(uri)
            .header("content-type", "application/json")
            .body(Body::from(body))
            .unwrap();
        let reply = app.oneshot(request).await.unwrap();
        assert!(reply.headers().contains_key("x-request-id"));
        if reply.status() == 405 {
            assert_eq!(reply.headers()["allow"], "GET,HEAD,POST");
        }
        let body = axum::body::to_bytes(reply.into_body(), 4096).await.unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    #[tokio::test]
    async fn whatever_goes_wrong_is_a_problem_with_a_request_id() {
        for (method, uri, body, code) in [
            ("GET", "/panic", 0, Code::Internal),
            ("GET", "/slow", 0, Code::Timeout),
            ("GET", "/nowhere", 0, Code::NotFound),
            ("DELETE", "/json", 0, Code::MethodNotAllowed),
            ("POST", "/json", 101, Code::BodyTooLarge),
        ] {
            let problem = problem(method, uri, "1".repeat(body)).await;
            assert_eq!(problem.code, code, "{method} {uri}");
            assert!(problem.request_id.is_some());
        }
    }
}
