//! `POST /api/key-packages/claim`: one key package of each device, to add it to a room.

use std::{collections::BTreeSet, time::Instant};

use axum::extract::State;
use e2ee::Suite;
use protocol::{
    Code, Problem, limits,
    rest::keys::{ClaimReply, ClaimRequest, ClaimedKeyPackage},
    socket::{KeyPackagesLow, server},
};
use service::Json;
use uuid::Uuid;

use crate::{
    app::App,
    cluster::Notice,
    error::Result,
    session::Session,
    store::{contacts, devices, key_packages},
};

/// 200; 403 `not-a-contact` unless all are contacts, room-mates or oneself.
#[utoipa::path(
    post,
    path = "/api/key-packages/claim",
    operation_id = "claim_key_packages",
    tag = "keys",
    responses((status = 200, body = ClaimReply)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::NotAContact]))),
)]
pub async fn claim(
    State(app): State<App>,
    session: Session,
    Json(body): Json<ClaimRequest>,
) -> Result<Json<ClaimReply>> {
    let invalid = |field: &str, code: &str, message: &str| {
        Err(Problem::new(Code::InvalidBody)
            .field(field, code, message)
            .into())
    };
    if Suite::from_number(body.suite).is_none() {
        return invalid(
            "suite",
            "unsupported",
            "MLS ciphersuite 3 is spoken here, and 79 (0x004F) as an experiment.",
        );
    }
    if body.user_ids.is_empty() && body.device_ids.is_empty() {
        return invalid("user_ids", "required", "Give user_ids or device_ids.");
    }
    if body.user_ids.len() + body.device_ids.len() > limits::ROOM_DEVICES {
        return invalid("user_ids", "too-long", "Ask for at most 1000 at a time.");
    }
    app.rates.claim.take(session.user_id, Instant::now())?;

    let named: Vec<Uuid> = body.device_ids.iter().map(|id| id.0).collect();
    let mut wanted = devices::find_all(&app.pool, &named).await?;
    let mut users: BTreeSet<Uuid> = wanted.iter().map(|device| device.user_id).collect();
    users.extend(body.user_ids.iter().map(|id| id.0));
    let users: Vec<Uuid> = users.into_iter().collect();
    let reachable = contacts::reachable(&app.pool, session.user_id, &users).await?;
    if reachable.len() < users.len() {
        return Err(Code::NotAContact.into());
    }
    let named: Vec<Uuid> = body.user_ids.iter().map(|id| id.0).collect();
    wanted.extend(devices::of_users(&app.pool, &named).await?);
    let asking = body.device_id.map(|id| id.0);
    wanted.retain(|device| Some(device.device_id) != asking);
    wanted.sort_by_key(|device| device.device_id);
    wanted.dedup_by_key(|device| device.device_id);

    let ids: Vec<Uuid> = wanted.iter().map(|device| device.device_id).collect();
    let mut taken = key_packages::claim(&app.pool, &ids, body.suite).await?;
    warn_if_low(&app, taken.keys().copied().collect(), body.suite).await?;
    let claimed = wanted.into_iter().filter_map(|device| {
        Some(ClaimedKeyPackage {
            user_id: device.user_id.into(),
            device_id: device.device_id.into(),
            key_package: taken.remove(&device.device_id)?.into(),
        })
    });
    Ok(Json(ClaimReply {
        key_packages: claimed.collect(),
    }))
}

/// Tells devices, when they are connected, that few of their key packages are left.
async fn warn_if_low(app: &App, mut devices: Vec<Uuid>, suite: u16) -> Result<()> {
    if app.cluster.is_alone() {
        devices.retain(|device| app.hub.of_device(*device).is_some());
    }
    if devices.is_empty() {
        return Ok(());
    }
    let enough = limits::KEY_PACKAGES_LOW as i64;
    for (device, left) in key_packages::few(&app.pool, &devices, suite, enough).await? {
        match app.hub.of_device(device) {
            Some(connection) => {
                connection.emit(server::KEY_PACKAGES_LOW, &KeyPackagesLow { left, suite });
            }
            None => app.cluster.relay(Notice::KeyPackagesLow {
                device,
                left,
                suite,
            }),
        }
    }
    Ok(())
}
