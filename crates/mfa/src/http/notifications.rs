//! `POST /v1/notifications` and `GET /v1/notifications/{id}`: an application's own words.

use axum::extract::State;
use http::StatusCode;
use protocol::{
    Code,
    limits::{NOTIFICATION_SUBJECT_MAX, NOTIFICATION_TEXT_MAX},
    mfa::{Notification, NotificationState, NotificationStatus, QueuedNotification, SendChannel},
};
use service::{Json, Path};
use uuid::Uuid;

use super::{accounts::find, send::reachable_chat};
use crate::{
    app::App,
    client::{Attempt, Client, Scope},
    error::{Error, Result},
    identity::{Email, invalid, text},
    limits,
    notify::{self, Channel, Chat, Mail, Notice, Parcel},
    store::outbox,
};

/// Where a message goes.
enum Recipient {
    Email(Email),
    Chat {
        chat: i64,
        factor: Option<(Uuid, Uuid)>,
    },
}

/// Queues one message.
#[utoipa::path(
    post,
    path = "/v1/notifications",
    operation_id = "create_notification",
    tag = "notifications",
    responses((status = 202, body = QueuedNotification, description = "It is queued.")),
    security(("token" = ["notify"])),
    extensions(("x-problems" = json!([Code::NotFound]))),
)]
pub async fn create(
    State(app): State<App>,
    client: Client,
    Json(body): Json<Notification>,
) -> Result<(StatusCode, Json<QueuedNotification>)> {
    let queued = queue(&app, &client, &body).await?;
    Ok((StatusCode::ACCEPTED, Json(queued)))
}

/// A message, for `/v1` and the alias.
pub async fn queue(app: &App, client: &Client, body: &Notification) -> Result<QueuedNotification> {
    client.needs(Scope::Notify)?;
    let words = parse_message(&body.message)?;
    let subject = match &body.subject {
        Some(subject) => text("subject", subject, NOTIFICATION_SUBJECT_MAX)?,
        None => client.app.name.clone(),
    };
    let recipient = recipient(app, client, body).await?;
    let key = match &recipient {
        Recipient::Email(email) => email.key.clone(),
        Recipient::Chat { chat, .. } => format!("telegram {chat}"),
    };
    limits::notifications(app, client, key.as_bytes()).await?;
    let now = app.now()?;
    let language = body.language.unwrap_or_default();
    let name = client.app.name.clone();
    let notice = Notice::Message {
        subject,
        text: words,
    };
    let mut transaction = app.pool.begin().await?;
    let db = &mut *transaction;
    let put = async |db, parcel| notify::queue(db, &app.vault, client.app.id, parcel, now).await;
    let id = match recipient {
        Recipient::Email(email) => {
            let mail = Mail {
                to: email.address,
                name: None,
                language,
                app: name,
                notice,
            };
            put(&mut *db, &Parcel::Mail(&mail)).await?
        }
        Recipient::Chat { chat, factor } => {
            let message = Chat {
                chat,
                factor,
                language,
                app: name,
                notice,
            };
            put(&mut *db, &Parcel::Chat(&message)).await?
        }
    };
    let what = Attempt {
        action: "notify",
        factor: Some(channel(body.channel).as_str()),
        account: None,
    };
    client.audit(db, what, "ok", now).await?;
    transaction.commit().await?;
    app.wake.notify_one();
    Ok(QueuedNotification { id })
}

/// How far a message is. Messages that are done are remembered for a week.
#[utoipa::path(
    get,
    path = "/v1/notifications/{id}",
    operation_id = "show_notification",
    tag = "notifications",
    responses((status = 200, body = NotificationStatus, description = "Its status.")),
    security(("token" = ["notify"])),
)]
pub async fn show(
    State(app): State<App>,
    client: Client,
    Path(id): Path<Uuid>,
) -> Result<Json<NotificationStatus>> {
    client.needs(Scope::Notify)?;
    let found = outbox::status(&app.pool, client.app.id, id)
        .await?
        .ok_or_else(|| Error::from(Code::NotFound))?;
    let state = match &*found.state {
        "sending" => NotificationState::Sending,
        "sent" => NotificationState::Sent,
        "dead" => NotificationState::Dead,
        _ => NotificationState::Queued,
    };
    Ok(Json(NotificationStatus {
        id,
        channel: match Channel::parse(&found.channel) {
            Some(Channel::Telegram) => SendChannel::Telegram,
            _ => SendChannel::Email,
        },
        state,
        attempts: u32::from(found.attempts.unsigned_abs()),
        reason: found.reason,
        created_at: found.created_at.into(),
        finished_at: found.finished_at.map(Into::into),
    }))
}

async fn recipient(app: &App, client: &Client, body: &Notification) -> Result<Recipient> {
    let typed = body.recipient.trim();
    if body.channel == SendChannel::Email {
        let email = Email::parse(typed)
            .map_err(|_| invalid("recipient", "format", "This is no e-mail address."))?;
        return Ok(Recipient::Email(email));
    }
    if app.telegram.is_none() {
        let message = "Telegram is not set up here.";
        return Err(invalid("channel", "unsupported", message).into());
    }
    if let Ok(chat) = typed.parse() {
        let factor = None;
        return Ok(Recipient::Chat { chat, factor });
    }
    let Ok(account) = typed.parse() else {
        let message = "Give the number of a chat, or the id of an account.";
        return Err(invalid("recipient", "format", message).into());
    };
    let account = find(app, client, account).await?;
    let chat = reachable_chat(app, &account, app.now()?).await?;
    Ok(Recipient::Chat {
        chat: chat.id,
        factor: Some((account.id, chat.factor)),
    })
}

const fn channel(asked: SendChannel) -> Channel {
    match asked {
        SendChannel::Email => Channel::Email,
        SendChannel::Telegram => Channel::Telegram,
    }
}

/// Plain text of one or more lines.
fn parse_message(typed: &str) -> Result<String> {
    let words = typed.replace("\r\n", "\n");
    let words = words.trim();
    if words.is_empty() {
        return Err(invalid("message", "required", "Write something.").into());
    }
    // Telegram counts like this.
    if words.encode_utf16().count() > NOTIFICATION_TEXT_MAX {
        let message = format!("Use at most {NOTIFICATION_TEXT_MAX} characters.");
        return Err(invalid("message", "too-long", &message).into());
    }
    if words
        .chars()
        .any(|c| c.is_control() && c != '\n' && c != '\t')
    {
        return Err(invalid("message", "format", "Leave out control characters.").into());
    }
    Ok(words.to_owned())
}
