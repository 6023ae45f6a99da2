//! `PATCH` and `DELETE /api/devices/{id}`: renames a device of mine, or revokes it.

use axum::extract::State;
use e2ee::{AccountPublicKey, DeviceList};
use http::StatusCode;
use protocol::{
    Code, Problem,
    rest::keys::{Device, DeviceRename},
    socket::ContactChange,
};
use service::{Json, Path};
use uuid::Uuid;

use crate::{
    app::App,
    caller::Caller,
    error::Result,
    names, revocation,
    session::{Session, require_fresh_factor},
    store::{
        devices,
        users::{self, Keys},
    },
};

/// 200; 404; 422 `invalid-body`.
#[utoipa::path(
    patch,
    path = "/api/devices/{id}",
    operation_id = "rename_device",
    tag = "keys",
    responses((status = 200, body = Device)),
    security(("cookie" = []), ("token" = [])),
)]
pub async fn rename(
    State(app): State<App>,
    session: Session,
    Path(id): Path<Uuid>,
    Json(body): Json<DeviceRename>,
) -> Result<Json<Device>> {
    let Some(name) = names::display_name(Some(body.name.as_str()))? else {
        return Err(Problem::new(Code::InvalidBody)
            .field("name", "required", "Give it a name.")
            .into());
    };
    let renamed = devices::rename(&app.pool, session.user_id, id, &name).await?;
    Ok(Json(renamed.ok_or(Code::NotFound)?))
}

/// 204, also for a repeat; 404; 403 `step-up-required`, but not for the device of this session: who
/// signs out for good may take it along. It is refused at once; its removal is due in
/// every room. Unless the newest signed list revokes it, too, it is named as reported.
#[utoipa::path(
    delete,
    path = "/api/devices/{id}",
    operation_id = "revoke_device",
    tag = "keys",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::StepUpRequired, Code::MfaUnavailable]))),
)]
pub async fn revoke(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<StatusCode> {
    let user = session.user_id;
    if devices::owner(&app.pool, id).await? != Some(user) {
        return Err(Code::NotFound.into());
    }
    let keys = users::keys(&app.pool, user).await?.ok_or(Code::NotFound)?;
    let signed = signed_list(user, &keys)?.revoked.contains(&id);
    if !signed
        && devices::find(&app.pool, id).await?.is_none()
        && !devices::reported(&app.pool, user).await?.contains(&id)
    {
        // Gone with older keys.
        return Err(Code::NotFound.into());
    }
    if session.device_id != Some(id) {
        require_fresh_factor(&app, &session, &caller).await?;
    }
    let mut db = app.pool.begin().await?;
    let revoked = devices::revoke(&mut db, user, &[id]).await?;
    if !signed && !revoked.is_empty() {
        devices::report(&mut *db, id).await?;
    }
    db.commit().await?;
    revocation::follow(&app, &session, &revoked).await?;
    if revoked.is_empty() {
        // That was done already, and its removal may still be due.
        revocation::want_removals(&app, &[id]).await?;
        return Ok(StatusCode::NO_CONTENT);
    }
    app.audit.own("device-revoked", user, &caller);
    app.presence.tell(user, ContactChange::Keys).await;
    Ok(StatusCode::NO_CONTENT)
}

/// The newest list that the person has signed.
fn signed_list(user: Uuid, keys: &Keys) -> Result<DeviceList> {
    let list = AccountPublicKey::parse(&keys.account_key)
        .and_then(|key| DeviceList::open(&keys.device_list, &key));
    Ok(list.map_err(|fault| anyhow::anyhow!("the stored device list of {user} is {fault}"))?)
}
