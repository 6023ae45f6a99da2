//! `POST /v1/accounts/{id}/email` and `…/verify`: another address for a finished account.

use axum::extract::State;
use http::{HeaderMap, StatusCode};
use protocol::{
    Code,
    mfa::{self, ChangeEmail, ConfirmEmail, StartedEmailChange},
};
use service::{Json, Path, Problem};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    accounts::{find, view},
    factors::ensure_fresh,
    proof,
};
use crate::{
    app::App,
    budget::{Budget, Guess},
    client::{Attempt, Client, Scope},
    codes,
    enrolment::{self, CODE_LIFE},
    error::{Error, Result},
    identity::Email,
    limits,
    notify::{AccountNotice, Notice},
    store::{
        accounts::{self, Account},
        email_changes::{self, New},
        factors, password_resets,
    },
    words,
};

/// Mails a code to the new address; the old one counts until it is given. Whether the new one is
/// taken is never told.
#[utoipa::path(
    post,
    path = "/v1/accounts/{id}/email",
    operation_id = "change_email",
    tag = "accounts",
    params(("X-Assertion" = Option<String>, Header, description = "An assertion of the last five \
        minutes with a second factor.")),
    responses((status = 202, body = StartedEmailChange,
        description = "A code is on its way to the new address.")),
    security(("token" = ["accounts"])),
    extensions(("x-problems" = json!([
        Code::InvalidCredentials, Code::StepUpRequired, Code::EmailUnverified, Code::Locked,
        Code::QueueFull,
    ]))),
)]
pub async fn start(
    State(app): State<App>,
    client: Client,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    Json(body): Json<ChangeEmail>,
) -> Result<(StatusCode, Json<StartedEmailChange>)> {
    client.needs(Scope::Accounts)?;
    let email = Email::parse(&body.email)?;
    let account = find(&app, &client, id).await?;
    if account.email_verified_at.is_none() {
        return Err(Problem::new(Code::EmailUnverified)
            .detail("Correct the address of a sign-up by PATCH.")
            .into());
    }
    limits::account(&app, &client, id).await?;
    if factors::any_active(&app.pool, id).await? {
        ensure_fresh(&app, &client, &account, &headers)?;
    } else {
        let password = body.password.as_ref();
        let action = "change_email";
        proof::password_or_assertion(&app, &client, &account, password, &headers, action).await?;
    }
    limits::mails(&app, &client, &email.key).await?;
    let now = app.now()?;
    let expires_at = now + CODE_LIFE;
    let mut transaction = app.pool.begin().await?;
    let db = &mut *transaction;
    send_code(db, &app, &client, &account, &email, now).await?;
    client
        .audit(&mut *db, attempt("change_email", id), "ok", now)
        .await?;
    transaction.commit().await?;
    app.wake.notify_one();
    let started = StartedEmailChange {
        email_hint: words::email_hint(&email.address),
        expires_at: expires_at.into(),
    };
    Ok((StatusCode::ACCEPTED, Json(started)))
}

/// As at a sign-up: the code for an address of somebody else goes to nobody, and its owner is told.
async fn send_code(
    db: &mut sqlx::PgConnection,
    app: &App,
    client: &Client,
    account: &Account,
    email: &Email,
    now: OffsetDateTime,
) -> Result<()> {
    let code = codes::six_digits(&mut rand::rng());
    let holder = accounts::by_email(&mut *db, client.app.id, &email.key).await?;
    let owner =
        holder.filter(|holder| holder.email_verified_at.is_some() && holder.id != account.id);
    let hash = match &owner {
        None => code_hash(app, account.id, &email.key, &code),
        Some(_) => rand::random(),
    };
    let new = New {
        account: account.id,
        email: &email.address,
        email_key: &email.key,
        code_hash: &hash,
        now,
        expires_at: now + CODE_LIFE,
    };
    email_changes::put(db, &new).await?;
    match owner {
        None => {
            let minutes = CODE_LIFE.whole_minutes();
            let notice = Notice::Account(AccountNotice::ConfirmAddress { code, minutes });
            let there = Account {
                email: email.address.clone(),
                ..account.clone()
            };
            enrolment::mail(db, app, client, &there, notice, now).await
        }
        Some(owner) if limits::owner_notices(db, app, owner.id).await? => {
            let notice = Notice::AlreadyRegistered;
            enrolment::mail(db, app, client, &owner, notice, now).await
        }
        Some(_) => Ok(()),
    }
}

