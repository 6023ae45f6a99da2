//! The key that a passphrase makes: argon2id, version 1.3, one lane.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use wasm_bindgen::prelude::*;
use zeroize::{Zeroize, Zeroizing};

/// Makes 32 bytes of a passphrase in `memory` KiB and so many passes. `undefined` when the browser
/// has no such memory to give.
///
/// The memory stays with the module: a worker that ends afterwards gives it back.
///
/// # Errors
/// Throws when the parameters are out of argon2's bounds.
#[wasm_bindgen(js_name = passphraseKey)]
pub fn passphrase_key(
    passphrase: Vec<u8>,
    salt: &[u8],
    memory: u32,
    passes: u32,
) -> Result<Option<Vec<u8>>, JsError> {
    let passphrase = Zeroizing::new(passphrase);
    let key = derive(&passphrase, salt, memory, passes)?;
    Ok(key.map(|key| key.to_vec()))
}

fn derive(
    passphrase: &[u8],
    salt: &[u8],
    memory: u32,
    passes: u32,
) -> Result<Option<Zeroizing<[u8; 32]>>, argon2::Error> {
    let params = Params::new(memory, passes, 1, None)?;
    let mut blocks: Vec<Block> = Vec::new();
    // To ask for what is not there ends the module; to try does not.
    if blocks.try_reserve_exact(params.block_count()).is_err() {
        return Ok(None);
    }
    blocks.resize(params.block_count(), Block::new());
    let mut key = Zeroizing::new([0; 32]);
    let made = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(passphrase, salt, &mut *key, &mut blocks[..]);
    blocks.zeroize();
    made?;
    Ok(Some(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `test.c` of the reference implementation, argon2id, version 0x13.
    #[test]
    fn fits_the_reference_implementation() {
        for (memory, passes, expected) in [
            (
                1 << 16,
                2,
                "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7",
            ),
            (
                1 << 8,
                2,
                "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe",
            ),
        ] {
            let key = derive(b"password", b"somesalt", memory, passes).unwrap();
            let hex: String = key.unwrap().iter().map(|it| format!("{it:02x}")).collect();
            assert_eq!(hex, expected);
        }
    }

    #[test]
    fn refuses_what_argon2_does_not_take() {
        assert!(derive(b"password", b"somesalt", 1, 2).is_err());
        assert!(derive(b"password", b"short", 64, 2).is_err());
    }
}
