//! `GET`, `POST` and `DELETE /api/push`: being woken by the browser's push service.

use axum::extract::State;
use http::StatusCode;
use protocol::{
    Code,
    rest::push::{PushKey, PushSubscription},
};
use service::Json;

use crate::{app::App, cluster::Notice, error::Result, session::Session};

/// 200: the key to subscribe with.
#[utoipa::path(
    get,
    path = "/api/push",
    operation_id = "push_key",
    tag = "account",
    responses((status = 200, body = PushKey)),
    security(("cookie" = []), ("token" = [])),
)]
pub async fn key(State(app): State<App>, _: Session) -> Result<Json<PushKey>> {
    let public_key = app.push.public_key().await?;
    Ok(Json(PushKey { public_key }))
}

/// 204: from now on this session is woken there, as long as it lasts; 409 `too-many-subscriptions`.
#[utoipa::path(
    post,
    path = "/api/push",
    operation_id = "subscribe_push",
    tag = "account",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::TooManySubscriptions]))),
)]
pub async fn subscribe(
    State(app): State<App>,
    session: Session,
    Json(body): Json<PushSubscription>,
) -> Result<StatusCode> {
    let (user, session) = (session.user_id, session.session_id);
    if app.push.subscribe(&body.endpoint, user, session).await? {
        app.cluster.relay(Notice::Subscribed);
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Code::TooManySubscriptions.into())
    }
}

/// 204; 404 when there is no such subscription of mine.
#[utoipa::path(
    delete,
    path = "/api/push",
    operation_id = "unsubscribe_push",
    tag = "account",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::NotFound]))),
)]
pub async fn unsubscribe(
    State(app): State<App>,
    session: Session,
    Json(body): Json<PushSubscription>,
) -> Result<StatusCode> {
    if app
        .push
        .unsubscribe(&body.endpoint, session.user_id)
        .await?
    {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Code::NotFound.into())
    }
}
