//! Commits over the socket, or over REST when they are too large for an event.

use protocol::{
    Binary, Problem, RoomId, limits,
    rest::rooms::RoomKind,
    socket::{AddedDevice, BinaryEnvelope, CommitAck, CreateRoom, SendCommit},
};
use serde::Serialize;

use crate::{
    ClientEvent, Effect, Outcome, Part, ResponseKind,
    engine::{Refusal, Step, ack, json},
    inbox::Source,
    jobs::Job,
};

/// The part `head` of a new room.
#[derive(Serialize)]
struct RoomHead<'a> {
    room_id: RoomId,
    kind: RoomKind,
    devices: &'a [AddedDevice],
}

/// The part `head` of a commit.
#[derive(Serialize)]
struct CommitHead<'a> {
    client_id: protocol::ClientId,
    devices: &'a [AddedDevice],
}

impl Step<'_> {
    pub(crate) fn send_room(&mut self, job: Job, payload: CreateRoom) {
        if fits(&[
            Some(&payload.commit),
            payload.welcome.as_ref(),
            Some(&payload.group_info),
            Some(&payload.tree),
        ]) {
            return self.emit(job, ClientEvent::CreateRoom(payload));
        }
        let head = RoomHead {
            room_id: payload.room_id,
            kind: payload.kind,
            devices: &payload.devices,
        };
        let head = serde_json::to_value(head).unwrap_or_default();
        let parts = [
            ("commit", Some(payload.commit)),
            ("welcome", payload.welcome),
            ("group_info", Some(payload.group_info)),
            ("tree", Some(payload.tree)),
        ];
        self.send_parts(job, "/api/rooms".to_owned(), head, parts);
    }

    pub(crate) fn send_commit(&mut self, job: Job, payload: SendCommit) {
        if fits(&[
            Some(&payload.commit),
            payload.welcome.as_ref(),
            Some(&payload.group_info),
        ]) {
            return self.emit(job, ClientEvent::Commit(payload));
        }
        let head = CommitHead {
            client_id: payload.client_id,
            devices: &payload.devices,
        };
        let head = serde_json::to_value(head).unwrap_or_default();
        let parts = [
            ("commit", Some(payload.commit)),
            ("welcome", payload.welcome),
            ("group_info", Some(payload.group_info)),
        ];
        let path = format!("/api/rooms/{}/commits", payload.room_id);
        self.send_parts(job, path, head, parts);
    }

    fn send_parts<const N: usize>(
        &mut self,
        job: Job,
        path: String,
        head: serde_json::Value,
        parts: [(&str, Option<Binary>); N],
    ) {
        let id = self.session.jobs.start(job);
        let parts = parts.into_iter().filter_map(|(name, value)| {
            let name = name.to_owned();
            value.map(|value| Part { name, value })
        });
        self.effect(Effect::Multipart {
            id,
            path,
            head,
            parts: parts.collect(),
        });
    }

    /// A commit too large for an event is fetched; what follows it waits for the next `sync`.
    pub(crate) fn fetch(&mut self, envelope: BinaryEnvelope, href: String) {
        let room = envelope.room_id;
        if !self.session.jobs.idle(Job::Fetch(room)) {
            self.session.behind.insert(room);
            self.back_off(Job::Sync, None);
        } else if href.starts_with("/api/") {
            self.session.fetching.insert(room, envelope);
            self.get(Job::Fetch(room), href, ResponseKind::Bytes);
        }
    }

    pub(crate) fn fetch_reply(&mut self, room: RoomId, reply: Result<Vec<u8>, Box<Problem>>) {
        let Some(mut envelope) = self.session.fetching.remove(&room) else {
            return;
        };
        self.session.behind.insert(room);
        match reply {
            Ok(message) => {
                self.session.jobs.succeeded(Job::Fetch(room));
                envelope.message = message.into();
                envelope.href = None;
                self.envelope(envelope, Source::Live);
            }
            Err(problem) => {
                self.retries(Job::Fetch(room), &problem);
            }
        }
    }
}

/// What the server answers: an event's acknowledgement says `ok`, a reply over REST does not.
pub(crate) fn committed(outcome: Outcome) -> Result<CommitAck, Refusal> {
    match &outcome {
        Outcome::Json { value } if value.get("ok").is_none() => json(outcome),
        _ => ack(outcome),
    }
}

fn fits(parts: &[Option<&Binary>]) -> bool {
    let sizes = parts.iter().flatten().map(|part| part.as_ref().len());
    sizes.sum::<usize>() <= limits::COMMIT_EVENT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_counts_all_parts() {
        let half = Binary::from(vec![0; limits::COMMIT_EVENT / 2]);
        let more = Binary::from(vec![0; limits::COMMIT_EVENT / 2 + 1]);
        assert!(fits(&[Some(&half), None, Some(&half)]));
        assert!(!fits(&[Some(&half), None, Some(&more)]));
    }

    #[test]
    fn both_answers_are_read() {
        let ack = CommitAck { seq: 7, epoch: 3 };
        for value in [
            serde_json::json!({"ok": true, "seq": 7, "epoch": 3}),
            serde_json::json!({"seq": 7, "epoch": 3}),
        ] {
            assert_eq!(committed(Outcome::Json { value }).unwrap(), ack);
        }
        let value = serde_json::json!({"seq": 7});
        assert!(committed(Outcome::Json { value }).is_err());
    }
}
