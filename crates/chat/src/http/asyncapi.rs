//! `GET /api/asyncapi.json`: the events of the socket, for programs.

use std::sync::LazyLock;

use axum::{body::Bytes, response::IntoResponse};
use http::header;
use protocol::socket::asyncapi;

static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| asyncapi::document().to_string().into());

/// 200: an AsyncAPI 3 document of every socket event.
#[utoipa::path(
    get,
    path = "/api/asyncapi.json",
    operation_id = "asyncapi",
    tag = "server",
    responses((status = 200, body = Object, content_type = "application/json")),
)]
pub async fn asyncapi() -> impl IntoResponse {
    let json = [(header::CONTENT_TYPE, "application/json")];
    (json, DOCUMENT.clone())
}
