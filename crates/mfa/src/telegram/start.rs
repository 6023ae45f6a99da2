//! From a pending Telegram factor to an active one: a one-time token leads the person to the bot,
//! the bot's code leads them back.
//!
//! Both ways are needed. The token alone would let whoever sees the link bind a chat of their own;
//! the code is typed where the factor was asked for.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use protocol::{
    Code,
    mfa::{FactorKind, PendingFactor},
};
use service::Problem;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{Bot, Refusal};
use crate::{
    app::App,
    client::Client,
    codes, enrolment,
    error::{Error, Result},
    identity,
    notify::{self, Chat, Notice, Parcel},
    store::{
        accounts::{self, Account},
        factors::{self, Factor},
        telegram_links as links,
    },
    totp,
};

/// How long the code that binds a chat is good for.
const CODE_LIFE: Duration = Duration::minutes(10);
/// What a factor is called when its owner says nothing.
pub const LABEL: &str = "Telegram";

/// Adds a pending Telegram factor: its URI opens the bot with a token.
pub async fn add(
    db: &mut PgConnection,
    app: &App,
    account: &Account,
    label: Option<&str>,
    username: &str,
    now: OffsetDateTime,
) -> Result<PendingFactor> {
    let id = Uuid::now_v7();
    let token = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    let expires_at = account.expires_at.unwrap_or(now + enrolment::PENDING_LIFE);
    let label = label.unwrap_or(LABEL);
    let sealed = seal_chat(app, account.app_id, account.id, id, 0);
    let new = factors::New {
        id,
        account: account.id,
        kind: "telegram",
        label,
        secret: &sealed,
        parameters: None,
        now,
        expires_at,
    };
    factors::insert(&mut *db, &new).await?;
    links::insert(db, id, &token_hash(app, &token)).await?;
    let uri = format!("https://t.me/{username}?start={token}");
    let qr_svg = totp::qr_svg(&uri).map_err(Error::Internal)?;
    Ok(PendingFactor {
        factor_id: id.into(),
        kind: FactorKind::Telegram,
        label: label.to_owned(),
        uri: uri.into(),
        secret: token.into(),
        qr_svg: qr_svg.as_str().into(),
        expires_at: expires_at.into(),
    })
}

/// The bot's name, or a refusal that says why there is none.
pub async fn username<'a>(app: &'a App, client: &Client) -> Result<&'a str> {
    if !client.app.policy.takes(FactorKind::Telegram) {
        let message = "This application takes no codes by Telegram.";
        return Err(identity::invalid("kind", "unsupported", message).into());
    }
    let bot: &Bot = app
        .telegram
        .as_ref()
        .ok_or_else(|| identity::invalid("kind", "unsupported", "Telegram is not set up here."))?;
    bot.username().await.map_err(|refusal| {
        if refusal == Refusal::UnknownBot {
            tracing::error!("TELEGRAM_TOKEN: {refusal}");
        } else {
            tracing::warn!("the bot's name is not known yet: {refusal}");
        }
        Problem::new(Code::Unavailable)
            .detail("Telegram does not answer at the moment. Try again in a minute.")
            .retry_after(60)
            .into()
    })
}

/// Binds the chat that brought a token and sends it a code; false when the token is unknown, over,
/// or brought by a second chat.
pub async fn bind(app: &App, token: &str, chat: i64) -> Result<bool> {
    let now = app.now()?;
    let token_hash = token_hash(app, token);
    let chat_hash = chat_hash(app, chat);
    let code = codes::six_digits(&mut rand::rng());
    let mut transaction = app.pool.begin().await?;
    let db = &mut *transaction;
    let link = links::Bind {
        token_hash: &token_hash,
        chat_hash: &chat_hash,
        code_hash: &code_hash(app, &token_hash, &code),
        code_expires_at: now + CODE_LIFE,
    };
    let Some(bound) = links::bind(&mut *db, &link, now).await? else {
        return Ok(false);
    };
    let Some(account) = accounts::by_id(&mut *db, bound.app_id, bound.account_id).await? else {
        return Ok(false);
    };
    let sealed = seal_chat(app, bound.app_id, account.id, bound.factor_id, chat);
    factors::set_secret(&mut *db, bound.factor_id, &sealed).await?;
    let message = Chat {
        chat,
        factor: Some((account.id, bound.factor_id)),
        language: account.language(),
        app: bound.app_name,
        notice: Notice::ConnectChat {
            code,
            minutes: CODE_LIFE.whole_minutes(),
        },
    };
    notify::queue(db, &app.vault, bound.app_id, &Parcel::Chat(&message), now).await?;
    transaction.commit().await?;
    app.wake.notify_one();
    Ok(true)
}

/// Whether a code is the one that the factor's chat got. Counts the try.
pub async fn matches_code(app: &App, factor: Uuid, typed: &str, now: OffsetDateTime) -> Result<()> {
    let Some(token_hash) = links::bound_token(&app.pool, factor).await? else {
        let problem = Problem::new(Code::InvalidCode)
            .detail("Open the link in Telegram first and press Start.")
            .with("reason", "not-started");
        return Err(problem.into());
    };
    let code = codes::parse_six_digits(typed).unwrap_or_default();
    let hash = code_hash(app, &token_hash, &code);
    match links::attempt_code(&app.pool, factor, &hash).await? {
        Some(attempt) if attempt.right && attempt.expires_at > now => Ok(()),
        Some(attempt) if attempt.right => Err(Code::ExpiredCode.into()),
        _ => Err(Code::InvalidCode.into()),
    }
}

/// The chat of a factor.
pub fn open_chat(app: &App, account: &Account, factor: &Factor) -> Result<i64> {
    let secret = enrolment::open_secret(app, account, factor)?;
    let bytes = secret
        .as_slice()
        .try_into()
        .map_err(|_| anyhow::anyhow!("a Telegram factor holds no chat"))?;
    Ok(i64::from_be_bytes(bytes))
}

/// A chat as lists know it.
pub fn chat_hash(app: &App, chat: i64) -> [u8; 32] {
    app.vault.mac("telegram chat", &[&chat.to_be_bytes()])
}

fn token_hash(app: &App, token: &str) -> [u8; 32] {
    app.vault.mac("telegram start", &[token.as_bytes()])
}

fn code_hash(app: &App, token_hash: &[u8], code: &str) -> [u8; 32] {
    app.vault
        .mac("telegram code", &[token_hash, code.as_bytes()])
}

fn seal_chat(app: &App, owner: Uuid, account: Uuid, factor: Uuid, chat: i64) -> Vec<u8> {
    let place = enrolment::secret_place(owner, account, factor);
    app.vault.seal(place, &chat.to_be_bytes(), &mut rand::rng())
}
