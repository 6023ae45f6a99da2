//! The bodies, by kind.
//!
//! ```text
//! 1  text          UTF-8
//! 2  room profile  revision u64 | name u16 + UTF-8 | picture u16 + file, empty for none
//! 3  leave         nothing
//! 4  picture       see `picture.rs`
//! 5  reaction      sender 16 | id 16 | on u8 | emoji u8 + UTF-8
//! 6  edit          id 16 | text u16 + UTF-8
//! 7  delete        id 16
//! 8  file          see `document.rs`
//! 9  timer         revision u64 | again u8 | seconds u32, 0 for off
//! ```
//!
//! What follows is ignored by this version, but for a text, which is the whole body. An edit and
//! a delete name a message of their own sender: nobody else's can be named.

use protocol::{ClientId, UserId};

use super::{ContentError, take};
use crate::MessageRef;

const TEXT: u8 = 1;
const ROOM_PROFILE: u8 = 2;
const LEAVE: u8 = 3;
/// The number of a picture's kind.
pub(crate) const PICTURE: u8 = 4;
const REACTION: u8 = 5;
const EDIT: u8 = 6;
const DELETE: u8 = 7;
/// The number of a file's kind.
pub(crate) const FILE: u8 = 8;
const TIMER: u8 = 9;

/// What a message says.
#[derive(Clone, PartialEq, Eq)]
pub enum ContentBody {
    /// Words.
    Text(String),
    /// What a group is called and looks like.
    RoomProfile {
        /// The how manieth it is, from 1.
        revision: u64,
        /// The name.
        name: String,
        /// The picture's file; empty for none.
        picture: Vec<u8>,
    },
    /// A picture, as [`crate::Picture`] is written.
    Picture(Vec<u8>),
    /// Good-bye: the sender leaves the group.
    Leave,
    /// A reaction to a message, or its end.
    Reaction {
        /// To which.
        to: MessageRef,
        /// Made, or taken back.
        on: bool,
        /// One emoji; not checked here.
        emoji: String,
    },
    /// Other words for a text of the same sender.
    Edit {
        /// Which.
        id: ClientId,
        /// The words.
        text: String,
    },
    /// Takes a message of the same sender back.
    Delete {
        /// Which.
        id: ClientId,
    },
    /// A file, as [`crate::Document`] is written.
    File(Vec<u8>),
    /// When messages that are written from now on go away.
    Timer {
        /// The how manieth setting it is, from 1.
        revision: u64,
        /// Said again for those who joined: no news.
        again: bool,
        /// Seconds after reading; 0: they stay.
        seconds: u32,
    },
    /// Made by a newer version: kept as it came.
    Unknown {
        /// The number of its kind.
        kind: u8,
        /// The body.
        data: Vec<u8>,
    },
}

impl ContentBody {
    /// The number of the kind, and the bytes.
    pub(super) fn encode(&self) -> Result<(u8, Vec<u8>), ContentError> {
        let mut out = Vec::new();
        let kind = match self {
            Self::Text(text) => {
                out.extend_from_slice(text.as_bytes());
                TEXT
            }
            Self::RoomProfile {
                revision,
                name,
                picture,
            } => {
                out.extend_from_slice(&revision.to_be_bytes());
                put(&mut out, name.as_bytes())?;
                put(&mut out, picture)?;
                ROOM_PROFILE
            }
            Self::Picture(picture) => {
                out.extend_from_slice(picture);
                PICTURE
            }
            Self::Leave => LEAVE,
            Self::Reaction { to, on, emoji } => {
                out.extend_from_slice(to.sender.as_bytes());
                out.extend_from_slice(to.id.as_bytes());
                out.push(u8::from(*on));
                out.push(u8::try_from(emoji.len()).map_err(|_| ContentError::TooLong)?);
                out.extend_from_slice(emoji.as_bytes());
                REACTION
            }
            Self::Edit { id, text } => {
                out.extend_from_slice(id.as_bytes());
                put(&mut out, text.as_bytes())?;
                EDIT
            }
            Self::Delete { id } => {
                out.extend_from_slice(id.as_bytes());
                DELETE
            }
            Self::File(file) => {
                out.extend_from_slice(file);
                FILE
            }
            Self::Timer {
                revision,
                again,
                seconds,
            } => {
                out.extend_from_slice(&revision.to_be_bytes());
                out.push(u8::from(*again));
                out.extend_from_slice(&seconds.to_be_bytes());
                TIMER
            }
            Self::Unknown { kind, data } => {
                out.extend_from_slice(data);
                *kind
            }
        };
        Ok((kind, out))
    }

    /// Reads a body of version 1.
    pub(super) fn decode(kind: u8, mut body: &[u8]) -> Result<Self, ContentError> {
        let body = &mut body;
        Ok(match kind {
            TEXT => Self::Text(utf8(body)?),
            ROOM_PROFILE => Self::RoomProfile {
                revision: u64::from_be_bytes(take(body)?),
                name: utf8(part(body)?)?,
                // Version 1 began without it.
                picture: match body.is_empty() {
                    true => Vec::new(),
                    false => part(body)?.to_vec(),
                },
            },
            LEAVE => Self::Leave,
            PICTURE => Self::Picture(body.to_vec()),
            REACTION => Self::Reaction {
                to: MessageRef {
                    sender: UserId::from_bytes(take(body)?),
                    id: ClientId::from_bytes(take(body)?),
                },
                on: flag(body)?,
                emoji: {
                    let [size] = take(body)?;
                    let emoji = body.get(..usize::from(size));
                    utf8(emoji.ok_or(ContentError::Malformed)?)?
                },
            },
            EDIT => Self::Edit {
                id: ClientId::from_bytes(take(body)?),
                text: utf8(part(body)?)?,
            },
            DELETE => Self::Delete {
                id: ClientId::from_bytes(take(body)?),
            },
            FILE => Self::File(body.to_vec()),
            TIMER => Self::Timer {
                revision: u64::from_be_bytes(take(body)?),
                again: flag(body)?,
                seconds: u32::from_be_bytes(take(body)?),
            },
            _ => Self::Unknown {
                kind,
                data: body.to_vec(),
            },
        })
    }
}

fn put(out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), ContentError> {
    let size = u16::try_from(bytes.len()).map_err(|_| ContentError::TooLong)?;
    out.extend_from_slice(&size.to_be_bytes());
    out.extend_from_slice(bytes);
    Ok(())
}

fn part<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], ContentError> {
    let size = usize::from(u16::from_be_bytes(take(rest)?));
    let (part, tail) = rest.split_at_checked(size).ok_or(ContentError::Malformed)?;
    *rest = tail;
    Ok(part)
}

fn flag(rest: &mut &[u8]) -> Result<bool, ContentError> {
    match take(rest)? {
        [0] => Ok(false),
        [1] => Ok(true),
        _ => Err(ContentError::Malformed),
    }
}

fn utf8(bytes: &[u8]) -> Result<String, ContentError> {
    String::from_utf8(bytes.to_vec()).map_err(|_| ContentError::Malformed)
}
