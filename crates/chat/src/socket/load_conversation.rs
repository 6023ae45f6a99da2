//! `load_conversation`: pages back through what the log and one's own archive hold of a
//! conversation.

use std::sync::Arc;

use protocol::{
    Base64, Code, Problem,
    socket::{ConversationLoaded, LoadConversation, server},
};

use super::sender;
use crate::{
    app::App,
    error::Result,
    http::queries::page_limit,
    hub::Connection,
    log::{budget_from_end, by_reference},
    store::{archive, contacts, members, messages, rooms},
};

/// Acknowledged, and sent as `conversation_loaded` as well.
pub(super) async fn load_conversation(
    app: App,
    connection: Arc<Connection>,
    payload: LoadConversation,
) -> Result<ConversationLoaded> {
    connection.drained().await;
    let loaded = load(&app, &connection, payload).await?;
    let log = loaded.messages.iter().map(|one| one.message.0.len());
    let archive = loaded.archive.iter().map(|one| one.blob.0.len());
    // As text, and twice: acknowledged and sent.
    connection.note(log.chain(archive).sum::<usize>() / 3 * 8);
    connection.emit(server::CONVERSATION_LOADED, &loaded);
    Ok(loaded)
}

async fn load(
    app: &App,
    connection: &Connection,
    payload: LoadConversation,
) -> Result<ConversationLoaded> {
    let (user, device) = sender(connection)?;
    let room = match (payload.contact_id, payload.room_id) {
        (None, Some(room)) => Some(room.0),
        (Some(contact), None) => {
            let room = rooms::latest_direct(&app.pool, user, contact.0).await?;
            if room.is_none() && !contacts::are(&app.pool, user, contact.0).await? {
                return Err(Code::NotAContact.into());
            }
            room
        }
        _ => {
            return Err(Problem::new(Code::InvalidPayload)
                .field("room_id", "required", "Give one of contact_id and room_id.")
                .into());
        }
    };
    let limit = page_limit(payload.limit)?;
    let empty = ConversationLoaded {
        room_id: None,
        messages: Vec::new(),
        archive: Vec::new(),
        has_more: false,
    };
    let Some(room) = room else { return Ok(empty) };
    let before = payload
        .before_seq
        .map_or(i64::MAX, |seq| i64::try_from(seq).unwrap_or(i64::MAX));
    let archive = archive::before(&app.pool, user, room, before, limit.saturating_add(1)).await?;
    let rows = match members::find(&app.pool, room, device).await? {
        Some(member) => {
            let end = member.left_seq.unwrap_or(member.head).saturating_add(1);
            let from = member.joined_seq.max(member.kept).saturating_add(1);
            let limit = limit.saturating_add(1);
            messages::before(&app.pool, room, from, before.min(end), limit).await?
        }
        // A device that is not in the room (yet) reads what its person kept of it.
        None if archive.is_empty() => return Err(Code::NotAMember.into()),
        None => Vec::new(),
    };
    let messages: Vec<_> = rows
        .into_iter()
        .map(|row| by_reference(row.into_envelope::<Base64>()))
        .collect();
    let (messages, archive, has_more) = budget_from_end(messages, archive, limit as usize);
    Ok(ConversationLoaded {
        room_id: Some(room.into()),
        messages,
        archive,
        has_more,
    })
}
