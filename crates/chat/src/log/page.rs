//! Pages of the log: what a device has not seen yet, and the past of a conversation.

use std::collections::BTreeMap;

use protocol::{
    Base64, RoomId, limits,
    socket::{Base64Envelope, Cursors},
};
use sqlx::PgPool;
use uuid::Uuid;

use super::by_reference;
use crate::{
    error::Result,
    store::{members::Membership, messages},
};

/// A page for a device that catches up.
#[derive(Debug)]
pub struct Page {
    /// In order within each room.
    pub envelopes: Vec<Base64Envelope>,
    /// The cursors to go on with.
    pub next: Cursors,
    /// There is more.
    pub more: bool,
}

/// Reads what a device has not seen yet in `rooms`, from `cursors` on or else from what it
/// acknowledged last.
///
/// # Errors
/// When the database fails.
pub async fn sync_page(pool: &PgPool, rooms: &[Membership], cursors: &Cursors) -> Result<Page> {
    let start = |room: &Membership| {
        let asked = cursors.get(&RoomId(room.room_id)).copied();
        let asked = asked.map(|seq| i64::try_from(seq).unwrap_or(i64::MAX));
        asked.unwrap_or(room.acked_seq).max(room.joined_seq)
    };
    // The heads were read before: whatever comes later is found by the next page or sent live.
    let end = |room: &Membership| room.left_seq.unwrap_or(room.head).min(room.head);
    let ids: Vec<Uuid> = rooms.iter().map(|room| room.room_id).collect();
    let after: Vec<i64> = rooms.iter().map(start).collect();
    let until: Vec<i64> = rooms.iter().map(end).collect();
    let limit = limits::PAGE_ENVELOPES as i64 + 1;
    let rows = messages::page(pool, &ids, &after, &until, limit).await?;
    let envelopes: Vec<Base64Envelope> = rows
        .into_iter()
        .map(|row| by_reference(row.into_envelope::<Base64>()))
        .collect();
    let (envelopes, more) = budget(envelopes);

    let mut next: BTreeMap<RoomId, u64> = BTreeMap::new();
    // When the page was cut, the room of its last envelope and those behind it are not finished.
    let cut = more
        .then(|| envelopes.last().map(|last| last.room_id))
        .flatten();
    let mut finished = true;
    for ((room, after), until) in rooms.iter().zip(after).zip(until) {
        let room = RoomId(room.room_id);
        if cut == Some(room) {
            finished = false;
            let last = envelopes.last().map_or(0, |last| last.seq);
            next.insert(room, last);
        } else {
            let reached = if finished { until.max(after) } else { after };
            next.insert(room, reached.max(0) as u64);
        }
    }
    Ok(Page {
        envelopes,
        next,
        more,
    })
}

/// Cuts a page at 50 envelopes or 512 KiB, whichever comes first, but not below one envelope.
pub fn budget(mut envelopes: Vec<Base64Envelope>) -> (Vec<Base64Envelope>, bool) {
    let mut bytes = 0;
    let fits = envelopes
        .iter()
        .take(limits::PAGE_ENVELOPES)
        .take_while(|envelope| {
            bytes += envelope.message.0.len();
            bytes <= limits::PAGE_BYTES
        })
        .count()
        .max(1);
    let more = envelopes.len() > fits;
    envelopes.truncate(fits);
    (envelopes, more)
}

/// As [`budget`] with a limit, for a page that is read backwards: the newest stay.
pub fn budget_from_end(
    mut envelopes: Vec<Base64Envelope>,
    limit: usize,
) -> (Vec<Base64Envelope>, bool) {
    let mut bytes = 0;
    let fits = envelopes
        .iter()
        .rev()
        .take(limit.min(limits::PAGE_ENVELOPES))
        .take_while(|envelope| {
            bytes += envelope.message.0.len();
            bytes <= limits::PAGE_BYTES
        })
        .count()
        .max(1)
        .min(envelopes.len());
    let cut = envelopes.len() - fits;
    envelopes.drain(..cut);
    (envelopes, cut > 0)
}
