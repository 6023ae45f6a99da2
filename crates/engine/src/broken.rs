//! Rooms that a change broke which must not be merged: what was seen is kept, nothing is sent, and
//! there are ways on.

use e2ee::Error;
use protocol::{Base64, Code, Problem, RoomId, rest::rooms::RoomKind, socket::BinaryEnvelope};
use serde::Serialize;

use crate::{Broken, Fault, engine::Step, jobs::Job, state::Stage};

/// What is kept of a change that was not merged, as JSON under `state/evidence/<room>.<time>`.
#[derive(Serialize)]
struct Evidence<'a> {
    /// What was seen.
    broken: &'a Broken,
    /// The change, where it came in an envelope.
    #[serde(skip_serializing_if = "Option::is_none")]
    envelope: Option<protocol::rest::rooms::Envelope<Base64>>,
}

/// Why a change was not merged, in kebab-case.
pub(crate) fn reason(error: &Error) -> String {
    match error {
        Error::Policy(rule) => rule.name().to_owned(),
        Error::Key(fault) => fault.reason(),
        Error::Malformed => "malformed".to_owned(),
        Error::UnknownSuite => "unknown-suite".to_owned(),
        Error::ForgedSender => "forged-sender".to_owned(),
        Error::Undecryptable(_) => "does-not-verify".to_owned(),
        Error::OwnMessage => "own-message".to_owned(),
        Error::UnknownRoom
        | Error::Removed
        | Error::WrongEpoch { .. }
        | Error::KeyUsed
        | Error::CommitPending
        | Error::State(_) => "state".to_owned(),
    }
}

impl Step<'_> {
    /// Stops using a room after a change that must not be merged; keeps the evidence.
    pub(crate) fn break_room(&mut self, envelope: &BinaryEnvelope, reason: &str) {
        self.break_off(envelope.room_id, reason, Some(envelope));
    }

    /// Stops using a room.
    pub(crate) fn break_off(
        &mut self,
        room_id: RoomId,
        reason: &str,
        envelope: Option<&BinaryEnvelope>,
    ) {
        let epoch = self.epoch(room_id).unwrap_or(0);
        let at = self.now + self.session.clock_offset;
        let Some(room) = self.state.rooms.edit(room_id) else {
            return;
        };
        let broken = Broken {
            epoch,
            seq: envelope.map(|envelope| envelope.seq),
            reason: reason.to_owned(),
            at,
        };
        let evidence = Evidence {
            broken: &broken,
            envelope: envelope.map(|envelope| envelope.clone().map(Base64::from)),
        };
        let key = format!("state/evidence/{room_id}.{at:016x}");
        self.batch.put_json(key, &evidence);
        room.fault = Some(Fault::Broken);
        room.broken = Some(broken);
        let conversation = room.conversation;
        self.session.changed.insert(conversation);
    }

    /// Joins a broken room anew, as the person wishes.
    pub(crate) fn rejoin_room(&mut self, room_id: RoomId) {
        let broken =
            self.state.rooms.get(room_id).is_some_and(|room| {
                room.stage == Stage::Active && room.fault == Some(Fault::Broken)
            });
        if !broken {
            return self.refuse(None, &Problem::new(Code::Policy));
        }
        self.lose_room(room_id);
        if let Some(room) = self.state.rooms.edit(room_id) {
            room.fault = Some(Fault::Lost);
            // Whatever the server shows, if it has nothing else.
            room.epoch = 0;
            let conversation = room.conversation;
            self.session.changed.insert(conversation);
        }
    }

    /// Gives a direct room up, as the person wishes.
    pub(crate) fn give_up_room(&mut self, room_id: RoomId) {
        let direct = self
            .state
            .rooms
            .get(room_id)
            .is_some_and(|room| room.stage == Stage::Active && room.kind == RoomKind::Direct);
        if !direct {
            return self.refuse(None, &Problem::new(Code::Policy));
        }
        if let Some(room) = self.state.rooms.edit(room_id) {
            room.giving_up = true;
        }
    }

    pub(crate) fn pump_closes(&mut self) {
        for room_id in self.state.rooms.keys() {
            let job = Job::Close(room_id);
            let room = self.state.rooms.get(room_id);
            if room.is_some_and(|room| room.giving_up && room.stage == Stage::Active)
                && self.session.jobs.idle(job)
            {
                self.post(job, &format!("/api/rooms/{room_id}/close"), &());
            }
        }
    }

    pub(crate) fn close_reply(&mut self, room_id: RoomId, reply: Result<(), Box<Problem>>) {
        let job = Job::Close(room_id);
        match reply {
            Err(problem) if self.retries(job, &problem) => {}
            Err(problem)
                if !matches!(
                    problem.code,
                    Code::NotAMember | Code::RoomClosed | Code::NotFound
                ) =>
            {
                if let Some(room) = self.state.rooms.edit(room_id) {
                    room.giving_up = false;
                }
                self.refuse(None, &problem);
            }
            _ => {
                self.session.jobs.succeeded(job);
                self.close_room(room_id);
            }
        }
    }
}
