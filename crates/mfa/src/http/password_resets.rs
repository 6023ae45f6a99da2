//! `POST /v1/password-resets`, `…/{id}/verify`, `…/{id}/complete`: a forgotten password.
//!
//! The code by mail proves the address; an account with a second factor has to give that as well,
//! so that a mailbox alone takes nothing over. A name that nobody has is treated alike throughout.

use axum::extract::State;
use http::StatusCode;
use protocol::{
    Code,
    mfa::{
        Assertion, Authenticated, CompletePasswordReset, Method, ProvedPasswordReset,
        StartPasswordReset, StartedPasswordReset, VerifyPasswordReset,
    },
};
use service::{Json, Path, Problem};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    accounts::find,
    password::{acceptable, replace},
};
use crate::{
    answer::{CHALLENGE_LIFE, CODE_LIFE},
    app::App,
    assertion::{Amr, Proof},
    budget::{Budget, Guess},
    client::{Attempt, Client, Scope},
    codes, enrolment,
    error::{Error, Result},
    identity, limits, methods,
    notify::{AccountNotice, Notice},
    store::{
        accounts::{self, Account},
        challenges, factors, outbox,
        password_resets::{self, New, Reset},
    },
};

/// What assertions of a reset and of its second factor are for.
const PURPOSE: &str = "password-reset";

const STARTED: &str =
    "If there is such an account and its address is confirmed, a code is on its way.";

/// Mails a code to the account's address. The answer is the same when there is none.
#[utoipa::path(
    post,
    path = "/v1/password-resets",
    operation_id = "start_password_reset",
    tag = "passwords",
    responses((status = 202, body = StartedPasswordReset,
        description = "If there is such an account, a code is on its way.")),
    security(("token" = ["accounts"])),
)]
pub async fn start(
    State(app): State<App>,
    client: Client,
    Json(body): Json<StartPasswordReset>,
) -> Result<(StatusCode, Json<StartedPasswordReset>)> {
    client.needs(Scope::Accounts)?;
    let typed = identity::text("identifier", &body.identifier, protocol::limits::EMAIL_MAX)?;
    let name = identity::fold_username(&typed);
    limits::resets(&app, &client).await?;
    limits::mails(&app, &client, &name).await?;
    let now = app.now()?;
    let found = if name.contains('@') {
        accounts::by_email(&app.pool, client.app.id, &identity::fold_email(&typed)).await?
    } else {
        accounts::by_username(&app.pool, client.app.id, &name).await?
    };
    let account = found.filter(|one| one.email_verified_at.is_some() && !one.is_gone(now));
    let id = Uuid::new_v4();
    let code = codes::six_digits(&mut rand::rng());
    let hash = match &account {
        Some(account) => code_hash(&app, id, account.id, &code),
        None => rand::random(),
    };
    let expires_at = now + CODE_LIFE;
    let budget = Budget::of_name(&app, &client, &name, Guess::Reset);
    let new = New {
        id,
        app: client.app.id,
        account: account.as_ref().map(|account| account.id),
        subject: budget.subject(),
        code_hash: &hash,
        now,
        expires_at,
    };
    let mut transaction = app.pool.begin().await?;
    let db = &mut *transaction;
    password_resets::insert(&mut *db, &new).await?;
    match &account {
        Some(account) => {
            let minutes = CODE_LIFE.whole_minutes();
            let notice = AccountNotice::ResetPassword { code, minutes };
            let notice = Notice::Account(notice);
            enrolment::mail(db, &app, &client, account, notice, now).await?;
        }
        // As much work for the database as a mail.
        None => outbox::insert_for_nobody(db, client.app.id, now).await?,
    }
    let what = attempt("start_reset", account.as_ref());
    client.audit(&mut *db, what, "ok", now).await?;
    transaction.commit().await?;
    app.wake.notify_one();
    let started = StartedPasswordReset {
        reset_id: id.into(),
        message: STARTED.to_owned(),
        expires_at: expires_at.into(),
    };
    Ok((StatusCode::ACCEPTED, Json(started)))
}

