//! Path and query parameters that refuse with problems instead of axum's plain text.

use axum::extract::FromRequestParts;
use http::request::Parts;
use protocol::Code;
use serde::de::DeserializeOwned;

use crate::Problem;

/// The parameters after `?`; 422 `invalid-body` when they do not fit.
#[derive(Clone, Copy, Debug, Default)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(_) => Err(Problem::new(Code::InvalidBody)
                .detail("A parameter after the ? is missing, unknown or of the wrong format.")),
        }
    }
}

/// The parameters inside the path; 404 `not-found` when they do not fit, since nothing can be there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(_) => Err(Code::NotFound.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, body::Body, routing::get};
    use serde::Deserialize;
    use tower::ServiceExt;
    use uuid::Uuid;

    #[derive(Deserialize)]
    struct Page {
        limit: u32,
    }

    async fn status(uri: &str) -> u16 {
        let app = Router::new()
            .route(
                "/page",
                get(async |Query(page): Query<Page>| page.limit.to_string()),
            )
            .route(
                "/rooms/{id}",
                get(async |Path(id): Path<Uuid>| id.to_string()),
            );
        let request = http::Request::get(uri).body(Body::empty()).unwrap();
        let reply = app.oneshot(request).await.unwrap();
        if !reply.status().is_success() {
            assert_eq!(reply.headers()["content-type"], "application/problem+json");
        }
        reply.status().as_u16()
    }

    #[tokio::test]
    async fn parameters_that_do_not_fit_are_problems() {
        assert_eq!(status("/page?limit=3").await, 200);
        assert_eq!(status("/page?limit=x").await, 422);
        assert_eq!(status("/page").await, 422);
        assert_eq!(status(&format!("/rooms/{}", Uuid::nil())).await, 200);
        assert_eq!(status("/rooms/7").await, 404);
    }
}
