//! `POST /v1/email-verifications` and `…/resend`.

use axum::extract::State;
use http::StatusCode;
use protocol::{
    Code,
    mfa::{Progress, ResendEmail, VerifyEmail},
};
use serde::Serialize;
use service::{Json, Problem};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::{
    app::App,
    budget::{Budget, Guess},
    client::{Attempt, Client, Scope},
    codes, enrolment,
    error::{Error, Result},
    identity::{Email, invalid},
    limits,
    store::{
        accounts::{self, Account},
        email_codes,
    },
};

/// 202 of a resend, whether anything was sent or not.
#[derive(Serialize, ToSchema)]
pub struct Accepted {
    message: &'static str,
}

const ACCEPTED: Accepted = Accepted {
    message: "If a sign-up waits for this address, a new code is on its way.",
};

/// Proves an address by its code.
#[utoipa::path(
    post,
    path = "/v1/email-verifications",
    operation_id = "verify_email",
    tag = "accounts",
    responses((status = 200, body = Progress, description = "The address is proved.")),
    security(("token" = ["accounts"])),
    extensions(("x-problems" = json!([
        Code::NotFound, Code::InvalidCode, Code::ExpiredCode, Code::Locked,
    ]))),
)]
pub async fn verify(
    State(app): State<App>,
    client: Client,
    Json(body): Json<VerifyEmail>,
) -> Result<Json<Progress>> {
    client.needs(Scope::Accounts)?;
    let now = app.now()?;
    let (account, budget) = match (&body.email, body.account_id) {
        (None, Some(id)) => {
            let account = accounts::by_id(&app.pool, client.app.id, id.0).await?;
            let account = account.ok_or(Code::NotFound)?;
            let budget = Budget::of_account(&app, &client, account.id, Guess::Address);
            (Some(account), budget)
        }
        (Some(email), None) => {
            let email = Email::parse(email)?;
            let budget = Budget::of_name(&app, &client, &email.key, Guess::Address);
            (newest(&app, &client, &email).await?, budget)
        }
        _ => return Err(one_of_both()),
    };
    let result = match budget.charge(&app, now).await {
        Ok(()) => judge(&app, &client, &body, account.as_ref(), &budget, now).await,
        Err(error) => Err(error),
    };
    if let Err(Error::Problem(problem)) = &result {
        let account = account.map(|account| account.id);
        let what = Attempt {
            action: "verify_email",
            factor: Some("email"),
            account,
        };
        client
            .audit(&app.pool, what, problem.code().as_str(), now)
            .await?;
    }
    result.map(Json)
}

async fn judge(
    app: &App,
    client: &Client,
    body: &VerifyEmail,
    account: Option<&Account>,
    budget: &Budget,
    now: OffsetDateTime,
) -> Result<Progress> {
    let Some(account) = account else {
        return Err(Code::InvalidCode.into());
    };
    let code = codes::parse_six_digits(body.code.expose()).unwrap_or_default();
    let hash = enrolment::code_hash(app, account.id, &code);
    let Some(attempt) = email_codes::attempt(&app.pool, account.id, &hash).await? else {
        // By address nobody learns whether a sign-up waits, so the answer stays the usual one.
        return Err(match body.account_id {
            Some(_) => dead_code().into(),
            None => Code::InvalidCode.into(),
        });
    };
    if !attempt.right {
        return Err(Code::InvalidCode.into());
    }
    if attempt.used {
        budget.refund(app).await?;
        return Err(used().into());
    }
    if attempt.expires_at <= now || account.is_gone(now) {
        budget.refund(app).await?;
        return Err(Problem::new(Code::ExpiredCode)
            .detail("That code has expired. Ask for a new one.")
            .into());
    }
    let mut transaction = app.pool.begin().await?;
    let db = &mut *transaction;
    let account = accounts::lock(db, client.app.id, account.id)
        .await?
        .ok_or(Code::InvalidCode)?;
    if !email_codes::consume(db, account.id, &hash, now).await? {
        return Err(used().into());
    }
    let expires_at = now + enrolment::UNFINISHED_LIFE;
    if accounts::verify_email(db, account.id, now, expires_at)
        .await?
        .is_err()
    {
        // Another account proved this address first: this code is worth as much as any other.
        return Err(Code::InvalidCode.into());
    }
    budget.forgive(db, now).await?;
    let progress = enrolment::progress(db, app, client, &account, now).await?;
    let what = Attempt {
        action: "verify_email",
        factor: Some("email"),
        account: Some(account.id),
    };
    client.audit(&mut *db, what, "ok", now).await?;
    transaction.commit().await?;
    Ok(progress)
}

/// Mails a new code, if there is anything to prove.
#[utoipa::path(
    post,
    path = "/v1/email-verifications/resend",
    operation_id = "resend_email_code",
    tag = "accounts",
    responses((status = 202, body = Accepted, description = "The same for every address.")),
    security(("token" = ["accounts"])),
    extensions(("x-problems" = json!([Code::NotFound]))),
)]
pub async fn resend(
    State(app): State<App>,
    client: Client,
    Json(body): Json<ResendEmail>,
) -> Result<(StatusCode, Json<Accepted>)> {
    client.needs(Scope::Accounts)?;
    let (email_key, account) = match (&body.email, body.account_id) {
        (None, Some(id)) => {
            let account = accounts::by_id(&app.pool, client.app.id, id.0).await?;
            let account = account.ok_or(Code::NotFound)?;
            (account.email_key.clone(), Some(account))
        }
        (Some(email), None) => {
            let email = Email::parse(email)?;
            let account = newest(&app, &client, &email).await?;
            (email.key, account)
        }
        _ => return Err(one_of_both()),
    };
    limits::mails(&app, &client, &email_key).await?;
    let now = app.now()?;
    let waiting =
        account.filter(|account| account.email_verified_at.is_none() && !account.is_gone(now));
    if let Some(account) = waiting {
        let mut transaction = app.pool.begin().await?;
        let db = &mut *transaction;
        enrolment::send_code(db, &app, &client, &account, now).await?;
        let what = Attempt {
            action: "resend",
            factor: Some("email"),
            account: Some(account.id),
        };
        client.audit(&mut *db, what, "ok", now).await?;
        transaction.commit().await?;
        app.wake.notify_one();
    }
    Ok((StatusCode::ACCEPTED, Json(ACCEPTED)))
}

/// The sign-up that a code by address is for: the newest one that waits, or the finished account,
/// so that a code that was used is told apart.
async fn newest(app: &App, client: &Client, email: &Email) -> Result<Option<Account>> {
    let waiting = accounts::newest_unverified(&app.pool, client.app.id, &email.key).await?;
    match waiting {
        Some(account) => Ok(Some(account)),
        None => Ok(accounts::by_email(&app.pool, client.app.id, &email.key).await?),
    }
}

fn one_of_both() -> Error {
    invalid(
        "account_id",
        "required",
        "Give one of email and account_id.",
    )
    .into()
}

fn used() -> Problem {
    Problem::new(Code::InvalidCode)
        .detail("That code was already used.")
        .with("reason", "used")
}

fn dead_code() -> Problem {
    Problem::new(Code::Locked)
        .detail("Too many wrong attempts. Ask for a new code.")
        .retry_after(1)
}
