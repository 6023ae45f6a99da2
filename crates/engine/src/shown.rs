//! What a message looks like after everything that was said about it.
//!
//! Of what has a place in the room the highest stands, so that all devices show the same in
//! whatever order they hear it; what is still on its way from here goes over that.

use std::collections::BTreeMap;

use protocol::UserId;

use crate::{
    Body, Entry, MessageRef, Reaction, Said, Text,
    state::{Change, Changed, Edited, Index, Outgoing, OutgoingBody, Place, Reacted},
};

/// How long words may be changed, in milliseconds by the server's clock: 24 hours.
pub(crate) const EDIT_TIME: i64 = 24 * 60 * 60 * 1000;
/// Most characters of a quote.
const EXCERPT: usize = 200;

/// What the person here changed and the server has not acknowledged.
#[derive(Default)]
pub(crate) struct Overlay {
    text: Option<(i64, Text)>,
    deleted: bool,
    reaction: Option<Option<String>>,
}

impl Overlay {
    /// What of the outbox is about a message; in writing order.
    pub(crate) fn of<'a>(outbox: impl Iterator<Item = &'a Outgoing>, message: MessageRef) -> Self {
        let mut overlay = Self::default();
        for outgoing in outbox {
            let OutgoingBody::Change { to, what } = &outgoing.body else {
                continue;
            };
            if *to != message {
                continue;
            }
            match what {
                Changed::Text(text) => overlay.text = Some((outgoing.written_at, text.clone())),
                Changed::Deleted => overlay.deleted = true,
                Changed::Reaction(emoji) => overlay.reaction = Some(emoji.clone()),
            }
        }
        overlay
    }
}

impl Index {
    /// Takes a change over, if its sender may make it and no later one stands.
    pub(crate) fn take(&mut self, entry: &Entry, change: Change) {
        let Change { by, place, at, .. } = change;
        if self.deleted {
            return;
        }
        match change.what {
            Changed::Deleted if by == entry.sender => {
                self.deleted = true;
                self.edit = None;
                self.before = None;
                self.reactions.clear();
            }
            Changed::Text(text) if by == entry.sender => {
                let later = self.edit.as_ref().is_none_or(|edit| edit.place < place);
                let in_time = at.saturating_sub(entry.sent_at) <= EDIT_TIME;
                if later && in_time && matches!(self.body(entry), Body::Text { .. }) {
                    self.edit = Some(Edited { place, at, text });
                }
            }
            Changed::Reaction(emoji) => {
                let known = self.reactions.get(&by);
                if known.is_none_or(|known| known.place < place) {
                    self.reactions.insert(by, Reacted { place, emoji });
                }
            }
            // Of somebody else's message.
            Changed::Deleted | Changed::Text(_) => {}
        }
    }

    /// What it says, changes that are on their way left out.
    pub(crate) fn body(&self, entry: &Entry) -> Body {
        let body = self.before.as_deref().unwrap_or(&entry.body);
        match (body, &self.edit) {
            _ if self.deleted => Body::Deleted,
            (Body::Text { .. }, Some(edit)) => Body::Text {
                text: edit.text.clone(),
            },
            (body, _) => body.clone(),
        }
    }

    /// The entry as it is to be shown to `own`.
    pub(crate) fn show(&mut self, mut entry: Entry, overlay: Overlay, own: UserId) -> Entry {
        let standing = self.body(&entry);
        let edited_at = self.edit.as_ref().map(|edit| edit.at);
        let (body, edited_at) = match (&standing, overlay.text) {
            _ if overlay.deleted => (Body::Deleted, None),
            (Body::Text { .. }, Some((at, text))) => (Body::Text { text }, Some(at)),
            _ => (standing.clone(), edited_at),
        };
        self.before = (body != standing).then(|| Box::new(standing));
        entry.extra.reactions = match body {
            Body::Deleted => Vec::new(),
            _ => self.reactions(overlay.reaction, own),
        };
        if self.deleted {
            entry.extra.reply_to = None;
        }
        entry.extra.edited_at = edited_at;
        entry.body = body;
        entry
    }

    /// Reactions by emoji, in the order in which each was first used.
    fn reactions(&self, mine: Option<Option<String>>, own: UserId) -> Vec<Reaction> {
        let mut all: BTreeMap<UserId, (Place, &str)> = BTreeMap::new();
        for (user, said) in &self.reactions {
            if let Some(emoji) = &said.emoji {
                all.insert(*user, (said.place, emoji));
            }
        }
        match &mine {
            Some(Some(emoji)) => {
                all.insert(own, ((u32::MAX, u64::MAX), emoji));
            }
            Some(None) => {
                all.remove(&own);
            }
            None => {}
        }
        let mut by_emoji: BTreeMap<&str, (Place, Vec<UserId>)> = BTreeMap::new();
        for (user, (place, emoji)) in all {
            let (first, users) = by_emoji.entry(emoji).or_insert((place, Vec::new()));
            *first = (*first).min(place);
            users.push(user);
        }
        let mut sorted: Vec<_> = by_emoji.into_iter().collect();
        sorted.sort_by_key(|(emoji, (first, _))| (*first, *emoji));
        let reaction = |(emoji, (_, users)): (&str, (Place, Vec<UserId>))| Reaction {
            emoji: emoji.to_owned(),
            mine: users.contains(&own),
            users,
        };
        sorted.into_iter().map(reaction).collect()
    }
}

impl Body {
    /// Whether it is a message that can be answered, changed or deleted.
    pub(crate) const fn is_message(&self) -> bool {
        matches!(
            self,
            Self::Text { .. }
                | Self::Picture { .. }
                | Self::File { .. }
                | Self::Unknown { .. }
                | Self::Deleted
        )
    }

    /// What a message that quotes it shows.
    pub(crate) fn said(&self) -> Said {
        match self {
            Self::Text { text } => Said::Text {
                text: excerpt(text),
            },
            Self::Picture { picture, .. } => Said::Picture {
                caption: excerpt(&picture.caption),
            },
            Self::File { file, .. } => Said::File {
                name: file.name.clone(),
            },
            Self::Deleted => Said::Deleted,
            Self::Unknown { .. } | Self::Room { .. } | Self::Unopened { .. } => Said::Unknown,
        }
    }
}

impl Entry {
    /// What names its message.
    pub(crate) const fn message(&self) -> MessageRef {
        MessageRef {
            sender: self.sender,
            id: self.id,
        }
    }
}

fn excerpt(text: &Text) -> Text {
    let end = text.0.char_indices().nth(EXCERPT).map(|(end, _)| end);
    text.0
        .get(..end.unwrap_or(text.0.len()))
        .unwrap_or_default()
        .into()
}
