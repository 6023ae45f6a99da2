//! One envelope: deduplicated, opened, written down.

use e2ee::{Error, Opened};
use protocol::{
    Base64, ClientId, RoomId, limits, rest::rooms::EnvelopeKind, socket::BinaryEnvelope,
};

use crate::{
    Body, Document, Entry, EntryState, Extra, Fault, Picture, Quote, Said, UnopenedReason,
    content::{Content, ContentBody},
    engine::Step,
    state::{Stage, position},
};

/// Highest place that every host can count to: JavaScript's largest safe integer.
pub(crate) const SEQ_MAX: u64 = (1 << 53) - 1;

/// Where an envelope comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// An event: a gap before it means that something is on its way or was lost.
    Live,
    /// A page of `sync`: a gap means that the server does not have it any more.
    Page,
}

impl Step<'_> {
    pub(crate) fn envelope(&mut self, envelope: BinaryEnvelope, source: Source) {
        let room_id = envelope.room_id;
        let Some(room) = self.state.rooms.get(room_id) else {
            // Another device's welcome comes first, or this device was never in it.
            return;
        };
        if !room.receives() || envelope.seq <= room.cursor || envelope.seq > SEQ_MAX {
            return;
        }
        let cursor = room.cursor;
        if self.waits_for_doubt(room_id) {
            return;
        }
        if envelope.seq > cursor + 1 {
            if source == Source::Live {
                self.session.behind.insert(room_id);
                return;
            }
            let missing = cursor + 1;
            if self.superseded(room_id, envelope.seq) {
                return;
            }
            let epoch = self.epoch(room_id);
            if epoch.is_some_and(|epoch| epoch < envelope.epoch) {
                // A change is among what is missing.
                return self.lose_room(room_id);
            }
            self.unopened(&envelope, missing, UnopenedReason::Missing);
        }
        if let Some(href) = envelope.href.clone() {
            self.fetch(envelope, href);
            return;
        }
        let account = self.state.account.get();
        let own = account.is_some_and(|account| account.device_id == envelope.sender_device);
        let refused = self.is_refused(room_id, envelope.sender_device);
        let processed = match (envelope.kind, own) {
            _ if refused => self.refused_envelope(&envelope),
            (EnvelopeKind::Application, true) => self.own_message(&envelope),
            (EnvelopeKind::Application, false) => self.message(&envelope),
            (EnvelopeKind::Commit, true) => self.own_commit(&envelope),
            (EnvelopeKind::Commit, false) => self.commit(&envelope),
        };
        if processed && let Some(room) = self.state.rooms.edit(room_id) {
            room.cursor = envelope.seq;
            room.used |= envelope.kind == EnvelopeKind::Application;
            room.sent = room.sent.split_off(&(envelope.seq + 1));
        }
        self.keep_groups();
    }

    /// Makes the changes of the groups part of this step's batch.
    pub(crate) fn keep_groups(&mut self) {
        if let Some(keys) = self.keys {
            keys.flush(&mut self.batch);
        }
    }

    /// Undoes changes of the groups that are not part of the batch yet.
    pub(crate) fn undo_groups(&mut self) {
        if let Some(keys) = self.keys {
            keys.client.rollback();
        }
    }

    fn own_message(&mut self, envelope: &BinaryEnvelope) -> bool {
        let at = envelope.sent_at.unix_millis();
        if self.sent(envelope.client_id, envelope.room_id, envelope.seq, at) {
            return true;
        }
        let expected = self.state.rooms.get(envelope.room_id).is_some_and(|room| {
            room.sent.contains(&envelope.seq) || room.dropped.contains(&envelope.client_id)
        });
        if !expected {
            // This device sent something that it does not know of: its storage is an older copy.
            self.set_fault(envelope.room_id, Fault::RolledBack);
            self.unopened(envelope, envelope.seq, UnopenedReason::NoKeys);
        }
        true
    }

    fn message(&mut self, envelope: &BinaryEnvelope) -> bool {
        let content = match self.open(envelope) {
            Ok(Opened::Application(bytes)) => {
                self.session.doubts.opened(envelope.room_id);
                Content::decode(&bytes)
            }
            // Opened before: a duplicate under another place.
            Err(Error::KeyUsed) => {
                self.undo_groups();
                return true;
            }
            Err(Error::WrongEpoch { message, room }) if message > room => {
                self.undo_groups();
                if !self.doubt(envelope) {
                    self.lose_room(envelope.room_id);
                }
                return false;
            }
            Err(error @ (Error::WrongEpoch { .. } | Error::UnknownRoom | Error::Removed)) => {
                self.undo_groups();
                if matches!(error, Error::WrongEpoch { .. }) {
                    self.suspect(envelope.room_id);
                }
                self.unopened(envelope, envelope.seq, UnopenedReason::NoKeys);
                return true;
            }
            Ok(Opened::Commit(_) | Opened::OwnCommit) | Err(_) => {
                self.undo_groups();
                if self.went_back(envelope.room_id) || self.doubt(envelope) {
                    return false;
                }
                self.unopened(envelope, envelope.seq, UnopenedReason::Forged);
                self.stays_closed(envelope);
                return true;
            }
        };
        match content {
            Ok(content) if self.change_received(envelope, &content) => {}
            Ok(content) if self.timer_received(envelope, &content) => {}
            Ok(content) => {
                let body = match &content.body {
                    ContentBody::Text(text) => Body::Text {
                        text: text.as_str().into(),
                    },
                    ContentBody::RoomProfile {
                        revision,
                        name,
                        picture,
                    } => {
                        self.profile_received(envelope, &content, *revision, name, picture);
                        return true;
                    }
                    ContentBody::Picture(data) => match Picture::decode(data) {
                        Some((attachment, picture)) => Body::Picture {
                            attachment_id: Some(attachment),
                            picture: Box::new(picture),
                        },
                        // Of a kind that comes with a newer version.
                        None => Body::Unknown {
                            kind: crate::content::PICTURE,
                            data: data.clone().into(),
                        },
                    },
                    ContentBody::File(data) => match Document::decode(data) {
                        Some((attachment, file)) => Body::File {
                            attachment_id: Some(attachment),
                            file: Box::new(file),
                        },
                        None => Body::Unknown {
                            kind: crate::content::FILE,
                            data: data.clone().into(),
                        },
                    },
                    ContentBody::Leave => {
                        self.goodbye(envelope);
                        return true;
                    }
                    ContentBody::Unknown { kind, data } => Body::Unknown {
                        kind: *kind,
                        data: match *kind {
                            // Of lines of the archive alone: nobody else makes one of those.
                            crate::archive::NEWER => Base64::from(Vec::new()),
                            _ => Base64::from(data.clone()),
                        },
                    },
                    // Taken care of above.
                    ContentBody::Reaction { .. }
                    | ContentBody::Edit { .. }
                    | ContentBody::Delete { .. }
                    | ContentBody::Timer { .. } => return true,
                };
                let extra = Extra {
                    reply_to: content.reply_to.map(|message| Quote {
                        message,
                        position: None,
                        said: Said::Looking,
                    }),
                    expires_after: content
                        .expires_after
                        .map(|seconds| seconds.min(limits::TIMER_MAX)),
                    ..Extra::default()
                };
                self.receive_with(envelope, envelope.seq, content.id, body, extra);
            }
            Err(_) => self.unopened(envelope, envelope.seq, UnopenedReason::Malformed),
        }
        true
    }

    /// A commit that this device made, in its place.
    fn own_commit(&mut self, envelope: &BinaryEnvelope) -> bool {
        let room = envelope.room_id;
        let draft = self.state.drafts.get(room);
        if draft.is_some_and(|draft| draft.commit() == envelope.message.as_ref()) {
            return self.merge_draft(room, envelope.seq, envelope.sent_at.unix_millis());
        }
        if self.epoch(room).is_some_and(|epoch| epoch > envelope.epoch) {
            return true;
        }
        let made = self.state.rooms.get(room).map(|room| room.stage);
        match made {
            Some(Stage::Creating) => self.break_room(envelope, "foreign-commit"),
            // Made here, and not known here: the storage is an older copy.
            _ => self.lose_room(room),
        }
        false
    }

    fn commit(&mut self, envelope: &BinaryEnvelope) -> bool {
        match self.open(envelope) {
            Ok(Opened::Commit(change))
                if change
                    .added
                    .iter()
                    .any(|it| self.is_refused(envelope.room_id, it.device.into())) =>
            {
                self.undo_groups();
                self.break_room(envelope, "revoked-device");
                false
            }
            Ok(Opened::Commit(change)) => self.changed(envelope, &change),
            Err(Error::WrongEpoch { message, room }) if message < room => {
                self.undo_groups();
                self.suspect(envelope.room_id);
                true
            }
            Err(Error::WrongEpoch { .. }) => {
                self.undo_groups();
                if !self.doubt(envelope) {
                    self.lose_room(envelope.room_id);
                }
                false
            }
            opened => {
                // Never merged: it breaks the rules, or what leads up to it is missing.
                let lawless = matches!(&opened, Err(Error::Policy(_)));
                let why = opened.err().as_ref().map(crate::broken::reason);
                self.undo_groups();
                if !lawless && (self.went_back(envelope.room_id) || self.doubt(envelope)) {
                    return false;
                }
                self.break_room(envelope, why.as_deref().unwrap_or("foreign-commit"));
                false
            }
        }
    }

    pub(crate) fn epoch(&mut self, room: RoomId) -> Option<u64> {
        let keys = self.keys.as_mut()?;
        keys.client.epoch(room.0)
    }

    fn open(&mut self, envelope: &BinaryEnvelope) -> Result<Opened, Error> {
        let keys = self.keys.as_mut().ok_or(Error::UnknownRoom)?;
        keys.client.open(
            envelope.room_id.0,
            envelope.sender_user.0,
            envelope.sender_device.0,
            envelope.message.as_ref(),
            &mut self.rng,
        )
    }

    pub(crate) fn unopened(&mut self, envelope: &BinaryEnvelope, seq: u64, reason: UnopenedReason) {
        let body = Body::Unopened { reason };
        self.receive(envelope, seq, envelope.client_id, body);
    }

    /// Writes an entry down.
    pub(crate) fn receive(
        &mut self,
        envelope: &BinaryEnvelope,
        seq: u64,
        id: ClientId,
        body: Body,
    ) {
        self.receive_with(envelope, seq, id, body, Extra::default());
    }

    fn receive_with(
        &mut self,
        envelope: &BinaryEnvelope,
        seq: u64,
        id: ClientId,
        body: Body,
        extra: Extra,
    ) {
        let Some(room) = self.state.rooms.get(envelope.room_id) else {
            return;
        };
        let (generation, conversation) = (room.generation, room.conversation);
        let read_mark = room.read_mark;
        let own = self.state.account.get().map(|account| account.user_id);
        let mine = own == Some(envelope.sender_user);
        let entry = Entry {
            key: format!("{}/{seq}", envelope.room_id),
            position: position(generation, seq),
            id,
            room_id: Some(envelope.room_id),
            seq: Some(seq),
            sender: envelope.sender_user,
            mine,
            sent_at: envelope.sent_at.unix_millis(),
            state: EntryState::Sent,
            failure: None,
            body,
            extra,
        };
        if !mine
            && seq > read_mark
            && let Some(thread) = self.state.threads.edit(conversation)
        {
            thread.add_unread(generation, seq);
        }
        self.write_entry(conversation, entry);
    }

    pub(crate) fn set_fault(&mut self, room_id: RoomId, fault: Fault) {
        if let Some(room) = self.state.rooms.edit(room_id)
            && room.fault != Some(Fault::Broken)
        {
            room.fault = Some(fault);
            let conversation = room.conversation;
            self.session.changed.insert(conversation);
        }
    }

    /// The room takes no more messages. What waits goes into a new one, if one may be made.
    pub(crate) fn close_room(&mut self, room_id: RoomId) {
        self.retire_room(room_id, Stage::Closed);
    }

    /// This device is not in the room any more.
    pub(crate) fn leave_room(&mut self, room_id: RoomId) {
        let room = self.state.rooms.get(room_id);
        if room.is_some_and(|room| room.stage != Stage::Removed && !room.receives()) {
            // What came last was not received: another device of mine may have.
            self.session.pages.list = true;
        }
        self.retire_room(room_id, Stage::Removed);
    }

    fn retire_room(&mut self, room_id: RoomId, stage: Stage) {
        let Some(room) = self.state.rooms.edit(room_id) else {
            return;
        };
        if matches!(room.stage, Stage::Removed) || room.stage == stage {
            return;
        }
        room.stage = stage;
        room.want_nothing();
        room.leaving = false;
        // An own way in that was under way is none any more: its commit goes with the drafts.
        room.rejoining = false;
        let conversation = room.conversation;
        self.state.drafts.remove(room_id);
        if let Some(thread) = self.state.threads.edit(conversation)
            && thread.room == Some(room_id)
        {
            thread.room = None;
            // Whether a new one may be made, and with which keys, has to be asked.
            if let Some(peer) = thread.peer {
                self.session.looked_up.remove(&peer);
            }
        }
        self.session.changed.insert(conversation);
    }
}
