//! What is said inside MLS: one version, one encoding, padded so that sizes tell little.
//!
//! ```text
//! length   u32   of what follows up to the padding
//! version  u8    1
//! id       16 B  the message's id
//! sent_at  u64   milliseconds since 1970, by the sender's clock
//! kind     u8    what the body is
//! size     u32   of the body
//! body
//! further fields, ignored by this version
//! padding  zeros up to the next bucket
//! ```
//!
//! Numbers are big-endian. A bucket is 256 B, 1, 4, 16 or 64 KiB on the wire: what MLS adds is
//! subtracted.

use protocol::ClientId;

/// What MLS framing adds to a plaintext, rounded up.
pub const OVERHEAD: usize = 160;
/// Sizes that a padded content can have.
pub const BUCKETS: [usize; 5] = [
    256 - OVERHEAD,
    1024 - OVERHEAD,
    4 * 1024 - OVERHEAD,
    16 * 1024 - OVERHEAD,
    64 * 1024 - OVERHEAD,
];
/// Longest body in bytes; a text of this many UTF-8 bytes can be sent.
pub const BODY_MAX: usize = BUCKETS[4] - LENGTH - HEAD;

const VERSION: u8 = 1;
const LENGTH: usize = 4;
/// version, id, sent_at, kind, size
const HEAD: usize = 1 + 16 + 8 + 1 + 4;
const TEXT: u8 = 1;
const ROOM_PROFILE: u8 = 2;
const LEAVE: u8 = 3;
/// The number of a picture's kind.
pub(crate) const PICTURE: u8 = 4;

/// One message as its sender made it.
#[derive(Clone, PartialEq, Eq)]
pub struct Content {
    /// The message's id, chosen by the sender.
    pub id: ClientId,
    /// When it was written, by the sender's clock; milliseconds since 1970.
    pub sent_at: u64,
    /// What it says.
    pub body: ContentBody,
}

/// What a message says.
#[derive(Clone, PartialEq, Eq)]
pub enum ContentBody {
    /// Words.
    Text(String),
    /// What a group is called: the revision, u64, then the name's size, u16, then the name. What
    /// follows is ignored by this version.
    RoomProfile {
        /// The how manieth name it is, from 1.
        revision: u64,
        /// The name.
        name: String,
    },
    /// A picture, as [`crate::Picture`] is written.
    Picture(Vec<u8>),
    /// Good-bye: the sender leaves the group. No body.
    Leave,
    /// Made by a newer version: kept as it came.
    Unknown {
        /// The number of its kind.
        kind: u8,
        /// The body.
        data: Vec<u8>,
    },
}

/// Why a content was not encoded or decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// The body is over [`BODY_MAX`]: the person shortens it.
    #[error("the message is too long")]
    TooLong,
    /// The bytes are no content of any version: the sender's client is at fault.
    #[error("the message is malformed")]
    Malformed,
}

impl Content {
    /// The padded bytes to seal.
    ///
    /// # Errors
    /// [`ContentError::TooLong`] when the body is over [`BODY_MAX`].
    pub fn encode(&self) -> Result<Vec<u8>, ContentError> {
        let profile;
        let (kind, body) = match &self.body {
            ContentBody::Text(text) => (TEXT, text.as_bytes()),
            ContentBody::RoomProfile { revision, name } => {
                profile = encode_profile(*revision, name)?;
                (ROOM_PROFILE, profile.as_slice())
            }
            ContentBody::Picture(picture) => (PICTURE, picture.as_slice()),
            ContentBody::Leave => (LEAVE, &[][..]),
            ContentBody::Unknown { kind, data } => (*kind, data.as_slice()),
        };
        let total = LENGTH + HEAD + body.len();
        let bucket = BUCKETS.into_iter().find(|bucket| total <= *bucket);
        let bucket = bucket.ok_or(ContentError::TooLong)?;
        let mut out = Vec::with_capacity(bucket);
        // Both lengths fit: the largest bucket is 64 KiB.
        out.extend_from_slice(&((HEAD + body.len()) as u32).to_be_bytes());
        out.push(VERSION);
        out.extend_from_slice(self.id.as_bytes());
        out.extend_from_slice(&self.sent_at.to_be_bytes());
        out.push(kind);
        out.extend_from_slice(&(body.len() as u32).to_be_bytes());
        out.extend_from_slice(body);
        out.resize(bucket, 0);
        Ok(out)
    }

    /// Reads what was sealed. A newer version's content keeps its id and time and is
    /// [`ContentBody::Unknown`].
    ///
    /// # Errors
    /// [`ContentError::Malformed`] when the bytes do not follow the encoding, the padding is not
    /// zero, or a text is not UTF-8.
    pub fn decode(bytes: &[u8]) -> Result<Self, ContentError> {
        let mut rest = bytes;
        let length = u32::from_be_bytes(take(&mut rest)?) as usize;
        let (mut head, padding) = rest
            .split_at_checked(length)
            .ok_or(ContentError::Malformed)?;
        if padding.iter().any(|byte| *byte != 0) {
            return Err(ContentError::Malformed);
        }
        let [version] = take(&mut head)?;
        let id = ClientId::from_bytes(take(&mut head)?);
        let sent_at = u64::from_be_bytes(take(&mut head)?);
        let [kind] = take(&mut head)?;
        let size = u32::from_be_bytes(take(&mut head)?) as usize;
        let (body, _further) = head.split_at_checked(size).ok_or(ContentError::Malformed)?;
        let body = match (version, kind) {
            (0, _) => return Err(ContentError::Malformed),
            (VERSION, TEXT) => ContentBody::Text(
                String::from_utf8(body.to_vec()).map_err(|_| ContentError::Malformed)?,
            ),
            (VERSION, ROOM_PROFILE) => decode_profile(body)?,
            (VERSION, PICTURE) => ContentBody::Picture(body.to_vec()),
            (VERSION, LEAVE) => ContentBody::Leave,
            _ => ContentBody::Unknown {
                kind,
                data: body.to_vec(),
            },
        };
        Ok(Self { id, sent_at, body })
    }
}

