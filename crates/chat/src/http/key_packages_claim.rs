//! `POST /api/key-packages/claim`: one key package of each device, to add it to a room.

use std::{collections::BTreeSet, time::Instant};

use axum::extract::State;
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
    if body.suite != e2ee::SUITE {
        return invalid(
            "suite",
            "unsupported",
            "Only MLS ciphersuite 3 is spoken here.",
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
    for user in &body.user_ids {
        wanted.extend(devices::of_user(&app.pool, user.0).await?);
    }
    let asking = body.device_id.map(|id| id.0);
    wanted.retain(|device| Some(device.device_id) != asking);
    wanted.sort_by_key(|device| device.device_id);
    wanted.dedup_by_key(|device| device.device_id);

    let mut claimed = Vec::with_capacity(wanted.len());
    for device in wanted {
        let Some(message) = key_packages::claim(&app.pool, device.device_id).await? else {
            continue;
        };
        claimed.push(ClaimedKeyPackage {
            user_id: device.user_id.into(),
            device_id: device.device_id.into(),
            key_package: message.into(),
        });
        warn_if_low(&app, device.device_id).await?;
    }
    Ok(Json(ClaimReply {
        key_packages: claimed,
    }))
}

/// Tells a device, when it is connected, that few key packages are left.
async fn warn_if_low(app: &App, device: Uuid) -> Result<()> {
    let here = app.hub.of_device(device);
    if here.is_none() && app.cluster.is_alone() {
        return Ok(());
    }
    let left = key_packages::count(&app.pool, device).await?;
    if (left as usize) >= limits::KEY_PACKAGES_LOW {
        return Ok(());
    }
    match here {
        Some(connection) => connection.emit(server::KEY_PACKAGES_LOW, &KeyPackagesLow { left }),
        None => app.cluster.relay(Notice::KeyPackagesLow { device, left }),
    }
    Ok(())
}
