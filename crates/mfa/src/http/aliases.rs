//! Documented names of older interfaces, each a thin cover over `/v1`.

use axum::extract::State;
use http::StatusCode;
use protocol::{
    ChallengeId, Code, FactorId, Secret, UserId,
    mfa::{
        Authenticated, CreateAccount, FactorKind, Login, Method, MfaRequired, Notification,
        Progress, QueuedNotification,
    },
};
use serde::Serialize;
use service::Json;
use utoipa::ToSchema;

use super::{
    accounts, activate,
    bodies::{Check, LoginWithCode, Register, RequestCode, VerifyToken},
    challenges, logins, notifications, send,
};
use crate::{
    answer::{Answer, Given},
    app::App,
    client::{Client, Scope},
    error::{Error, Result},
    identity::{fold_email, fold_username, invalid},
    store::{accounts as rows, challenges as pending, factors},
};

/// 201 of [`Register`].
#[derive(Serialize, ToSchema)]
pub struct Registered {
    account_id: UserId,
    factor_id: FactorId,
    otpauth_uri: Secret,
    secret: Secret,
    qr_svg: Secret,
}

/// An account with a pending TOTP factor.
#[utoipa::path(
    post,
    path = "/mfa/register",
    operation_id = "alias_register",
    tag = "aliases",
    responses((status = 201, body = Registered)),
    security(("token" = ["accounts"])),
    extensions(("x-problems" = json!([Code::UsernameTaken, Code::QueueFull]))),
)]
pub async fn register(
    State(app): State<App>,
    client: Client,
    Json(body): Json<Register>,
) -> Result<(StatusCode, Json<Registered>)> {
    client.needs(Scope::Accounts)?;
    let body = CreateAccount {
        email: body.email,
        username: body.username,
        password: body.password,
        name: None,
        language: None,
        factor: Some(FactorKind::Totp),
    };
    let created = accounts::sign_up(&app, &client, body).await?;
    let factor = created.factor.ok_or(Code::Internal)?;
    let registered = Registered {
        account_id: created.account_id,
        factor_id: factor.factor_id,
        otpauth_uri: factor.uri,
        secret: factor.secret,
        qr_svg: factor.qr_svg,
    };
    Ok((StatusCode::CREATED, Json(registered)))
}

/// 200 of [`Check`]: a first code activates, later ones assert.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum Checked {
    /// The factor is active now.
    Activated {
        /// How far the account is.
        #[serde(flatten)]
        progress: Progress,
        /// Shown once.
        recovery_codes: Vec<Secret>,
    },
    /// The code was right.
    Verified(Authenticated),
}

/// The first code activates the pending factor, later ones check a login.
#[utoipa::path(
    post,
    path = "/mfa/verify",
    operation_id = "alias_check",
    tag = "aliases",
    responses((status = 200, body = Checked)),
    security(("token" = ["accounts", "challenges"])),
    extensions(("x-problems" = json!([
        Code::NotFound, Code::FactorActive, Code::InvalidCode, Code::CodeUsed, Code::ExpiredCode,
        Code::EnrolmentRequired, Code::ChallengeUsed, Code::ChallengeExpired, Code::Locked,
    ]))),
)]
pub async fn check(
    State(app): State<App>,
    client: Client,
    Json(body): Json<Check>,
) -> Result<Json<Checked>> {
    client.needs(Scope::Accounts)?;
    client.needs(Scope::Challenges)?;
    let account = match (body.account_id, &body.username) {
        (Some(id), None) => accounts::find(&app, &client, id.0).await?,
        (None, Some(username)) => named(&app, &client, username).await?,
        _ => {
            let problem = invalid(
                "account_id",
                "required",
                "Give one of account_id and username.",
            );
            return Err(problem.into());
        }
    };
    let now = app.now()?;
    let all = factors::list(&app.pool, account.id, now).await?;
    let code = body.code.expose();
    if all.iter().all(|factor| factor.activated_at.is_none()) {
        let waiting = all.last().ok_or(Code::InvalidCode)?;
        let done = activate::activate(&app, &client, &account, waiting, code).await?;
        let (progress, recovery_codes) = (done.progress, done.recovery_codes);
        return Ok(Json(Checked::Activated {
            progress,
            recovery_codes,
        }));
    }
    let opened = challenges::open(&app, &client, &account, "verify", None).await?;
    let verified = answer(&app, &client, opened.challenge_id, Method::Totp, code).await?;
    Ok(Json(Checked::Verified(verified)))
}

/// 202 of [`RequestCode`].
#[derive(Serialize, ToSchema)]
pub struct Requested {
    challenge_id: ChallengeId,
    channel: &'static str,
}

