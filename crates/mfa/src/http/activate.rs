//! `POST /v1/accounts/{id}/factors/{factor_id}/activate`.

use axum::extract::State;
use protocol::{
    Code, Secret,
    mfa::{ActivateFactor, ActivatedFactor, Credential, FactorKind},
};
use service::{Json, Path, Problem};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;
use webauthn_rs::prelude::Passkey;

use super::{accounts::find, factors::find_factor};
use crate::{
    answer,
    app::App,
    budget::{Budget, Guess},
    client::{Attempt, Client, Scope},
    codes, email_factor, enrolment,
    error::{Error, Result},
    methods,
    notify::Notice,
    passkeys,
    store::{
        accounts::{self, Account},
        factors::{self, Factor},
        recovery_codes,
    },
    telegram,
    totp::Cause,
};

/// The last step of a factor that knows no steps.
const NO_STEP: i64 = -1;

/// Activates a pending factor by its first code; the first factor brings the recovery codes.
#[utoipa::path(
    post,
    path = "/v1/accounts/{id}/factors/{factor_id}/activate",
    operation_id = "activate_factor",
    tag = "factors",
    responses((status = 200, body = ActivatedFactor,
        description = "Active; the first factor brings the recovery codes.")),
    security(("token" = ["accounts"])),
    extensions(("x-problems" = json!([Code::FactorActive, Code::InvalidCode, Code::Locked]))),
)]
pub async fn handle(
    State(app): State<App>,
    client: Client,
    Path((account, factor)): Path<(Uuid, Uuid)>,
    Json(body): Json<ActivateFactor>,
) -> Result<Json<ActivatedFactor>> {
    client.needs(Scope::Accounts)?;
    let account = find(&app, &client, account).await?;
    let factor = find_factor(&app, &account, factor).await?;
    let activated = if factor.kind == "passkey" {
        created(&app, &client, &account, &factor, body.credential.as_ref()).await
    } else {
        activate(&app, &client, &account, &factor, body.code.expose()).await
    };
    activated.map(Json)
}

/// An activation by what the browser created. Nothing can be guessed: no budget is charged.
async fn created(
    app: &App,
    client: &Client,
    account: &Account,
    factor: &Factor,
    credential: Option<&Credential>,
) -> Result<ActivatedFactor> {
    if factor.activated_at.is_some() {
        return Err(Code::FactorActive.into());
    }
    let now = app.now()?;
    match passkeys::created(app, client, account, factor, credential) {
        Ok(passkey) => {
            let right = Right::Passkey(&passkey);
            finish(app, client, account, factor, right, now).await
        }
        Err(error) => Err(note(app, client, account, "passkey", error, now).await?),
    }
}

