//! `create_room`: the group at epoch 1.

use std::sync::Arc;

use protocol::{
    Code, Problem, limits,
    socket::{CommitAck, CreateRoom},
};

use super::sender;
use crate::{app::App, error::Result, hub::Connection, log::CreateRequest};

/// Acknowledged after the commit to disk; 409 `room-exists`, 413 `use-rest`, 422 `policy`.
pub(super) async fn create_room(
    app: App,
    connection: Arc<Connection>,
    payload: CreateRoom,
) -> Result<CommitAck> {
    let (user, device) = sender(&connection)?;
    let welcome = payload.welcome.map(|welcome| welcome.0);
    check_size(&[
        payload.commit.0.len(),
        welcome.as_ref().map_or(0, |welcome| welcome.len()),
        payload.group_info.0.len(),
        payload.tree.0.len(),
    ])?;
    let request = CreateRequest {
        user,
        device,
        room: payload.room_id.0,
        kind: payload.kind,
        commit: payload.commit.0,
        welcome,
        devices: payload.devices,
        group_info: payload.group_info.0,
        tree: payload.tree.0,
    };
    app.log.create_room(request).await
}

/// Events take 96 KiB in all.
///
/// # Errors
/// 413 `use-rest`.
pub(super) fn check_size(parts: &[usize]) -> Result<()> {
    if parts.iter().sum::<usize>() <= limits::COMMIT_EVENT {
        return Ok(());
    }
    Err(Problem::new(Code::UseRest)
        .detail("Send it as multipart/form-data to /api/rooms or /api/rooms/{id}/commits.")
        .into())
}
