//! Files sealed and opened piece by piece, so that the host never holds a second whole one.

use e2ee::file::{FileError, Opener, Sealer};
use protocol::{Base64, Binary};
use rand_chacha::ChaCha12Rng;
use rand_core::SeedableRng;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

/// Seals one file: for `send_file`.
#[wasm_bindgen]
pub struct FileSealer(Sealer);

#[derive(Serialize)]
struct Sealed {
    ciphertext: Binary,
    key: Base64,
    sha256: Base64,
}

#[wasm_bindgen]
impl FileSealer {
    /// Begins a file of `length` bytes.
    ///
    /// # Errors
    /// Throws when the browser has no randomness to give.
    #[wasm_bindgen(constructor)]
    pub fn new(length: u32) -> Result<FileSealer, JsError> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        let mut rng = ChaCha12Rng::from_seed(seed);
        Ok(Self(Sealer::new(length as usize, &mut rng)))
    }

    /// Takes the next bytes; the ciphertext that is ready, often none.
    ///
    /// # Errors
    /// Throws when these are more than were announced.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<u8>, JsError> {
        Ok(self.0.push(bytes)?)
    }

    /// The rest of the ciphertext, the file's key and the hash of the whole.
    ///
    /// # Errors
    /// Throws when bytes are missing.
    pub fn finish(self) -> Result<JsValue, JsError> {
        let end = self.0.finish()?;
        let sealed = Sealed {
            ciphertext: end.ciphertext.into(),
            key: end.key.to_vec().into(),
            sha256: end.sha256.to_vec().into(),
        };
        Ok(serde_wasm_bindgen::to_value(&sealed)?)
    }
}

/// Opens one file.
#[wasm_bindgen]
pub struct FileOpener(Opener<Vec<u8>>);

#[derive(Deserialize)]
struct Keys {
    key: Base64,
    sha256: Base64,
}

#[wasm_bindgen]
impl FileOpener {
    /// Begins with the ciphertext and with what the message tells of the file.
    ///
    /// # Errors
    /// Throws when it is not the one that was sent.
    #[wasm_bindgen(constructor)]
    pub fn new(ciphertext: Vec<u8>, file: JsValue) -> Result<FileOpener, JsError> {
        let keys: Keys = serde_wasm_bindgen::from_value(file)?;
        let key = keys.key.as_ref().try_into();
        let sha256 = keys.sha256.as_ref().try_into();
        let (Ok(key), Ok(sha256)) = (key, sha256) else {
            return Err(FileError::Undecryptable.into());
        };
        Ok(Self(Opener::new(ciphertext, key, sha256)?))
    }

    /// The next bytes; nothing at the end.
    ///
    /// # Errors
    /// Throws when it does not open: what was given before is to be dropped.
    #[wasm_bindgen(js_name = nextPiece)]
    pub fn next_piece(&mut self) -> Result<Option<Vec<u8>>, JsError> {
        Ok(self.0.next_piece()?)
    }
}
