//! The stand-in's second factors, passkeys and remembered browsers.

use axum::{
    Router,
    extract::{Path, State},
    routing::{get, patch, post},
};
use http::{HeaderMap, StatusCode};
use protocol::{
    Code, Problem,
    mfa::{
        AddFactor, AddedFactor, AnswerRemembered, Authenticated, CancelFactorReset, Factor,
        FactorKind, Factors, FinishPasskeyLogin, ListedDevice, Method, PasskeyLogin,
        PasskeyRequest, PendingEmail, PendingFactor, PendingPasskey, RecoveryCodes, RememberDevice,
        RememberedDevice, RememberedDevices, RememberedLogin, RenameFactor, SendCode, SendReply,
        SentCode, StartPasskeyLogin,
    },
};
use serde_json::json;
use service::Json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    mfa::{Mfa, Reply, refuse, shown},
    mfa_assertions::assertion,
};

/// What a passkey answers.
pub const PASSKEY: &str = "the right passkey";
/// The token of the mail that tells of a reset of factors.
pub const CANCEL_TOKEN: &str = "keep-them";

/// What the stand-in keeps.
#[derive(Default)]
pub struct Stored {
    /// Factors besides the first, by account.
    factors: Vec<(Uuid, Factor)>,
    /// Remembered browsers: account, device, token that counts, label.
    devices: Vec<(Uuid, Uuid, String, String)>,
}

/// Its routes.
pub fn routes() -> Router<Mfa> {
    Router::new()
        .route("/v1/accounts/{id}/factors", get(list).post(add))
        .route(
            "/v1/accounts/{id}/factors/{factor}",
            patch(rename).delete(remove),
        )
        .route("/v1/accounts/{id}/recovery-codes", post(renew))
        .route(
            "/v1/accounts/{id}/remembered-devices",
            get(devices).post(remember).delete(forget_all),
        )
        .route(
            "/v1/accounts/{id}/remembered-devices/{device}",
            axum::routing::delete(forget),
        )
        .route("/v1/challenges/{id}/send", post(send))
        .route("/v1/challenges/{id}/remembered", post(answer_remembered))
        .route("/v1/passkey-logins", post(start_login))
        .route("/v1/passkey-logins/{id}/finish", post(finish_login))
        .route("/factor-resets/cancel", post(cancel_reset))
}

async fn list(State(mfa): State<Mfa>, Path(id): Path<Uuid>) -> Reply<Factors> {
    let stored = mfa.lock();
    let mine = stored.more.factors.iter().filter(|(owner, _)| *owner == id);
    Ok(Json(Factors {
        factors: mine.map(|(_, factor)| factor.clone()).collect(),
        recovery_codes_left: 9,
        kinds: vec![FactorKind::Totp, FactorKind::Passkey],
    }))
}

async fn add(
    State(mfa): State<Mfa>,
    Path(id): Path<Uuid>,
    Json(body): Json<AddFactor>,
) -> Result<(StatusCode, Json<AddedFactor>), service::Problem> {
    let now = OffsetDateTime::now_utc().into();
    let factor_id = Uuid::now_v7().into();
    let (kind, label) = (body.kind, body.label.unwrap_or_else(|| "new".to_owned()));
    let added = match kind {
        FactorKind::Passkey => AddedFactor::Passkey(PendingPasskey {
            factor_id,
            kind,
            label: label.clone(),
            creation_options: json!({"publicKey": {"challenge": "AAAA"}}),
            expires_at: now,
        }),
        FactorKind::Email => AddedFactor::Mailed(PendingEmail {
            factor_id,
            kind,
            label: label.clone(),
            recipient_hint: "a…@example.org".to_owned(),
            expires_at: now,
        }),
        _ => AddedFactor::Shown(PendingFactor {
            factor_id,
            kind,
            label: label.clone(),
            uri: "otpauth://totp/y".into(),
            secret: "DEF".into(),
            qr_svg: "<svg/>".into(),
            expires_at: now,
        }),
    };
    let factor = Factor {
        factor_id,
        kind,
        label,
        active: false,
        created_at: now,
        last_used_at: None,
        unreachable: false,
    };
    mfa.lock().more.factors.push((id, factor));
    Ok((StatusCode::CREATED, Json(added)))
}

/// Notes that a factor had its first code.
pub fn activated(mfa: &Mfa, id: Uuid) {
    for (_, factor) in &mut mfa.lock().more.factors {
        if factor.factor_id.0 == id {
            factor.active = true;
        }
    }
}

async fn rename(
    State(mfa): State<Mfa>,
    Path((_, id)): Path<(Uuid, Uuid)>,
    Json(body): Json<RenameFactor>,
) -> Reply<Factor> {
    let mut stored = mfa.lock();
    let mut all = stored.more.factors.iter_mut();
    let Some((_, factor)) = all.find(|(_, factor)| factor.factor_id.0 == id) else {
        return refuse(Code::NotFound);
    };
    factor.label = body.label;
    Ok(Json(factor.clone()))
}

async fn remove(
    State(mfa): State<Mfa>,
    Path((_, id)): Path<(Uuid, Uuid)>,
    headers: HeaderMap,
) -> Result<StatusCode, service::Problem> {
    let all = &mut mfa.lock().more.factors;
    let found = all.iter().position(|(_, factor)| factor.factor_id.0 == id);
    let found = found.ok_or_else(|| Problem::from(Code::NotFound))?;
    if all[found].1.active && !shown(&headers) {
        return Err(Problem::from(Code::StepUpRequired).into());
    }
    all.remove(found);
    Ok(StatusCode::NO_CONTENT)
}

