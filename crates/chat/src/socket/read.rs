//! `read`: what the person has read, told to those who wrote it if the person lets them know.

use std::sync::Arc;

use protocol::{
    Code,
    socket::{Done, MarkRead, server},
};

use super::sender;
use crate::{
    app::App,
    error::Result,
    hub::Connection,
    log::receipts::{self, Progress},
    store::{marks, members},
};

/// Acknowledged when it is stored; 422 `cursor-ahead`.
pub(super) async fn read(app: App, connection: Arc<Connection>, payload: MarkRead) -> Result<Done> {
    let (user, device) = sender(&connection)?;
    let room = payload.room_id.0;
    let member = members::find(&app.pool, room, device).await?;
    let member = member
        .filter(|member| member.left_seq.is_none())
        .ok_or(Code::NotAMember)?;
    let seq = i64::try_from(payload.seq)
        .ok()
        .filter(|seq| *seq <= member.head);
    let seq = seq.ok_or(Code::CursorAhead)?;
    let low = marks::mark_read(&app.pool, room, user, member.joined_seq, seq).await?;
    if let Some(low) = low
        && marks::shows_read(&app.pool, user).await?
    {
        let high = seq;
        let progress = Progress {
            room,
            user,
            low,
            high,
        };
        receipts::tell(&app.pool, &app.cluster, server::READ, &[progress]).await;
    }
    Ok(Done {})
}
