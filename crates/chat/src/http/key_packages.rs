//! `POST /api/key-packages` and `GET /api/key-packages/count`: what a device leaves for others.

use axum::extract::State;
use e2ee::{Credential, Suite};
use http::StatusCode;
use protocol::{
    Code, DeviceId, Problem, limits,
    rest::keys::{KeyPackageCount, KeyPackagesRequest},
};
use service::{Json, Query};
use time::OffsetDateTime;

use super::queries;
use crate::{
    app::App,
    error::Result,
    keys::{self, Faults, Owner},
    session::Session,
    store::{devices, key_packages},
};

/// 201; 422 `invalid-key`.
#[utoipa::path(
    post,
    path = "/api/key-packages",
    operation_id = "add_key_packages",
    tag = "keys",
    responses((status = 201, body = KeyPackageCount)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::InvalidKey, Code::NotFound]))),
)]
pub async fn add(
    State(app): State<App>,
    session: Session,
    Json(body): Json<KeyPackagesRequest>,
) -> Result<(StatusCode, Json<KeyPackageCount>)> {
    if body.key_packages.len() > limits::KEY_PACKAGES_UPLOAD {
        return Err(Problem::new(Code::InvalidBody)
            .field("key_packages", "too-long", "Send at most 100 at a time.")
            .into());
    }
    let owner = owner(&app, &session, body.device_id).await?;
    let now = OffsetDateTime::now_utc();
    let mut faults = Faults::default();
    let mut packages = Vec::with_capacity(body.key_packages.len());
    for (place, bytes) in body.key_packages.iter().enumerate() {
        let name = format!("key_packages[{place}]");
        packages.extend(keys::key_package(
            &name,
            bytes,
            &owner,
            false,
            now,
            &mut faults,
        ));
    }
    let last = body
        .last_resort
        .as_ref()
        .and_then(|bytes| keys::key_package("last_resort", bytes, &owner, true, now, &mut faults));
    faults.check()?;
    // What is told is about those that came; without any, about the suite that every device has.
    let suite = packages
        .iter()
        .chain(&last)
        .map(|package| package.suite)
        .next()
        .unwrap_or(Suite::Classic.number());
    let mut db = app.pool.begin().await?;
    for place in key_packages::add(&mut db, owner.device, &packages).await? {
        faults.add(format!("key_packages[{place}]"), "used-before");
    }
    if let Some(last) = last
        && !key_packages::set_last_resort(&mut db, owner.device, &last).await?
    {
        faults.add("last_resort", "used-before");
    }
    faults.check()?;
    let count = key_packages::count(&mut *db, owner.device, suite).await?;
    db.commit().await?;
    Ok((StatusCode::CREATED, Json(KeyPackageCount { count })))
}

/// 200.
#[utoipa::path(
    get,
    path = "/api/key-packages/count",
    operation_id = "count_key_packages",
    tag = "keys",
    params(queries::KeyPackages),
    responses((status = 200, body = KeyPackageCount)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([Code::NotFound, Code::InvalidBody]))),
)]
pub async fn count(
    State(app): State<App>,
    session: Session,
    Query(which): Query<queries::KeyPackages>,
) -> Result<Json<KeyPackageCount>> {
    let owner = owner(&app, &session, which.device_id).await?;
    let suite = which.suite.unwrap_or(Suite::Classic.number());
    let count = key_packages::count(&app.pool, owner.device, suite).await?;
    Ok(Json(KeyPackageCount { count }))
}

/// A device of the session's own person.
async fn owner(app: &App, session: &Session, device: DeviceId) -> Result<Owner> {
    let device = devices::find(&app.pool, device.0).await?;
    let device = device
        .filter(|device| device.user_id == session.user_id)
        .ok_or(Code::NotFound)?;
    let credential = Credential::open(&device.credential)
        .map_err(|fault| anyhow::anyhow!("a stored credential is {fault}"))?;
    Ok(Owner {
        user: credential.user,
        device: credential.device,
        account_key: credential.account_key,
        device_key: credential.device_key,
    })
}
