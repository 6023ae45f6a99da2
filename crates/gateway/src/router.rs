//! Every route of the gateway, with its limits.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
    routing::{any, get, post},
};
use protocol::limits;

use crate::{
    access,
    app::App,
    cors, frontend,
    proxy::{Rule, forward_to_chat, forward_to_development},
};

/// What multipart framing and field names add to a file.
const SLACK: usize = 64 * 1024;
const FILE: usize = limits::ATTACHMENT + limits::ATTACHMENT_FRAMING;
/// Bodies of long polling: the largest packet in base64, and several of them in one.
const POLL: usize = 4 * limits::SOCKET_MESSAGE;

/// Uploads and long polling; a body that stalls is cut long before.
const UPLOAD: Duration = Duration::from_secs(600);

pub(crate) fn router(app: Arc<App>) -> Router {
    let quick = app.reply_within;
    let chat = |body: usize, reply: Duration| {
        any(forward_to_chat).with_state((app.clone(), Rule { body, reply }))
    };
    let json = || chat(limits::JSON_BODY, quick);
    let alias = |body: usize| {
        post(forward_to_chat)
            .with_state((app.clone(), Rule { body, reply: quick }))
            .merge(page(&app))
    };
    Router::new()
        .route("/api", json())
        .route("/api/", json())
        .route("/api/{*path}", json())
        .route("/api/keys", chat(limits::KEYS_BODY, quick))
        .route("/api/key-packages", chat(limits::KEYS_BODY, quick))
        .route("/api/rooms", chat(limits::COMMIT + SLACK, UPLOAD))
        .route(
            "/api/rooms/{id}/commits",
            chat(limits::COMMIT + SLACK, UPLOAD),
        )
        .route("/api/messages/image", chat(FILE, UPLOAD))
        .route("/api/files", chat(FILE, UPLOAD))
        .route("/api/recovery", chat(limits::KEYS_BODY, quick))
        .route("/api/vault", chat(limits::VAULT_BODY, UPLOAD))
        .route("/api/archive", chat(limits::ARCHIVE_BODY, UPLOAD))
        .route("/api/me/avatar", chat(limits::AVATAR, UPLOAD))
        // A wildcard needs something to match: the bare path is a route of its own.
        .route("/socket.io/", chat(POLL, UPLOAD))
        .route("/socket.io/{*path}", chat(POLL, UPLOAD))
        .route("/register", alias(limits::JSON_BODY))
        .route("/login", alias(limits::JSON_BODY))
        .route("/register/key", alias(limits::KEYS_BODY))
        .route("/", page(&app))
        .route("/{*path}", page(&app))
        .fallback(service::fallback)
        .method_not_allowed_fallback(service::method_not_allowed)
        .layer(from_fn_with_state(app, front))
}

/// What every request passes before its route, and every reply after it.
async fn front(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    // Each route has a time of its own; this one only bounds them all.
    let time = UPLOAD + app.reply_within;
    let mut response = service::guard(time, request, |mut request| {
        let app = app.clone();
        async move {
            match access::refuse(&app, &mut request) {
                Some(refusal) => refusal,
                None => cors::share(&app, request, next).await,
            }
        }
    })
    .await;
    app.security.write(response.headers_mut());
    response
}

/// A file of the frontend or, for a person's GET of an unknown path, the app itself.
fn page(app: &Arc<App>) -> axum::routing::MethodRouter {
    if app.development.is_some() {
        any(forward_to_development).with_state(app.clone())
    } else {
        get(frontend::serve).with_state(app.clone())
    }
}
