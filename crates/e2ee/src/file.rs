//! Files: a random key each, sealed in chunks, padded.
//!
//! STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015) over ChaCha20-Poly1305 in chunks of 64 KiB:
//! the nonce of a chunk is seven zeros, its number as u32 BE and 1 for the last chunk, else 0, so
//! that chunks can be neither reordered nor left out nor added. The zeros in front are safe because
//! a key seals one file alone. What is sealed is `length u64 BE | file | zeros`; its size is rounded
//! up by Padmé (Nikitin et al., PETS 2019, section 4): at most 12 % more, and of the size of a
//! picture no more than its first five or six bits are told.
//!
//! SHA-256 of the ciphertext goes with the key. It is compared before anything is opened: the
//! cipher alone does not commit to one plaintext, the hash and the key together do.

mod opener;
mod sealer;

use chacha20poly1305::Nonce;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

pub use opener::Opener;
pub use sealer::{SealedEnd, Sealer};

/// Plaintext bytes in a chunk.
const CHUNK: usize = 64 * 1024;
/// What sealing adds to a chunk.
const TAG: usize = 16;
/// The length in front.
const LENGTH: usize = 8;

/// A sealed file. It has no `Debug`: it holds the key.
pub struct SealedFile {
    /// For the server.
    pub ciphertext: Vec<u8>,
    /// For those who may open it: once for this file.
    pub key: Zeroizing<[u8; 32]>,
    /// SHA-256 of the ciphertext.
    pub sha256: [u8; 32],
}

/// Why a file was not opened, or not sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// The ciphertext is not the one that was sent.
    #[error("the file is not the one that was sent")]
    WrongHash,
    /// The key does not fit, or the sender's client is at fault.
    #[error("the file cannot be opened")]
    Undecryptable,
    /// While sealing: there are more bytes, or fewer, than were announced.
    #[error("the file is not as long as it was said to be")]
    WrongLength,
}

/// Seals a file under a fresh key.
///
/// # Errors
/// [`FileError::Undecryptable`] when the file is larger than 2^32 chunks, which none is.
pub fn seal(file: &[u8], rng: &mut impl CryptoRng) -> Result<SealedFile, FileError> {
    let mut sealer = Sealer::new(file.len(), rng);
    let mut ciphertext = sealer.push(file)?;
    let end = sealer.finish()?;
    ciphertext.extend(end.ciphertext);
    Ok(SealedFile {
        ciphertext,
        key: end.key,
        sha256: end.sha256,
    })
}

/// Opens a file, after checking that it is the one that was sent.
///
/// # Errors
/// [`FileError`].
pub fn open(ciphertext: &[u8], key: &[u8; 32], sha256: &[u8; 32]) -> Result<Vec<u8>, FileError> {
    let mut opener = Opener::new(ciphertext, key, sha256)?;
    let mut file = Vec::with_capacity(ciphertext.len());
    while let Some(piece) = opener.next_piece()? {
        file.extend(piece);
    }
    Ok(file)
}

fn nonce(number: usize, last: bool) -> Result<Nonce, FileError> {
    let number = u32::try_from(number).map_err(|_| FileError::Undecryptable)?;
    let mut nonce = [0; 12];
    let (_, tail) = nonce.split_at_mut(7);
    for (to, from) in tail.iter_mut().zip(number.to_be_bytes()) {
        *to = from;
    }
    if let Some(end) = tail.last_mut() {
        *end = last.into();
    }
    Ok(Nonce::from(nonce))
}

/// Padmé: all but the highest bits of a length are rounded up.
fn padded(length: usize) -> usize {
    if length < 2 {
        return length;
    }
    let exponent = length.ilog2();
    let kept = exponent.ilog2() + 1;
    let mask = (1_usize << (exponent.saturating_sub(kept))) - 1;
    (length + mask) & !mask
}

#[cfg(test)]
mod tests {
    use chacha20poly1305::{ChaCha20Poly1305, Key, KeyInit, aead::Aead};
    use proptest::prelude::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;
    use sha2::{Digest, Sha256};

    use super::*;