/// A first code or credential that was right.
enum Right<'a> {
    Step(i64, &'a Budget),
    Passkey(&'a Passkey),
}

/// Writes down a refusal and hands it back.
async fn note(
    app: &App,
    client: &Client,
    account: &Account,
    kind: &'static str,
    error: Error,
    now: OffsetDateTime,
) -> Result<Error> {
    if let Error::Problem(problem) = &error {
        let what = Attempt {
            action: "activate",
            factor: Some(kind),
            account: Some(account.id),
        };
        let result = problem.code().as_str();
        client.audit(&app.pool, what, result, now).await?;
    }
    Ok(error)
}

/// An activation, for `/v1` and the alias.
pub async fn activate(
    app: &App,
    client: &Client,
    account: &Account,
    factor: &Factor,
    code: &str,
) -> Result<ActivatedFactor> {
    if factor.activated_at.is_some() {
        return Err(Code::FactorActive.into());
    }
    let now = app.now()?;
    let kind = methods::kind(&factor.kind);
    let guess = match kind {
        FactorKind::Telegram => Guess::Telegram,
        FactorKind::Email => Guess::Sent,
        _ => Guess::Totp,
    };
    let budget = Budget::of_account(app, client, account.id, guess);
    let step = match (budget.charge(app, now).await, kind) {
        (Err(error), _) => Err(error),
        (Ok(()), FactorKind::Telegram) => telegram::matches_code(app, factor.id, code, now)
            .await
            .map(|()| NO_STEP),
        (Ok(()), FactorKind::Email) => email_factor::matches_code(app, factor.id, code, now)
            .await
            .map(|()| NO_STEP),
        (Ok(()), _) => judge(app, client, account, factor, code, now),
    };
    match step {
        Ok(step) => {
            let right = Right::Step(step, &budget);
            finish(app, client, account, factor, right, now).await
        }
        Err(error) => Err(note(app, client, account, methods::kind_name(kind), error, now).await?),
    }
}

/// Activates a factor whose first answer was right.
async fn finish(
    app: &App,
    client: &Client,
    account: &Account,
    factor: &Factor,
    right: Right<'_>,
    now: OffsetDateTime,
) -> Result<ActivatedFactor> {
    let mut transaction = app.pool.begin().await?;
    let db = &mut *transaction;
    let account = accounts::lock(db, client.app.id, account.id)
        .await?
        .ok_or(Code::NotFound)?;
    let step = match right {
        Right::Step(step, _) => step,
        Right::Passkey(_) => NO_STEP,
    };
    if !factors::activate(db, factor.id, step, now).await? {
        return Err(Code::FactorActive.into());
    }
    match right {
        Right::Step(_, budget) => budget.forgive(db, now).await?,
        Right::Passkey(passkey) => passkeys::keep(db, app, &account, factor.id, passkey).await?,
    }
    let recovery_codes = if recovery_codes::any(&mut *db, account.id).await? {
        Vec::new()
    } else {
        new_recovery_codes(db, app, account.id).await?
    };
    if account.completed_at.is_some() {
        let notice = Notice::FactorAdded {
            label: factor.label.clone(),
        };
        enrolment::mail(db, app, client, &account, notice, now).await?;
    }
    let progress = enrolment::progress(db, app, client, &account, now).await?;
    let what = Attempt {
        action: "activate",
        factor: Some(methods::kind_name(methods::kind(&factor.kind))),
        account: Some(account.id),
    };
    client.audit(&mut *db, what, "ok", now).await?;
    transaction.commit().await?;
    app.wake.notify_one();
    Ok(ActivatedFactor {
        factor_id: factor.id.into(),
        recovery_codes,
        progress,
    })
}

/// The time step of a right first code. Only here a wrong one is told its cause.
fn judge(
    app: &App,
    client: &Client,
    account: &Account,
    factor: &Factor,
    code: &str,
    now: OffsetDateTime,
) -> Result<i64> {
    let secret = enrolment::open_secret(app, account, factor)?;
    let unix = now.unix_timestamp().unsigned_abs();
    let parameters = factor.parameters().unwrap_or_default();
    let code = codes::parse_digits(code, parameters.digits).unwrap_or_default();
    let window = app.window(client);
    if let Some(step) = parameters.matching_step(&secret, &code, unix, window) {
        return Ok(step.cast_signed());
    }
    let problem = Problem::new(Code::InvalidCode);
    Err(match parameters.diagnose(&secret, &code, unix) {
        None => problem,
        Some(Cause::ClockDrift(seconds)) => problem
            .detail(format!(
                "The clock of your device is {} s {}. Set it to automatic time and try again.",
                seconds.unsigned_abs(),
                if seconds > 0 { "ahead" } else { "behind" }
            ))
            .with("reason", "clock-drift")
            .with("seconds", seconds),
        Some(Cause::WrongAlgorithm) => problem
            .detail(format!(
                "Your app computes with another algorithm. Set it to {} or use another app.",
                parameters.algorithm_name()
            ))
            .with("reason", "wrong-algorithm"),
    }
    .into())
}

/// Replaces an account's recovery codes and returns them, for the only time.
pub async fn new_recovery_codes(
    db: &mut PgConnection,
    app: &App,
    account: Uuid,
) -> Result<Vec<Secret>> {
    let fresh: Vec<String> = (0..codes::RECOVERY_CODES)
        .map(|_| codes::recovery_code(&mut rand::rng()))
        .collect();
    let hashes: Vec<Vec<u8>> = fresh
        .iter()
        .filter_map(|code| codes::parse_recovery_code(code))
        .map(|code| answer::recovery_hash(app, account, &code).to_vec())
        .collect();
    recovery_codes::replace(db, account, &hashes).await?;
    Ok(fresh.into_iter().map(Secret::from).collect())
}
