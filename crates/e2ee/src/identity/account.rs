//! The account key: one Ed25519 key a person, made on the first device; it vouches for devices.

use std::fmt;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::error::KeyFault;

/// The private half. `Debug` is blank; the bytes are wiped when it goes.
pub struct AccountKey(SigningKey);

impl AccountKey {
    /// A new key.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut());
        Self(SigningKey::from_bytes(&seed))
    }

    /// The key behind a stored seed (RFC 8032, section 5.1.5).
    pub fn from_bytes(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The seed, to be stored sealed.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public half.
    pub fn public(&self) -> AccountPublicKey {
        AccountPublicKey(self.0.verifying_key().to_bytes())
    }

    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl fmt::Debug for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountKey(…)")
    }
}

/// The public half: what contacts pin. Never a weak point.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountPublicKey([u8; 32]);

impl AccountPublicKey {
    /// A key from its 32 bytes.
    ///
    /// # Errors
    /// [`KeyFault::Malformed`] for a wrong length or no point, [`KeyFault::WeakKey`] for a point of
    /// small order.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeyFault> {
        let bytes = bytes.try_into().map_err(|_| KeyFault::Malformed)?;
        point(&bytes).map(|_| Self(bytes))
    }

    /// The 32 bytes (RFC 8032, section 5.1.2).
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Bytes that were checked before, or are by [`AccountPublicKey::verify`] right after.
    pub(super) const fn unchecked(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Checks the key as [`AccountPublicKey::parse`] does, and a signature by it.
    pub(super) fn verify(&self, message: &[u8], signature: &[u8; 64]) -> Result<(), KeyFault> {
        verify(&self.0, message, signature)
    }
}

impl fmt::Debug for AccountPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountPublicKey(")?;
        for byte in self.0.iter().take(4) {
            write!(f, "{byte:02x}")?;
        }
        f.write_str("…)")
    }
}

/// The point of a public key; one of small order is refused.
fn point(bytes: &[u8; 32]) -> Result<VerifyingKey, KeyFault> {
    let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyFault::Malformed)?;
    if key.is_weak() {
        return Err(KeyFault::WeakKey);
    }
    Ok(key)
}

/// Strict verification: small-order keys and non-canonical encodings are refused, so that two
/// implementations never disagree on a signature.
pub(super) fn verify(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Result<(), KeyFault> {
    point(key)?
        .verify_strict(message, &Signature::from_bytes(signature))
        .map_err(|_| KeyFault::BadSignature)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    #[test]
    fn weak_points_and_garbage_are_refused() {
        let mut identity = [0; 32];
        identity[0] = 1;
        assert_eq!(AccountPublicKey::parse(&identity), Err(KeyFault::WeakKey));
        assert_eq!(AccountPublicKey::parse(&[0; 32]), Err(KeyFault::WeakKey));
        assert_eq!(AccountPublicKey::parse(&[0; 31]), Err(KeyFault::Malformed));
        let mut no_point = [0xff; 32];
        no_point[0] = 2;
        assert!(AccountPublicKey::parse(&no_point).is_err());
    }

    #[test]
    fn the_private_half_is_never_printed() {
        let key = AccountKey::generate(&mut ChaCha20Rng::from_seed([1; 32]));
        assert_eq!(format!("{key:?}"), "AccountKey(…)");
        assert_eq!(
            AccountKey::from_bytes(&key.to_bytes()).public(),
            key.public()
        );
    }
}
