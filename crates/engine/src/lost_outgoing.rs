//! Messages on their way out whose stored records do not open any more.
//!
//! What the person saw of them still stands in the history: it is told as failed, and can be sent
//! again or dropped like any other.

use protocol::{Code, Problem};

use crate::{
    Body, Entry, EntryState, Failure, HISTORY_PREFIX, ReadRange, Record,
    engine::Step,
    jobs::Job,
    state::{OUTBOX, Outgoing, OutgoingBody, sending_position},
};

impl Step<'_> {
    pub(crate) fn pump_lost_outgoing(&mut self) {
        if self.state.lost_outgoing.is_empty() || !self.session.jobs.idle(Job::LostOutgoing) {
            return;
        }
        let conversations = self.state.threads.keys();
        let lost = self
            .state
            .lost_outgoing
            .iter()
            .map(|it| sending_position(*it));
        let keys = lost.flat_map(|position| {
            let key = move |of| format!("{HISTORY_PREFIX}{of}/{position}");
            conversations.iter().map(key)
        });
        let keys = keys.collect();
        self.read(Job::LostOutgoing, ReadRange::Keys { keys });
    }

    pub(crate) fn lost_outgoing_reply(&mut self, reply: Result<Vec<Record>, Box<Problem>>) {
        let Ok(records) = reply else {
            return self.back_off(Job::LostOutgoing, None);
        };
        self.session.jobs.succeeded(Job::LostOutgoing);
        for number in std::mem::take(&mut self.state.lost_outgoing) {
            self.batch.delete(format!("{OUTBOX}{number}"));
            let position = sending_position(number);
            let shown = records.iter().find(|it| it.key.ends_with(&position));
            if let Some(outgoing) = shown.and_then(|record| rebuilt(record, position)) {
                self.state.outbox.insert(number, outgoing);
                let detail = "It was damaged on this device before it was sent.";
                let failure = Failure {
                    code: Code::Internal,
                    detail: detail.to_owned(),
                };
                self.fail(number, failure);
            }
        }
    }
}

/// The message of an entry that is shown as being sent.
fn rebuilt(record: &Record, position: String) -> Option<Outgoing> {
    let (conversation, _) = record.key.strip_prefix(HISTORY_PREFIX)?.split_once('/')?;
    let entry: Entry = serde_json::from_slice(record.value.as_ref()).ok()?;
    let body = match entry.body {
        _ if entry.state != EntryState::Sending => return None,
        Body::Text { text } => OutgoingBody::Text(text),
        // Its file is uploaded again.
        Body::Picture { picture, .. } => OutgoingBody::Picture {
            picture: *picture,
            attached: None,
        },
        Body::File { file, .. } => OutgoingBody::File {
            file,
            attached: None,
        },
        _ => return None,
    };
    Some(Outgoing {
        conversation: crate::ConversationId(conversation.parse().ok()?),
        id: entry.id,
        written_at: entry.sent_at,
        body,
        position,
        sealed: None,
        failure: None,
        reply_to: entry.extra.reply_to,
        expires_after: entry.extra.expires_after,
    })
}
