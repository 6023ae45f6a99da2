//! `POST /api/keys`: the account key and a device. The first one, a further one, or a reset.

use std::collections::BTreeSet;

use axum::extract::State;
use e2ee::{AccountPublicKey, DeviceList};
use http::StatusCode;
use protocol::{
    Code, Problem, limits,
    rest::keys::{KeysReply, KeysRequest},
    socket::{ContactChange, DeviceEvent, server},
};
use service::Json;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    app::App,
    caller::Caller,
    error::Result,
    keys::{self, Faults, Owner},
    revocation,
    session::{Session, require_fresh_factor},
    store::{
        devices,
        key_packages::{self, NewKeyPackage},
        recovery, rooms, sessions,
        users::{self, Keys},
    },
};

/// 201; 422 `invalid-key`; 409 `account-key-exists`, `stale-device-list`, `too-many-devices`; 403
/// `step-up-required` for a reset, and for a list that revokes a device.
#[utoipa::path(
    post,
    path = "/api/keys",
    operation_id = "register_keys",
    tag = "keys",
    responses((status = 201, body = KeysReply)),
    security(("cookie" = []), ("token" = [])),
    extensions(("x-problems" = json!([
        Code::InvalidKey, Code::AccountKeyExists, Code::StaleDeviceList, Code::TooManyDevices,
        Code::StepUpRequired, Code::MfaUnavailable, Code::Forbidden,
    ]))),
)]
pub async fn register(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Json(body): Json<KeysRequest>,
) -> Result<(StatusCode, Json<KeysReply>)> {
    let user = session.user_id;
    let checked = check(&body, user)?;
    let device = checked.owner.device;
    let stands = users::keys(&app.pool, user).await?;
    let other = stands.is_some_and(|keys| keys.account_key != checked.owner.account_key.as_bytes());
    if other && !body.reset {
        return Err(Problem::new(Code::AccountKeyExists)
            .detail("Link this device with one that you use already, or start over with new keys.")
            .into());
    }
    let may_revoke = if other {
        require_fresh_factor(&app, &session, &caller).await?;
        true
    } else {
        check_revocation(&app, &session, &caller, (&checked.list, None)).await?
    };

    let mut db = app.pool.begin().await?;
    let stored = users::lock_keys(&mut *db, user).await?;
    let changed = judge(&mut db, &body, &checked, stored, (other, may_revoke)).await?;
    let mut closed_sessions = Vec::new();
    if changed.reset {
        rooms::close_direct_of(&mut db, user).await?;
        recovery::end(&mut *db, user).await?;
        for device in &changed.revoked {
            revocation::announce(&mut *db, user, *device).await?;
        }
        closed_sessions = sessions::remove_others(&mut *db, user, session.session_id).await?;
    }
    sessions::bind(&mut *db, session.session_id, device).await?;
    db.commit().await?;

    if changed.reset {
        tracing::warn!(security = "keys-reset", %user, request_id = %caller.request_id, address = %caller.address, "a person replaced their account key");
        revocation::follow_reset(&app, &session, &changed.revoked, &closed_sessions).await?;
        app.audit.own("keys-reset", user, &caller);
    } else if !changed.revoked.is_empty() {
        revocation::follow(&app, &session, &changed.revoked).await?;
        app.audit.own("device-revoked", user, &caller);
    }
    if changed.added {
        app.audit.own("device-added", user, &caller);
        let event = DeviceEvent {
            device_id: device.into(),
        };
        let except = Some(session.session_id);
        app.cluster
            .emit_to_user_except(user, except, server::DEVICE_ADDED, &event);
        app.presence.tell(user, ContactChange::Keys).await;
    }
    Ok((
        StatusCode::CREATED,
        Json(KeysReply {
            device_id: device.into(),
        }),
    ))
}

/// A request whose keys all check.
struct Checked<'a> {
    owner: Owner,
    list: DeviceList,
    packages: Vec<NewKeyPackage<'a>>,
    last_resort: NewKeyPackage<'a>,
}

fn check(body: &KeysRequest, user: Uuid) -> Result<Checked<'_>> {
    let invalid = |field: &str, code: &str, message: &str| {
        Err(Problem::new(Code::InvalidBody)
            .field(field, code, message)
            .into())
    };
    if body.device.name.chars().count() > limits::NAME_MAX {
        return invalid("device.name", "too-long", "Use at most 80 characters.");
    }
    if body.key_packages.len() > limits::KEY_PACKAGES_UPLOAD {
        return invalid("key_packages", "too-long", "Send at most 100 at a time.");
    }
    let now = OffsetDateTime::now_utc();
    let mut faults = Faults::default();
    let key: Option<AccountPublicKey> = keys::account_key(&body.account_key, &mut faults);
    let list = key
        .as_ref()
        .and_then(|key| keys::device_list(&body.device_list, user, key, &mut faults));
    let owner = key.as_ref().and_then(|key| {
        keys::credential(
            &body.device.credential,
            user,
            key,
            list.as_ref(),
            &mut faults,
        )
    });
    faults.check()?;
    let (Some(list), Some(owner)) = (list, owner) else {
        return Err(Code::InvalidKey.into());
    };
    if list.devices.len() > limits::USER_DEVICES {
        return Err(Code::TooManyDevices.into());
    }
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
    let last = keys::key_package(
        "last_resort",
        &body.last_resort,
        &owner,
        true,
        now,
        &mut faults,
    );
    faults.check()?;
    let Some(last_resort) = last else {
        return Err(Code::InvalidKey.into());
    };
    Ok(Checked {
        owner,
        list,
        packages,
        last_resort,
    })
}

