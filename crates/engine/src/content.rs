//! What is said inside MLS: one version, one encoding, padded so that sizes tell little.
//!
//! ```text
//! length   u32   of what follows up to the padding
//! version  u8    1
//! id       16 B  the message's id
//! sent_at  u64   milliseconds since 1970, by the sender's clock
//! kind     u8    what the body is
//! size     u32   of the body
//! body           see `content/body.rs`
//! fields         tag u8 | size u16 | value, each; tags rise; see `content/fields.rs`
//! padding  zeros up to the next bucket
//! ```
//!
//! Numbers are big-endian. A bucket is 256 B, 1, 4, 16 or 64 KiB on the wire: what MLS adds is
//! subtracted.

mod body;
mod emoji;
mod fields;
#[cfg(test)]
mod tests;

use protocol::ClientId;

use crate::MessageRef;

pub use body::ContentBody;
pub(crate) use body::{FILE, PICTURE};
pub(crate) use emoji::is_emoji;

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
/// Longest body in bytes; a text of this many UTF-8 bytes can be sent, whatever goes along.
pub const BODY_MAX: usize = BUCKETS[4] - LENGTH - HEAD - FIELDS;

const VERSION: u8 = 1;
const LENGTH: usize = 4;
/// version, id, sent_at, kind, size
const HEAD: usize = 1 + 16 + 8 + 1 + 4;
/// Kept free for fields, those of later versions too.
const FIELDS: usize = 256;

/// One message as its sender made it.
#[derive(Clone, PartialEq, Eq)]
pub struct Content {
    /// The message's id, chosen by the sender.
    pub id: ClientId,
    /// When it was written, by the sender's clock; milliseconds since 1970.
    pub sent_at: u64,
    /// What it says.
    pub body: ContentBody,
    /// The message that it answers.
    pub reply_to: Option<MessageRef>,
    /// It goes away this many seconds after it was read; at least 1.
    pub expires_after: Option<u32>,
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
        let (kind, body) = self.body.encode()?;
        if body.len() > BODY_MAX {
            return Err(ContentError::TooLong);
        }
        let fields = fields::encode(self);
        let length = HEAD + body.len() + fields.len();
        let bucket = BUCKETS
            .into_iter()
            .find(|bucket| LENGTH + length <= *bucket);
        let bucket = bucket.ok_or(ContentError::TooLong)?;
        let mut out = Vec::with_capacity(bucket);
        // Both lengths fit: the largest bucket is 64 KiB.
        out.extend_from_slice(&(length as u32).to_be_bytes());
        out.push(VERSION);
        out.extend_from_slice(self.id.as_bytes());
        out.extend_from_slice(&self.sent_at.to_be_bytes());
        out.push(kind);
        out.extend_from_slice(&(body.len() as u32).to_be_bytes());
        out.extend_from_slice(&body);
        out.extend_from_slice(&fields);
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
        let (body, further) = head.split_at_checked(size).ok_or(ContentError::Malformed)?;
        let mut content = Self {
            id,
            sent_at,
            body: ContentBody::Unknown {
                kind,
                data: Vec::new(),
            },
            reply_to: None,
            expires_after: None,
        };
        match version {
            0 => return Err(ContentError::Malformed),
            VERSION => {
                content.body = ContentBody::decode(kind, body)?;
                fields::decode(further, &mut content)?;
            }
            _ => {
                let data = body.to_vec();
                content.body = ContentBody::Unknown { kind, data };
            }
        }
        Ok(content)
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], ContentError> {
    let (head, tail) = rest.split_first_chunk().ok_or(ContentError::Malformed)?;
    *rest = tail;
    Ok(*head)
}
