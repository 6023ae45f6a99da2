//! What goes along with a body: each field is `tag u8 | size u16 | value`, and tags rise.
//!
//! ```text
//! 1  reply to       sender 16 | id 16: the message that this one answers
//! 2  expires after  u32 seconds, from 1
//! 3  head           kept for the newest head of the key log
//! ```
//!
//! Tags that are not known are ignored.

use protocol::{ClientId, UserId};

use super::{Content, ContentError, take};
use crate::MessageRef;

const REPLY_TO: u8 = 1;
const EXPIRES_AFTER: u8 = 2;

pub(super) fn encode(content: &Content) -> Vec<u8> {
    let mut out = Vec::new();
    let mut field = |tag: u8, value: &[u8]| {
        out.push(tag);
        // The fields of this version are a few bytes each.
        out.extend_from_slice(&(value.len() as u16).to_be_bytes());
        out.extend_from_slice(value);
    };
    if let Some(MessageRef { sender, id }) = &content.reply_to {
        field(REPLY_TO, &[*sender.as_bytes(), *id.as_bytes()].concat());
    }
    if let Some(seconds) = content.expires_after {
        field(EXPIRES_AFTER, &seconds.to_be_bytes());
    }
    out
}

pub(super) fn decode(mut rest: &[u8], content: &mut Content) -> Result<(), ContentError> {
    let mut last = 0;
    while !rest.is_empty() {
        let [tag] = take(&mut rest)?;
        let size = usize::from(u16::from_be_bytes(take(&mut rest)?));
        let (mut value, tail) = rest.split_at_checked(size).ok_or(ContentError::Malformed)?;
        rest = tail;
        if tag <= last {
            return Err(ContentError::Malformed);
        }
        last = tag;
        match tag {
            REPLY_TO => {
                content.reply_to = Some(MessageRef {
                    sender: UserId::from_bytes(take(&mut value)?),
                    id: ClientId::from_bytes(take(&mut value)?),
                });
            }
            EXPIRES_AFTER => match u32::from_be_bytes(take(&mut value)?) {
                0 => return Err(ContentError::Malformed),
                seconds => content.expires_after = Some(seconds),
            },
            _ => continue,
        }
        if !value.is_empty() {
            return Err(ContentError::Malformed);
        }
    }
    Ok(())
}
