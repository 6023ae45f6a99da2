//! `typing`: somebody writes, or stopped. Never stored.

use std::sync::Arc;

use protocol::{
    Code,
    socket::{Done, SetTyping, TypingEvent, server},
};

use super::sender;
use crate::{app::App, error::Result, hub::Connection};

/// Acknowledged; told to the others who listen. Who listens to a room is in it.
pub(super) async fn typing(
    app: App,
    connection: Arc<Connection>,
    payload: SetTyping,
) -> Result<Done> {
    let (user, _) = sender(&connection)?;
    let room = payload.room_id;
    let local = app
        .hub
        .room(room.0)
        .filter(|local| local.is_live(connection.id));
    let local = local.ok_or(Code::NotAMember)?;
    let event = TypingEvent {
        room_id: room,
        user_id: user.into(),
        active: payload.active,
    };
    local.emit_except(user, server::TYPING, &event);
    Ok(Done {})
}
