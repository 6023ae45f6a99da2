//! `/v1/accounts/{id}/factors`: add, list, rename, remove.

use axum::extract::State;
use http::{HeaderMap, StatusCode};
use protocol::{
    Code,
    mfa::{self, AddFactor, AddedFactor, FactorKind, Factors, RenameFactor},
};
use service::{Json, Path, Problem};
use uuid::Uuid;

use super::accounts::find;
use crate::{
    app::App,
    client::{Attempt, Client, Scope},
    email_factor, enrolment,
    error::{Error, Result},
    identity::{invalid, parse_label},
    limits, methods,
    notify::Notice,
    passkeys,
    store::{
        accounts::{self, Account},
        factors::{self, Factor},
        recovery_codes, remembered_devices,
    },
    telegram,
};

/// Most factors of one account.
const MOST: usize = 10;

/// What an assertion may name that is no second factor.
const STANDING: [&str; 2] = ["pwd", "rmb"];

/// The header with a fresh assertion, for changes that weaken an account.
pub const ASSERTION: &str = "x-assertion";

/// Adds a pending factor.
#[utoipa::path(
    post,
    path = "/v1/accounts/{id}/factors",
    operation_id = "add_factor",
    tag = "factors",
    responses((status = 201, body = AddedFactor,
        description = "Pending until it is activated. The secret is shown this once.")),
    security(("token" = ["accounts"])),
    extensions(("x-problems" = json!([Code::EmailUnverified, Code::FactorActive]))),
)]
pub async fn add(
    State(app): State<App>,
    client: Client,
    Path(account): Path<Uuid>,
    Json(body): Json<AddFactor>,
) -> Result<(StatusCode, Json<AddedFactor>)> {
    client.needs(Scope::Accounts)?;
    let label = body.label.as_deref().map(parse_label).transpose()?;
    let account = find(&app, &client, account).await?;
    let bot = match body.kind {
        FactorKind::Telegram => Some(telegram::username(&app, &client).await?),
        _ => None,
    };
    if body.kind == FactorKind::Email {
        email_factor::ensure_possible(&client, &account)?;
        limits::mails(&app, &client, &account.email_key).await?;
    }
    let now = app.now()?;
    let mut transaction = app.pool.begin().await?;
    let db = &mut *transaction;
    let account = accounts::lock(db, client.app.id, account.id)
        .await?
        .ok_or(Code::NotFound)?;
    let existing = factors::list(&mut *db, account.id, now).await?;
    if existing.len() >= MOST {
        return Err(invalid("kind", "too-many", "An account has at most 10 factors.").into());
    }
    let label = label.as_deref();
    let added = match (body.kind, bot) {
        (FactorKind::Passkey, _) => {
            let label = label.unwrap_or(passkeys::LABEL);
            let pending = passkeys::add(db, &app, &client, &account, label, now).await?;
            AddedFactor::Passkey(pending)
        }
        (FactorKind::Email, _) => {
            let add = email_factor::add(db, &app, &client, &account, label, &existing, now);
            AddedFactor::Mailed(add.await?)
        }
        (_, Some(bot)) => {
            AddedFactor::Shown(telegram::add(db, &app, &account, label, bot, now).await?)
        }
        (_, None) => {
            let label = label.unwrap_or(enrolment::LABEL);
            let pending = enrolment::add_totp(db, &app, &client, &account, label, now).await?;
            AddedFactor::Shown(pending)
        }
    };
    let what = Attempt {
        action: "add_factor",
        factor: Some(methods::kind_name(body.kind)),
        account: Some(account.id),
    };
    client.audit(&mut *db, what, "ok", now).await?;
    transaction.commit().await?;
    app.wake.notify_one();
    Ok((StatusCode::CREATED, Json(added)))
}

/// All factors of an account.
#[utoipa::path(
    get,
    path = "/v1/accounts/{id}/factors",
    operation_id = "list_factors",
    tag = "factors",
    responses((status = 200, body = Factors)),
    security(("token" = ["accounts"])),
)]
pub async fn list(
    State(app): State<App>,
    client: Client,
    Path(account): Path<Uuid>,
) -> Result<Json<Factors>> {
    client.needs(Scope::Accounts)?;
    let account = find(&app, &client, account).await?;
    let all = factors::list(&app.pool, account.id, app.now()?).await?;
    Ok(Json(Factors {
        factors: all.iter().map(view).collect(),
        recovery_codes_left: recovery_codes::left(&app.pool, account.id).await?,
        kinds: possible(&app, &client),
    }))
}

/// The kinds that can be added.
fn possible(app: &App, client: &Client) -> Vec<FactorKind> {
    let policy = &client.app.policy;
    let all = [
        (FactorKind::Totp, true),
        (FactorKind::Passkey, passkeys::takes(policy)),
        (FactorKind::Email, true),
        (FactorKind::Telegram, app.telegram.is_some()),
    ];
    all.into_iter()
        .filter(|(kind, is_set_up)| *is_set_up && policy.takes(*kind))
        .map(|(kind, _)| kind)
        .collect()
}

