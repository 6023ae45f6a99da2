//! What was there before the archive was switched on, and what there was no place to wait for:
//! taken through, the newest first.
//!
//! How far each conversation has come is stored with what was taken, so that a crash repeats
//! nothing. It waits whenever enough waits to be uploaded.

use protocol::Problem;
use serde::{Deserialize, Serialize};

use crate::{
    Body, ConversationId, Entry, HISTORY_PREFIX, ReadRange, Record, engine::Step, jobs::Job,
    state::Task,
};

/// Entries that wait to be uploaded, at most, before more are taken.
const WAITING: usize = 50;
/// So many are taken without a pause, and so long is the pause, in milliseconds.
const STRETCH: u32 = 25;
const PAUSE: i64 = 1_000;

/// How far a conversation was taken through.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Fill {
    /// Everything from this key on was.
    below: String,
    /// Down to this key; all of it when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
}

impl Step<'_> {
    /// The archive was switched on: what this device has goes there.
    pub(super) fn begin_filling(&mut self) {
        for conversation in self.state.threads.keys() {
            let below = behind_all(conversation);
            let from = None;
            self.state.fills.insert(conversation, Fill { below, from });
        }
    }

    /// An entry finds no place to wait: it is read again when there is one, with all after it.
    pub(super) fn fill_from(&mut self, entry: &Entry) {
        let room = entry.room_id.and_then(|id| self.state.rooms.get(id));
        let Some(conversation) = room.map(|room| room.conversation) else {
            return;
        };
        let key = format!("{HISTORY_PREFIX}{conversation}/{}", entry.position);
        let begun = self.state.fills.get(conversation);
        let from = match begun {
            Some(fill) => fill.from.clone().map(|from| from.min(key)),
            None => Some(key),
        };
        let below = behind_all(conversation);
        self.state.fills.insert(conversation, Fill { below, from });
    }

    /// Whether older messages are still to be put into the archive.
    pub(crate) fn is_filling(&self) -> bool {
        self.state.fills.iter().next().is_some()
    }

    pub(super) fn pump_filling(&mut self) {
        let Some((conversation, fill)) = self.state.fills.iter().next() else {
            return;
        };
        if self.state.kept.iter().count() < WAITING && self.session.jobs.idle(Job::Fill) {
            let range = ReadRange::Last {
                from: fill
                    .from
                    .clone()
                    .unwrap_or_else(|| format!("{HISTORY_PREFIX}{conversation}/")),
                to: fill.below.clone(),
            };
            self.session.archive.filling = Some((conversation, fill.clone()));
            self.read(Job::Fill, range);
        }
    }

    pub(crate) fn fill_reply(&mut self, reply: Result<Vec<Record>, Box<Problem>>) {
        let Ok(records) = reply else {
            return self.back_off(Job::Fill, None);
        };
        self.session.jobs.succeeded(Job::Fill);
        let Some((conversation, fill)) = self.session.archive.filling.take() else {
            return;
        };
        // It was switched off meanwhile, or there is more to read.
        if self.state.fills.get(conversation) != Some(&fill) {
            return;
        }
        let Some(record) = records.into_iter().next() else {
            return self.fill_done(conversation);
        };
        let entry = serde_json::from_slice::<Entry>(record.value.as_ref());
        let (below, from) = (record.key, fill.from);
        match from.as_ref() == Some(&below) {
            true => self.fill_done(conversation),
            false => self.state.fills.insert(conversation, Fill { below, from }),
        }
        if let Ok(entry) = entry {
            self.fill_with(conversation, &entry);
        }
        self.session.archive.filled += 1;
        if self.session.archive.filled.is_multiple_of(STRETCH) {
            let until = self.now + PAUSE;
            self.session.jobs.pause(Job::Fill, until);
        }
    }

    fn fill_done(&mut self, conversation: ConversationId) {
        self.state.fills.remove(conversation);
        self.session.own.changed = true;
    }

    fn fill_with(&mut self, conversation: ConversationId, entry: &Entry) {
        match entry.body {
            _ if entry.seq.is_none() => {}
            Body::Room { .. } => self.keep(entry),
            // With all that was said about it.
            _ => self.add_work(conversation, entry.message(), Task::Keep),
        }
    }
}

/// What has no place yet stands at `~`, behind all that have one.
fn behind_all(conversation: ConversationId) -> String {
    format!("{HISTORY_PREFIX}{conversation}/~")
}
