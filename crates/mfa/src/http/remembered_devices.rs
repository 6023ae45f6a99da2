//! `/v1/accounts/{id}/remembered-devices` and `POST /v1/challenges/{id}/remembered`.

use axum::extract::State;
use http::{HeaderMap, StatusCode};
use protocol::{
    Code,
    mfa::{
        AnswerRemembered, Authenticated, ListedDevice, RememberDevice, RememberedDevice,
        RememberedDevices, RememberedLogin,
    },
};
use service::{Json, Path, Problem};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{accounts::find, factors::ensure_fresh, send};
use crate::{
    answer::ensure_open,
    app::App,
    assertion::{Amr, Proof},
    client::{Attempt, Client, Scope},
    enrolment,
    error::{Error, Result},
    identity::parse_label,
    notify::{AccountNotice, Notice},
    remember::{self, Verdict},
    store::{
        accounts::{self, Account},
        challenges::{self, Challenge},
        remembered_devices,
    },
};

/// Remembers the device in which a second factor was just given, for 30 days.
#[utoipa::path(
    post,
    path = "/v1/accounts/{id}/remembered-devices",
    operation_id = "remember_device",
    tag = "remembered devices",
    params(("X-Assertion" = Option<String>, Header, description = "An assertion of the last five \
        minutes with a second factor.")),
    responses((status = 201, body = RememberedDevice,
        description = "The token is for this device alone and shown this once.")),
    security(("token" = ["accounts"])),
    extensions(("x-problems" = json!([Code::StepUpRequired]))),
)]
pub async fn create(
    State(app): State<App>,
    client: Client,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    Json(body): Json<RememberDevice>,
) -> Result<(StatusCode, Json<RememberedDevice>)> {
    client.needs(Scope::Accounts)?;
    let label = parse_label(&body.label)?;
    let account = find(&app, &client, id).await?;
    ensure_fresh(&app, &client, &account, &headers)?;
    let now = app.now()?;
    let mut transaction = app.pool.begin().await?;
    let db = &mut *transaction;
    accounts::lock(db, client.app.id, id)
        .await?
        .ok_or(Code::NotFound)?;
    let (device, remember_token, expires_at) =
        remember::remember(db, &app, id, &label, now).await?;
    let what = attempt("remember_device", id);
    client.audit(&mut *db, what, "ok", now).await?;
    transaction.commit().await?;
    let remembered = RememberedDevice {
        device_id: device.into(),
        remember_token,
        expires_at: expires_at.into(),
    };
    Ok((StatusCode::CREATED, Json(remembered)))
}

/// All remembered devices of an account.
#[utoipa::path(
    get,
    path = "/v1/accounts/{id}/remembered-devices",
    operation_id = "list_remembered_devices",
    tag = "remembered devices",
    responses((status = 200, body = RememberedDevices)),
    security(("token" = ["accounts"])),
)]
pub async fn list(
    State(app): State<App>,
    client: Client,
    Path(id): Path<Uuid>,
) -> Result<Json<RememberedDevices>> {
    client.needs(Scope::Accounts)?;
    let account = find(&app, &client, id).await?;
    let all = remembered_devices::list(&app.pool, account.id, app.now()?).await?;
    let devices = all
        .into_iter()
        .map(|device| ListedDevice {
            device_id: device.id.into(),
            label: device.label,
            created_at: device.created_at.into(),
            last_used_at: device.rotated_at.into(),
            expires_at: device.expires_at.into(),
        })
        .collect();
    Ok(Json(RememberedDevices { devices }))
}

