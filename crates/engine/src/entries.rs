//! What is written into the history and told to the user interface.

use std::collections::BTreeSet;

use e2ee::Suite;
use protocol::{UserId, rest::rooms::RoomKind};

use crate::{
    Conversation, ConversationId, Entry, Fault, HISTORY_PREFIX, Notice, RoomMarks, Waiting,
    archive::Line,
    engine::Step,
    state::{Room, Stage},
};

impl Step<'_> {
    /// Writes an entry into the history and tells of it.
    pub(crate) fn write_entry(&mut self, conversation: ConversationId, mut entry: Entry) {
        if entry.seq.is_some() && entry.body.is_message() {
            self.start_fading(conversation, &mut entry);
        }
        self.keep(&entry);
        if entry.seq.is_some() && entry.body.is_message() {
            self.arrived(conversation, &entry, None);
        }
        self.write_down(conversation, entry);
    }

    /// The same for an entry that my archive holds.
    pub(crate) fn write_archived(&mut self, conversation: ConversationId, line: Line) {
        if line.entry.body.is_message() {
            self.arrived(conversation, &line.entry, Some(&line));
        }
        self.write_down(conversation, line.entry);
    }

    fn write_down(&mut self, conversation: ConversationId, entry: Entry) {
        let key = format!("{HISTORY_PREFIX}{conversation}/{}", entry.position);
        self.batch.put_json(key, &entry);
        if entry.seq.is_some()
            && let Some(thread) = self.state.threads.edit(conversation)
        {
            thread.keep_newest(&entry);
        }
        self.session.changed.insert(conversation);
        self.notify(Notice::Message {
            conversation,
            entry: Box::new(entry),
        });
    }

    /// Takes an entry out of the history.
    pub(crate) fn delete_entry(&mut self, conversation: ConversationId, position: &str) {
        self.batch
            .delete(format!("{HISTORY_PREFIX}{conversation}/{position}"));
        self.session.changed.insert(conversation);
    }

    /// The whole picture, for a user interface that has just begun.
    pub(crate) fn describe(&mut self) {
        self.session.told_phase = None;
        self.session.told_outbox = None;
        self.session.told_wake = None;
        self.session.own.forget_told();
        self.describe_link();
        self.session.changed.extend(self.state.threads.keys());
        for room_id in self.state.pictures.keys() {
            self.tell_room_picture(room_id);
        }
        self.tell_people();
    }

    /// Tells what this step changed.
    pub(crate) fn tell_changes(&mut self) {
        let phase = self.phase();
        if self.session.told_phase.as_ref() != Some(&phase) {
            self.session.told_phase = Some(phase.clone());
            self.notify(Notice::Phase { phase });
        }
        let waits = self.state.outbox.iter();
        let waits = waits.filter(|(_, it)| it.shows() && it.failure.is_none());
        let count = u32::try_from(waits.count()).unwrap_or(u32::MAX);
        if self.session.told_outbox != Some(count) {
            self.session.told_outbox = Some(count);
            self.notify(Notice::Outbox { count });
        }
        for id in std::mem::take(&mut self.session.changed) {
            self.notify(match self.conversation(id).map(Box::new) {
                Some(conversation) => Notice::Conversation { conversation },
                None => Notice::ConversationGone { conversation: id },
            });
        }
    }

    /// Says what sending in a conversation waits for, or that it does not any more.
    pub(crate) fn set_waiting(&mut self, conversation: ConversationId, waiting: Option<Waiting>) {
        let before = match waiting {
            Some(waiting) => self.session.waiting.insert(conversation, waiting),
            None => self.session.waiting.remove(&conversation),
        };
        if before != waiting {
            self.session.changed.insert(conversation);
        }
    }

    fn conversation(&self, id: ConversationId) -> Option<Conversation> {
        let thread = self.state.threads.get(id)?;
        let own = self.state.account.get().map(|account| account.user_id);
        let current = thread.room.or(thread.rooms.last().copied());
        let members = current.map_or_else(BTreeSet::new, |room| self.people_in(room));
        let present = current.map_or_else(BTreeSet::new, |room| self.present_in(room));
        let room = current.and_then(|room| self.state.rooms.get(room));
        let held = self.held_by(id);
        let waits_for = match held.is_empty() {
            false => Some(Waiting::KeyChange),
            true => self.session.waiting.get(&id).copied(),
        };
        let waiting_for = match waits_for {
            Some(Waiting::KeyChange) => held,
            Some(Waiting::Devices) => self.doubted(id),
            _ => BTreeSet::new(),
        };
        let group = room.filter(|room| room.kind == RoomKind::Group);
        let admins = group.into_iter().flat_map(|room| &room.admins).copied();
        let invited = group.into_iter().flat_map(|room| &room.want_add).copied();
        let waiting = self
            .state
            .outbox
            .iter()
            .map(|(_, outgoing)| outgoing)
            .filter(|outgoing| outgoing.conversation == id && outgoing.shows())
            .collect::<Vec<_>>();
        let last = waiting
            .iter()
            .map(|outgoing| self.outgoing_entry(outgoing))
            .chain(thread.newest.clone())
            .max_by(|left, right| left.position.cmp(&right.position));
        // The least of those who can read, oneself left out.
        let marks = thread.rooms.iter().filter_map(|room_id| {
            self.state.rooms.get(*room_id)?;
            let marks = |user: &UserId| self.state.marks.of(*room_id, *user);
            let others = present.iter().filter(|user| Some(**user) != own);
            let of: Vec<_> = match &thread.peer {
                Some(peer) => vec![marks(peer)],
                None => others.map(marks).collect(),
            };
            Some(RoomMarks {
                room_id: *room_id,
                delivered: of.iter().map(|mark| mark.delivered).min().unwrap_or(0),
                read: of.iter().map(|mark| mark.read).min().unwrap_or(0),
            })
        });
        Some(Conversation {
            id,
            kind: thread.kind,
            peer: thread.peer,
            room_id: thread.room,
            post_quantum: room.is_some_and(|room| room.suite != Suite::Classic.number()),
            name: (thread.profile.revision > 0).then(|| thread.profile.name.as_str().into()),
            admins: match group.is_some_and(|room| room.stage == Stage::Creating) {
                true => admins.collect(),
                false => admins.filter(|user| members.contains(user)).collect(),
            },
            invited: invited.filter(|user| !members.contains(user)).collect(),
            unread: u32::try_from(thread.unread.len()).unwrap_or(u32::MAX),
            unread_from: thread
                .unread
                .first()
                .map(|(generation, seq)| crate::state::position(*generation, *seq)),
            last,
            marks: marks.collect(),
            outbox: u32::try_from(
                waiting
                    .iter()
                    .filter(|outgoing| outgoing.failure.is_none())
                    .count(),
            )
            .unwrap_or(u32::MAX),
            timer: self.timer(id).seconds(),
            waiting: waits_for,
            waiting_for: waiting_for.into_iter().collect(),
            broken: room
                .filter(|room| room.trouble() == Some(Fault::Broken))
                .and_then(|room| room.broken.clone()),
            fault: match thread.room {
                Some(room) => self.state.rooms.get(room).and_then(Room::trouble),
                None if thread.parted => Some(Fault::Closed),
                None if thread.kind == RoomKind::Group => match group {
                    Some(room) => room.trouble(),
                    // The server did not take it.
                    None => Some(Fault::Closed),
                },
                None => None,
            },
            absent: members.difference(&present).copied().collect(),
            members: members.iter().copied().collect(),
        })
    }
}
