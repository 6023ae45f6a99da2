//! What does not open is fetched again before a word is said of it: bytes are spoilt on their way
//! more often than by a lie.
//!
//! What comes after it in its room waits meanwhile. What does not open the second time either gets
//! its line; when nothing at all opens any more, the fault is with this device's own state, and it
//! joins the room anew.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{RoomId, UserId, socket::BinaryEnvelope};

use crate::engine::Step;

/// After so many messages in a row that stay closed a room is joined anew, once in a connection.
const TOO_MANY: u32 = 3;

/// What does not open on the present connection.
#[derive(Default)]
pub(crate) struct Doubts {
    /// Places whose envelopes are fetched again; with whether that is under way.
    places: BTreeMap<RoomId, (u64, bool)>,
    /// How many stayed closed since the last one that opened, and from whom.
    closed: BTreeMap<RoomId, (u32, BTreeSet<UserId>)>,
    /// Rooms that were joined anew because of it.
    rejoined: BTreeSet<RoomId>,
}

impl Doubts {
    /// Everything is asked for from where it stands here.
    pub(crate) fn asked(&mut self) {
        for (_, asked) in self.places.values_mut() {
            *asked = true;
        }
    }

    /// Whether something has to be asked for again.
    pub(crate) fn are_open(&self) -> bool {
        self.places.values().any(|(_, asked)| !asked)
    }

    /// A message opened.
    pub(crate) fn opened(&mut self, room: RoomId) {
        self.closed.remove(&room);
    }
}

impl Step<'_> {
    /// Whether an envelope has to wait: one before it is to be fetched again.
    pub(crate) fn waits_for_doubt(&mut self, room_id: RoomId) -> bool {
        let cursor = self.state.rooms.get(room_id).map_or(0, |room| room.cursor);
        match self.session.doubts.places.get(&room_id) {
            Some((seq, _)) if *seq <= cursor => {
                self.session.doubts.places.remove(&room_id);
                false
            }
            Some((_, false)) => {
                self.session.behind.insert(room_id);
                true
            }
            _ => false,
        }
    }

    /// An envelope does not open: says whether it is fetched again, which it is once.
    pub(crate) fn doubt(&mut self, envelope: &BinaryEnvelope) -> bool {
        let (room_id, seq) = (envelope.room_id, envelope.seq);
        if self.session.doubts.places.get(&room_id) == Some(&(seq, true)) {
            self.session.doubts.places.remove(&room_id);
            return false;
        }
        self.session.doubts.places.insert(room_id, (seq, false));
        self.session.behind.insert(room_id);
        true
    }

    /// A message stays closed. One person's may be made so to cause trouble; those of several, or
    /// of everybody who is there, are not.
    pub(crate) fn stays_closed(&mut self, envelope: &BinaryEnvelope) {
        let room_id = envelope.room_id;
        let others = self.present_in(room_id).len().saturating_sub(1);
        let (count, senders) = self.session.doubts.closed.entry(room_id).or_default();
        *count += 1;
        senders.insert(envelope.sender_user);
        let hopeless = *count >= TOO_MANY && senders.len() >= others.min(2);
        if hopeless && self.session.doubts.rejoined.insert(room_id) {
            self.session.doubts.closed.remove(&room_id);
            self.lose_room(room_id);
        }
    }
}
