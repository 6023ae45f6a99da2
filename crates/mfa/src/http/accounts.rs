//! `POST /v1/accounts`, `GET` and `PATCH /v1/accounts/{id}`.

use axum::extract::State;
use http::StatusCode;
use protocol::{
    Code, Problem as Body,
    mfa::{self, ChangeAccount, CreateAccount, CreatedAccount, FactorKind},
};
use service::{Json, Path};
use uuid::Uuid;

use crate::{
    app::App,
    client::{Attempt, Client, Scope},
    enrolment,
    error::{Error, Result},
    identity::{Email, invalid, parse_name, parse_username},
    limits, passwords,
    store::accounts::{self, Account, New},
    words,
};

/// Makes an unfinished account, mails its code and, when asked, adds a pending factor.
#[utoipa::path(
    post,
    path = "/v1/accounts",
    operation_id = "create_account",
    tag = "accounts",
    responses((status = 201, body = CreatedAccount,
        description = "Made; a code is on its way to the address.")),
    security(("token" = ["accounts"])),
    extensions(("x-problems" = json!([Code::UsernameTaken, Code::QueueFull]))),
)]
pub async fn create(
    State(app): State<App>,
    client: Client,
    Json(body): Json<CreateAccount>,
) -> Result<(StatusCode, Json<CreatedAccount>)> {
    client.needs(Scope::Accounts)?;
    let created = sign_up(&app, &client, body).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

/// A sign-up, for `/v1` and the alias.
pub async fn sign_up(app: &App, client: &Client, body: CreateAccount) -> Result<CreatedAccount> {
    let email = Email::parse(&body.email)?;
    let username = body.username.as_deref().map(parse_username).transpose()?;
    let name = parse_name(body.name.as_deref())?;
    if !matches!(body.factor, None | Some(FactorKind::Totp)) {
        return Err(invalid("factor", "unsupported", "Only totp can be set up here.").into());
    }
    let password = body
        .password
        .map(|password| passwords::normalise(password.expose()));
    if let Some(password) = &password
        && let Err(fault) = passwords::check(password, username.as_deref(), &email.address)
    {
        let mut problem = Body::new(Code::InvalidBody);
        problem.errors.push(fault);
        return Err(problem.into());
    }
    limits::signups(app, client).await?;
    limits::mails(app, client, &email.key).await?;
    let password_hash = match password {
        Some(password) => Some(app.hasher.hash(password).await?),
        None => None,
    };

    let now = app.now()?;
    let id = Uuid::now_v7();
    let expires_at = now + enrolment::UNFINISHED_LIFE;
    let new = New {
        id,
        app: client.app.id,
        email: &email.address,
        email_key: &email.key,
        username: username.as_deref(),
        name: name.as_deref(),
        language: body.language.unwrap_or_default(),
        password_hash: password_hash.as_deref(),
        factor_required: body.factor.is_some(),
        now,
        expires_at,
    };
    let mut transaction = app.pool.begin().await?;
    let db = &mut *transaction;
    if accounts::insert(db, &new).await?.is_err() {
        return Err(Code::UsernameTaken.into());
    }
    let account = accounts::by_id(&mut *db, client.app.id, id)
        .await?
        .ok_or(Code::Internal)?;
    enrolment::send_code(db, app, client, &account, now).await?;
    let factor = match body.factor {
        Some(_) => {
            Some(enrolment::add_totp(db, app, client, &account, enrolment::LABEL, now).await?)
        }
        None => None,
    };
    let what = Attempt {
        action: "sign_up",
        factor: None,
        account: Some(id),
    };
    client.audit(&mut *db, what, "ok", now).await?;
    transaction.commit().await?;
    app.wake.notify_one();
    Ok(CreatedAccount {
        account_id: id.into(),
        email_hint: words::email_hint(&email.address),
        expires_at: expires_at.into(),
        factor,
    })
}

/// One account.
#[utoipa::path(
    get,
    path = "/v1/accounts/{id}",
    operation_id = "show_account",
    tag = "accounts",
    responses((status = 200, body = mfa::Account)),
    security(("token" = ["accounts"])),
)]
pub async fn show(
    State(app): State<App>,
    client: Client,
    Path(id): Path<Uuid>,
) -> Result<Json<mfa::Account>> {
    client.needs(Scope::Accounts)?;
    Ok(Json(view(&find(&app, &client, id).await?)))
}

/// Corrects the address of an account whose address is not proved, and mails a new code.
#[utoipa::path(
    patch,
    path = "/v1/accounts/{id}",
    operation_id = "change_account",
    tag = "accounts",
    responses((status = 200, body = mfa::Account,
        description = "Changed; a code is on its way to the new address.")),
    security(("token" = ["accounts"])),
    extensions(("x-problems" = json!([Code::AccountComplete]))),
)]
pub async fn change(
    State(app): State<App>,
    client: Client,
    Path(id): Path<Uuid>,
    Json(body): Json<ChangeAccount>,
) -> Result<Json<mfa::Account>> {
    client.needs(Scope::Accounts)?;
    let email = body.email.as_deref().map(Email::parse).transpose()?;
    let named = parse_name(body.name.as_deref())?;
    find(&app, &client, id).await?;
    limits::account(&app, &client, id).await?;
    if let Some(email) = &email {
        limits::mails(&app, &client, &email.key).await?;
    }
    let now = app.now()?;
    let mut transaction = app.pool.begin().await?;
    let db = &mut *transaction;
    let before = accounts::lock(db, client.app.id, id)
        .await?
        .ok_or(Code::NotFound)?;
    let name = match body.name {
        Some(_) => named,
        None => before.name.clone(),
    };
    let language = body.language.unwrap_or(before.language());
    accounts::set_profile(db, id, name.as_deref(), language).await?;
    if let Some(email) = &email
        && !accounts::set_email(db, id, &email.address, &email.key).await?
    {
        return Err(Code::AccountComplete.into());
    }
    let account = accounts::by_id(&mut *db, client.app.id, id)
        .await?
        .ok_or(Code::NotFound)?;
    if email.is_some() {
        enrolment::send_code(db, &app, &client, &account, now).await?;
    }
    let what = Attempt {
        action: if email.is_some() {
            "correct_email"
        } else {
            "change_account"
        },
        factor: None,
        account: Some(id),
    };
    client.audit(&mut *db, what, "ok", now).await?;
    transaction.commit().await?;
    app.wake.notify_one();
    Ok(Json(view(&account)))
}

/// An account of the client's own, 404 for everything else.
pub async fn find(app: &App, client: &Client, id: Uuid) -> Result<Account> {
    let now = app.now()?;
    accounts::by_id(&app.pool, client.app.id, id)
        .await?
        .filter(|account| !account.is_gone(now))
        .ok_or_else(|| Error::from(Code::NotFound))
}

/// An account as the application sees it.
pub fn view(account: &Account) -> mfa::Account {
    mfa::Account {
        account_id: account.id.into(),
        email: account.email.clone(),
        email_verified: account.email_verified_at.is_some(),
        username: account.username.clone(),
        name: account.name.clone(),
        language: account.language(),
        complete: account.completed_at.is_some(),
        created_at: account.created_at.into(),
        expires_at: account.expires_at.map(Into::into),
    }
}
