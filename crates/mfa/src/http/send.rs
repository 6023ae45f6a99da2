//! `POST /v1/challenges/{id}/send`: a code by mail or Telegram, or what to ask the browser.

use axum::extract::State;
use http::StatusCode;
use protocol::{
    Code,
    mfa::{Method, PasskeyRequest, SendCode, SendReply, SentCode},
};
use service::{Json, Path};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    answer::{self, CODE_LIFE},
    app::App,
    client::{Attempt, Client, Scope},
    codes, enrolment,
    error::Result,
    identity::invalid,
    limits, methods,
    notify::{self, Chat, Notice, Parcel},
    passkeys,
    store::{
        accounts::Account,
        challenges::{self, Challenge, Sent},
        factors,
    },
    telegram, words,
};

/// Sends a code for a challenge.
#[utoipa::path(
    post,
    path = "/v1/challenges/{id}/send",
    operation_id = "send_code",
    tag = "challenges",
    responses(
        (status = 202, body = SentCode, description = "It is on its way."),
        (status = 200, body = PasskeyRequest, description = "What to ask the browser."),
    ),
    security(("token" = ["challenges"])),
    extensions(("x-problems" = json!([Code::ChallengeUsed, Code::ChallengeExpired]))),
)]
pub async fn handle(
    State(app): State<App>,
    client: Client,
    Path(id): Path<Uuid>,
    Json(body): Json<SendCode>,
) -> Result<(StatusCode, Json<SendReply>)> {
    client.needs(Scope::Challenges)?;
    let (challenge, account) = find(&app, &client, id).await?;
    if body.method == Method::Passkey {
        let request = ask(&app, &client, &challenge, &account).await?;
        return Ok((StatusCode::OK, Json(SendReply::Passkey(request))));
    }
    let sent = send(&app, &client, &challenge, &account, body.method).await?;
    Ok((StatusCode::ACCEPTED, Json(SendReply::Code(sent))))
}

/// What to ask the browser: nothing is sent.
async fn ask(
    app: &App,
    client: &Client,
    challenge: &Challenge,
    account: &Account,
) -> Result<PasskeyRequest> {
    let now = app.now()?;
    answer::ensure_open(challenge, now)?;
    let mut db = app.pool.acquire().await?;
    let open = methods::of(&mut db, &client.app.policy, account, now).await?;
    drop(db);
    if !open.contains(&Method::Passkey) {
        return Err(invalid("method", "not-open", "This account has no passkey.").into());
    }
    limits::account(app, client, account.id).await?;
    let request_options = passkeys::request(app, client, challenge.id, account, now).await?;
    Ok(PasskeyRequest { request_options })
}

/// A challenge of the client's own and its account, 404 for everything else.
pub async fn find(app: &App, client: &Client, id: Uuid) -> Result<(Challenge, Account)> {
    let found = app.reads.challenges.ask((client.app.id, id)).await?;
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
    if !matches!(method, Method::Email | Method::Telegram) || !open.contains(&method) {
        return Err(invalid("method", "not-open", "No code can be sent this way.").into());
    }
    let chat = match method {
        Method::Telegram => Some(reachable_chat(app, account, now).await?),
        _ => None,
    };
    limits::account(app, client, account.id).await?;
    let recipient = chat.as_ref().map_or(&*account.email_key, |chat| &*chat.key);
    limits::mails(app, client, recipient).await?;
    let code = codes::six_digits(&mut rand::rng());
    let hash = answer::code_hash(app, challenge.id, &code);
    let expires_at = now + CODE_LIFE;
    let mut transaction = app.pool.begin().await?;
    let db = &mut *transaction;
    let sent = Sent {
        hash: &hash,
        method: methods::name(method),
        expires_at,
    };
    if !challenges::set_code(db, challenge.id, &sent).await? {
        return Err(Code::ChallengeUsed.into());
    }
    let notice = Notice::SignIn {
        code,
        minutes: CODE_LIFE.whole_minutes(),
    };
    let recipient_hint = match chat {
        None => {
            enrolment::mail(db, app, client, account, notice, now).await?;
            words::email_hint(&account.email)
        }
        Some(chat) => {
            let message = Chat {
                chat: chat.id,
                factor: Some((account.id, chat.factor)),
                language: account.language(),
                app: client.app.name.clone(),
                notice,
            };
            notify::queue(db, &app.vault, client.app.id, &Parcel::Chat(&message), now).await?;
            chat.label
        }
    };
    let what = Attempt {
        action: "send",
        factor: Some(methods::name(method)),
        account: Some(account.id),
    };
    client.audit(&mut *db, what, "ok", now).await?;
    transaction.commit().await?;
    app.wake.notify_one();
    Ok(SentCode {
        method,
        recipient_hint,
        expires_at: expires_at.into(),
    })
}

/// A chat that takes messages, as far as is known.
pub struct ReachableChat {
    /// The chat.
    pub id: i64,
    /// The factor.
    pub factor: Uuid,
    /// What its owner calls it.
    pub label: String,
    /// The chat as counters know it.
    key: String,
}

/// The newest chat of an account that takes messages.
pub async fn reachable_chat(
    app: &App,
    account: &Account,
    now: OffsetDateTime,
) -> Result<ReachableChat> {
    let all = factors::list(&app.pool, account.id, now).await?;
    let usable = |factor: &&factors::Factor| {
        factor.kind == "telegram"
            && factor.activated_at.is_some()
            && factor.unreachable_at.is_none()
    };
    let factor = all.iter().rev().find(usable).ok_or_else(|| {
        let message = "The bot is blocked in Telegram. Unblock it there, or answer in another way.";
        invalid("method", "unreachable", message)
    })?;
    let id = telegram::open_chat(app, account, factor)?;
    Ok(ReachableChat {
        id,
        factor: factor.id,
        label: factor.label.clone(),
        key: format!("telegram {id}"),
    })
}
