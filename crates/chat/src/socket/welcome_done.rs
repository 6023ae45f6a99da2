//! `welcome_done`: this device has joined; live delivery starts behind its welcome.

use std::sync::Arc;

use protocol::{
    Code,
    socket::{Done, WelcomeDone},
};

use super::sender;
use crate::{
    app::App,
    error::Result,
    hub::Connection,
    store::{members, rooms, welcomes},
};

/// Acknowledged; what came since the welcome follows as live events.
pub(super) async fn welcome_done(
    app: App,
    connection: Arc<Connection>,
    payload: WelcomeDone,
) -> Result<Done> {
    let (_, device) = sender(&connection)?;
    let room = payload.room_id.0;
    let member = members::find(&app.pool, room, device)
        .await?
        .ok_or(Code::NotAMember)?;
    if welcomes::remove(&app.pool, room, device).await? {
        rooms::drop_old_epochs(&app.pool, room).await?;
    }
    if member.left_seq.is_none() {
        let following = connection.clone();
        // Behind the acknowledgement.
        connection.enqueue(async move {
            let local = app.hub.join(room, member.kind.into(), &following);
            let sent = member.acked_seq.max(member.joined_seq).max(0) as u64;
            local.go_live(following.id, sent, member.head.max(0) as u64);
            // What was stored between the look and the joining.
            if let Ok(Some(now)) = members::find(&app.pool, room, device).await {
                local.go_live(following.id, sent, now.head.max(0) as u64);
            }
        });
    }
    Ok(Done {})
}
