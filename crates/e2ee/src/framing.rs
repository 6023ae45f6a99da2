//! What the server may read of a message: its framing (RFC 9420, section 6).

use openmls::prelude::{
    ContentType, MlsMessageIn, ProtocolMessage, WireFormat, tls_codec::Deserialize as _,
};
use uuid::Uuid;

use crate::error::Error;

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    /// A PrivateMessage with content for people.
    Application,
    /// A PublicMessage that changes the group.
    Commit,
}

/// The outside of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Framing {
    /// The room: our group ids are 16-byte UUIDs.
    pub room: Uuid,
    /// The epoch that it was made in.
    pub epoch: u64,
    /// What it is.
    pub kind: MessageKind,
}

/// Reads the framing of an MLSMessage. Proposals, private commits and everything else that our
/// rooms do not use are malformed.
///
/// # Errors
/// [`Error::Malformed`].
pub fn inspect(message: &[u8]) -> Result<Framing, Error> {
    let message = protocol_message(message)?;
    let kind = match (message.wire_format(), message.content_type()) {
        (WireFormat::PrivateMessage, ContentType::Application) => MessageKind::Application,
        (WireFormat::PublicMessage, ContentType::Commit) => MessageKind::Commit,
        _ => return Err(Error::Malformed),
    };
    let room = Uuid::from_slice(message.group_id().as_slice()).map_err(|_| Error::Malformed)?;
    Ok(Framing {
        room,
        epoch: message.epoch().as_u64(),
        kind,
    })
}

pub(crate) fn protocol_message(bytes: &[u8]) -> Result<ProtocolMessage, Error> {
    MlsMessageIn::tls_deserialize_exact(bytes)
        .map_err(|_| Error::Malformed)?
        .try_into_protocol_message()
        .map_err(|_| Error::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = inspect(&bytes);
        }

        #[test]
        fn garbage_behind_a_valid_head_never_panics(
            wire in 1u8..6,
            bytes in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            let _ = inspect(&[&[0, 1, 0, wire], bytes.as_slice()].concat());
        }
    }
}
