//! The archive: each message that a person could read, sealed once for their own devices.
//!
//! ```text
//! version 1 | key id 16 | nonce 24 | ciphertext | tag 16
//! ```
//! XChaCha20-Poly1305 under the archive key; the associated data is `version 1 | key id 16 |
//! user 16 | room 16 | seq 8`: an entry opens in its own place and in nobody else's archive. The
//! content is padded, so that the whole has 256 B or 1, 4, 16 or 64 KiB, the sizes that messages
//! have on the wire, or 72 KiB: the longest message with what is said about it.
//!
//! A server can show an entry as it was before an edit, which is sealed in the same place.

mod keys;

use rand_core::CryptoRng;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    bytes::take,
    sealed::{self, ADDED, LENGTH, SealedError},
};

pub use keys::{ArchiveKey, ArchiveKeys};

const VERSION: u8 = 1;
const HEADER: usize = 1 + 16;
/// Sizes of an entry.
const SIZES: [usize; 6] = [256, 1024, 4 * 1024, 16 * 1024, 64 * 1024, LARGEST];
const LARGEST: usize = 72 * 1024;

/// Longest content of an entry in bytes: 73,667. A message and 8 KB about it fit.
pub const CONTENT_MAX: usize = LARGEST - OVERHEAD;
const OVERHEAD: usize = HEADER + ADDED + LENGTH;

/// Where an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Whose archive it is.
    pub user: Uuid,
    /// The room.
    pub room: Uuid,
    /// The message's place in the room.
    pub seq: u64,
}

impl Place {
    fn context(&self) -> Vec<u8> {
        [
            self.user.as_bytes().as_slice(),
            self.room.as_bytes(),
            &self.seq.to_be_bytes(),
        ]
        .concat()
    }
}

/// Seals the content of a place.
///
/// # Errors
/// [`SealedError::TooLong`] for more than [`CONTENT_MAX`] bytes.
pub fn seal(
    key: &ArchiveKey,
    place: &Place,
    content: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, SealedError> {
    let total = OVERHEAD + content.len();
    let size = SIZES.into_iter().find(|size| total <= *size);
    let size = size.ok_or(SealedError::TooLong)? - (OVERHEAD - LENGTH);
    let plain = sealed::pad(content, size);
    sealed::seal(
        key.secret(),
        &header(key.id()),
        &place.context(),
        &plain,
        rng,
    )
}

/// The id of the key that opens an entry. When it is not known here, one can only say so.
///
/// # Errors
/// [`SealedError::Newer`] or [`SealedError::Malformed`].
pub fn key_id(entry: &[u8]) -> Result<Uuid, SealedError> {
    sealed::check_version(&[VERSION], entry)?;
    let mut rest = entry;
    take::<1>(&mut rest)
        .and_then(|_| take(&mut rest))
        .map(Uuid::from_bytes)
        .ok_or(SealedError::Malformed)
}

/// Opens the entry of a place with the key that it names.
///
/// # Errors
/// [`SealedError::WrongKey`] (also for another place or a changed entry), [`SealedError::Newer`] or
/// [`SealedError::Malformed`].
pub fn open(
    key: &ArchiveKey,
    place: &Place,
    entry: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealedError> {
    sealed::open(key.secret(), &header(key.id()), &place.context(), entry).and_then(sealed::unpad)
}

fn header(key: Uuid) -> Vec<u8> {
    [[VERSION].as_slice(), key.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::*;

    const PLACE: Place = Place {
        user: Uuid::from_u128(1),
        room: Uuid::from_u128(2),
        seq: 3,
    };

    fn rng() -> ChaCha20Rng {
        ChaCha20Rng::from_seed([5; 32])
    }

    fn key(seed: u8) -> ArchiveKey {
        let mut keys = ArchiveKeys::default();
        keys.renew(&mut ChaCha20Rng::from_seed([seed; 32]));
        keys.current().unwrap().clone()
    }

    #[test]
    fn sizes_fall_into_those_of_messages() {
        let size = |length: usize| {
            seal(&key(1), &PLACE, &vec![7; length], &mut rng()).map(|entry| entry.len())
        };
        assert_eq!(size(0), Ok(256));
        assert_eq!(size(256 - OVERHEAD), Ok(256));
        assert_eq!(size(256 - OVERHEAD + 1), Ok(1024));
        assert_eq!(size(64 * 1024 - OVERHEAD), Ok(64 * 1024));
        assert_eq!(size(CONTENT_MAX), Ok(72 * 1024));
        assert_eq!(size(CONTENT_MAX + 1), Err(SealedError::TooLong));
    }

    #[test]
    fn an_entry_opens_in_its_place_alone() {
        let entry = seal(&key(1), &PLACE, b"hello", &mut rng()).unwrap();
        assert_eq!(key_id(&entry), Ok(key(1).id()));
        assert_eq!(*open(&key(1), &PLACE, &entry).unwrap(), b"hello");
        let other = Uuid::from_u128(9);
        for place in [
            Place {
                user: other,
                ..PLACE
            },
            Place {
                room: other,
                ..PLACE
            },
            Place { seq: 4, ..PLACE },
        ] {
            let moved = open(&key(1), &place, &entry);
            assert_eq!(moved, Err(SealedError::WrongKey), "{place:?}");
        }
        assert_eq!(open(&key(2), &PLACE, &entry), Err(SealedError::WrongKey));
        for place in 0..entry.len() {
            let mut changed = entry.clone();
            changed[place] ^= 1;
            assert!(open(&key(1), &PLACE, &changed).is_err(), "byte {place}");
        }
        let mut newer = entry;
        newer[0] = 2;
        assert_eq!(key_id(&newer), Err(SealedError::Newer));
        assert_eq!(open(&key(1), &PLACE, &newer), Err(SealedError::Newer));
        assert_eq!(key_id(&[]), Err(SealedError::Malformed));
        assert_eq!(key_id(&[VERSION; 16]), Err(SealedError::Malformed));
    }

    proptest! {
        #[test]
        fn garbage_is_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(open(&key(1), &PLACE, &bytes).is_err());
            let headed = [header(key(1).id()).as_slice(), &bytes].concat();
            prop_assert!(open(&key(1), &PLACE, &headed).is_err());
            let _ = key_id(&bytes);
        }

        #[test]
        fn every_content_comes_back(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
            let entry = seal(&key(1), &PLACE, &bytes, &mut rng()).unwrap();
            let opened = open(&key(1), &PLACE, &entry).unwrap();
            prop_assert_eq!(opened.as_slice(), bytes.as_slice());
        }
    }
}
