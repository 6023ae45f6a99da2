//! `PUT /api/devices/list`: a newer signed device list.

use axum::extract::State;
use e2ee::{AccountPublicKey, DeviceList};
use http::StatusCode;
use protocol::{Code, limits, socket::ContactChange};
use service::Json;
use uuid::Uuid;

use super::{
    bodies::DeviceListRequest,
    keys::{check_revocation, covers, revokes, stale_list},
};
use crate::{
    app::App,
    caller::Caller,
    error::Result,
    keys::{self, Faults},
    revocation,
    session::Session,
    store::{
        devices,
        users::{self, Keys},
    },
};

/// 204; 422 `invalid-key`; 409 `stale-device-list`; 403 `step-up-required` for a list that revokes
/// another device than the one of this session. Devices that it revokes are refused at once; their removal is due in every room.
#[utoipa::path(
    put,
    path = "/api/devices/list",
    operation_id = "replace_device_list",
    tag = "keys",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([
        Code::InvalidKey, Code::StaleDeviceList, Code::TooManyDevices, Code::NotFound,
        Code::StepUpRequired, Code::MfaUnavailable,
    ]))),
)]
pub async fn replace(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Json(body): Json<DeviceListRequest>,
) -> Result<StatusCode> {
    let user = session.user_id;
    let standing = users::keys(&app.pool, user).await?.ok_or(Code::NotFound)?;
    let list = check(&body, user, &standing)?;
    let version = i64::try_from(list.version).unwrap_or(i64::MAX);
    if version <= standing.version {
        return Err(stale_list(standing.version));
    }
    // Not under the lock: it may ask the MFA service.
    let may_revoke = check_revocation(&app, &session, &caller, (&list, session.device_id)).await?;

    let mut db = app.pool.begin().await?;
    let stored = users::lock_keys(&mut *db, user)
        .await?
        .ok_or(Code::NotFound)?;
    let known = devices::ids_of(&mut *db, user).await?;
    // Under a key that was replaced meanwhile, too late, without a device that has come since, or
    // against one that nobody was asked for.
    if stored.account_key != standing.account_key
        || version <= stored.version
        || (!may_revoke && revokes(&list, &known, session.device_id))
        || !covers(&list, &known)
    {
        return Err(stale_list(stored.version));
    }
    let revoked = devices::revoke(&mut db, user, &list.revoked).await?;
    let keys = Keys {
        account_key: stored.account_key,
        device_list: body.device_list.0.to_vec(),
        version,
    };
    users::set_keys(&mut *db, user, &keys).await?;
    db.commit().await?;
    revocation::follow(&app, &session, &revoked).await?;
    if !revoked.is_empty() {
        app.audit.own("device-revoked", user, &caller);
    }
    app.presence.tell(user, ContactChange::Keys).await;
    Ok(StatusCode::NO_CONTENT)
}

/// The list, when the person's account key has signed it.
fn check(body: &DeviceListRequest, user: Uuid, standing: &Keys) -> Result<DeviceList> {
    let mut faults = Faults::default();
    let key = AccountPublicKey::parse(&standing.account_key)
        .map_err(|fault| anyhow::anyhow!("the stored account key of {user} is {fault}"))?;
    let list = keys::device_list(&body.device_list, user, &key, &mut faults);
    faults.check()?;
    let list = list.ok_or(Code::InvalidKey)?;
    if list.devices.len() > limits::USER_DEVICES {
        return Err(Code::TooManyDevices.into());
    }
    Ok(list)
}
