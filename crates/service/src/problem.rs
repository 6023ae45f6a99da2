//! Problems as HTTP replies (RFC 9457, `application/problem+json`).

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use protocol::Code;
use serde::Serialize;

/// A refusal on its way to the client. Handlers return `Result<_, Problem>` or convert into it.
///
/// The reply carries the same [`protocol::Problem`] as an extension, so that an outer layer can
/// add the request id without parsing the body.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem(Box<protocol::Problem>);

impl Problem {
    /// A problem with its code's status and title.
    pub fn new(code: Code) -> Self {
        protocol::Problem::new(code).into()
    }

    /// Says what happened this time and what to do next.
    pub fn detail(self, detail: impl Into<String>) -> Self {
        self.0.detail(detail).into()
    }

    /// Adds what is wrong with one field.
    pub fn field(self, field: &str, code: &str, message: impl Into<String>) -> Self {
        self.0.field(field, code, message).into()
    }

    /// Says after how many seconds a repeat makes sense; sent as `Retry-After` too.
    pub fn retry_after(self, seconds: u64) -> Self {
        self.0.retry_after(seconds).into()
    }

    /// Adds a member of the code's own.
    pub fn with(self, name: &str, value: impl Serialize) -> Self {
        self.0.with(name, value).into()
    }

    /// The stable name.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The problem as it goes over the wire.
    pub fn into_inner(self) -> protocol::Problem {
        *self.0
    }
}

impl From<protocol::Problem> for Problem {
    fn from(problem: protocol::Problem) -> Self {
        Self(Box::new(problem))
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl From<Problem> for protocol::Problem {
    fn from(problem: Problem) -> Self {
        *problem.0
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Problem {}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let problem = *self.0;
        let status =
            StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = problem.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(Self(Box::new(problem)));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_reply_has_type_status_and_retry_after() {
        let reply = Problem::new(Code::Locked)
            .detail("Try again in a minute.")
            .retry_after(60)
            .into_response();
        assert_eq!(reply.status(), 429);
        assert_eq!(reply.headers()["content-type"], "application/problem+json");
        assert_eq!(reply.headers()["retry-after"], "60");
        let body = axum::body::to_bytes(reply.into_body(), 4096).await.unwrap();
        let problem: protocol::Problem = serde_json::from_slice(&body).unwrap();
        assert_eq!(problem.code, Code::Locked);
        assert_eq!(problem.detail, "Try again in a minute.");
    }
}