/// What a registration changed.
struct Changed {
    added: bool,
    reset: bool,
    revoked: Vec<Uuid>,
}

async fn judge(
    db: &mut PgConnection,
    body: &KeysRequest,
    checked: &Checked<'_>,
    stored: Option<Keys>,
    (may_reset, may_revoke): (bool, bool),
) -> Result<Changed> {
    let Owner {
        user,
        device,
        account_key,
        ..
    } = checked.owner;
    let version = i64::try_from(checked.list.version).unwrap_or(i64::MAX);
    let same_key = stored
        .as_ref()
        .is_none_or(|keys| keys.account_key == account_key.as_bytes());
    if !same_key && !may_reset {
        // Somebody else was faster, between the first look and the lock.
        return Err(Code::AccountKeyExists.into());
    }
    let known = devices::ids_of(&mut *db, user).await?;
    if let Some(keys) = stored.as_ref().filter(|_| same_key) {
        if keys.device_list == body.device_list.as_ref() && known.contains(&device) {
            return repeat(db, checked, &body.device.credential.0).await;
        }
        let refused = !may_revoke && revokes(&checked.list, &known, None);
        if version <= keys.version || refused || !covers(&checked.list, &known) {
            return Err(stale_list(keys.version));
        }
    }
    let gone: Vec<Uuid> = if same_key {
        checked.list.revoked.clone()
    } else {
        known
    };
    let revoked = devices::revoke(&mut *db, user, &gone).await?;
    let credential = body.device.credential.as_ref();
    let mut faults = Faults::default();
    if !devices::add(&mut *db, device, user, body.device.name.trim(), credential).await? {
        faults.add("credential", "device-used-before");
    }
    faults.check()?;
    let keys = Keys {
        account_key: account_key.as_bytes().to_vec(),
        device_list: body.device_list.0.to_vec(),
        version,
    };
    users::set_keys(&mut *db, user, &keys).await?;
    for place in key_packages::add(&mut *db, device, &checked.packages).await? {
        faults.add(format!("key_packages[{place}]"), "used-before");
    }
    if !key_packages::set_last_resort(&mut *db, device, &checked.last_resort).await? {
        faults.add("last_resort", "used-before");
    }
    faults.check()?;
    Ok(Changed {
        added: true,
        reset: !same_key,
        revoked,
    })
}

/// The same request again, its first reply lost: nothing changes but missing key packages.
async fn repeat(
    db: &mut PgConnection,
    checked: &Checked<'_>,
    credential: &[u8],
) -> Result<Changed> {
    let device = checked.owner.device;
    let standing = devices::find(&mut *db, device).await?;
    if standing.is_none_or(|standing| standing.credential != credential) {
        let mut faults = Faults::default();
        faults.add("credential", "device-used-before");
        faults.check()?;
    }
    key_packages::add(&mut *db, device, &checked.packages).await?;
    key_packages::set_last_resort(&mut *db, device, &checked.last_resort).await?;
    Ok(Changed {
        added: false,
        reset: false,
        revoked: Vec::new(),
    })
}

/// A list that revokes a device which is in use needs a fresh second factor: whoever got hold of a
/// session alone is not to shut the others out. The device `but` may go without. Tells whether it
/// revokes any.
///
/// # Errors
/// 403 `step-up-required`.
pub async fn check_revocation(
    app: &App,
    session: &Session,
    caller: &Caller,
    (list, but): (&DeviceList, Option<Uuid>),
) -> Result<bool> {
    let known = devices::ids_of(&app.pool, session.user_id).await?;
    let revokes = revokes(list, &known, but);
    if revokes {
        require_fresh_factor(app, session, caller).await?;
    }
    Ok(revokes)
}

/// Whether a list revokes one of the devices that are in use, but for one.
pub fn revokes(list: &DeviceList, known: &[Uuid], but: Option<Uuid>) -> bool {
    let mut others = list.revoked.iter().filter(|device| Some(**device) != but);
    others.any(|device| known.contains(device))
}

/// A list may revoke devices, but not pass over one in silence.
pub fn covers(list: &DeviceList, known: &[Uuid]) -> bool {
    let named: BTreeSet<&Uuid> = list.devices.iter().chain(&list.revoked).collect();
    known.iter().all(|device| named.contains(device))
}

/// 409: another device has signed a newer list meanwhile.
pub fn stale_list(version: i64) -> crate::error::Error {
    Problem::new(Code::StaleDeviceList)
        .detail("Another device has changed the list meanwhile. Fetch it and sign a newer one.")
        .with("version", version)
        .into()
}