/// Takes the code of the mail and says what else is needed.
#[utoipa::path(
    post,
    path = "/v1/password-resets/{id}/verify",
    operation_id = "verify_password_reset",
    tag = "passwords",
    responses((status = 200, body = ProvedPasswordReset,
        description = "The code was right. With a challenge in it: answer that first.")),
    security(("token" = ["accounts"])),
    extensions(("x-problems" = json!([
        Code::InvalidCode, Code::CodeUsed, Code::ExpiredCode, Code::Locked,
    ]))),
)]
pub async fn verify(
    State(app): State<App>,
    client: Client,
    Path(id): Path<Uuid>,
    Json(body): Json<VerifyPasswordReset>,
) -> Result<Json<ProvedPasswordReset>> {
    client.needs(Scope::Accounts)?;
    let now = app.now()?;
    let reset = open(&app, &client, id).await?;
    let account = match reset.account_id {
        Some(account) => accounts::by_id(&app.pool, client.app.id, account).await?,
        None => None,
    };
    let subject = reset.subject.clone();
    let budget = Budget::of_subject(&app, &client, subject, Guess::Reset);
    let result = match budget.charge(&app, now).await {
        Ok(()) => {
            let code = body.code.expose();
            judge(&app, &client, &reset, account.as_ref(), code, &budget, now).await
        }
        Err(error) => Err(error),
    };
    if let Err(Error::Problem(problem)) = &result {
        let what = attempt("verify_reset", account.as_ref());
        client
            .audit(&app.pool, what, problem.code().as_str(), now)
            .await?;
    }
    result.map(Json)
}

async fn judge(
    app: &App,
    client: &Client,
    reset: &Reset,
    account: Option<&Account>,
    code: &str,
    budget: &Budget,
    now: OffsetDateTime,
) -> Result<ProvedPasswordReset> {
    let code = codes::parse_six_digits(code).unwrap_or_default();
    let owner = reset.account_id.unwrap_or_default();
    let hash = code_hash(app, reset.id, owner, &code);
    let right = password_resets::attempt(&app.pool, reset.id, &hash).await?;
    let Some(account) = account.filter(|_| right) else {
        return Err(Code::InvalidCode.into());
    };
    if reset.expires_at <= now {
        budget.refund(app).await?;
        return Err(Code::ExpiredCode.into());
    }
    let mut transaction = app.pool.begin().await?;
    let db = &mut *transaction;
    let expires_at = now + CHALLENGE_LIFE;
    if !password_resets::prove(db, reset.id, now, expires_at).await? {
        drop(transaction);
        budget.refund(app).await?;
        return Err(Code::CodeUsed.into());
    }
    budget.forgive(db, now).await?;
    let challenge = second_factor(db, client, account, reset.id, now).await?;
    client
        .audit(&mut *db, attempt("verify_reset", Some(account)), "ok", now)
        .await?;
    transaction.commit().await?;
    let (challenge_id, methods) = challenge.unzip();
    Ok(ProvedPasswordReset {
        account_id: account.id.into(),
        challenge_id: challenge_id.map(Into::into),
        methods: methods.unwrap_or_default(),
        expires_at: expires_at.into(),
    })
}

/// A challenge for the second factor, when the account has one.
async fn second_factor(
    db: &mut sqlx::PgConnection,
    client: &Client,
    account: &Account,
    reset: Uuid,
    now: OffsetDateTime,
) -> Result<Option<(Uuid, Vec<Method>)>> {
    if !factors::any_beside_mail(&mut *db, account.id).await? {
        return Ok(None);
    }
    let mut methods = methods::of(db, &client.app.policy, account, now).await?;
    // The mailbox was just proved: it is no second thing.
    methods.retain(|method| *method != Method::Email);
    let id = Uuid::now_v7();
    let new = challenges::New {
        id,
        app: client.app.id,
        account: account.id,
        purpose: PURPOSE,
        context: Some(&reset.to_string()),
        password: false,
        browser: None,
        now,
        expires_at: now + CHALLENGE_LIFE,
    };
    challenges::insert(db, &new).await?;
    Ok(Some((id, methods)))
}

