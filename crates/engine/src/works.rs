//! What is to be done to messages that are written down already.
//!
//! Entries are not in memory. Something to do is stored with whatever caused it; then the message's
//! index is read, then its entry; then everything that waits for this message is done in one batch.
//! A crash in between repeats the reading.

use std::collections::BTreeMap;

use protocol::{ClientId, Code, Problem};

use crate::{
    Body, ConversationId, Effect, Entry, HISTORY_PREFIX, MessageRef, Notice, ReadRange, Record,
    Said,
    archive::Marks,
    engine::Step,
    jobs::Job,
    shown::{EDIT_TIME, Overlay},
    state::{Changed, Index, OutgoingBody, Task, index_key},
};

/// Messages worked on at a time.
const AT_ONCE: usize = 32;
/// Most changes kept of a message that is not here.
const EARLY: usize = 64;
/// Most messages of a conversation that are waited for; of others nothing is kept.
const AWAITED: usize = 64;
/// Most messages that show a quote of one.
const REPLIES: usize = 200;

impl Step<'_> {
    pub(crate) fn pump_works(&mut self) {
        let mut targets: BTreeMap<(ConversationId, MessageRef), Vec<u64>> = BTreeMap::new();
        for (number, work) in self.state.works.iter() {
            let target = (work.conversation, work.message);
            targets.entry(target).or_default().push(number);
        }
        let mut free = AT_ONCE;
        for ((conversation, message), works) in targets {
            let job = Job::Entry(conversation, message);
            if let Some(number) = self.outgoing_number(message) {
                self.work_on_outgoing(number, &works);
            } else if free > 0 {
                free -= 1;
                if self.session.jobs.idle(job) {
                    let keys = vec![index_key(conversation, message)];
                    self.read(job, ReadRange::Keys { keys });
                }
            }
        }
    }

    /// The place in the outbox of a message of mine that is not sent yet.
    fn outgoing_number(&self, message: MessageRef) -> Option<u64> {
        let own = self.state.account.get().map(|account| account.user_id);
        let mine = own == Some(message.sender);
        mine.then(|| self.outbox_number(message.id)).flatten()
    }

    pub(crate) fn read(&mut self, job: Job, range: ReadRange) {
        let id = self.session.jobs.start(job);
        self.effect(Effect::Read { id, range });
    }

    pub(crate) fn entry_reply(
        &mut self,
        conversation: ConversationId,
        message: MessageRef,
        reply: Result<Vec<Record>, Box<Problem>>,
    ) {
        let job = Job::Entry(conversation, message);
        let Ok(records) = reply else {
            self.session.indexes.remove(&(conversation, message));
            return self.back_off(job, None);
        };
        self.session.jobs.succeeded(job);
        let record = records.first().map(|record| record.value.as_ref());
        if let Some(index) = self.session.indexes.remove(&(conversation, message)) {
            let entry = record.and_then(|value| serde_json::from_slice(value).ok());
            return match entry {
                Some(entry) => self.work_on(conversation, message, index, entry),
                // Its time was over, or the host erased it.
                None => self.work_on_nothing(conversation, message, index),
            };
        }
        let index = record.and_then(|value| serde_json::from_slice(value).ok());
        let mut index: Index = index.unwrap_or_default();
        if index.position.is_none() {
            index.position = self.state.works.iter().find_map(|(_, work)| {
                let here = work.conversation == conversation && work.message == message;
                match &work.task {
                    Task::Arrived(position) if here => Some(position.clone()),
                    _ => None,
                }
            });
        }
        match &index.position {
            Some(position) => {
                let keys = vec![format!("{HISTORY_PREFIX}{conversation}/{position}")];
                self.session.indexes.insert((conversation, message), index);
                self.read(job, ReadRange::Keys { keys });
            }
            None => self.work_on_nothing(conversation, message, index),
        }
    }

    /// Does what waits for a message whose entry was read.
    fn work_on(
        &mut self,
        conversation: ConversationId,
        message: MessageRef,
        mut index: Index,
        mut entry: Entry,
    ) {
        let stored = entry.clone();
        let had_file = index.body(&entry).has_file();
        let (marks, mut merged, mut older) = (Marks::of(&index), None, false);
        let (mut gone, mut fresh, mut asking) = (false, false, Vec::new());
        for task in self.take_works(conversation, message) {
            match task {
                Task::Arrived(_) => {
                    index.arrive(&entry);
                    for change in std::mem::take(&mut index.early) {
                        index.take(&entry, change);
                    }
                    fresh = true;
                }
                Task::Change(change) => index.take(&entry, change),
                Task::Keep => older = true,
                Task::Merge(line) => {
                    index.merge(&line);
                    merged = Some(line.marks);
                }
                Task::Wish(id, what) => self.wish(conversation, &index, &entry, id, what),
                Task::Show => {}
                Task::Answered(reply) => asking.push(reply),
                Task::Quoted { of, position, said } => {
                    if let Some(quote) = &mut entry.extra.reply_to
                        && quote.message == of
                    {
                        quote.position = position;
                        quote.said = said;
                    }
                }
                Task::Forget => {
                    self.remove_entry(conversation, &entry);
                    gone = true;
                }
                Task::Gone => gone = true,
            }
        }
        if fresh && let Some(thread) = self.state.threads.edit(conversation) {
            thread.awaited.retain(|awaited| *awaited != message);
        }
        if gone {
            asking.append(&mut index.replies);
            self.batch.delete(index_key(conversation, message));
            return self.tell_replies(conversation, message, &asking, None, &Said::Missing);
        }
        let own = self.state.account.get().map(|account| account.user_id);
        let changed = Marks::of(&index);
        if merged.is_some() || changed != marks || older {
            // Without what is still on its way from here: nobody may take it.
            let overlay = Overlay::default();
            let mine = own.unwrap_or(message.sender);
            let plain = index.clone().show(entry.clone(), overlay, mine);
            match merged.is_none() && changed == marks {
                true => self.keep_older(&plain, changed),
                false => self.keep_change(&plain, changed, merged.as_ref()),
            }
        }
        let overlay = Overlay::of(self.outbox_of(conversation), message);
        let mut entry = index.show(entry, overlay, own.unwrap_or(message.sender));
        entry.extra.expires_at = self.fades_at(conversation, &entry);
        if index.deleted && had_file {
            self.batch.delete(entry.file_key());
        }
        let (position, said) = (Some(entry.position.clone()), entry.body.said());
        let replies: Vec<MessageRef> = match fresh || said != stored.body.said() {
            true => index.replies.clone(),
            false => Vec::new(),
        };
        self.tell_replies(conversation, message, &replies, position.clone(), &said);
        for reply in asking {
            let known = index.replies.contains(&reply);
            if !known && index.replies.len() >= REPLIES {
                continue;
            }
            if !known {
                index.replies.push(reply);
            }
            self.tell_replies(conversation, message, &[reply], position.clone(), &said);
        }
        self.batch
            .put_json(index_key(conversation, message), &index);
        if entry != stored {
            self.rewrite_entry(conversation, entry);
        }
    }

    /// Keeps what waits for a message that is not here, within bounds.
    fn work_on_nothing(
        &mut self,
        conversation: ConversationId,
        message: MessageRef,
        mut index: Index,
    ) {
        let (mut gone, mut asking) = (index.position.is_some(), Vec::new());
        for task in self.take_works(conversation, message) {
            match task {
                Task::Change(change) => {
                    // Words that are to go away do not wait for a message that may never come.
                    let words = matches!(change.what, Changed::Text(_));
                    if !(change.expires && words) && index.early.len() < EARLY {
                        index.early.push(change);
                    }
                }
                Task::Wish(..) => self.refuse(Some(message.id), &Problem::new(Code::NotFound)),
                Task::Answered(reply) => {
                    if index.replies.len() < REPLIES && !index.replies.contains(&reply) {
                        index.replies.push(reply);
                    }
                    asking.push(reply);
                }
                Task::Gone => gone = true,
                // What is not here any more is not replaced.
                Task::Merge(line) => self.forget_kept(&line.entry),
                Task::Arrived(_) | Task::Keep | Task::Show | Task::Quoted { .. } | Task::Forget => {
                }
            }
        }
        if gone {
            asking.append(&mut index.replies);
        }
        self.tell_replies(conversation, message, &asking, None, &Said::Missing);
        let Some(thread) = self.state.threads.edit(conversation) else {
            return;
        };
        thread.awaited.retain(|awaited| *awaited != message);
        let key = index_key(conversation, message);
        if gone || index.early.is_empty() && index.replies.is_empty() {
            return self.batch.delete(key);
        }
        thread.awaited.push(message);
        if thread.awaited.len() > AWAITED {
            let oldest = thread.awaited.remove(0);
            self.batch.delete(index_key(conversation, oldest));
        }
        self.batch.put_json(key, &index);
    }

    /// What waits for a message of mine that is not sent yet: what cannot be done before it is
    /// stays.
    fn work_on_outgoing(&mut self, number: u64, works: &[u64]) {
        for work in works {
            let outgoing = self.state.outbox.edit(number);
            let task = self.state.works.get(*work).map(|work| &work.task);
            let (Some(outgoing), Some(task)) = (outgoing, task) else {
                continue;
            };
            match task {
                Task::Quoted { of, position, said } => {
                    if let Some(quote) = &mut outgoing.reply_to
                        && quote.message == *of
                    {
                        quote.position.clone_from(position);
                        quote.said = said.clone();
                    }
                }
                Task::Wish(_, Changed::Text(words)) if outgoing.sealed.is_none() => {
                    if let OutgoingBody::Text(text) = &mut outgoing.body {
                        text.clone_from(words);
                    }
                }
                Task::Wish(..) | Task::Answered(_) | Task::Change(_) => continue,
                Task::Arrived(_)
                | Task::Merge(_)
                | Task::Keep
                | Task::Show
                | Task::Forget
                | Task::Gone => {}
            }
            self.state.works.remove(*work);
            self.write_outgoing(number);
        }
    }

    fn tell_replies(
        &mut self,
        conversation: ConversationId,
        of: MessageRef,
        replies: &[MessageRef],
        position: Option<String>,
        said: &Said,
    ) {
        for reply in replies {
            let task = Task::Quoted {
                of,
                position: position.clone(),
                said: said.clone(),
            };
            self.add_work(conversation, *reply, task);
        }
    }

    /// Sends a change that the person here wants, if it may be made.
    fn wish(
        &mut self,
        conversation: ConversationId,
        index: &Index,
        entry: &Entry,
        id: ClientId,
        what: Changed,
    ) {
        let age = self.now + self.session.clock_offset - entry.sent_at;
        let refusal = match (&what, index.body(entry)) {
            (_, Body::Deleted) => Some("The message was deleted."),
            (Changed::Reaction(_), _) => None,
            _ if !entry.mine => Some("Only who wrote a message can change it."),
            (Changed::Deleted, _) => None,
            (Changed::Text(_), Body::Text { .. }) => {
                (age > EDIT_TIME).then_some("A message can be edited for 24 hours.")
            }
            (Changed::Text(_), _) => Some("Only words can be edited."),
        };
        if let Some(detail) = refusal {
            let problem = Problem::new(Code::Forbidden).detail(detail);
            return self.refuse(Some(entry.id), &problem);
        }
        let expires = match what {
            Changed::Text(_) => entry.extra.expires_after,
            _ => None,
        };
        let to = entry.message();
        let body = OutgoingBody::Change { to, what };
        self.say_as(conversation, id, body, expires);
    }

    /// Tells an entry that has its place as it is now.
    fn rewrite_entry(&mut self, conversation: ConversationId, entry: Entry) {
        let key = format!("{HISTORY_PREFIX}{conversation}/{}", entry.position);
        self.batch.put_json(key, &entry);
        if let Some(thread) = self.state.threads.get(conversation)
            && thread
                .newest
                .as_ref()
                .is_some_and(|newest| newest.position == entry.position)
            && let Some(thread) = self.state.threads.edit(conversation)
        {
            thread.keep_newest(&entry);
            self.session.changed.insert(conversation);
        }
        let entry = Box::new(entry);
        self.notify(Notice::Message {
            conversation,
            entry,
        });
    }
}
