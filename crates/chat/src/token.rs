//! Random tokens: 256 bits, shown once, stored as SHA-256.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use protocol::Secret;
use rand::RngExt;
use sha2::{Digest, Sha256};

/// A fresh token and what is stored of it.
pub fn fresh() -> (Secret, Hash) {
    let bytes: [u8; 32] = rand::rng().random();
    let text = URL_SAFE_NO_PAD.encode(bytes);
    let hash = Hash::of(&text);
    (text.into(), hash)
}

/// The SHA-256 of a token's text. A token has too much entropy to need a slow hash.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// Of a token as a client sent it.
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_hold_256_bits_and_never_repeat() {
        let (one, hash) = fresh();
        assert_eq!(one.expose().len(), 43);
        assert!(Hash::of(one.expose()) == hash);
        assert_ne!(fresh().0.expose(), one.expose());
    }
}
