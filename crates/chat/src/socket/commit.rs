//! `commit`: from the current epoch of a room to the next.

use std::sync::Arc;

use protocol::socket::{CommitAck, SendCommit};

use super::{create_room::check_size, sender};
use crate::{app::App, error::Result, hub::Connection, log::CommitRequest};

/// Acknowledged after the commit to disk; 409 `stale-epoch`, `removal-required`; 413 `use-rest`;
/// 422 `policy`.
pub(super) async fn commit(
    app: App,
    connection: Arc<Connection>,
    payload: SendCommit,
) -> Result<CommitAck> {
    let (user, device) = sender(&connection)?;
    let welcome = payload.welcome.map(|welcome| welcome.0);
    check_size(&[
        payload.commit.0.len(),
        welcome.as_ref().map_or(0, |welcome| welcome.len()),
        payload.group_info.0.len(),
    ])?;
    let request = CommitRequest {
        user,
        device,
        room: payload.room_id.0,
        client: payload.client_id.0,
        commit: payload.commit.0,
        welcome,
        devices: payload.devices,
        group_info: payload.group_info.0,
    };
    app.log.commit(request).await
}
