//! What waits to be done to messages: stored with whatever caused it, done by `works.rs`.

use crate::{
    ConversationId, Entry, MessageRef,
    archive::Line,
    engine::Step,
    state::{Change, Index, Task, Work, index_key},
};

impl Step<'_> {
    pub(crate) fn add_work(
        &mut self,
        conversation: ConversationId,
        message: MessageRef,
        task: Task,
    ) {
        let last = self.state.works.iter().next_back();
        let number = last.map_or(1, |(number, _)| number + 1);
        let work = Work {
            conversation,
            message,
            task,
        };
        self.state.works.insert(number, work);
    }

    /// A message's entry has its place: what was said about it before is looked up.
    pub(crate) fn arrived(
        &mut self,
        conversation: ConversationId,
        entry: &Entry,
        line: Option<&Line>,
    ) {
        let message = entry.message();
        if let Some(quote) = &entry.extra.reply_to {
            self.add_work(conversation, quote.message, Task::Answered(message));
        }
        let thread = self.state.threads.get(conversation);
        let awaited = thread.is_some_and(|thread| thread.awaited.contains(&message));
        if awaited || self.has_work(conversation, message) {
            let task = Task::Arrived(entry.position.clone());
            self.add_work(conversation, message, task);
            if let Some(line) = line.filter(|line| !line.marks.is_none()) {
                self.add_work(conversation, message, Task::Merge(Box::new(line.clone())));
            }
        } else {
            let mut index = Index::of(entry);
            if let Some(line) = line {
                index.merge(line);
            }
            let key = index_key(conversation, message);
            self.batch.put_json(key, &index);
        }
    }

    /// Whether anything waits to be done to a message.
    pub(crate) fn has_work(&self, conversation: ConversationId, message: MessageRef) -> bool {
        let mut works = self.state.works.iter().map(|(_, work)| work);
        works.any(|work| work.conversation == conversation && work.message == message)
    }

    /// A change that has its place.
    pub(crate) fn add_change(
        &mut self,
        conversation: ConversationId,
        message: MessageRef,
        change: Change,
    ) {
        self.add_work(conversation, message, Task::Change(change));
    }

    pub(crate) fn take_works(
        &mut self,
        conversation: ConversationId,
        message: MessageRef,
    ) -> Vec<Task> {
        let works = self.state.works.iter();
        let here = |work: &Work| work.conversation == conversation && work.message == message;
        let numbers: Vec<u64> = works
            .filter(|(_, work)| here(work))
            .map(|(number, _)| number)
            .collect();
        let mut taken = Vec::new();
        for number in numbers {
            taken.extend(self.state.works.remove(number).map(|work| work.task));
        }
        taken
    }
}
