//! What makes one line newer than another: where each change of the message stands.
//!
//! Two lines of a message are merged change by change, the highest place of each kept, so that it
//! does not matter which of them was uploaded last.

use std::collections::BTreeMap;

use protocol::UserId;
use serde::{Deserialize, Serialize};

use super::line::Line;
use crate::{
    Body,
    state::{Edited, Index, Place, Reacted},
};

/// The changes of a message that count, by place.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Marks {
    /// Of the words that stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    edit: Option<Place>,
    /// The last word of each person, taken back or not.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    reactions: BTreeMap<UserId, Reacted>,
    /// Taken back: nothing else counts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    deleted: bool,
}

impl Marks {
    pub(crate) fn of(index: &Index) -> Self {
        if index.deleted {
            return Self {
                deleted: true,
                ..Self::default()
            };
        }
        Self {
            edit: index.edit.as_ref().map(|edit| edit.place),
            reactions: index.reactions.clone(),
            deleted: false,
        }
    }

    /// Nothing was ever said about it.
    pub(crate) fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

impl Index {
    /// Takes over what a line of my archive knows beyond this.
    pub(crate) fn merge(&mut self, line: &Line) {
        let marks = &line.marks;
        if self.deleted || marks.deleted {
            self.deleted = true;
            self.edit = None;
            self.before = None;
            self.reactions.clear();
            return;
        }
        let edited = (marks.edit, line.entry.extra.edited_at, &line.entry.body);
        if let (Some(place), Some(at), Body::Text { text }) = edited
            && self.edit.as_ref().is_none_or(|edit| edit.place < place)
        {
            let text = text.clone();
            self.edit = Some(Edited { place, at, text });
        }
        for (user, said) in &marks.reactions {
            let known = self.reactions.get(user);
            if known.is_none_or(|known| known.place < said.place) {
                self.reactions.insert(*user, said.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::{ClientId, RoomId};

    use super::*;
    use crate::{Entry, EntryState, Extra};

    fn entry() -> Entry {
        Entry {
            key: "room/7".to_owned(),
            position: crate::state::position(1, 7),
            id: ClientId::from_bytes([1; 16]),
            room_id: Some(RoomId::from_bytes([3; 16])),
            seq: Some(7),
            sender: UserId::from_bytes([2; 16]),
            mine: false,
            sent_at: 5,
            state: EntryState::Sent,
            failure: None,
            body: Body::Text {
                text: "first".into(),
            },
            extra: Extra::default(),
        }
    }

    /// A message that somebody reacted to at these places, and that was edited at that one.
    fn known(reactions: &[(u8, u64, Option<&str>)], edit: Option<(u64, &str)>) -> Index {
        let mut index = Index::of(&entry());
        for (user, seq, emoji) in reactions {
            let said = Reacted {
                place: (1, *seq),
                emoji: emoji.map(str::to_owned),
            };
            index
                .reactions
                .insert(UserId::from_bytes([*user; 16]), said);
        }
        index.edit = edit.map(|(seq, text)| Edited {
            place: (1, seq),
            at: 9,
            text: text.into(),
        });
        index
    }

    fn line(index: &Index) -> Line {
        let own = UserId::from_bytes([9; 16]);
        Line {
            entry: index.clone().show(entry(), Default::default(), own),
            marks: Marks::of(index),
            group: None,
        }
    }

    #[test]
    fn merging_comes_to_the_same_in_any_order_and_never_goes_back() {
        let mut deleted = known(&[], None);
        deleted.deleted = true;
        let states = [
            known(&[], None),
            known(&[(5, 8, Some("👍"))], Some((9, "second"))),
            known(&[(5, 12, None), (6, 10, Some("❤️"))], None),
            known(&[(6, 11, Some("🌿"))], Some((13, "third"))),
        ];
        let shown = |order: &[usize]| {
            let mut index = Index::of(&entry());
            for state in order {
                index.merge(&line(&states[*state]));
            }
            (Marks::of(&index), line(&index).entry)
        };
        let (marks, text) = shown(&[0, 1, 2, 3]);
        assert_eq!(
            text.body,
            Body::Text {
                text: "third".into()
            }
        );
        assert_eq!(text.extra.reactions.len(), 1);
        for order in [[3, 2, 1, 0], [2, 3, 0, 1], [1, 3, 2, 2]] {
            assert!(shown(&order) == (marks.clone(), text.clone()), "{order:?}");
        }
        let mut index = states[3].clone();
        index.merge(&line(&deleted));
        index.merge(&line(&states[3]));
        assert!(index.deleted && Marks::of(&index).deleted);
    }
}