/// Gives a factor another label.
#[utoipa::path(
    patch,
    path = "/v1/accounts/{id}/factors/{factor_id}",
    operation_id = "rename_factor",
    tag = "factors",
    responses((status = 200, body = mfa::Factor)),
    security(("token" = ["accounts"])),
)]
pub async fn rename(
    State(app): State<App>,
    client: Client,
    Path((account, factor)): Path<(Uuid, Uuid)>,
    Json(body): Json<RenameFactor>,
) -> Result<Json<mfa::Factor>> {
    client.needs(Scope::Accounts)?;
    let label = parse_label(&body.label)?;
    let account = find(&app, &client, account).await?;
    let mut factor = find_factor(&app, &account, factor).await?;
    factors::rename(&app.pool, factor.id, &label).await?;
    factor.label = label;
    Ok(Json(view(&factor)))
}

/// Removes a factor, with a fresh assertion once it is active. An account that needs a factor
/// keeps its last one.
#[utoipa::path(
    delete,
    path = "/v1/accounts/{id}/factors/{factor_id}",
    operation_id = "remove_factor",
    tag = "factors",
    params(("X-Assertion" = Option<String>, Header, description = "An assertion of the last five \
        minutes with a second factor; not needed for a factor that is still pending.")),
    responses((status = 204, description = "It is gone.")),
    security(("token" = ["accounts"])),
    extensions(("x-problems" = json!([Code::StepUpRequired, Code::LastFactor]))),
)]
pub async fn remove(
    State(app): State<App>,
    client: Client,
    Path((account, factor)): Path<(Uuid, Uuid)>,
    headers: HeaderMap,
) -> Result<StatusCode> {
    client.needs(Scope::Accounts)?;
    let account = find(&app, &client, account).await?;
    let factor = find_factor(&app, &account, factor).await?;
    let now = app.now()?;
    if factor.activated_at.is_some() {
        ensure_fresh(&app, &client, &account, &headers)?;
    }
    let mut transaction = app.pool.begin().await?;
    let db = &mut *transaction;
    accounts::lock(db, client.app.id, account.id)
        .await?
        .ok_or(Code::NotFound)?;
    let all = factors::list(&mut *db, account.id, now).await?;
    let others = all
        .iter()
        .filter(|one| one.id != factor.id && one.activated_at.is_some());
    if factor.activated_at.is_some() && account.factor_required && others.count() == 0 {
        return Err(Code::LastFactor.into());
    }
    if !factors::delete(db, factor.id).await? {
        return Err(Code::NotFound.into());
    }
    if factor.activated_at.is_some() {
        let notice = Notice::FactorRemoved {
            label: factor.label,
        };
        enrolment::mail(db, &app, &client, &account, notice, now).await?;
        // They were remembered for this factor, perhaps.
        remembered_devices::delete_all(&mut *db, account.id).await?;
    }
    let what = Attempt {
        action: "remove_factor",
        factor: Some(methods::kind_name(methods::kind(&factor.kind))),
        account: Some(account.id),
    };
    client.audit(&mut *db, what, "ok", now).await?;
    transaction.commit().await?;
    app.wake.notify_one();
    Ok(StatusCode::NO_CONTENT)
}

/// One factor of an account, pending or active.
pub async fn find_factor(app: &App, account: &Account, id: Uuid) -> Result<Factor> {
    let all = factors::list(&app.pool, account.id, app.now()?).await?;
    all.into_iter()
        .find(|factor| factor.id == id)
        .ok_or_else(|| Error::from(Code::NotFound))
}

/// Goes on only with an assertion of the last five minutes for this account.
pub fn ensure_fresh(
    app: &App,
    client: &Client,
    account: &Account,
    headers: &HeaderMap,
) -> Result<()> {
    let token = headers
        .get(ASSERTION)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let fresh = app
        .signer
        .fresh_assertion(token, &client.app.client_id, account.id, app.now()?);
    match fresh {
        Ok(claims)
            if claims
                .amr
                .iter()
                .any(|method| !STANDING.contains(&&**method)) =>
        {
            Ok(())
        }
        _ => Err(Problem::new(Code::StepUpRequired)
            .detail("Send a fresh assertion with a second factor in X-Assertion.")
            .into()),
    }
}

fn view(factor: &Factor) -> mfa::Factor {
    mfa::Factor {
        factor_id: factor.id.into(),
        kind: methods::kind(&factor.kind),
        label: factor.label.clone(),
        active: factor.activated_at.is_some(),
        created_at: factor.created_at.into(),
        last_used_at: factor.last_used_at.map(Into::into),
        unreachable: factor.unreachable_at.is_some(),
    }
}
