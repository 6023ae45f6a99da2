//! What is known of a message besides its entry, and what waits to be done to entries.
//!
//! None of it is held in memory but what waits: the engine reads an index when something happens
//! to its message.

use std::collections::BTreeMap;

use protocol::{ClientId, UserId};
use serde::{Deserialize, Serialize};

use crate::{Body, ConversationId, Entry, INDEX_PREFIX, MessageRef, Said, Text, archive::Line};

/// Where something was said: which of the conversation's rooms, and the place in it. The order of
/// all members, whatever they hear first.
pub(crate) type Place = (u32, u64);

/// The record of a message.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Index {
    /// Where its entry stands; `None` while it is not here.
    pub(crate) position: Option<String>,
    /// What it said before a change of mine that is still on its way, to go back to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<Box<Body>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) edit: Option<Edited>,
    /// Its sender took it back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) deleted: bool,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) reactions: BTreeMap<UserId, Reacted>,
    /// Messages that quote it: they are told when it changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) replies: Vec<MessageRef>,
    /// Changes that came before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) early: Vec<Change>,
}

/// Other words.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Edited {
    pub(crate) place: Place,
    /// Milliseconds since 1970, by the server.
    pub(crate) at: i64,
    pub(crate) text: Text,
}

/// A person's last word about a message.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Reacted {
    pub(crate) place: Place,
    /// `None`: taken back.
    pub(crate) emoji: Option<String>,
}

/// A change that has its place.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Change {
    pub(crate) by: UserId,
    pub(crate) place: Place,
    /// Milliseconds since 1970, by the server.
    pub(crate) at: i64,
    pub(crate) what: Changed,
    /// It is part of what goes away.
    #[serde(default)]
    pub(crate) expires: bool,
}

/// What a change does.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Changed {
    /// A reaction, or `None` for its end.
    Reaction(Option<String>),
    /// Other words.
    Text(Text),
    /// Taken back.
    Deleted,
}

/// Something to do to a message, once its records were read.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Work {
    pub(crate) conversation: ConversationId,
    pub(crate) message: MessageRef,
    pub(crate) task: Task,
}

/// What is to be done.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Task {
    /// Its entry came, after something that was said about it, and stands there.
    Arrived(String),
    /// A change to take over.
    Change(Change),
    /// What my archive holds of it.
    Merge(Box<Line>),
    /// My archive is to hold it.
    Keep,
    /// A change that the person here wants: checked, then sent under this id.
    Wish(ClientId, Changed),
    /// Something that is shown with it changed.
    Show,
    /// Another message quotes it.
    Answered(MessageRef),
    /// What the message says that it quotes.
    Quoted {
        of: MessageRef,
        position: Option<String>,
        said: Said,
    },
    /// Delete it on this device.
    Forget,
    /// Its entry is deleted.
    Gone,
}

/// A message that goes away, by where it stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fading {
    pub(crate) conversation: ConversationId,
    pub(crate) place: Place,
}

/// When and how it goes.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Fate {
    pub(crate) message: MessageRef,
    /// Its entry's key.
    pub(crate) key: String,
    /// Seconds after it was read.
    pub(crate) after: u32,
    /// When; `None` until it was read. Milliseconds since 1970 by this device's clock.
    pub(crate) at: Option<i64>,
    /// The record of its file: see `fading_file`.
    pub(crate) file: Option<String>,
}

impl Index {
    /// What there is to say of an entry that just came.
    pub(crate) fn of(entry: &Entry) -> Self {
        let mut index = Self {
            position: Some(entry.position.clone()),
            ..Self::default()
        };
        index.arrive(entry);
        index
    }

    /// Its entry is here. What the entry brings along, out of an archive, counts as said with it
    /// until its line is merged.
    pub(crate) fn arrive(&mut self, entry: &Entry) {
        self.position = Some(entry.position.clone());
        let place = place_of(&entry.position);
        for reaction in &entry.extra.reactions {
            for user in &reaction.users {
                let emoji = Some(reaction.emoji.clone());
                let said = Reacted { place, emoji };
                self.reactions.entry(*user).or_insert(said);
            }
        }
        if let (Body::Text { text }, Some(at)) = (&entry.body, entry.extra.edited_at) {
            let text = text.clone();
            self.edit.get_or_insert(Edited { place, at, text });
        }
        self.deleted |= entry.body == Body::Deleted;
    }
}

/// The key of a message's index.
pub(crate) fn index_key(conversation: ConversationId, message: MessageRef) -> String {
    let MessageRef { sender, id } = message;
    format!("{INDEX_PREFIX}{conversation}/{sender}/{id}")
}

/// The place that a position tells; zeros for one that has none.
pub(crate) fn place_of(position: &str) -> Place {
    let generation = position.get(..8).map(|it| u32::from_str_radix(it, 16));
    let seq = position.get(8..24).map(|it| u64::from_str_radix(it, 16));
    match (generation, seq) {
        (Some(Ok(generation)), Some(Ok(seq))) => (generation, seq),
        _ => (0, 0),
    }
}

impl std::fmt::Display for Fading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (generation, seq) = self.place;
        let position = super::position(generation, seq);
        write!(f, "{}/{position}", self.conversation)
    }
}

impl std::str::FromStr for Fading {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (conversation, position) = text.split_once('/').ok_or(())?;
        Ok(Self {
            conversation: ConversationId(conversation.parse().map_err(|_| ())?),
            place: place_of(position),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_from_positions() {
        let position = crate::state::position(3, 0xabc);
        assert_eq!(place_of(&position), (3, 0xabc));
        assert_eq!(place_of("~0000000000000001"), (0, 0));
        let fading = Fading {
            conversation: ConversationId(uuid::Uuid::from_u128(7)),
            place: (3, 0xabc),
        };
        assert!(fading.to_string().parse() == Ok(fading));
        assert!("x".parse::<Fading>().is_err());
    }
}
