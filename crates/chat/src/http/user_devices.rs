//! `GET /api/users/{id}/devices`: account key, signed device list and credentials of a person.

use axum::extract::State;
use protocol::rest::keys::DevicesReply;
use service::{Json, Path};
use uuid::Uuid;

use super::users::check_visible;
use crate::{
    app::App,
    error::Result,
    session::Session,
    store::{devices, users},
};

/// 200, as for the profile.
#[utoipa::path(
    get,
    path = "/api/users/{id}/devices",
    operation_id = "devices",
    tag = "people",
    responses((status = 200, body = DevicesReply)),
    security(("cookie" = []), ("token" = [])),
)]
pub async fn devices(
    State(app): State<App>,
    session: Session,
    Path(id): Path<Uuid>,
) -> Result<Json<DevicesReply>> {
    check_visible(&app, &session, id).await?;
    let keys = users::keys(&app.pool, id).await?;
    let reported = devices::reported(&app.pool, id).await?;
    let devices = devices::list(&app.pool, id, id == session.user_id).await?;
    let (account_key, device_list) = keys
        .map(|keys| (keys.account_key.into(), keys.device_list.into()))
        .unzip();
    Ok(Json(DevicesReply {
        user_id: id.into(),
        account_key,
        device_list,
        devices,
        reported: reported.into_iter().map(Into::into).collect(),
    }))
}
