//! Messages that go away: counted from reading, for mine from sending.

use crate::{
    ConversationId, Entry, HISTORY_PREFIX, MessageRef, Notice, ReadRange, Record,
    engine::{Refusal, Step},
    jobs::Job,
    state::{Fading, Fate, Task, place_of},
};

impl Step<'_> {
    /// An entry has its place: from now on it is known when it goes.
    pub(crate) fn start_fading(&mut self, conversation: ConversationId, entry: &mut Entry) {
        let Some(after) = entry.extra.expires_after else {
            return;
        };
        let place = place_of(&entry.position);
        let room = entry.room_id.and_then(|room| self.state.rooms.get(room));
        let read = room.is_some_and(|room| place.1 <= room.read_mark);
        let life = i64::from(after) * 1000;
        let at = match (entry.mine, read) {
            // By this device's clock, and never longer than it may be.
            (true, _) => Some((entry.sent_at - self.session.clock_offset).min(self.now) + life),
            (false, true) => Some(self.now + life),
            (false, false) => None,
        };
        entry.extra.expires_at = at;
        let fate = Fate {
            message: entry.message(),
            key: entry.key.clone(),
            after,
            at,
            file: entry.body.has_file().then(|| entry.file_key()),
        };
        let fading = Fading {
            conversation,
            place,
        };
        self.state.fading.insert(fading, fate);
    }

    /// Everything up to a place was read: what is to go away after that begins to.
    pub(crate) fn read_fading(&mut self, conversation: ConversationId, upto: (u32, u64)) {
        let begins: Vec<Fading> = self
            .state
            .fading
            .iter()
            .filter(|(fading, fate)| {
                let (generation, seq) = fading.place;
                let read = generation == upto.0 && seq <= upto.1;
                fading.conversation == conversation && read && fate.at.is_none()
            })
            .map(|(fading, _)| fading)
            .collect();
        for fading in begins {
            let now = self.now;
            let Some(fate) = self.state.fading.edit(fading) else {
                continue;
            };
            fate.at = Some(now + i64::from(fate.after) * 1000);
            let message = fate.message;
            self.add_work(conversation, message, Task::Show);
        }
    }

    /// When an entry goes, where that is known.
    pub(crate) fn fades_at(&self, conversation: ConversationId, entry: &Entry) -> Option<i64> {
        let place = place_of(&entry.position);
        let fading = Fading {
            conversation,
            place,
        };
        self.state.fading.get(fading).and_then(|fate| fate.at)
    }

    /// When the next message goes.
    pub(crate) fn next_fading(&self) -> Option<i64> {
        self.state
            .fading
            .iter()
            .filter_map(|(_, fate)| fate.at)
            .min()
    }

    /// Deletes what had its time.
    pub(crate) fn fade(&mut self) {
        let over: Vec<(Fading, Fate)> = self
            .state
            .fading
            .iter()
            .filter(|(_, fate)| fate.at.is_some_and(|at| at <= self.now))
            .map(|(fading, fate)| (fading, fate.clone()))
            .collect();
        for (
            Fading {
                conversation,
                place,
            },
            fate,
        ) in over
        {
            let position = crate::state::position(place.0, place.1);
            let file = self.fading_file(&fate);
            self.remove_at(conversation, &position, &fate.key, file);
            self.add_work(conversation, fate.message, Task::Gone);
        }
    }

    /// Deletes an entry that has its place, on this device alone.
    pub(crate) fn remove_entry(&mut self, conversation: ConversationId, entry: &Entry) {
        let file = Some(entry.file_key());
        self.remove_at(conversation, &entry.position, &entry.key, file);
    }

    fn remove_at(
        &mut self,
        conversation: ConversationId,
        position: &str,
        key: &str,
        file: Option<String>,
    ) {
        let place = place_of(position);
        self.delete_entry(conversation, position);
        if let Some(file) = file {
            self.batch.delete(file);
        }
        let fading = Fading {
            conversation,
            place,
        };
        self.state.fading.remove(fading);
        if let Some(thread) = self.state.threads.edit(conversation) {
            thread.unread.retain(|unread| *unread != place);
            let newest = thread.newest.as_ref();
            if newest.is_some_and(|newest| newest.position == position) {
                thread.newest = None;
                thread.lost_newest = true;
            }
        }
        // What is being looked up may be what goes.
        self.session.jobs.forget(Job::Newest(conversation));
        self.session.newest_below.remove(&conversation);
        self.notify(Notice::Removed {
            conversation,
            key: key.to_owned(),
        });
    }

    /// Looks for the newest entry where the one that was it went away.
    pub(crate) fn pump_newest(&mut self) {
        let lost: Vec<ConversationId> = self
            .state
            .threads
            .iter()
            .filter(|(_, thread)| thread.lost_newest)
            .map(|(conversation, _)| conversation)
            .collect();
        for conversation in lost {
            let job = Job::Newest(conversation);
            if self.session.jobs.idle(job) {
                let from = format!("{HISTORY_PREFIX}{conversation}/");
                // What has no place yet stands at `~`, behind all that have one.
                let below = self.session.newest_below.get(&conversation);
                let to = below.cloned().unwrap_or_else(|| format!("{from}~"));
                self.read(job, ReadRange::Last { from, to });
            }
        }
    }

    pub(crate) fn newest_reply(
        &mut self,
        conversation: ConversationId,
        reply: Result<Vec<Record>, Refusal>,
    ) {
        let job = Job::Newest(conversation);
        let Ok(records) = reply else {
            return self.back_off(job, None);
        };
        self.session.jobs.succeeded(job);
        let Some(thread) = self.state.threads.edit(conversation) else {
            return;
        };
        if let Some(record) = records.into_iter().next() {
            match serde_json::from_slice::<Entry>(record.value.as_ref()) {
                Ok(entry) if entry.seq.is_some() => thread.keep_newest(&entry),
                // A failed message, which is shown out of the outbox.
                _ => {
                    self.session.newest_below.insert(conversation, record.key);
                    return;
                }
            }
        }
        thread.lost_newest = false;
        self.session.newest_below.remove(&conversation);
        self.session.changed.insert(conversation);
    }

    /// Deletes a message on this device alone, once its entry was found.
    pub(crate) fn forget_message(&mut self, conversation: ConversationId, message: MessageRef) {
        self.add_work(conversation, message, Task::Forget);
    }
}
