//! Bodies of lines that a newer version of the application made.
//!
//! Such a body is a [`Body::Unknown`] of the kind [`KIND`], which no message has. Its bytes are what
//! the line held of it, so that a line which is replaced here, because somebody reacted, says the
//! same to a device that understands it:
//!
//! ```text
//! size 4 | body, JSON | the long part
//! ```

use protocol::Base64;
use serde_json::Value;

use super::line::{Line, Unread};
use crate::Body;

/// Kinds of messages begin with 1.
pub(crate) const KIND: u8 = 0;

/// Reads a head that is none of this version.
pub(super) fn read(head: &[u8], long: &[u8]) -> Result<Line, Unread> {
    // Not JSON: of no version.
    let mut head: Value = serde_json::from_slice(head).map_err(|_| Unread::Malformed)?;
    let body = head.get_mut("body").ok_or(Unread::Malformed)?;
    let known = body.take();
    // A known body is not what keeps the head from being read; and what does not come out as it went
    // in cannot go back as it came.
    let json = serde_json::to_vec(&known).map_err(|_| Unread::Malformed)?;
    let same = serde_json::from_slice(&json).is_ok_and(|it: Value| it == known);
    if !same || serde_json::from_value::<Body>(known).is_ok() {
        return Err(Unread::Newer);
    }
    let size = u32::try_from(json.len()).map_err(|_| Unread::Malformed)?;
    let data = [size.to_be_bytes().as_slice(), &json, long].concat();
    let unknown = Body::Unknown {
        kind: KIND,
        data: Base64::from(data),
    };
    *body = serde_json::to_value(unknown).map_err(|_| Unread::Malformed)?;
    // More of it is of a newer version than the body.
    serde_json::from_value(head).map_err(|_| Unread::Newer)
}

/// The head of a line with a body of [`read`], and the long part beside it, as they came.
pub(super) fn restore(line: &Line, long: &mut Vec<u8>) -> Option<Vec<u8>> {
    let data = std::mem::take(long);
    let (size, rest) = data.split_first_chunk::<4>()?;
    let (json, rest) = rest.split_at_checked(u32::from_be_bytes(*size) as usize)?;
    let mut head = serde_json::to_value(line).ok()?;
    head["body"] = serde_json::from_slice(json).ok()?;
    *long = rest.to_vec();
    serde_json::to_vec(&head).ok()
}

#[cfg(test)]
mod tests {
    use protocol::{ClientId, RoomId, UserId};
    use serde_json::json;

    use super::{super::line, *};
    use crate::Entry;

    const ROOM: RoomId = RoomId::from_bytes([3; 16]);

    fn line(body: &Value, long: &[u8]) -> Vec<u8> {
        let head = json!({
            "key": "",
            "position": "",
            "id": ClientId::from_bytes([1; 16]),
            "sender": UserId::from_bytes([2; 16]),
            "mine": false,
            "sent_at": 5,
            "state": "sent",
            "body": body,
        });
        let head = serde_json::to_vec(&head).unwrap();
        let size = (head.len() as u32).to_be_bytes();
        [&[1], size.as_slice(), &head, long].concat()
    }

    fn read(bytes: &[u8]) -> Result<Line, Unread> {
        line::decode(bytes, ROOM, 0, 7)
    }

    #[test]
    fn bodies_of_a_newer_version_are_shown_as_such_and_go_back_as_they_came() {
        let poll = json!({ "type": "poll", "question": "Where?", "options": ["here", "there"] });
        let event = json!({ "type": "room", "events": [{ "type": "pinned", "user": "x" }] });
        for (body, long) in [(&poll, &b"a long part"[..]), (&event, &[])] {
            let bytes = line(body, long);
            let mut shown = read(&bytes).unwrap();
            assert!(matches!(shown.entry.body, Body::Unknown { kind: KIND, .. }));
            assert_eq!((shown.entry.seq, shown.entry.sent_at), (Some(7), 5));
            // What is stored of it on the device.
            let stored = serde_json::to_vec(&shown.entry).unwrap();
            shown.entry = serde_json::from_slice::<Entry>(&stored).unwrap();
            let again = line::encode(&shown).unwrap();
            let size = u32::from_be_bytes(again[1..5].try_into().unwrap()) as usize;
            let head: Value = serde_json::from_slice(&again[5..5 + size]).unwrap();
            assert_eq!(&head["body"], body);
            assert_eq!(&again[5 + size..], long);
            assert_eq!(read(&again).unwrap().entry.body, shown.entry.body);
        }
    }

    #[test]
    fn what_else_is_not_known_is_newer_and_what_is_no_json_is_malformed() {
        let words = json!({ "type": "text", "text": "" });
        let bytes = line(&words, b"words");
        let mut state = bytes.clone();
        let at = state.windows(6).position(|it| it == b"\"sent\"").unwrap();
        state[at..at + 6].copy_from_slice(b"\"seen\"");
        assert_eq!(read(&state).err(), Some(Unread::Newer));
        // A body that is known has no long part in this version.
        let deleted = json!({ "type": "deleted" });
        let more = read(&line(&deleted, b"why"));
        assert_eq!(more.err(), Some(Unread::Newer));
        let mut garbled = bytes;
        garbled[6] = b'{';
        assert_eq!(read(&garbled).err(), Some(Unread::Malformed));
    }
}
