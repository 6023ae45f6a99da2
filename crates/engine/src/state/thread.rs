//! Conversations: the rooms that they have lived in, what is unread, and the newest entry.

use std::ops::Not;

use protocol::{RoomId, UserId, rest::rooms::RoomKind};
use serde::{Deserialize, Serialize};

use super::Timer;
use crate::{Body, Entry, MessageRef};

/// Most unread entries that are remembered one by one.
pub(crate) const UNREAD_MAX: usize = 100;

/// Most characters of a text that the newest entry keeps: it is stored with every message.
const PREVIEW: usize = 200;

/// One conversation.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Thread {
    pub(crate) kind: RoomKind,
    /// The other person of a direct conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) peer: Option<UserId>,
    /// Every room that it has lived in, oldest first.
    pub(crate) rooms: Vec<RoomId>,
    /// The room that it lives in now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) room: Option<RoomId>,
    /// The pair's room that another device has to let this one into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) awaiting: Option<RoomId>,
    /// The two people are no contacts any more.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub(crate) parted: bool,
    /// Generation and place of the newest unread entries, rising.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) unread: Vec<(u32, u64)>,
    /// The newest entry that has its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) newest: Option<Entry>,
    /// The newest entry went away: the one before it is to be looked up.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub(crate) lost_newest: bool,
    /// A group's name.
    #[serde(default)]
    pub(crate) profile: Profile,
    /// When messages go away.
    #[serde(default)]
    pub(crate) timer: Timer,
    /// Messages that something was said about and that are not here, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) awaited: Vec<MessageRef>,
}

/// A group's name, as somebody said it in an encrypted message.
///
/// What stands is what an admin said, with the highest count of names, at the highest place in the
/// room: the same for all members in the end, in whatever order they hear of it.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Profile {
    /// Somebody said it to this device. Else it was read in the archive: it is shown until somebody
    /// says one, and not passed on, because nothing is known of the picture that goes with it.
    #[serde(default = "yes")]
    pub(crate) heard: bool,
    /// An admin said it. Others only pass it on, to devices that know none.
    pub(crate) by_admin: bool,
    /// The how manieth name it is; 0 for none.
    pub(crate) revision: u64,
    /// Where it was said; 0 until it has a place.
    pub(crate) seq: u64,
    pub(crate) name: String,
}

impl Thread {
    /// A conversation with a person, before its first room.
    pub(crate) const fn direct(peer: UserId) -> Self {
        Self::new(RoomKind::Direct, Some(peer))
    }

    /// The conversation of a group room.
    pub(crate) const fn group() -> Self {
        Self::new(RoomKind::Group, None)
    }

    const fn new(kind: RoomKind, peer: Option<UserId>) -> Self {
        Self {
            kind,
            peer,
            rooms: Vec::new(),
            room: None,
            awaiting: None,
            parted: false,
            unread: Vec::new(),
            newest: None,
            lost_newest: false,
            profile: Profile::empty(),
            timer: Timer {
                entitled: false,
                revision: 0,
                place: (0, 0),
                seconds: 0,
            },
            awaited: Vec::new(),
        }
    }

    /// Counts an entry as unread.
    pub(crate) fn add_unread(&mut self, generation: u32, seq: u64) {
        self.unread.push((generation, seq));
        if self.unread.len() > UNREAD_MAX {
            self.unread.remove(0);
        }
    }

    /// Everything up to a place was read.
    pub(crate) fn mark_read(&mut self, generation: u32, seq: u64) {
        self.unread.retain(|place| *place > (generation, seq));
    }

    /// Keeps the entry that stands last.
    pub(crate) fn keep_newest(&mut self, entry: &Entry) {
        if self
            .newest
            .as_ref()
            .is_none_or(|newest| newest.position <= entry.position)
        {
            self.newest = Some(preview(entry));
            self.lost_newest = false;
        }
    }
}

impl Profile {
    const fn empty() -> Self {
        Self {
            heard: false,
            by_admin: false,
            revision: 0,
            seq: 0,
            name: String::new(),
        }
    }

    /// Takes a name over if it is to stand; says whether the name is another one now, `None` when
    /// it does not stand.
    pub(crate) fn take(&mut self, said: Self) -> Option<bool> {
        let newer = said.by_admin || !self.heard;
        if !newer || said < *self {
            return None;
        }
        let renamed = said.name != self.name;
        *self = said;
        Some(renamed)
    }
}

const fn yes() -> bool {
    true
}

/// The entry with a text that is long enough for a line.
fn preview(entry: &Entry) -> Entry {
    let mut entry = entry.clone();
    entry.extra.reply_to = None;
    entry.extra.reactions.clear();
    let text = match &mut entry.body {
        Body::Text { text } => Some(text),
        Body::Picture { picture, .. } => {
            picture.preview = Vec::new().into();
            Some(&mut picture.caption)
        }
        Body::File { file, .. } => Some(&mut file.caption),
        _ => None,
    };
    if let Some(text) = text
        && let Some((end, _)) = text.0.char_indices().nth(PREVIEW)
    {
        text.0.truncate(end);
    }
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_up_to_a_place_leaves_the_rest() {
        let mut thread = Thread::group();
        for seq in 1..=150 {
            thread.add_unread(0, seq);
        }
        assert_eq!(thread.unread.len(), UNREAD_MAX);
        thread.mark_read(0, 140);
        assert_eq!(thread.unread.first(), Some(&(0, 141)));
        thread.add_unread(1, 2);
        thread.mark_read(0, 150);
        assert_eq!(thread.unread, [(1, 2)]);
    }
}
