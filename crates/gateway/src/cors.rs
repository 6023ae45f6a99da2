//! Cross-origin use of the API by the origins of `CORS_ORIGINS`, cookies included.

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use crate::{Origin, app::App};

/// The origins whose pages may use the API.
pub(crate) struct Cors(Vec<String>);

impl Cors {
    pub(crate) fn new(origins: Vec<Origin>) -> Self {
        Self(origins.iter().map(Origin::to_string).collect())
    }

    fn allowed(&self, request: &Request) -> Option<HeaderValue> {
        let origin = request.headers().get(header::ORIGIN)?;
        let path = request.uri().path();
        let ours = path.starts_with("/api") || path.starts_with("/socket.io");
        (ours && self.0.iter().any(|one| one.as_bytes() == origin.as_bytes()))
            .then(|| origin.clone())
    }
}

/// Answers preflights of listed origins and marks their replies as readable. To all others nothing
/// is said, so that their browser refuses.
pub(crate) async fn share(app: &App, request: Request, next: Next) -> Response {
    if app.cors.0.is_empty() {
        return next.run(request).await;
    }
    let origin = app.cors.allowed(&request);
    let preflight = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match (&origin, preflight) {
        (Some(_), true) => {
            let mut response = StatusCode::NO_CONTENT.into_response();
            let headers = response.headers_mut();
            let mut say = |name, value| headers.insert(name, HeaderValue::from_static(value));
            say(
                header::ACCESS_CONTROL_ALLOW_METHODS,
                "GET, HEAD, POST, PUT, PATCH, DELETE",
            );
            say(
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                "authorization, content-type",
            );
            say(header::ACCESS_CONTROL_MAX_AGE, "600");
            response
        }
        _ => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = origin {
        readable(headers, origin);
    }
    response
}

fn readable(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
        HeaderValue::from_static("true"),
    );
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("retry-after, x-request-id"),
    );
}
