//! What was there before the archive was switched on: taken through, the newest first.
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
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Fill {
    /// Everything from this key on was.
    below: String,
}

impl Step<'_> {
    /// The archive was switched on: what this device has goes there.
    pub(super) fn begin_filling(&mut self) {
        for conversation in self.state.threads.keys() {
            // What has no place yet stands at `~`, behind all that have one.
            let below = format!("{HISTORY_PREFIX}{conversation}/~");
            self.state.fills.insert(conversation, Fill { below });
        }
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
                from: format!("{HISTORY_PREFIX}{conversation}/"),
                to: fill.below.clone(),
            };
            self.session.archive.filling = Some(conversation);
            self.read(Job::Fill, range);
        }
    }

    pub(crate) fn fill_reply(&mut self, reply: Result<Vec<Record>, Box<Problem>>) {
        let Ok(records) = reply else {
            return self.back_off(Job::Fill, None);
        };
        self.session.jobs.succeeded(Job::Fill);
        let Some(conversation) = self.session.archive.filling.take() else {
            return;
        };
        // It was switched off meanwhile.
        if self.state.fills.get(conversation).is_none() {
            return;
        }
        let Some(record) = records.into_iter().next() else {
            self.state.fills.remove(conversation);
            self.session.own.changed = true;
            return;
        };
        if let Ok(entry) = serde_json::from_slice::<Entry>(record.value.as_ref()) {
            self.fill_with(conversation, &entry);
        }
        let below = record.key;
        self.state.fills.insert(conversation, Fill { below });
        self.session.archive.filled += 1;
        if self.session.archive.filled.is_multiple_of(STRETCH) {
            let until = self.now + PAUSE;
            self.session.jobs.pause(Job::Fill, until);
        }
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
