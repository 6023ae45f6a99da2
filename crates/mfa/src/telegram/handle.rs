//! What is done about what people do in the chat with the bot: start it with a token, block it, come
//! back.

use super::{
    start,
    update::{Membership, Update},
};
use crate::{
    app::App,
    error::Result,
    limits,
    store::{audit, telegram_links as links},
};

/// What the bot says at once, without the outbox: it holds no code.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    /// Where.
    pub chat: i64,
    /// What.
    pub text: String,
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
