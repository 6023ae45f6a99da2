//! `GET /openapi.json`, and `/docs`: a page to read and try it, without foreign hosts.

use std::sync::Arc;

use axum::{Router, body::Bytes, routing::get};
use http::{HeaderValue, header};
use serde_json::Value;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// What the page may load: itself. Its styles are written by its own script.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// The routes of a finished document.
pub fn routes<S: Clone + Send + Sync + 'static>(document: &Value) -> Router<S> {
    routes_below("", document)
}

/// As [`routes`], for a server whose paths all begin with `prefix`.
pub fn routes_below<S: Clone + Send + Sync + 'static>(prefix: &str, document: &Value) -> Router<S> {
    let (file, docs) = (format!("{prefix}/openapi.json"), format!("{prefix}/docs"));
    let text: Arc<str> = document.to_string().into();
    let json = move || async move {
        let json = [(header::CONTENT_TYPE, "application/json")];
        (json, Bytes::copy_from_slice(text.as_bytes()))
    };
    let config = Config::from(file.clone())
        // Else the page sends the document's address to a checker on the internet.
        .validator_url("none")
        .display_operation_id(true)
        .try_it_out_enabled(true);
    let page = Router::from(SwaggerUi::new(docs).config(config))
        .layer(SetResponseHeaderLayer::overriding(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(POLICY),
        ))
        .layer(SetResponseHeaderLayer::overriding(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .layer(SetResponseHeaderLayer::overriding(
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ));
    Router::new().route(&file, get(json)).merge(page)
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use serde_json::json;
    use tower::ServiceExt;

    use super::*;

    async fn fetch(path: &str) -> (http::response::Parts, String) {
        let app: Router = routes(&json!({"openapi": "3.1.0"}));
        let request = http::Request::get(path).body(Body::empty()).unwrap();
        let (parts, body) = app.oneshot(request).await.unwrap().into_parts();
        let body = to_bytes(body, 8 << 20).await.unwrap();
        (parts, String::from_utf8_lossy(&body).into_owned())
    }

    #[tokio::test]
    async fn the_page_comes_from_here_alone() {
        let (parts, body) = fetch("/openapi.json").await;
        assert_eq!(parts.headers["content-type"], "application/json");
        assert_eq!(body, r#"{"openapi":"3.1.0"}"#);
        let (parts, _) = fetch("/docs").await;
        assert_eq!(parts.headers["location"], "/docs/");
        for file in ["", "swagger-initializer.js"] {
            let (parts, body) = fetch(&format!("/docs/{file}")).await;
            assert_eq!(parts.status, 200, "{file}");
            assert_eq!(parts.headers["content-security-policy"], POLICY);
            assert!(!body.contains("https://"), "{body}");
            assert!(!body.contains("<script>"), "inline scripts are refused");
        }
        let (parts, script) = fetch("/docs/swagger-ui-bundle.js").await;
        assert_eq!(parts.status, 200);
        assert!(script.len() > 100_000);
    }
}
