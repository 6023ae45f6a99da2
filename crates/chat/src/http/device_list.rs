//! `PUT /api/devices/list`: a newer signed device list.

use axum::extract::State;
use e2ee::AccountPublicKey;
use http::StatusCode;
use protocol::{Base64, Code, limits, socket::ContactChange};
use serde::Deserialize;
use service::Json;

use super::{
    devices::after_revocation,
    keys::{covers, stale_list},
};
use crate::{
    app::App,
    error::Result,
    keys::{self, Faults},
    session::Session,
    store::{
        devices,
        users::{self, Keys},
    },
};

/// The body.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceListRequest {
    device_list: Base64,
}

/// 204; 422 `invalid-key`; 409 `stale-device-list`. Devices that it revokes are refused at once.
#[utoipa::path(
    put,
    path = "/api/devices/list",
    operation_id = "replace_device_list",
    tag = "keys",
    responses((status = 204, description = "Done.")),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([
        Code::InvalidKey, Code::StaleDeviceList, Code::TooManyDevices, Code::NotFound,
    ]))),
)]
pub async fn replace(
    State(app): State<App>,
    session: Session,
    Json(body): Json<DeviceListRequest>,
) -> Result<StatusCode> {
    let user = session.user_id;
    let mut db = app.pool.begin().await?;
    let stored = users::lock_keys(&mut *db, user)
        .await?
        .ok_or(Code::NotFound)?;
    let mut faults = Faults::default();
    let key = AccountPublicKey::parse(&stored.account_key)
        .map_err(|fault| anyhow::anyhow!("the stored account key of {user} is {fault}"))?;
    let list = keys::device_list(&body.device_list, user, &key, &mut faults);
    faults.check()?;
    let Some(list) = list else {
        return Err(Code::InvalidKey.into());
    };
    if list.devices.len() > limits::USER_DEVICES {
        return Err(Code::TooManyDevices.into());
    }
    let version = i64::try_from(list.version).unwrap_or(i64::MAX);
    let known = devices::ids_of(&mut *db, user).await?;
    if version <= stored.version || !covers(&list, &known) {
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
    after_revocation(&app, &session, &revoked).await?;
    app.presence.tell(user, ContactChange::Keys).await;
    Ok(StatusCode::NO_CONTENT)
}
