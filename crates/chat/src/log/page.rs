//! Pages of the log: what a device has not seen yet, and the past of a conversation.

use std::collections::BTreeMap;

use protocol::{
    Base64, RoomId, limits,
    socket::{ArchiveEntry, Base64Envelope, Cursors},
};
use sqlx::PgExecutor;
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
pub async fn sync_page(
    db: impl PgExecutor<'_>,
    rooms: &[Membership],
    cursors: &Cursors,
) -> Result<Page> {
    let start = |room: &Membership| {
        let asked = cursors.get(&RoomId(room.room_id)).copied();
        let asked = asked.map(|seq| i64::try_from(seq).unwrap_or(i64::MAX));
        let asked = asked.unwrap_or(room.acked_seq);
        asked.max(room.joined_seq).max(room.kept)
    };
    // The heads were read before: whatever comes later is found by the next page or sent live.
    let end = |room: &Membership| room.left_seq.unwrap_or(room.head).min(room.head);
    let ids: Vec<Uuid> = rooms.iter().map(|room| room.room_id).collect();
    let after: Vec<i64> = rooms.iter().map(start).collect();
    let until: Vec<i64> = rooms.iter().map(end).collect();
    let limit = limits::PAGE_ENVELOPES as i64 + 1;
    let rows = messages::page(db, &ids, &after, &until, limit).await?;
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

/// A page that is read backwards from the log and from an archive, both in rising order: the
/// newest `limit` places stay, or 512 KiB, at least one place.
pub fn budget_from_end(
    mut envelopes: Vec<Base64Envelope>,
    mut archive: Vec<ArchiveEntry>,
    limit: usize,
) -> (Vec<Base64Envelope>, Vec<ArchiveEntry>, bool) {
    let mut places: BTreeMap<u64, usize> = BTreeMap::new();
    for envelope in &envelopes {
        *places.entry(envelope.seq).or_default() += envelope.message.0.len();
    }
    for entry in &archive {
        *places.entry(entry.seq).or_default() += entry.blob.0.len();
    }
    let mut bytes = 0;
    let fits = |(_, size): &(&u64, &usize)| {
        bytes += **size;
        bytes <= limits::PAGE_BYTES
    };
    let newest = places.iter().rev().take(limit.min(limits::PAGE_ENVELOPES));
    let count = newest.take_while(fits).count().max(1);
    let first = places.keys().rev().nth(count - 1).copied().unwrap_or(0);
    envelopes.retain(|envelope| envelope.seq >= first);
    archive.retain(|entry| entry.seq >= first);
    (envelopes, archive, places.len() > count)
}

#[cfg(test)]
mod tests {
    use protocol::rest::rooms::{Envelope, EnvelopeKind};

    use super::*;

    fn envelope(seq: u64, size: usize) -> Base64Envelope {
        let id = Uuid::nil();
        Envelope {
            room_id: id.into(),
            seq,
            epoch: 1,
            kind: EnvelopeKind::Application,
            sender_user: id.into(),
            sender_device: id.into(),
            client_id: id.into(),
            sent_at: time::OffsetDateTime::UNIX_EPOCH.into(),
            message: vec![0; size].into(),
            href: None,
        }
    }

    fn entry(seq: u64, size: usize) -> ArchiveEntry {
        let blob = vec![0; size].into();
        ArchiveEntry { seq, blob }
    }

    fn places(page: &(Vec<Base64Envelope>, Vec<ArchiveEntry>, bool)) -> (Vec<u64>, Vec<u64>, bool) {
        let log = page.0.iter().map(|envelope| envelope.seq).collect();
        (log, page.1.iter().map(|entry| entry.seq).collect(), page.2)
    }

    #[test]
    fn log_and_archive_fill_a_page_together() {
        let log = || vec![envelope(4, 1), envelope(5, 1), envelope(6, 1)];
        let archive = || vec![entry(1, 1), entry(2, 1), entry(5, 1)];
        let page = budget_from_end(log(), archive(), 4);
        assert_eq!(places(&page), (vec![4, 5, 6], vec![2, 5], true));
        let page = budget_from_end(log(), archive(), 5);
        assert_eq!(places(&page), (vec![4, 5, 6], vec![1, 2, 5], false));
        let page = budget_from_end(Vec::new(), Vec::new(), 5);
        assert_eq!(places(&page), (vec![], vec![], false));
    }

    #[test]
    fn a_page_ends_at_its_bytes_but_never_below_one_place() {
        let half = limits::PAGE_BYTES / 2;
        let log = vec![envelope(1, half), envelope(2, half), envelope(3, 1)];
        let page = budget_from_end(log.clone(), Vec::new(), 50);
        assert_eq!(places(&page), (vec![2, 3], vec![], true));
        let page = budget_from_end(log[..2].to_vec(), Vec::new(), 50);
        assert_eq!(places(&page), (vec![1, 2], vec![], false));
        let page = budget_from_end(Vec::new(), vec![entry(1, 1), entry(2, 3 * half)], 50);
        assert_eq!(places(&page), (vec![], vec![2], true));
    }
}
