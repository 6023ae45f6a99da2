//! Devices that their owners have shut out: refused from the moment that this device knows of it.
//!
//! What such a device sent before is in the log like anything else, and the server's times prove
//! nothing. So a room is fetched to its end once after a revocation was learnt: an honest server
//! takes nothing from the device any more, so that whatever comes after that was let in by a lie.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{DeviceId, RoomId, UserId, rest::rooms::EnvelopeKind, socket::BinaryEnvelope};

use crate::{Phase, UnopenedReason, engine::Step};

impl Step<'_> {
    /// What is known of a person's devices is other than before.
    pub(crate) fn lists_changed(&mut self, user: UserId) {
        let own = self.state.account.get();
        let person = self.state.people.get(user);
        if let (Some(own), Some(person)) = (own, person)
            && own.user_id == user
            && person.revoked.contains(&own.device_id)
        {
            return self.end_session(Phase::Revoked);
        }
        for room_id in self.state.rooms.keys() {
            if !self.revoked_in(room_id).is_empty() {
                self.session.behind.insert(room_id);
            }
            self.expel(room_id);
        }
    }

    /// The devices of a room's people that they have revoked and that are not refused yet.
    fn revoked_in(&self, room_id: RoomId) -> BTreeSet<DeviceId> {
        let Some(room) = self.state.rooms.get(room_id).filter(|it| it.receives()) else {
            return BTreeSet::new();
        };
        let people = self.people_in(room_id).into_iter();
        let people = people.filter_map(|user| self.state.people.get(user));
        let revoked = people.flat_map(|person| &person.revoked);
        revoked
            .filter(|device| !room.refused.contains(device))
            .copied()
            .collect()
    }

    /// What is to be refused once the rooms that are asked for have come to their end.
    pub(crate) fn to_refuse(
        &self,
        asked: &BTreeSet<RoomId>,
    ) -> BTreeMap<RoomId, BTreeSet<DeviceId>> {
        let asked = asked.iter();
        asked
            .map(|room| (*room, self.revoked_in(*room)))
            .filter(|(_, devices)| !devices.is_empty())
            .collect()
    }

    /// The rooms came to their end.
    pub(crate) fn refuse_devices(&mut self) {
        for (room_id, devices) in std::mem::take(&mut self.session.refusing) {
            // Where a large commit is still being fetched, what follows it is not read yet.
            if self.session.is_current(room_id)
                && let Some(room) = self.state.rooms.edit(room_id)
            {
                room.refused.extend(devices);
            }
        }
    }

    pub(crate) fn is_refused(&self, room_id: RoomId, device: DeviceId) -> bool {
        let room = self.state.rooms.get(room_id);
        room.is_some_and(|room| room.refused.contains(&device))
    }

    /// An envelope of a refused device: not opened, not merged.
    pub(crate) fn refused_envelope(&mut self, envelope: &BinaryEnvelope) -> bool {
        match envelope.kind {
            EnvelopeKind::Application => {
                self.unopened(envelope, envelope.seq, UnopenedReason::Revoked);
                true
            }
            EnvelopeKind::Commit => {
                self.break_room(envelope, "revoked-device");
                false
            }
        }
    }
}