    fn sealed(file: &[u8]) -> SealedFile {
        seal(file, &mut ChaCha20Rng::seed_from_u64(7)).unwrap()
    }

    #[test]
    fn sizes_are_rounded_up_a_little() {
        for (length, expected) in [(1, 1), (9, 10), (1_000, 1_024), (100_000, 100_352)] {
            assert_eq!(padded(length), expected, "{length}");
        }
        for length in (2..200_000).step_by(7) {
            let padded = padded(length);
            assert!(padded >= length && (padded - length) * 100 <= length * 12);
        }
    }

    #[test]
    fn the_encoding_stands() {
        // Worked out by hand from the description above, with the library's cipher.
        let sealed = sealed(b"snug");
        let cipher = ChaCha20Poly1305::new(&Key::from(*sealed.key));
        let expected = cipher.encrypt(
            &Nonce::from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
            &[0, 0, 0, 0, 0, 0, 0, 4, b's', b'n', b'u', b'g'][..],
        );
        assert_eq!(sealed.ciphertext, expected.unwrap());
        assert_eq!(
            nonce(0x0102, false).unwrap().as_slice()[7..],
            [0, 0, 1, 2, 0]
        );
    }

    #[test]
    fn files_of_several_chunks_come_back() {
        for length in [0, 1, CHUNK - LENGTH, CHUNK, 3 * CHUNK + 17] {
            let file: Vec<u8> = (0..length).map(|at| at as u8).collect();
            let sealed = sealed(&file);
            assert_eq!(
                open(&sealed.ciphertext, &sealed.key, &sealed.sha256),
                Ok(file)
            );
        }
    }

    #[test]
    fn what_was_changed_is_not_opened() {
        let sealed = sealed(&vec![7; 2 * CHUNK]);
        let mut other = sealed.ciphertext.clone();
        other[100] ^= 1;
        let wrong = open(&other, &sealed.key, &sealed.sha256);
        assert_eq!(wrong, Err(FileError::WrongHash));
        // A sender's own fault, under a hash that fits: cut off, reordered, another key.
        let unit = CHUNK + TAG;
        let cut = sealed.ciphertext[..unit].to_vec();
        let mut longer = sealed.ciphertext.clone();
        longer.extend(&sealed.ciphertext[..unit]);
        let mut turned = sealed.ciphertext[unit..2 * unit].to_vec();
        turned.extend(&sealed.ciphertext[..unit]);
        turned.extend(&sealed.ciphertext[2 * unit..]);
        for bytes in [cut, longer, turned, other, vec![0; TAG - 1], Vec::new()] {
            let hash = Sha256::digest(&bytes).into();
            let opened = open(&bytes, &sealed.key, &hash);
            assert_eq!(opened, Err(FileError::Undecryptable));
        }
        let other_key = open(&sealed.ciphertext, &[1; 32], &sealed.sha256);
        assert_eq!(other_key, Err(FileError::Undecryptable));
    }

    #[test]
    fn a_length_that_lies_is_refused() {
        let key = [3; 32];
        let cipher = ChaCha20Poly1305::new(&Key::from(key));
        for plain in [
            [0, 0, 0, 0, 0, 0, 0, 3, 1, 2].as_slice(),
            &[0, 0, 0, 0, 0, 0, 0, 1, 1, 2],
            &[0xff; 10],
            &[0; 7],
        ] {
            let bytes = cipher.encrypt(&nonce(0, true).unwrap(), plain).unwrap();
            let hash = Sha256::digest(&bytes).into();
            assert_eq!(open(&bytes, &key, &hash), Err(FileError::Undecryptable));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let hash = Sha256::digest(&bytes).into();
            prop_assert_eq!(open(&bytes, &[1; 32], &hash), Err(FileError::Undecryptable));
        }

        #[test]
        fn every_file_comes_back(file in proptest::collection::vec(any::<u8>(), 0..5_000)) {
            let sealed = sealed(&file);
            let opened = open(&sealed.ciphertext, &sealed.key, &sealed.sha256);
            prop_assert_eq!(opened, Ok(file));
        }
    }
}
