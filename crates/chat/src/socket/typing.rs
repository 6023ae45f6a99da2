//! `typing`: somebody writes, or stopped. Never stored.

use std::sync::Arc;

use protocol::{
    Code,
    socket::{Done, SetTyping, TypingEvent, server},
};

use super::sender;
use crate::{app::App, cluster::Audience, error::Result, hub::Connection};

/// Acknowledged; told to the others who listen. Who listens to a room is in it.
pub(super) async fn typing(
    app: App,
    connection: Arc<Connection>,
    payload: SetTyping,
) -> Result<Done> {
    let (user, _) = sender(&connection)?;
    let room = payload.room_id;
    let local = app.hub.room(room.0);
    if !local.is_some_and(|local| local.is_live(connection.id)) {
        return Err(Code::NotAMember.into());
    }
    let event = TypingEvent {
        room_id: room,
        user_id: user.into(),
        active: payload.active,
    };
    app.cluster
        .tell_room(room.0, Audience::Except(user), server::TYPING, &event);
    Ok(Done {})
}
