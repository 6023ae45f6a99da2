//! JSON bodies: parsed strictly, refused as problems that never repeat what was sent.

use axum::{
    extract::{FromRequest, Request, rejection::BytesRejection},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, header};
use protocol::Code;
use serde::{Serialize, de::DeserializeOwned};

use crate::Problem;

/// A JSON body, as extractor and as reply.
///
/// Refusals: 415 `unsupported-media-type`, 413 `body-too-large`, 400 `malformed-json`,
/// 422 `invalid-body` with the field where it is known.
#[derive(Clone, Copy, Debug, Default)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::new(Code::UnsupportedMediaType)
                .detail("Send the body as application/json."));
        }
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|e| unread(&e))?;
        parse(&body).map(Self)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
    else {
        return false;
    };
    let essence = value
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// What to answer when a body could not be read to its end.
fn unread(rejection: &BytesRejection) -> Problem {
    if rejection.status() == http::StatusCode::PAYLOAD_TOO_LARGE {
        Problem::new(Code::BodyTooLarge)
    } else {
        Problem::new(Code::BadRequest).detail("The body did not arrive completely.")
    }
}

/// Parses a JSON body.
///
/// # Errors
/// `malformed-json`, or `invalid-body` that names the field. The value is never repeated: it may
/// be a password.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        if inner.is_data() {
            misfit(&path, &inner.to_string())
        } else {
            malformed(&inner)
        }
    })?;
    deserializer.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn malformed(error: &serde_json::Error) -> Problem {
    let (line, column) = (error.line(), error.column());
    Problem::new(Code::MalformedJson).detail(format!(
        "The JSON breaks off or is malformed at line {line}, column {column}."
    ))
}

/// Names the field of a data error: serde puts it into its message for missing and unknown fields,
/// the path holds it for all others.
fn misfit(path: &str, message: &str) -> Problem {
    let quoted = |prefix: &str| message.strip_prefix(prefix)?.split('`').next();
    let within = |name: &str| match path {
        "." | "" => name.to_owned(),
        path if path == name || path.ends_with(&format!(".{name}")) => path.to_owned(),
        path => format!("{path}.{name}"),
    };
    let problem = Problem::new(Code::InvalidBody);
    if let Some(name) = quoted("missing field `") {
        return problem.field(&within(name), "required", "This field is required.");
    }
    if let Some(name) = quoted("unknown field `") {
        return problem.field(&within(name), "unknown", "There is no such field.");
    }
    if let Some(name) = quoted("duplicate field `") {
        return problem.field(&within(name), "duplicate", "This field is given twice.");
    }
    match path {
        "." | "" => problem.detail("The body is not of the expected shape."),
        path => problem.field(path, "format", "The value has the wrong type or format."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, body::Body, extract::DefaultBodyLimit, routing::post};
    use serde::Deserialize;
    use tower::ServiceExt;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its parsing is looked at")]
    struct Login {
        username: String,
        inner: Option<Inner>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its parsing is looked at")]
    struct Inner {
        age: u32,
    }

    async fn send(content_type: &str, body: &str) -> protocol::Problem {
        let app = Router::new()
            .route("/", post(async |Json(_): Json<Login>| "fine"))
            .layer(DefaultBodyLimit::max(64));
        let request = http::Request::post("/")
            .header("content-type", content_type)
            .body(Body::from(body.to_owned()))
            .unwrap();
        let reply = app.oneshot(request).await.unwrap();
        let status = reply.status().as_u16();
        let body = axum::body::to_bytes(reply.into_body(), 4096).await.unwrap();
        if status == 200 {
            return protocol::Problem::new(Code::Unknown);
        }
        let problem: protocol::Problem = serde_json::from_slice(&body).unwrap();
        assert_eq!(problem.status, status);
        problem
    }

    async fn field(body: &str) -> (String, String) {
        let problem = send("application/json", body).await;
        assert_eq!(problem.code, Code::InvalidBody, "{problem:?}");
        let error = &problem.errors[0];
        (error.field.clone(), error.code.clone())
    }

    #[tokio::test]
    async fn every_way_to_send_a_bad_body_has_its_problem() {
        assert_eq!(
            send("application/json", r#"{"username":"a"}"#).await.code,
            Code::Unknown
        );
        assert_eq!(
            send("application/json; charset=utf-8", r#"{"username":"a"}"#)
                .await
                .code,
            Code::Unknown
        );
        assert_eq!(
            send("text/plain", "{}").await.code,
            Code::UnsupportedMediaType
        );
        assert_eq!(
            send("application/json", "{").await.code,
            Code::MalformedJson
        );
        assert_eq!(send("application/json", "").await.code, Code::MalformedJson);
        assert_eq!(
            send("application/json", r#"{"username":"a"} trailing"#)
                .await
                .code,
            Code::MalformedJson
        );
        assert_eq!(send("application/json", "[]").await.code, Code::InvalidBody);
        let large = format!(r#"{{"username":"{}"}}"#, "a".repeat(100));
        assert_eq!(
            send("application/json", &large).await.code,
            Code::BodyTooLarge
        );
    }

    #[tokio::test]
    async fn the_field_is_named() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(field("{}").await, pair("username", "required"));
        assert_eq!(
            field(r#"{"username":"a","x":1}"#).await,
            pair("x", "unknown")
        );
        assert_eq!(field(r#"{"username":1}"#).await, pair("username", "format"));
        assert_eq!(
            field(r#"{"username":"a","inner":{"age":"x"}}"#).await,
            pair("inner.age", "format")
        );
        assert_eq!(
            field(r#"{"username":"a","inner":{}}"#).await,
            pair("inner.age", "required")
        );
        assert_eq!(
            field(r#"{"username":"a","username":"b"}"#).await,
            pair("username", "duplicate")
        );
    }

    #[tokio::test]
    async fn what_was_sent_is_never_repeated() {
        let problem = send("application/json", r#"{"username":"a","inner":"hunter2"}"#).await;
        assert!(!serde_json::to_string(&problem).unwrap().contains("hunter2"));
    }
}
