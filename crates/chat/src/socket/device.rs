//! `device`: the device key signs the socket's nonce, so that a device id is proved, not claimed.

use std::sync::Arc;

use e2ee::{Credential, Suite};
use protocol::{
    Code, Problem,
    socket::{Cursors, DeviceAck, DeviceProof, Done, KeyPackagesLow, WelcomeEvent, server},
};

use crate::{
    app::App,
    cluster::Notice,
    error::Result,
    hub::Connection,
    store::{devices, members, nodes, sessions, welcomes},
};

/// Acknowledged with the cursors of the device; its open welcomes follow. An older socket of the
/// device is displaced.
pub(super) async fn device(
    app: App,
    connection: Arc<Connection>,
    payload: DeviceProof,
) -> Result<DeviceAck> {
    let signed = connection.signed().ok_or(Code::Unauthenticated)?;
    let id = payload.device_id.0;
    if connection.device().is_some_and(|proved| proved != id) {
        return Err(Problem::new(Code::Forbidden)
            .detail("This socket has a device.")
            .into());
    }
    // One connection for all of it: when a network comes back, everybody does this at once.
    let mut db = app.pool.acquire().await?;
    let stored = devices::greet(&mut *db, id).await?;
    let stored = stored.filter(|device| device.user_id == signed.user);
    let key_packages_left = stored.as_ref().map_or(0, |device| device.key_packages);
    let key_packages_left = u32::try_from(key_packages_left).unwrap_or(u32::MAX);
    let vault_version = stored
        .as_ref()
        .map_or(0, |device| device.vault.max(0) as u64);
    let proved = stored
        .and_then(|device| Credential::open(&device.credential).ok())
        .is_some_and(|credential| {
            e2ee::verify_proof(&credential, &connection.nonce, payload.signature.as_ref())
        });
    if !proved {
        let caller = &connection.caller;
        tracing::warn!(security = "device-proof", user = %signed.user, device = %id, request_id = %caller.request_id, address = %caller.address, "a device could not prove itself");
        return Err(Code::DeviceProofInvalid.into());
    }
    connection.set_device(id);
    if let Some(older) = app.hub.set_device(&connection, id) {
        older.close_with(server::DISPLACED, &Done {});
    }
    if !app.cluster.is_alone() {
        let socket = nodes::claim(&mut *db, id).await?;
        if !connection.claims(socket) {
            connection.close_with(server::DISPLACED, &Done {});
        }
        app.cluster.relay(Notice::Claim { device: id, socket });
    }
    if signed.device != Some(id) {
        sessions::bind(&mut *db, signed.session, id).await?;
    }
    let rooms = members::of_device(&mut *db, id).await?;
    drop(db);
    // It will want to listen to these; `sync` finds out whether there are more.
    for room in rooms
        .iter()
        .filter(|room| room.left_seq.is_none() && !room.welcome)
    {
        app.hub.join(room.room_id, room.kind.into(), &connection);
    }
    let cursors: Cursors = rooms
        .iter()
        .map(|room| (room.room_id.into(), room.acked_seq.max(0) as u64))
        .collect();
    // Behind the acknowledgement: what it needs to know comes first.
    let following = connection.clone();
    let welcomed = rooms.iter().any(|room| room.welcome);
    connection.enqueue(async move {
        if welcomed {
            welcome(&app, &following, id).await;
        }
        if (key_packages_left as usize) < protocol::limits::KEY_PACKAGES_LOW {
            let low = KeyPackagesLow {
                left: key_packages_left,
                suite: Suite::Classic.number(),
            };
            following.emit(server::KEY_PACKAGES_LOW, &low);
        }
    });
    Ok(DeviceAck {
        cursors,
        key_packages_left,
        vault_version,
    })
}

async fn welcome(app: &App, connection: &Connection, device: uuid::Uuid) {
    match welcomes::of_device(&app.pool, device).await {
        Ok(open) => {
            for welcome in open {
                connection.emit(server::WELCOME, &WelcomeEvent::from(welcome));
            }
        }
        Err(error) => {
            tracing::warn!(error = %crate::error::Masked(&error), "cannot read welcomes; the socket starts again");
            connection.close();
        }
    }
}