/// Takes the code; from now on the new address counts, and the old one gets a mail.
#[utoipa::path(
    post,
    path = "/v1/accounts/{id}/email/verify",
    operation_id = "confirm_email",
    tag = "accounts",
    responses((status = 200, body = mfa::Account, description = "The new address counts.")),
    security(("token" = ["accounts"])),
    extensions(("x-problems" = json!([Code::InvalidCode, Code::ExpiredCode, Code::Locked]))),
)]
pub async fn confirm(
    State(app): State<App>,
    client: Client,
    Path(id): Path<Uuid>,
    Json(body): Json<ConfirmEmail>,
) -> Result<Json<mfa::Account>> {
    client.needs(Scope::Accounts)?;
    let account = find(&app, &client, id).await?;
    let now = app.now()?;
    let budget = Budget::of_account(&app, &client, id, Guess::Address);
    let result = match budget.charge(&app, now).await {
        Ok(()) => judge(&app, &client, &account, body.code.expose(), &budget, now).await,
        Err(error) => Err(error),
    };
    if let Err(Error::Problem(problem)) = &result {
        let code = problem.code().as_str();
        client
            .audit(&app.pool, attempt("confirm_email", id), code, now)
            .await?;
    }
    result.map(|account| Json(view(&account)))
}

async fn judge(
    app: &App,
    client: &Client,
    account: &Account,
    code: &str,
    budget: &Budget,
    now: OffsetDateTime,
) -> Result<Account> {
    let code = codes::parse_six_digits(code).unwrap_or_default();
    let waiting = email_changes::waiting(&app.pool, account.id).await?;
    let key = waiting.unwrap_or_default();
    let hash = code_hash(app, account.id, &key, &code);
    let attempted = email_changes::attempt(&app.pool, account.id, &hash).await?;
    let Some(found) = attempted.filter(|found| found.right) else {
        return Err(Code::InvalidCode.into());
    };
    if found.expires_at <= now {
        budget.refund(app).await?;
        return Err(Code::ExpiredCode.into());
    }
    let mut transaction = app.pool.begin().await?;
    let db = &mut *transaction;
    let before = accounts::lock(db, client.app.id, account.id)
        .await?
        .ok_or(Code::NotFound)?;
    let (email, key) = (&found.email, &found.email_key);
    let won = email_changes::consume(db, account.id, &hash).await?
        && accounts::replace_email(db, account.id, email, key, now)
            .await?
            .is_ok();
    if !won {
        // Another request was faster, or another account proved this address first.
        return Err(Code::InvalidCode.into());
    }
    budget.forgive(db, now).await?;
    // A code that went to the old mailbox opens nothing any more.
    password_resets::void(&mut *db, account.id, now).await?;
    let hint = words::email_hint(email);
    let notice = Notice::Account(AccountNotice::AddressChanged { hint });
    enrolment::mail(db, app, client, &before, notice, now).await?;
    client
        .audit(&mut *db, attempt("confirm_email", account.id), "ok", now)
        .await?;
    let after = accounts::by_id(&mut *db, client.app.id, account.id).await?;
    transaction.commit().await?;
    app.wake.notify_one();
    after.ok_or_else(|| Code::NotFound.into())
}

fn attempt(action: &'static str, account: Uuid) -> Attempt {
    Attempt {
        action,
        factor: Some("email"),
        account: Some(account),
    }
}

fn code_hash(app: &App, account: Uuid, email_key: &str, code: &str) -> [u8; 32] {
    let parts: [&[u8]; 3] = [account.as_bytes(), email_key.as_bytes(), code.as_bytes()];
    app.vault.mac("new address code", &parts)
}
