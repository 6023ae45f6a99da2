//! Decoders of what lies inside a message or a record, for the fuzz targets alone: they hand out
//! what was read and how it is written again. `None` is what is refused.

use protocol::RoomId;

use crate::{
    Document, Entry, Picture, Record,
    archive::{
        Marks,
        line::{self, Line},
    },
    content,
    state::State,
};

/// A file as a message tells of it.
pub fn document(body: &[u8]) -> Option<(Document, Vec<u8>)> {
    let (attachment, document) = Document::decode(body)?;
    let again = document.encode(attachment);
    Some((document, again))
}

/// A picture as a message tells of it.
pub fn picture(body: &[u8]) -> Option<(Picture, Vec<u8>)> {
    let (attachment, picture) = Picture::decode(body)?;
    let again = picture.encode(attachment);
    Some((picture, again))
}

/// What the archive is to hold of an entry.
pub fn line_of(entry: &Entry) -> Option<Vec<u8>> {
    line::encode(&Line {
        entry: entry.clone(),
        marks: Marks::default(),
        group: None,
    })
}

/// What the archive holds of an entry.
pub fn line(bytes: &[u8], room: RoomId, seq: u64) -> Option<(Entry, Vec<u8>)> {
    let line = line::decode(bytes, room, 0, seq).ok()?;
    let again = line::encode(&line)?;
    Some((line.entry, again))
}

/// Whether a reaction is one emoji.
pub fn is_emoji(text: &str) -> bool {
    content::is_emoji(text)
}

/// The keys of those records under [`crate::STATE_PREFIX`] that do not read.
pub fn damaged(records: Vec<Record>) -> Vec<String> {
    State::damaged(records)
}
