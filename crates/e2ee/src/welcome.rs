//! Cutting a Welcome (RFC 9420, section 12.4.3.1) into one for each joiner.
//!
//! A welcome for 1,000 devices is half a megabyte of which one device needs 344 bytes and the
//! common part. The parts are length-prefixed, so that no key is needed to cut them.

use openmls::prelude::tls_codec::{Serialize as _, VLByteSlice};

use crate::{error::Error, suite::Suite};

/// MLSMessage: version mls10, wire format mls_welcome (RFC 9420, section 6).
pub(crate) const HEAD: [u8; 4] = [0, 1, 0, 3];

/// A welcome for one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The reference of the key package that it is for.
    pub reference: Vec<u8>,
    /// The MLSMessage.
    pub welcome: Vec<u8>,
}

/// The welcomes in a welcome.
///
/// # Errors
/// [`Error::Malformed`] when the bytes are no welcome of a suite of ours.
pub fn split(welcome: &[u8]) -> Result<Vec<Part>, Error> {
    let body = welcome.strip_prefix(&HEAD).ok_or(Error::Malformed)?;
    let (suite, body) = body.split_first_chunk().ok_or(Error::Malformed)?;
    Suite::from_number(u16::from_be_bytes(*suite)).ok_or(Error::Malformed)?;
    let (secrets, rest) = vector(body)?;
    let (_, end) = vector(rest)?;
    if !end.is_empty() {
        return Err(Error::Malformed);
    }
    let mut parts = Vec::new();
    let mut left = secrets;
    while !left.is_empty() {
        let (reference, after) = vector(left)?;
        let (_, after) = vector(after)?; // kem_output
        let (_, after) = vector(after)?; // ciphertext
        let entry = left
            .get(..left.len() - after.len())
            .ok_or(Error::Malformed)?;
        let entry = VLByteSlice(entry)
            .tls_serialize_detached()
            .map_err(|_| Error::Malformed)?;
        let welcome = [&HEAD, suite.as_slice(), &entry, rest].concat();
        parts.push(Part {
            reference: reference.to_vec(),
            welcome,
        });
        left = after;
    }
    Ok(parts)
}

/// A vector and what follows it: a variable-length integer (RFC 9000, section 16, as RFC 9420,
/// section 2.1.2 has it), then so many bytes. Cut here because `tls_codec` asserts on short input
/// in debug builds.
fn vector(bytes: &[u8]) -> Result<(&[u8], &[u8]), Error> {
    let (&first, rest) = bytes.split_first().ok_or(Error::Malformed)?;
    let more = match first >> 6 {
        0 => 0,
        1 => 1,
        2 => 3,
        _ => return Err(Error::Malformed),
    };
    let (tail, rest) = rest.split_at_checked(more).ok_or(Error::Malformed)?;
    let length = tail.iter().fold(usize::from(first & 0x3f), |length, byte| {
        length << 8 | usize::from(*byte)
    });
    rest.split_at_checked(length).ok_or(Error::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = split(&[&[0, 1, 0, 3, 0, 3], bytes.as_slice()].concat());
        }
    }
}
