//! `GET /api/me/export`: everything that the server holds of me, as one JSON file.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::header;
use protocol::Code;
use serde_json::{Value, json};
use service::Json;

use crate::{
    app::App,
    caller::Caller,
    error::Result,
    session::Session,
    store::{
        audit::{self, Filter},
        blocks, contacts, devices, export, friend_requests, members, recovery, sessions, users,
        vaults,
    },
};

/// Entries of the trail in an export.
const AUDIT: i64 = 10_000;

/// 200: the sealed history is told by room and number of entries: it is read page by page at
/// `/api/archive`.
#[utoipa::path(
    get,
    path = "/api/me/export",
    operation_id = "export_me",
    tag = "account",
    responses((status = 200, body = serde_json::Value)),
    security(("cookie" = []), ("token" = [])),
)]
pub async fn export(State(app): State<App>, session: Session, caller: Caller) -> Result<Response> {
    let (pool, user) = (&app.pool, session.user_id);
    let trail = Filter {
        subject: Some(user),
        limit: AUDIT,
        ..Filter::default()
    };
    let file = json!({
        "me": users::me(pool, user).await?.ok_or(Code::SessionEnded)?,
        "sessions": sessions::list(pool, user, session.session_id).await?,
        "devices": devices::list(pool, user, true).await?,
        "contacts": contacts::list(pool, user).await?,
        "friend_requests": friend_requests::pending(pool, user).await?,
        "blocked": blocks::list(pool, user).await?,
        "rooms": members::rooms_of(pool, user).await?,
        "waiting_messages_sent": export::waiting(pool, user).await?,
        "archive": export::archive(pool, user)
            .await?
            .into_iter()
            .map(|(room, entries, bytes)| {
                json!({"room_id": room, "entries": entries, "bytes": bytes})
            })
            .collect::<Value>(),
        "recovery": recovery::find(pool, user).await?,
        "vault": vaults::find(pool, user).await?,
        "audit": audit::list(pool, &trail).await?,
    });
    app.audit.own("exported", user, &caller);
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"snug-export.json\"",
        ),
    ];
    Ok((headers, Json(file)).into_response())
}
