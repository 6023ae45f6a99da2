//! `sync`: pages of what this device has not seen yet; with the last page live delivery starts.

use std::sync::Arc;

use protocol::{
    limits,
    socket::{Base64Envelope, RoomCursors, SyncAck},
};
use sqlx::PgConnection;
use uuid::Uuid;

use super::sender;
use crate::{
    app::App,
    error::Result,
    hub::{Answer, Connection},
    log::{Page, sync_page},
    store::{
        members::{self, Membership},
        rooms,
    },
};

const LOST: i64 = limits::LOST_PLACES as i64;

/// Acknowledged with a page. Rooms are listened to before they are read, and events start behind
/// the acknowledgement, so that nothing is missed and nothing comes out of order.
pub(super) async fn sync(app: App, payload: RoomCursors, answer: Answer) {
    answer.connection.drained().await;
    let (page, rooms) = match read(&app, &payload, &answer).await {
        Ok(read) => read,
        Err(error) => return answer.refuse(error.into_problem()),
    };
    let connection = answer.connection.clone();
    let (next, more) = (page.next.clone(), page.more);
    connection.note(page.envelopes.iter().map(base64_length).sum());
    answer.send(Ok(SyncAck {
        envelopes: page.envelopes,
        next: page.next,
        more,
    }));
    if more {
        return;
    }
    for room in rooms.iter().filter(|room| room.left_seq.is_none()) {
        if let Some(local) = app.hub.room(room.room_id) {
            let sent = next.get(&room.room_id.into()).copied().unwrap_or_default();
            local.go_live(connection.id, sent, room.head.max(0) as u64);
        }
    }
    if let Some(device) = connection.device()
        && let Err(error) = ask_for_removals(&app, device).await
    {
        let _ = error.into_problem();
    }
}

/// Bytes of an envelope's message as text.
fn base64_length(envelope: &Base64Envelope) -> usize {
    envelope.message.0.len().div_ceil(3) * 4
}

async fn read(
    app: &App,
    payload: &RoomCursors,
    answer: &Answer,
) -> Result<(Page, Vec<Membership>)> {
    let (_, device) = sender(&answer.connection)?;
    let mut db = app.pool.acquire().await?;
    // First whom to listen to, then the heads and rows: what is stored in between is heard. Since
    // `device` it mostly listens to all of them already.
    let rooms = loop {
        let rooms = known(members::of_device(&mut *db, device).await?, payload);
        let news = listen(app, &rooms, &answer.connection);
        if !go_on_behind(&mut db, &rooms, payload, (device, answer)).await? && !news {
            break rooms;
        }
    };
    let page = sync_page(&mut *db, &rooms, &payload.cursors).await?;
    Ok((page, rooms))
}

/// A device may have seen places that are not there: somebody has put an older copy of the database
/// into its place. Were they given again, whoever has them would take what is new for old. Says
/// whether a room skips them.
async fn go_on_behind(
    db: &mut PgConnection,
    rooms: &[Membership],
    payload: &RoomCursors,
    (device, answer): (Uuid, &Answer),
) -> Result<bool> {
    let mut skipped = false;
    for room in rooms.iter().filter(|room| room.left_seq.is_none()) {
        let seen = payload.cursors.get(&room.room_id.into()).copied();
        let seen = i64::try_from(seen.unwrap_or(0)).unwrap_or(i64::MAX);
        if seen <= room.head || !rooms::skip(&mut *db, room.room_id, seen, LOST).await? {
            continue;
        }
        skipped = true;
        let caller = &answer.connection.caller;
        metrics::counter!("chat_rooms_set_back_total").increment(1);
        tracing::warn!(security = "set-back", room = %room.room_id, %device, head = room.head, seen, request_id = %caller.request_id, address = %caller.address, "a device has seen more of a room than there is, as after an older backup was restored; the room goes on behind it");
    }
    Ok(skipped)
}

/// Lets a socket listen to rooms; tells whether it did not listen to one of them before.
fn listen(app: &App, rooms: &[Membership], connection: &Arc<Connection>) -> bool {
    let present = rooms.iter().filter(|room| room.left_seq.is_none());
    let mut new = false;
    for room in present {
        let local = app.hub.room(room.room_id);
        if !local.is_some_and(|local| local.has(connection.id)) {
            app.hub.join(room.room_id, room.kind.into(), connection);
            new = true;
        }
    }
    new
}

/// A room whose welcome is still open is left out, unless the device names it: it cannot read it
/// yet, and hears it from `welcome_done` on.
fn known(rooms: Vec<Membership>, payload: &RoomCursors) -> Vec<Membership> {
    let named = |room: Uuid| payload.cursors.contains_key(&room.into());
    rooms
        .into_iter()
        .filter(|room| !room.welcome || named(room.room_id))
        .collect()
}

async fn ask_for_removals(app: &App, device: Uuid) -> Result<()> {
    for room in members::rooms_with_removals(&app.pool, device).await? {
        app.log.ask_here(room);
    }
    Ok(())
}
