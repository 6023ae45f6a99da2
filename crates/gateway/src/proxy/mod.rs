//! Requests on their way to the chat servers (or, in development, to the frontend's server).

mod forward;
mod headers;
mod held;
mod node;
mod tunnel;
mod upstreams;

use std::{sync::Arc, time::Duration};

use axum::{
    Extension,
    extract::{Request, State},
    response::Response,
};
use service::RequestId;
pub(crate) use upstreams::Upstreams;

use crate::{access::Client, app::App};

/// The limits of one route.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    /// Largest request body, in bytes.
    pub(crate) body: usize,
    /// Longest time until the upstream's reply begins, the upload included.
    pub(crate) reply: Duration,
}

/// Sends the request to a chat server and its reply back.
pub(crate) async fn forward_to_chat(
    State((app, rule)): State<(Arc<App>, Rule)>,
    Extension(client): Extension<Client>,
    Extension(id): Extension<RequestId>,
    request: Request,
) -> Response {
    forward::forward(&app, &app.chat, rule, client, &id, request).await
}

/// Sends the request to the frontend's development server, hot-reload socket included.
pub(crate) async fn forward_to_development(
    State(app): State<Arc<App>>,
    Extension(client): Extension<Client>,
    Extension(id): Extension<RequestId>,
    request: Request,
) -> Response {
    let rule = Rule {
        body: 1024 * 1024,
        reply: Duration::from_secs(120),
    };
    let upstream = app.development.as_ref().unwrap_or(&app.chat);
    forward::forward(&app, upstream, rule, client, &id, request).await
}
