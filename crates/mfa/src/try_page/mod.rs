//! `/try`: a page that walks an operator through the interface; served only with `TRY_PAGE`.
//!
//! It has no rights of its own: it asks the public routes with the client secret that one types.

use axum::{Router, routing::get};
use http::{HeaderValue, header};
use tower_http::set_header::SetResponseHeaderLayer;

/// What the page may load: its own two files and answers of this service.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page and its files.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let file = |kind: &'static str, text: &'static str| {
        get(move || async move { ([(header::CONTENT_TYPE, kind)], text) })
    };
    let html = file("text/html; charset=utf-8", include_str!("page.html"));
    let style = file("text/css; charset=utf-8", include_str!("page.css"));
    let script = file("text/javascript; charset=utf-8", include_str!("page.js"));
    let header =
        |name, value| SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value));
    Router::new()
        .route("/try", html)
        .route("/try/page.css", style)
        .route("/try/page.js", script)
        .layer(header(header::CONTENT_SECURITY_POLICY, POLICY))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::REFERRER_POLICY, "no-referrer"))
}
