//! One id per request, from the gateway through chat to mfa: in logs, replies and problems.

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

use crate::{Peer, Problem};

/// The header that carries the id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request, an extension of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub String);

/// Gives a request its [`RequestId`].
///
/// An id from outside counts only when the peer proved a name by its certificate. The id goes into
/// the reply's header and into problems.
pub(crate) async fn request_id<F, Fut>(mut request: Request, next: F) -> Response
where
    F: FnOnce(Request) -> Fut,
    Fut: Future<Output = Response>,
{
    let trusted = request
        .extensions()
        .get::<Peer>()
        .is_some_and(|peer| !peer.names.is_empty());
    let given = if trusted {
        well_formed(request.headers())
    } else {
        None
    };
    let id = given.unwrap_or_else(|| Uuid::now_v7().to_string());
    request.extensions_mut().insert(RequestId(id.clone()));
    let response = next(request).await;
    stamp(response, id)
}

fn well_formed(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let fits = (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    fits.then(|| id.to_owned())
}

fn stamp(mut response: Response, id: String) -> Response {
    let header = HeaderValue::from_str(&id).ok();
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        let mut problem = problem.into_inner();
        problem.request_id = Some(id);
        let fresh = Problem::from(problem).into_response();
        // Headers of inner layers (Allow, Set-Cookie, …) stay; the body and its length are new.
        response.headers_mut().remove(http::header::CONTENT_LENGTH);
        *response.body_mut() = Body::new(fresh.into_body());
    }
    if let Some(header) = header {
        response.headers_mut().insert(REQUEST_ID, header);
    }
    response
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::{
        Extension, Router,
        middleware::{Next, from_fn},
        routing::get,
    };
    use protocol::Code;
    use tower::ServiceExt;

    use super::*;

    fn app() -> Router {
        Router::new()
            .route(
                "/",
                get(async |Extension(RequestId(id)): Extension<RequestId>| id),
            )
            .route("/problem", get(async || Problem::new(Code::NotAMember)))
            .layer(from_fn(|request, next: Next| {
                request_id(request, |request| next.run(request))
            }))
    }

    fn request(uri: &str, names: &[&str], id: &str) -> Request {
        let peer = Peer {
            address: ([127, 0, 0, 1], 1).into(),
            names: names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Arc<[_]>>(),
        };
        http::Request::get(uri)
            .header(REQUEST_ID, id)
            .extension(peer)
            .body(Body::empty())
            .unwrap()
    }

    async fn text(response: Response) -> String {
        let body = axum::body::to_bytes(response.into_body(), 4096)
            .await
            .unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn only_a_named_peer_hands_in_an_id() {
        let reply = app()
            .oneshot(request("/", &["spiffe://snug/gateway"], "abc-1"))
            .await
            .unwrap();
        assert_eq!(reply.headers()[REQUEST_ID], "abc-1");
        assert_eq!(text(reply).await, "abc-1");
        for (names, id) in [
            (&[][..], "abc-1"),
            (&["spiffe://snug/gateway"][..], "a b\"c"),
        ] {
            let reply = app().oneshot(request("/", names, id)).await.unwrap();
            let made: Uuid = text(reply).await.parse().unwrap();
            assert_eq!(made.get_version_num(), 7);
        }
    }

    #[tokio::test]
    async fn a_problem_names_its_request() {
        let reply = app()
            .oneshot(request("/problem", &["x"], "abc-2"))
            .await
            .unwrap();
        assert_eq!(reply.status(), 403);
        assert_eq!(reply.headers()["content-type"], "application/problem+json");
        let problem: protocol::Problem = serde_json::from_str(&text(reply).await).unwrap();
        assert_eq!(problem.request_id.as_deref(), Some("abc-2"));
        assert_eq!(problem.code, Code::NotAMember);
    }
}