/// Sets the new password.
#[utoipa::path(
    post,
    path = "/v1/password-resets/{id}/complete",
    operation_id = "complete_password_reset",
    tag = "passwords",
    responses((status = 200, body = Authenticated,
        description = "The new password counts. The assertion has purpose `password-reset`.")),
    security(("token" = ["accounts"])),
    extensions(("x-problems" = json!([
        Code::ExpiredCode, Code::ChallengeUsed, Code::StepUpRequired, Code::QueueFull,
    ]))),
)]
pub async fn complete(
    State(app): State<App>,
    client: Client,
    Path(id): Path<Uuid>,
    Json(body): Json<CompletePasswordReset>,
) -> Result<Json<Authenticated>> {
    client.needs(Scope::Accounts)?;
    let now = app.now()?;
    let reset = open(&app, &client, id).await?;
    if reset.completed_at.is_some() {
        return Err(Code::ChallengeUsed.into());
    }
    let Some(account) = reset.account_id.filter(|_| reset.proved_at.is_some()) else {
        return Err(missing("Give the code of the mail first."));
    };
    if reset.expires_at <= now {
        return Err(Code::ExpiredCode.into());
    }
    let account = find(&app, &client, account).await?;
    let fresh = acceptable(&body.password, &account)?;
    let factor = proved_factor(&app, &client, &account, id, &body).await?;
    let hash = app.hasher.hash(fresh).await?;
    let mut transaction = app.pool.begin().await?;
    let db = &mut *transaction;
    let account = accounts::lock(db, client.app.id, account.id)
        .await?
        .ok_or(Code::NotFound)?;
    if !password_resets::complete(db, id, now).await? {
        return Err(Code::ChallengeUsed.into());
    }
    replace(db, &app, &client, &account, &hash, now).await?;
    client
        .audit(
            &mut *db,
            attempt("reset_password", Some(&account)),
            "ok",
            now,
        )
        .await?;
    transaction.commit().await?;
    app.wake.notify_one();
    assert(&app, &client, &account, factor, now).map(Json)
}

/// The assertion of the second factor; `None` when the account has none.
async fn proved_factor(
    app: &App,
    client: &Client,
    account: &Account,
    reset: Uuid,
    body: &CompletePasswordReset,
) -> Result<Option<Assertion>> {
    if !factors::any_beside_mail(&app.pool, account.id).await? {
        return Ok(None);
    }
    let token = body.assertion.as_ref().map_or("", |token| token.expose());
    let client_id = &client.app.client_id;
    let claims = app
        .signer
        .fresh_assertion(token, client_id, account.id, app.now()?)
        .ok()
        .filter(|claims| {
            claims.purpose == PURPOSE && claims.context.as_deref() == Some(&*reset.to_string())
        });
    let hint = "Answer the challenge with your second factor and send its assertion.";
    claims.map(Some).ok_or_else(|| missing(hint))
}

/// The address was proved by a code, and perhaps a second factor by an assertion.
fn assert(
    app: &App,
    client: &Client,
    account: &Account,
    factor: Option<Assertion>,
    now: OffsetDateTime,
) -> Result<Authenticated> {
    let mailbox = Amr {
        email: true,
        ..Amr::default()
    };
    let (assertion, amr, acr) = match factor {
        Some(factor) => {
            let (assertion, claims) = app.signer.together(factor, mailbox, now)?;
            (assertion, claims.amr, claims.acr)
        }
        None => {
            let proof = Proof {
                audience: &client.app.client_id,
                account: account.id,
                amr: mailbox,
                purpose: PURPOSE,
                context: None,
            };
            let acr = mailbox.acr().to_owned();
            (app.signer.assertion(&proof, now)?, mailbox.names(), acr)
        }
    };
    Ok(Authenticated {
        account_id: account.id.into(),
        assertion,
        amr,
        acr,
        recovery_codes_left: None,
    })
}

async fn open(app: &App, client: &Client, id: Uuid) -> Result<Reset> {
    let found = password_resets::by_id(&app.pool, client.app.id, id).await?;
    found.ok_or_else(|| Code::NotFound.into())
}

fn missing(hint: &str) -> Error {
    Problem::new(Code::StepUpRequired).detail(hint).into()
}

fn attempt(action: &'static str, account: Option<&Account>) -> Attempt {
    Attempt {
        action,
        factor: Some("email"),
        account: account.map(|account| account.id),
    }
}

fn code_hash(app: &App, reset: Uuid, account: Uuid, code: &str) -> [u8; 32] {
    let parts: [&[u8]; 3] = [reset.as_bytes(), account.as_bytes(), code.as_bytes()];
    app.vault.mac("reset code", &parts)
}