async fn renew(headers: HeaderMap) -> Reply<RecoveryCodes> {
    if !shown(&headers) {
        return refuse(Code::StepUpRequired);
    }
    Ok(Json(RecoveryCodes {
        recovery_codes: vec!["three".into(), "four".into()],
    }))
}

async fn remember(
    State(mfa): State<Mfa>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    Json(body): Json<RememberDevice>,
) -> Reply<RememberedDevice> {
    if !shown(&headers) {
        return refuse(Code::StepUpRequired);
    }
    let device = Uuid::now_v7();
    let entry = (id, device, "token-1".to_owned(), body.label);
    mfa.lock().more.devices.push(entry);
    Ok(Json(RememberedDevice {
        device_id: device.into(),
        remember_token: "token-1".into(),
        expires_at: in_a_month().into(),
    }))
}

async fn devices(State(mfa): State<Mfa>, Path(id): Path<Uuid>) -> Reply<RememberedDevices> {
    let stored = mfa.lock();
    let mine = stored.more.devices.iter().filter(|entry| entry.0 == id);
    let devices = mine.map(|(_, device, _, label)| ListedDevice {
        device_id: (*device).into(),
        label: label.clone(),
        created_at: OffsetDateTime::now_utc().into(),
        last_used_at: OffsetDateTime::now_utc().into(),
        expires_at: in_a_month().into(),
    });
    Ok(Json(RememberedDevices {
        devices: devices.collect(),
    }))
}

async fn forget(
    State(mfa): State<Mfa>,
    Path((_, device)): Path<(Uuid, Uuid)>,
) -> Result<StatusCode, service::Problem> {
    let all = &mut mfa.lock().more.devices;
    let found = all.iter().position(|entry| entry.1 == device);
    all.remove(found.ok_or_else(|| Problem::from(Code::NotFound))?);
    Ok(StatusCode::NO_CONTENT)
}

async fn forget_all(State(mfa): State<Mfa>, Path(id): Path<Uuid>) -> StatusCode {
    mfa.lock().more.devices.retain(|entry| entry.0 != id);
    StatusCode::NO_CONTENT
}

async fn answer_remembered(
    State(mfa): State<Mfa>,
    Path(challenge): Path<Uuid>,
    Json(body): Json<AnswerRemembered>,
) -> Reply<RememberedLogin> {
    let mut stored = mfa.lock();
    let account = stored.challenges[&challenge].account;
    let given = body.remember_token.expose();
    let mut all = stored.more.devices.iter_mut();
    let Some(entry) = all.find(|entry| entry.0 == account && entry.2 == given) else {
        return refuse(Problem::new(Code::InvalidCode).with("reason", "unknown"));
    };
    entry.2 = format!("{given}x");
    let remember_token = entry.2.as_str().into();
    stored.challenges.remove(&challenge);
    Ok(Json(RememberedLogin {
        authenticated: Authenticated {
            account_id: account.into(),
            assertion: assertion(account, "remembered", None),
            amr: vec!["pwd".to_owned(), "rmb".to_owned()],
            acr: "aal1".to_owned(),
            recovery_codes_left: None,
        },
        remember_token,
        expires_at: in_a_month().into(),
    }))
}

async fn send(Json(body): Json<SendCode>) -> (StatusCode, Json<SendReply>) {
    if body.method == Method::Passkey {
        let request_options = json!({"publicKey": {"challenge": "BBBB"}});
        let asked = SendReply::Passkey(PasskeyRequest { request_options });
        return (StatusCode::OK, Json(asked));
    }
    let sent = SendReply::Code(SentCode {
        method: body.method,
        recipient_hint: "a…@example.org".to_owned(),
        expires_at: OffsetDateTime::now_utc().into(),
    });
    (StatusCode::ACCEPTED, Json(sent))
}

async fn start_login(Json(_): Json<StartPasskeyLogin>) -> (StatusCode, Json<PasskeyLogin>) {
    let login = PasskeyLogin {
        login_id: Uuid::now_v7().into(),
        request_options: json!({"publicKey": {"challenge": "CCCC"}}),
        expires_at: OffsetDateTime::now_utc().into(),
    };
    (StatusCode::CREATED, Json(login))
}

async fn finish_login(
    State(mfa): State<Mfa>,
    Json(body): Json<FinishPasskeyLogin>,
) -> Reply<Authenticated> {
    let only = mfa.lock().accounts.keys().next().copied();
    let Some(account) = only.filter(|_| body.credential.0 == PASSKEY) else {
        return refuse(Code::InvalidCredentials);
    };
    Ok(Json(Authenticated {
        account_id: account.into(),
        assertion: assertion(account, "login", None),
        amr: vec!["hwk".to_owned(), "user".to_owned(), "pop".to_owned()],
        acr: "aal2".to_owned(),
        recovery_codes_left: None,
    }))
}

async fn cancel_reset(Json(body): Json<CancelFactorReset>) -> Result<StatusCode, service::Problem> {
    match body.token.expose() {
        CANCEL_TOKEN => Ok(StatusCode::NO_CONTENT),
        "late" => Err(Problem::from(Code::ExpiredCode).into()),
        _ => Err(Problem::from(Code::NotFound).into()),
    }
}

fn in_a_month() -> OffsetDateTime {
    OffsetDateTime::now_utc() + time::Duration::days(30)
}
