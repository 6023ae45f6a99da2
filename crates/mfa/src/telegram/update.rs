//! What people do in the chat with the bot: start it with a token, block it, come back.

use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::start;
use crate::{
    app::App,
    error::Result,
    limits,
    store::{audit, telegram_links as links},
};

/// The kinds of updates that are asked for.
pub const KINDS: [&str; 2] = ["message", "my_chat_member"];

/// One update, as far as it matters here.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"update_id": 1, "message": {
    "chat": {"id": 4242, "type": "private"}, "text": "/start"}}))]
pub struct Update {
    message: Option<Message>,
    my_chat_member: Option<Membership>,
}

#[derive(Debug, Deserialize, ToSchema)]
struct Message {
    chat: Chat,
    from: Option<User>,
    text: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
struct Membership {
    chat: Chat,
    new_chat_member: Member,
}

#[derive(Debug, Deserialize, ToSchema)]
struct Member {
    status: String,
}

#[derive(Debug, Deserialize, ToSchema)]
struct Chat {
    id: i64,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Debug, Deserialize, ToSchema)]
struct User {
    language_code: Option<String>,
}

/// What the bot says at once, without the outbox: it holds no code.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    /// Where.
    pub chat: i64,
    /// What.
    pub text: String,
}

impl Update {
    /// The update in a value of the Bot API, and its number; `None` for one of a shape that is not
    /// understood.
    pub fn parse(value: Value) -> (Option<i64>, Option<Self>) {
        let id = value.get("update_id").and_then(Value::as_i64);
        (id, serde_json::from_value(value).ok())
    }
}

/// Does what an update asks for. Doing it twice does no harm.
pub async fn handle(app: &App, update: &Update) -> Result<Option<Answer>> {
    if let Some(Membership {
        chat,
        new_chat_member: member,
    }) = &update.my_chat_member
    {
        let hash = start::chat_hash(app, chat.id);
        match &*member.status {
            "kicked" => unreachable(app, &hash).await?,
            "member" => links::reach(&app.pool, &hash).await?,
            _ => {}
        }
        return Ok(None);
    }
    let Some(message) = update.message.as_ref().filter(|m| m.chat.kind == "private") else {
        return Ok(None);
    };
    let chat = message.chat.id;
    let hash = start::chat_hash(app, chat);
    if !limits::telegram_chat(app, &hash).await? {
        return Ok(None);
    }
    links::reach(&app.pool, &hash).await?;
    let text = message.text.as_deref().unwrap_or_default().trim();
    let Some(token) = text.strip_prefix("/start") else {
        return Ok(None);
    };
    if start::bind(app, token.trim(), chat).await? {
        return Ok(None);
    }
    let french = message
        .from
        .as_ref()
        .and_then(|user| user.language_code.as_deref())
        .is_some_and(|language| language.starts_with("fr"));
    let text = if french {
        "Ce lien n’est plus valable. Ouvrez-en un nouveau depuis l’application."
    } else {
        "This link is no longer good. Get a new one from the application."
    };
    let text = text.to_owned();
    Ok(Some(Answer { chat, text }))
}

/// Marks the factors of a chat that takes no messages.
async fn unreachable(app: &App, hash: &[u8]) -> Result<()> {
    let now = app.now()?;
    for factor in links::lose(&app.pool, hash, now).await? {
        let entry = audit::Entry {
            app: factor.app_id,
            account: Some(factor.account_id),
            action: "factor_unreachable",
            factor: Some("telegram"),
            result: "ok",
            address: None,
            request_id: None,
        };
        audit::append(&app.pool, &entry, now).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rule_11_updates_of_other_shapes_are_passed_over() {
        let (id, update) = Update::parse(json!({"update_id": 7, "message": {"chat": "?"}}));
        assert_eq!((id, update.is_none()), (Some(7), true));
        let (id, update) = Update::parse(json!({"update_id": 8, "poll": {}}));
        assert!(id == Some(8) && update.is_some_and(|update| update.message.is_none()));
        assert_eq!(Update::parse(json!("no")).0, None);
    }
}
