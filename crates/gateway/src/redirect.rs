//! Plain HTTP: every request is sent on to the public URL.

use axum::{Router, extract::Request, response::IntoResponse};
use http::{StatusCode, header};

use crate::Origin;

/// A router that answers everything with 308 to the same path at `public`. The request's Host is
/// not believed.
pub(crate) fn router(public: Origin) -> Router {
    Router::new().fallback(async move |request: Request| {
        let path = request
            .uri()
            .path_and_query()
            .map_or("/", |path| path.as_str());
        let path = if path.starts_with('/') { path } else { "/" };
        let location = format!("{public}{path}");
        (
            StatusCode::PERMANENT_REDIRECT,
            [(header::LOCATION, location)],
        )
            .into_response()
    })
}
