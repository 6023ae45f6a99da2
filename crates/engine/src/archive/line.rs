//! What is sealed of an entry.
//!
//! ```text
//! version 1 | size 4 | head, JSON | the long part: a text's UTF-8, or an unknown body's bytes
//! ```
//! Where it stands, and whose archive it is, are sealed beside it (`e2ee::archive::Place`).

use protocol::{Base64, RoomId};

use crate::{Body, Entry, EntryState, Text, state::position};

const VERSION: u8 = 1;

/// The encoding of an entry that has its place.
pub(crate) fn encode(entry: &Entry) -> Option<Vec<u8>> {
    let mut head = entry.clone();
    // What follows from the place.
    head.key.clear();
    head.position.clear();
    head.room_id = None;
    head.seq = None;
    let long = match &mut head.body {
        Body::Text { text } => std::mem::take(&mut text.0).into_bytes(),
        Body::Unknown { data, .. } => {
            let bytes = data.as_ref().to_vec();
            *data = Base64::from(Vec::new());
            bytes
        }
        _ => Vec::new(),
    };
    let head = serde_json::to_vec(&head).ok()?;
    let size = u32::try_from(head.len()).ok()?;
    Some([&[VERSION], size.to_be_bytes().as_slice(), &head, &long].concat())
}

/// The entry of a place; `None` when it is none that this version knows.
pub(crate) fn decode(bytes: &[u8], room_id: RoomId, generation: u32, seq: u64) -> Option<Entry> {
    let rest = bytes.strip_prefix(&[VERSION])?;
    let (size, rest) = rest.split_first_chunk::<4>()?;
    let (head, long) = rest.split_at_checked(u32::from_be_bytes(*size) as usize)?;
    let mut entry: Entry = serde_json::from_slice(head).ok()?;
    match &mut entry.body {
        Body::Text { text } => *text = Text(String::from_utf8(long.to_vec()).ok()?),
        Body::Unknown { data, .. } => *data = long.to_vec().into(),
        _ if long.is_empty() => {}
        _ => return None,
    }
    entry.key = format!("{room_id}/{seq}");
    entry.position = position(generation, seq);
    entry.room_id = Some(room_id);
    entry.seq = Some(seq);
    entry.state = EntryState::Sent;
    entry.failure = None;
    Some(entry)
}