/// Sends a code by mail or Telegram; it is never in the reply.
#[utoipa::path(
    post,
    path = "/request-otp",
    operation_id = "alias_request_code",
    tag = "aliases",
    responses((status = 202, body = Requested)),
    security(("token" = ["challenges"])),
    extensions(("x-problems" = json!([
        Code::InvalidCode, Code::EnrolmentRequired, Code::ChallengeUsed, Code::ChallengeExpired,
    ]))),
)]
pub async fn request_code(
    State(app): State<App>,
    client: Client,
    Json(body): Json<RequestCode>,
) -> Result<(StatusCode, Json<Requested>)> {
    client.needs(Scope::Challenges)?;
    let (channel, method) = match body.channel.as_deref() {
        None | Some("email") => ("email", Method::Email),
        Some("telegram") => ("telegram", Method::Telegram),
        Some(_) => {
            let message = "Use email or telegram.";
            return Err(invalid("channel", "unsupported", message).into());
        }
    };
    let account = named(&app, &client, &body.username).await?;
    let opened = challenges::open(&app, &client, &account, "login", None).await?;
    let (challenge, account) = send::find(&app, &client, opened.challenge_id.0).await?;
    send::send(&app, &client, &challenge, &account, method).await?;
    let challenge_id = opened.challenge_id;
    Ok((
        StatusCode::ACCEPTED,
        Json(Requested {
            challenge_id,
            channel,
        }),
    ))
}

/// Checks a TOTP code or the code sent last.
#[utoipa::path(
    post,
    path = "/verify",
    operation_id = "alias_verify",
    tag = "aliases",
    responses((status = 200, body = Authenticated)),
    security(("token" = ["challenges"])),
    extensions(("x-problems" = json!([
        Code::NotFound, Code::InvalidCode, Code::CodeUsed, Code::ExpiredCode,
        Code::EnrolmentRequired, Code::ChallengeUsed, Code::ChallengeExpired, Code::Locked,
    ]))),
)]
pub async fn verify_token(
    State(app): State<App>,
    client: Client,
    Json(body): Json<VerifyToken>,
) -> Result<Json<Authenticated>> {
    client.needs(Scope::Challenges)?;
    let account = named(&app, &client, &body.username).await?;
    let now = app.now()?;
    let (challenge_id, method) = match pending::newest_sent(&app.pool, account.id, now).await? {
        Some((challenge, way)) if way == "telegram" => (challenge.into(), Method::Telegram),
        Some((challenge, _)) => (challenge.into(), Method::Email),
        None => {
            let opened = challenges::open(&app, &client, &account, "login", None).await?;
            let totp = opened.methods.contains(&Method::Totp);
            let method = if totp { Method::Totp } else { Method::Email };
            (opened.challenge_id, method)
        }
    };
    answer(&app, &client, challenge_id, method, body.token.expose())
        .await
        .map(Json)
}

/// Password and, when one is given, TOTP code in one request.
#[utoipa::path(
    post,
    path = "/api/login",
    operation_id = "alias_login",
    tag = "aliases",
    responses((status = 200, body = Authenticated)),
    security(("token" = ["challenges"])),
    extensions(("x-problems" = json!([
        Code::InvalidCredentials, Code::MfaRequired, Code::EmailUnverified,
        Code::EnrolmentRequired, Code::ProofRequired, Code::InvalidCode, Code::CodeUsed,
        Code::ChallengeUsed, Code::ChallengeExpired, Code::Locked, Code::QueueFull,
    ]))),
)]
pub async fn login(
    State(app): State<App>,
    client: Client,
    Json(body): Json<LoginWithCode>,
) -> Result<Json<Authenticated>> {
    client.needs(Scope::Challenges)?;
    let first = Login {
        identifier: body.email,
        password: body.password,
        client_ip: None,
        purpose: None,
        client_agent: None,
        work: None,
    };
    let problem = match logins::login(&app, &client, &first).await {
        Err(Error::Problem(problem)) if problem.code() == Code::MfaRequired => problem,
        result => return result.map(Json),
    };
    let (Some(code), Some(required)) = (body.code, MfaRequired::of(&problem.clone().into_inner()))
    else {
        return Err(problem.into());
    };
    answer(
        &app,
        &client,
        required.challenge_id,
        Method::Totp,
        code.expose(),
    )
    .await
    .map(Json)
}

/// Queues one message.
#[utoipa::path(
    post,
    path = "/send",
    operation_id = "alias_notify",
    tag = "aliases",
    responses((status = 202, body = QueuedNotification)),
    security(("token" = ["notify"])),
    extensions(("x-problems" = json!([Code::NotFound]))),
)]
pub async fn notify(
    State(app): State<App>,
    client: Client,
    Json(body): Json<Notification>,
) -> Result<(StatusCode, Json<QueuedNotification>)> {
    let queued = notifications::queue(&app, &client, &body).await?;
    Ok((StatusCode::ACCEPTED, Json(queued)))
}

async fn named(app: &App, client: &Client, username: &str) -> Result<rows::Account> {
    let folded = fold_username(username);
    let now = app.now()?;
    let found = if folded.contains('@') {
        rows::by_email(&app.pool, client.app.id, &fold_email(username)).await?
    } else {
        rows::by_username(&app.pool, client.app.id, &folded).await?
    };
    // An unknown name and a wrong code are the same answer.
    found
        .filter(|account| !account.is_gone(now))
        .ok_or_else(|| Error::from(Code::InvalidCode))
}

async fn answer(
    app: &App,
    client: &Client,
    challenge: ChallengeId,
    method: Method,
    code: &str,
) -> Result<Authenticated> {
    let (challenge, account) = send::find(app, client, challenge.0).await?;
    let now = app.now()?;
    let answer = Answer {
        app,
        client,
        challenge: &challenge,
        account: &account,
        now,
    };
    let given = Given {
        code,
        credential: None,
    };
    answer.check(method, given).await
}
