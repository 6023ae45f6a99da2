//! Opening a file piece by piece, after its hash was compared.

use chacha20poly1305::{ChaCha20Poly1305, Key, KeyInit, aead::Aead};
use sha2::{Digest, Sha256};

use super::{CHUNK, FileError, LENGTH, TAG, nonce};

/// Opens one file. What it gave is the file only when it came to the end without a failure. It has
/// no `Debug`: it holds the key.
pub struct Opener<C: AsRef<[u8]>> {
    ciphertext: C,
    cipher: ChaCha20Poly1305,
    number: usize,
    count: usize,
    /// Bytes of the file that are still to come; `None` before the first chunk told the length.
    missing: Option<u64>,
}

impl<C: AsRef<[u8]>> Opener<C> {
    /// Begins with a ciphertext, after checking that it is the one that was sent.
    ///
    /// # Errors
    /// [`FileError::WrongHash`], and [`FileError::Undecryptable`] for none at all.
    pub fn new(ciphertext: C, key: &[u8; 32], sha256: &[u8; 32]) -> Result<Self, FileError> {
        if Sha256::digest(ciphertext.as_ref()).as_slice() != sha256 {
            return Err(FileError::WrongHash);
        }
        let count = ciphertext.as_ref().len().div_ceil(CHUNK + TAG);
        if count == 0 {
            return Err(FileError::Undecryptable);
        }
        Ok(Self {
            ciphertext,
            cipher: ChaCha20Poly1305::new(&Key::from(*key)),
            number: 0,
            count,
            missing: None,
        })
    }

    /// The next bytes of the file, perhaps none; `None` at its end.
    ///
    /// # Errors
    /// [`FileError::Undecryptable`]: drop what it gave so far.
    pub fn next_piece(&mut self) -> Result<Option<Vec<u8>>, FileError> {
        let sealed = self
            .ciphertext
            .as_ref()
            .chunks(CHUNK + TAG)
            .nth(self.number);
        let Some(sealed) = sealed else {
            return match self.missing {
                Some(0) => Ok(None),
                _ => Err(FileError::Undecryptable),
            };
        };
        let nonce = nonce(self.number, self.number + 1 == self.count)?;
        let opened = self.cipher.decrypt(&nonce, sealed);
        let mut piece = opened.map_err(|_| FileError::Undecryptable)?;
        self.number += 1;
        let missing = match self.missing {
            Some(missing) => missing,
            None => {
                let length = piece.first_chunk::<LENGTH>().copied();
                let length = length.ok_or(FileError::Undecryptable)?;
                piece.drain(..LENGTH);
                u64::from_be_bytes(length)
            }
        };
        let here = usize::try_from(missing).map_or(piece.len(), |it| it.min(piece.len()));
        if piece.iter().skip(here).any(|byte| *byte != 0) {
            return Err(FileError::Undecryptable);
        }
        piece.truncate(here);
        self.missing = Some(missing - here as u64);
        Ok(Some(piece))
    }
}