fn encode_profile(revision: u64, name: &str) -> Result<Vec<u8>, ContentError> {
    let size = u16::try_from(name.len()).map_err(|_| ContentError::TooLong)?;
    let mut out = revision.to_be_bytes().to_vec();
    out.extend_from_slice(&size.to_be_bytes());
    out.extend_from_slice(name.as_bytes());
    Ok(out)
}

fn decode_profile(mut body: &[u8]) -> Result<ContentBody, ContentError> {
    let revision = u64::from_be_bytes(take(&mut body)?);
    let size = usize::from(u16::from_be_bytes(take(&mut body)?));
    let (name, _further) = body.split_at_checked(size).ok_or(ContentError::Malformed)?;
    let name = String::from_utf8(name.to_vec()).map_err(|_| ContentError::Malformed)?;
    Ok(ContentBody::RoomProfile { revision, name })
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], ContentError> {
    let (head, tail) = rest.split_first_chunk().ok_or(ContentError::Malformed)?;
    *rest = tail;
    Ok(*head)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(text: &str) -> Content {
        Content {
            id: ClientId::from_bytes([7; 16]),
            sent_at: 1_700_000_000_123,
            body: ContentBody::Text(text.to_owned()),
        }
    }

    fn same(left: &Content, right: &Content) -> bool {
        left == right
    }

    #[test]
    fn sizes_fall_into_buckets() {
        let size = |length: usize| text(&"x".repeat(length)).encode().map(|bytes| bytes.len());
        assert_eq!(size(1), Ok(BUCKETS[0]));
        assert_eq!(size(62), Ok(BUCKETS[0]));
        assert_eq!(size(63), Ok(BUCKETS[1]));
        assert_eq!(size(BODY_MAX), Ok(BUCKETS[4]));
        assert_eq!(size(BODY_MAX + 1), Err(ContentError::TooLong));
    }

    #[test]
    fn newer_bodies_versions_and_fields_are_kept_apart() {
        let unknown = Content {
            body: ContentBody::Unknown {
                kind: 200,
                data: vec![1, 2, 3],
            },
            ..text("")
        };
        assert!(same(
            &Content::decode(&unknown.encode().unwrap()).unwrap(),
            &unknown
        ));

        let mut newer = text("hi").encode().unwrap();
        newer[LENGTH] = 2;
        let newer = Content::decode(&newer).unwrap();
        assert!(matches!(
            newer.body,
            ContentBody::Unknown { kind: TEXT, .. }
        ));

        let mut longer = text("hi").encode().unwrap();
        longer[3] += 5;
        longer[LENGTH + HEAD + 2] = 9;
        assert!(same(&Content::decode(&longer).unwrap(), &text("hi")));
    }

    #[test]
    fn what_is_said_of_a_group_comes_back() {
        let profile = ContentBody::RoomProfile {
            revision: 7,
            name: "Sunday hikes 🌿".to_owned(),
        };
        for body in [profile, ContentBody::Leave] {
            let content = Content { body, ..text("") };
            let bytes = content.encode().unwrap();
            assert_eq!(bytes.len(), BUCKETS[0]);
            assert!(same(&Content::decode(&bytes).unwrap(), &content));
        }
        let mut short = Content {
            body: ContentBody::RoomProfile {
                revision: 1,
                name: "ab".to_owned(),
            },
            ..text("")
        }
        .encode()
        .unwrap();
        short[LENGTH + HEAD + 9] = 3;
        assert!(Content::decode(&short).is_err());
    }

    #[test]
    fn wrong_bytes_are_malformed() {
        let good = text("hi").encode().unwrap();
        let mut dirty = good.clone();
        *dirty.last_mut().unwrap() = 1;
        let mut no_text = good.clone();
        no_text[LENGTH + HEAD] = 0xff;
        let mut version_0 = good.clone();
        version_0[LENGTH] = 0;
        for wrong in [
            &[][..],
            &good[..20],
            &[0xff; 40],
            &dirty,
            &no_text,
            &version_0,
        ] {
            assert!(Content::decode(wrong).is_err());
        }
    }

    proptest! {
        #[test]
        fn every_text_comes_back(words in "\\PC{0,400}", at: u64, id: [u8; 16]) {
            let content = Content {
                id: ClientId::from_bytes(id),
                sent_at: at,
                body: ContentBody::Text(words),
            };
            let bytes = content.encode().unwrap();
            prop_assert!(BUCKETS.contains(&bytes.len()));
            prop_assert!(same(&Content::decode(&bytes).unwrap(), &content));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = Content::decode(&bytes);
        }

        #[test]
        fn any_flip_is_read_or_refused(at in 0..96usize, with: u8) {
            let mut bytes = text("hello").encode().unwrap();
            bytes[at] ^= with;
            let _ = Content::decode(&bytes);
        }
    }
}