/// Forgets one device: a second factor is asked for there again.
#[utoipa::path(
    delete,
    path = "/v1/accounts/{id}/remembered-devices/{device_id}",
    operation_id = "forget_device",
    tag = "remembered devices",
    responses((status = 204, description = "It is forgotten.")),
    security(("token" = ["accounts"])),
)]
pub async fn remove(
    State(app): State<App>,
    client: Client,
    Path((id, device)): Path<(Uuid, Uuid)>,
) -> Result<StatusCode> {
    client.needs(Scope::Accounts)?;
    let account = find(&app, &client, id).await?;
    if !remembered_devices::delete(&app.pool, account.id, device).await? {
        return Err(Code::NotFound.into());
    }
    let what = attempt("forget_device", id);
    client.audit(&app.pool, what, "ok", app.now()?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Forgets all devices of an account.
#[utoipa::path(
    delete,
    path = "/v1/accounts/{id}/remembered-devices",
    operation_id = "forget_devices",
    tag = "remembered devices",
    responses((status = 204, description = "None is remembered any more.")),
    security(("token" = ["accounts"])),
)]
pub async fn remove_all(
    State(app): State<App>,
    client: Client,
    Path(id): Path<Uuid>,
) -> Result<StatusCode> {
    client.needs(Scope::Accounts)?;
    let account = find(&app, &client, id).await?;
    remembered_devices::delete_all(&app.pool, account.id).await?;
    let what = attempt("forget_devices", id);
    client.audit(&app.pool, what, "ok", app.now()?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Answers the challenge of a login with the token of a remembered device.
#[utoipa::path(
    post,
    path = "/v1/challenges/{id}/remembered",
    operation_id = "answer_remembered",
    tag = "remembered devices",
    responses((status = 200, body = RememberedLogin,
        description = "Known; the next token is in the reply.")),
    security(("token" = ["challenges"])),
    extensions(("x-problems" = json!([
        Code::InvalidCode, Code::ChallengeUsed, Code::ChallengeExpired,
    ]))),
)]
pub async fn answer(
    State(app): State<App>,
    client: Client,
    Path(id): Path<Uuid>,
    Json(body): Json<AnswerRemembered>,
) -> Result<Json<RememberedLogin>> {
    client.needs(Scope::Challenges)?;
    let now = app.now()?;
    let (challenge, account) = send::find(&app, &client, id).await?;
    ensure_open(&challenge, now)?;
    // A step-up asks for what is here now, not for what was once.
    if !challenge.password {
        return Err(refused(&app, &client, account.id, "not-a-login", now).await?);
    }
    let token = body.remember_token.expose();
    let mut transaction = app.pool.begin().await?;
    let db = &mut *transaction;
    let verdict = remember::judge(db, &app, account.id, token, now).await?;
    let (remember_token, expires_at) = match verdict {
        Verdict::Known { token, expires_at } => (token, expires_at),
        Verdict::Unknown => {
            drop(transaction);
            return Err(refused(&app, &client, account.id, "unknown", now).await?);
        }
        Verdict::Stolen => {
            remembered_devices::delete_all(&mut *db, account.id).await?;
            let notice = Notice::Account(AccountNotice::DevicesForgotten);
            enrolment::mail(db, &app, &client, &account, notice, now).await?;
            transaction.commit().await?;
            app.wake.notify_one();
            metrics::counter!("mfa_remember_tokens_stolen_total").increment(1);
            return Err(refused(&app, &client, account.id, "stolen", now).await?);
        }
    };
    if !challenges::complete(db, challenge.id, now).await? {
        return Err(Code::ChallengeUsed.into());
    }
    let what = attempt("verify", account.id);
    client.audit(&mut *db, what, "ok", now).await?;
    transaction.commit().await?;
    Ok(Json(RememberedLogin {
        authenticated: assert(&app, &client, &challenge, &account, now)?,
        remember_token,
        expires_at: expires_at.into(),
    }))
}

fn assert(
    app: &App,
    client: &Client,
    challenge: &Challenge,
    account: &Account,
    now: OffsetDateTime,
) -> Result<Authenticated> {
    let amr = Amr {
        password: true,
        remembered: true,
        ..Amr::default()
    };
    let proof = Proof {
        audience: &client.app.client_id,
        account: account.id,
        amr,
        purpose: &challenge.purpose,
        context: challenge.context.as_deref(),
    };
    Ok(Authenticated {
        account_id: account.id.into(),
        assertion: app.signer.assertion(&proof, now)?,
        amr: amr.names(),
        acr: amr.acr().to_owned(),
        recovery_codes_left: None,
    })
}

/// Writes down why and refuses.
async fn refused(
    app: &App,
    client: &Client,
    account: Uuid,
    reason: &'static str,
    now: OffsetDateTime,
) -> Result<Error> {
    let code = Code::InvalidCode;
    let result = if reason == "stolen" {
        reason
    } else {
        code.as_str()
    };
    client
        .audit(&app.pool, attempt("verify", account), result, now)
        .await?;
    Ok(Problem::new(code)
        .detail("This device is not remembered. Answer with a second factor.")
        .with("reason", reason)
        .into())
}

fn attempt(action: &'static str, account: Uuid) -> Attempt {
    Attempt {
        action,
        factor: Some("remembered"),
        account: Some(account),
    }
}
