//! What is sealed of an entry.
//!
//! ```text
//! version 1 | size 4 | head, JSON | the long part: a text's UTF-8, or an unknown body's bytes
//! ```
//! Where it stands, and whose archive it is, are sealed beside it (`e2ee::archive::Place`).
//!
//! A newer version of the application may have sealed it. A body that this version does not know is
//! shown as such and goes back as it came when the line is replaced here: see [`newer`].

use protocol::{Base64, RoomId};
use serde::{Deserialize, Serialize};

use super::{Marks, newer};
use crate::{
    Body, Entry, EntryState, Said, Text,
    state::{Index, position},
};

const VERSION: u8 = 1;

/// An entry, and what does not show of it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Line {
    #[serde(flatten)]
    pub(crate) entry: Entry,
    /// Where its changes stand.
    #[serde(default, skip_serializing_if = "Marks::is_none")]
    pub(crate) marks: Marks,
    /// Which group it was said in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) group: Option<GroupName>,
}

/// What a group was called: nobody tells a device that comes in after the group is gone.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct GroupName {
    /// The how manieth name it was.
    pub(crate) revision: u64,
    /// Where it was said: of two names that were said at once, the later stands.
    #[serde(default)]
    pub(crate) seq: u64,
    pub(crate) name: String,
}

/// Why a line is not shown, although it was sealed for its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// A newer version of the application made it: this one has to be updated.
    Newer,
    /// It is of no version.
    Malformed,
}

/// The encoding of an entry that has its place.
pub(crate) fn encode(line: &Line) -> Option<Vec<u8>> {
    let mut line = line.clone();
    let head = &mut line.entry;
    // What follows from the place.
    head.key.clear();
    head.position.clear();
    head.room_id = None;
    head.seq = None;
    // What it answers is looked up where it is read: words that went away must not stay in here.
    if let Some(quote) = &mut head.extra.reply_to {
        quote.position = None;
        quote.said = Said::Looking;
    }
    let mut long = match &mut head.body {
        Body::Text { text } => std::mem::take(&mut text.0).into_bytes(),
        Body::Unknown { data, .. } => {
            let bytes = data.as_ref().to_vec();
            *data = Base64::from(Vec::new());
            bytes
        }
        _ => Vec::new(),
    };
    let head = match &line.entry.body {
        Body::Unknown { kind, .. } if *kind == newer::KIND => newer::restore(&line, &mut long)?,
        _ => serde_json::to_vec(&line).ok()?,
    };
    let size = u32::try_from(head.len()).ok()?;
    Some([&[VERSION], size.to_be_bytes().as_slice(), &head, &long].concat())
}

/// The line of a place.
pub(crate) fn decode(
    bytes: &[u8],
    room_id: RoomId,
    generation: u32,
    seq: u64,
) -> Result<Line, Unread> {
    let (version, rest) = bytes.split_first().ok_or(Unread::Malformed)?;
    match *version {
        VERSION => {}
        0 => return Err(Unread::Malformed),
        _ => return Err(Unread::Newer),
    }
    let (size, rest) = rest.split_first_chunk::<4>().ok_or(Unread::Malformed)?;
    let (head, long) = rest
        .split_at_checked(u32::from_be_bytes(*size) as usize)
        .ok_or(Unread::Malformed)?;
    let mut line = match serde_json::from_slice::<Line>(head) {
        Ok(line)
            if matches!(
                line.entry.body,
                Body::Unknown {
                    kind: newer::KIND,
                    ..
                }
            ) =>
        {
            return Err(Unread::Malformed);
        }
        Ok(line) => line,
        Err(_) => newer::read(head, long)?,
    };
    let entry = &mut line.entry;
    match &mut entry.body {
        Body::Text { text } => {
            let words = String::from_utf8(long.to_vec());
            *text = Text(words.map_err(|_| Unread::Malformed)?);
        }
        Body::Unknown { kind, .. } if *kind == newer::KIND => {}
        Body::Unknown { data, .. } => *data = long.to_vec().into(),
        _ if long.is_empty() => {}
        // Its body has a part that this version does not know.
        _ => return Err(Unread::Newer),
    }
    entry.key = format!("{room_id}/{seq}");
    entry.position = position(generation, seq);
    entry.room_id = Some(room_id);
    entry.seq = Some(seq);
    entry.state = EntryState::Sent;
    entry.failure = None;
    if line.marks.is_none() {
        // As the first version sealed them: what was said stands at the place of the message.
        line.marks = Marks::of(&Index::of(entry));
    }
    Ok(line)
}

#[cfg(test)]
mod tests {
    use protocol::{ClientId, UserId};

    use super::*;
    use crate::{Extra, MessageRef, Quote};

    fn answer() -> Line {
        let id = ClientId::from_bytes([1; 16]);
        let sender = UserId::from_bytes([2; 16]);
        let entry = Entry {
            key: "room/7".to_owned(),
            position: "7".to_owned(),
            id,
            room_id: Some(RoomId::from_bytes([3; 16])),
            seq: Some(7),
            sender,
            mine: false,
            sent_at: 5,
            state: EntryState::Sent,
            failure: None,
            body: Body::Text {
                text: "an answer".into(),
            },
            extra: Extra {
                reply_to: Some(Quote {
                    message: MessageRef { sender, id },
                    position: Some("6".to_owned()),
                    said: Said::Text {
                        text: "the question".into(),
                    },
                }),
                ..Extra::default()
            },
        };
        Line {
            entry,
            marks: Marks::default(),
            group: None,
        }
    }

    #[test]
    fn an_answer_reads_back_without_the_words_that_it_quotes() {
        let line = answer();
        let bytes = encode(&line).unwrap();
        let holds = |words: &[u8]| bytes.windows(words.len()).any(|part| part == words);
        assert!(holds(b"an answer"));
        assert!(!holds(b"the question"));
        let entry = line.entry;
        let read = decode(&bytes, entry.room_id.unwrap(), 0, 7).unwrap().entry;
        assert_eq!(read.body, entry.body);
        let quote = read.extra.reply_to.unwrap();
        assert_eq!(quote.message, entry.extra.reply_to.unwrap().message);
        assert_eq!((quote.position, quote.said), (None, Said::Looking));
    }

    #[test]
    fn what_is_no_line_is_none() {
        let (bytes, room) = (encode(&answer()).unwrap(), RoomId::from_bytes([3; 16]));
        for length in 0..bytes.len() - "an answer".len() {
            let cut = decode(&bytes[..length], room, 0, 7);
            assert_eq!(cut.err(), Some(Unread::Malformed), "{length}");
        }
        for (version, why) in [(0, Unread::Malformed), (VERSION + 1, Unread::Newer)] {
            let other = decode(&[&[version], &bytes[1..]].concat(), room, 0, 7);
            assert_eq!(other.err(), Some(why));
        }
    }
}
