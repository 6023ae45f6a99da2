//! `POST /v1/accounts/{id}/factors/{factor_id}/activate`.

use axum::extract::State;
use protocol::{
    Code, Secret,
    mfa::{ActivateFactor, ActivatedFactor, FactorKind},
};
use service::{Json, Path, Problem};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{accounts::find, factors::find_factor};
use crate::{
    answer,
    app::App,
    budget::{Budget, Guess},
    client::{Attempt, Client, Scope},
    codes, enrolment,
    error::{Error, Result},
    methods,
    notify::Notice,
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
    activate(&app, &client, &account, &factor, body.code.expose())
        .await
        .map(Json)
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
        _ => Guess::Totp,
    };
    let budget = Budget::of_account(app, client, account.id, guess);
    let step = match (budget.charge(app, now).await, kind) {
        (Err(error), _) => Err(error),
        (Ok(()), FactorKind::Telegram) => telegram::matches_code(app, factor.id, code, now)
            .await
            .map(|()| NO_STEP),
        (Ok(()), _) => judge(app, client, account, factor, code, now),
    };
    let step = match step {
        Ok(step) => step,
        Err(Error::Problem(problem)) => {
            let what = Attempt {
                action: "activate",
                factor: Some(methods::kind_name(kind)),
                account: Some(account.id),
            };
            client
                .audit(&app.pool, what, problem.code().as_str(), now)
                .await?;
            return Err(problem.into());
        }
        Err(error) => return Err(error),
    };
    let mut transaction = app.pool.begin().await?;
    let db = &mut *transaction;
    let account = accounts::lock(db, client.app.id, account.id)
        .await?
        .ok_or(Code::NotFound)?;
    if !factors::activate(db, factor.id, step, now).await? {
        return Err(Code::FactorActive.into());
    }
    let recovery_codes = if recovery_codes::any(&mut *db, account.id).await? {
        Vec::new()
    } else {
        new_recovery_codes(db, app, account.id).await?
    };
    budget.forgive(db, now).await?;
    if account.completed_at.is_some() {
        let notice = Notice::FactorAdded {
            label: factor.label.clone(),
        };
        enrolment::mail(db, app, client, &account, notice, now).await?;
    }
    let progress = enrolment::progress(db, app, client, &account, now).await?;
    let what = Attempt {
        action: "activate",
        factor: Some(methods::kind_name(kind)),
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
