//! Sealing a file piece by piece: never more than a chunk of it is held.

use chacha20poly1305::{ChaCha20Poly1305, Key, KeyInit, aead::Aead};
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{CHUNK, FileError, LENGTH, nonce, padded};

/// Seals one file whose length is known. It has no `Debug`: it holds the key.
pub struct Sealer {
    key: Zeroizing<[u8; 32]>,
    cipher: ChaCha20Poly1305,
    hash: Sha256,
    /// What waits for its chunk to be full.
    waiting: Zeroizing<Vec<u8>>,
    number: usize,
    last: usize,
    /// Bytes of the file that did not come yet.
    missing: usize,
    padding: usize,
}

/// The end of a sealed file. It has no `Debug`: it holds the key.
pub struct SealedEnd {
    /// The last ciphertext, behind all that [`Sealer::push`] gave.
    pub ciphertext: Vec<u8>,
    /// For those who may open it: once for this file.
    pub key: Zeroizing<[u8; 32]>,
    /// SHA-256 of the whole ciphertext.
    pub sha256: [u8; 32],
}

impl Sealer {
    /// Begins a file of `length` bytes under a fresh key.
    pub fn new(length: usize, rng: &mut impl CryptoRng) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        rng.fill_bytes(key.as_mut());
        let size = padded(LENGTH + length);
        let mut waiting = Zeroizing::new(Vec::with_capacity(CHUNK));
        waiting.extend_from_slice(&(length as u64).to_be_bytes());
        Self {
            cipher: ChaCha20Poly1305::new(&Key::from(*key)),
            key,
            hash: Sha256::new(),
            waiting,
            number: 0,
            last: size.div_ceil(CHUNK) - 1,
            missing: length,
            padding: size - LENGTH - length,
        }
    }

    /// Takes the next bytes of the file, as many as there are; the ciphertext of the chunks that
    /// are full now, often none.
    ///
    /// # Errors
    /// [`FileError::WrongLength`] when these are more than were announced.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<u8>, FileError> {
        self.missing = self
            .missing
            .checked_sub(bytes.len())
            .ok_or(FileError::WrongLength)?;
        let mut ciphertext = Vec::new();
        self.take(bytes, &mut ciphertext)?;
        Ok(ciphertext)
    }

    /// Ends the file.
    ///
    /// # Errors
    /// [`FileError::WrongLength`] when bytes are missing that were announced.
    pub fn finish(mut self) -> Result<SealedEnd, FileError> {
        if self.missing > 0 {
            return Err(FileError::WrongLength);
        }
        let mut ciphertext = Vec::new();
        while self.padding > 0 {
            let some = self.padding.min(CHUNK);
            self.take(&vec![0; some], &mut ciphertext)?;
            self.padding -= some;
        }
        self.seal_chunk(&mut ciphertext)?;
        Ok(SealedEnd {
            ciphertext,
            key: self.key,
            sha256: self.hash.finalize().into(),
        })
    }

    fn take(&mut self, mut bytes: &[u8], ciphertext: &mut Vec<u8>) -> Result<(), FileError> {
        while !bytes.is_empty() {
            // The last chunk is sealed by `finish`, full or not.
            if self.waiting.len() == CHUNK {
                self.seal_chunk(ciphertext)?;
            }
            let room = (CHUNK - self.waiting.len()).min(bytes.len());
            let (head, rest) = bytes.split_at(room);
            self.waiting.extend_from_slice(head);
            bytes = rest;
        }
        Ok(())
    }

    fn seal_chunk(&mut self, ciphertext: &mut Vec<u8>) -> Result<(), FileError> {
        let nonce = nonce(self.number, self.number == self.last)?;
        let sealed = self.cipher.encrypt(&nonce, self.waiting.as_slice());
        let sealed = sealed.map_err(|_| FileError::Undecryptable)?;
        self.hash.update(&sealed);
        ciphertext.extend(sealed);
        self.waiting.clear();
        self.number += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::*;
    use crate::file::open;

    fn sealed(pieces: &[&[u8]], length: usize) -> Result<(Vec<u8>, SealedEnd), FileError> {
        let mut sealer = Sealer::new(length, &mut ChaCha20Rng::seed_from_u64(7));
        let mut ciphertext = Vec::new();
        for piece in pieces {
            ciphertext.extend(sealer.push(piece)?);
        }
        let end = sealer.finish()?;
        ciphertext.extend(&end.ciphertext);
        Ok((ciphertext, end))
    }

    #[test]
    fn a_file_is_as_long_as_it_was_said_to_be() {
        assert_eq!(sealed(&[b"snug"], 5).err(), Some(FileError::WrongLength));
        assert_eq!(
            sealed(&[b"sn", b"ug"], 3).err(),
            Some(FileError::WrongLength)
        );
        assert!(sealed(&[b"sn", b"", b"ug"], 4).is_ok());
    }

    #[test]
    fn what_was_given_fits_one_chunk_at_most_in_here() {
        let mut sealer = Sealer::new(3 * CHUNK, &mut ChaCha20Rng::seed_from_u64(7));
        for _ in 0..48 {
            sealer.push(&[7; CHUNK / 16]).unwrap();
            assert!(sealer.waiting.len() <= CHUNK && sealer.waiting.capacity() <= CHUNK);
        }
    }

    proptest! {
        #[test]
        fn pieces_of_any_size_make_the_same_file(
            length in prop_oneof![0..300usize, CHUNK - 20..CHUNK + 20, 3 * CHUNK - 20..3 * CHUNK],
            piece in 1..CHUNK + 100,
        ) {
            let file: Vec<u8> = (0..length).map(|at| at as u8).collect();
            let whole = sealed(&[&file], length).unwrap();
            let pieces: Vec<&[u8]> = file.chunks(piece).collect();
            let (ciphertext, end) = sealed(&pieces, length).unwrap();
            prop_assert_eq!(&ciphertext, &whole.0);
            prop_assert_eq!(open(&ciphertext, &end.key, &end.sha256), Ok(file));
        }
    }
}
