//! `POST /v1/challenges/{id}/send`: a code by mail.

use axum::extract::State;
use http::StatusCode;
use protocol::{
    Code,
    mfa::{Method, SendCode, SentCode},
};
use service::{Json, Path};
use uuid::Uuid;

use crate::{
    answer::{self, CODE_LIFE},
    app::App,
    client::{Attempt, Client, Scope},
    codes, enrolment,
    error::Result,
    identity::invalid,
    limits, methods,
    notify::Notice,
    store::{
        accounts::Account,
        challenges::{self, Challenge},
    },
    words,
};

/// Sends a code for a challenge.
#[utoipa::path(
    post,
    path = "/v1/challenges/{id}/send",
    operation_id = "send_code",
    tag = "challenges",
    responses((status = 202, body = SentCode, description = "It is on its way.")),
    security(("token" = ["challenges"])),
    extensions(("x-problems" = json!([Code::ChallengeUsed, Code::ChallengeExpired]))),
)]
pub async fn handle(
    State(app): State<App>,
    client: Client,
    Path(id): Path<Uuid>,
    Json(body): Json<SendCode>,
) -> Result<(StatusCode, Json<SentCode>)> {
    client.needs(Scope::Challenges)?;
    let (challenge, account) = find(&app, &client, id).await?;
    let sent = send(&app, &client, &challenge, &account, body.method).await?;
    Ok((StatusCode::ACCEPTED, Json(sent)))
}

/// A challenge of the client's own and its account, 404 for everything else.
pub async fn find(app: &App, client: &Client, id: Uuid) -> Result<(Challenge, Account)> {
    let found = challenges::by_id(&app.pool, client.app.id, id).await?;
    found.ok_or_else(|| Code::NotFound.into())
}

/// Sends a code, for `/v1` and the alias.
pub async fn send(
    app: &App,
    client: &Client,
    challenge: &Challenge,
    account: &Account,
    method: Method,
) -> Result<SentCode> {
    let now = app.now()?;
    answer::ensure_open(challenge, now)?;
    let mut db = app.pool.acquire().await?;
    let open = methods::of(&mut db, &client.app.policy, account, now).await?;
    drop(db);
    if method != Method::Email || !open.contains(&method) {
        return Err(invalid("method", "not-open", "No code can be sent this way.").into());
    }
    limits::account(app, client, account.id).await?;
    limits::mails(app, client, &account.email_key).await?;
    let code = codes::six_digits(&mut rand::rng());
    let hash = answer::code_hash(app, challenge.id, &code);
    let expires_at = now + CODE_LIFE;
    let mut transaction = app.pool.begin().await?;
    let db = &mut *transaction;
    if !challenges::set_code(db, challenge.id, &hash, expires_at).await? {
        return Err(Code::ChallengeUsed.into());
    }
    let notice = Notice::SignIn {
        code,
        minutes: CODE_LIFE.whole_minutes(),
    };
    enrolment::mail(db, app, client, account, notice, now).await?;
    let what = Attempt {
        action: "send",
        factor: Some("email"),
        account: Some(account.id),
    };
    client.audit(&mut *db, what, "ok", now).await?;
    transaction.commit().await?;
    app.wake.notify_one();
    Ok(SentCode {
        method,
        recipient_hint: words::email_hint(&account.email),
        expires_at: expires_at.into(),
    })
}
