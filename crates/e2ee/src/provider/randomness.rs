//! What an operation draws from: seeded for it by the caller, wiped after it.

use std::sync::Mutex;

use hmac::{Hmac, KeyInit, Mac};
use openmls_traits::types::CryptoError;
use rand_chacha::ChaCha20Rng;
use rand_core::{CryptoRng, Rng, SeedableRng};
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

const SEALING_LABEL: &[u8] = b"snug/sealing-randomness/v1\0";

/// The randomness of one operation; none between two. In a box, so that it lies in one place from
/// beginning to end and nothing but a pointer is moved.
pub(super) struct Randomness(Mutex<Option<Box<Operation>>>);

struct Operation {
    /// What is drawn one after the other.
    generator: ChaCha20Rng,
    /// What every sealing derives its own randomness from.
    sealing: Zeroizing<[u8; 32]>,
}

/// There is no generator, because none was seeded or another operation panicked.
#[derive(Debug, thiserror::Error)]
#[error("no randomness")]
pub(crate) struct NoRandomness;

impl From<NoRandomness> for CryptoError {
    fn from(_: NoRandomness) -> Self {
        Self::InsufficientRandomness
    }
}

impl Randomness {
    pub(super) const fn none() -> Self {
        Self(Mutex::new(None))
    }

    pub(super) fn seed(&self, rng: &mut impl CryptoRng) {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut());
        let mut generator = ChaCha20Rng::from_seed(*seed);
        let mut sealing = Zeroizing::new([0; 32]);
        generator.fill_bytes(sealing.as_mut());
        if let Ok(mut operation) = self.0.lock() {
            *operation = Some(Box::new(Operation { generator, sealing }));
        }
    }

    /// Wipes what is left: the secrets of the last operation could be drawn from it once more.
    pub(super) fn forget(&self) {
        if let Ok(mut operation) = self.0.lock() {
            *operation = None;
        }
    }

    pub(super) fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        let mut operation = self.0.lock().map_err(|_| NoRandomness)?;
        let operation = operation.as_mut().ok_or(NoRandomness)?;
        operation.generator.fill_bytes(bytes);
        Ok(())
    }

    /// A generator for sealing what `parts` say: from the operation's secret and from them.
    ///
    /// OpenMLS seals a path to many leaves on several threads. Their order must not show in the
    /// bytes, and none waits for another. Sealing the same for the same key twice in one operation
    /// gives the same bytes, which tells nobody anything.
    pub(super) fn of(&self, parts: [&[u8]; 4]) -> Result<ChaCha20Rng, NoRandomness> {
        let operation = self.0.lock().map_err(|_| NoRandomness)?;
        let key = operation.as_ref().ok_or(NoRandomness)?.sealing.clone();
        drop(operation);
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_ref()).map_err(|_| NoRandomness)?;
        mac.update(SEALING_LABEL);
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        let mut seed = <[u8; 32]>::from(mac.finalize().into_bytes());
        let generator = ChaCha20Rng::from_seed(seed);
        seed.zeroize();
        Ok(generator)
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        self.generator = ChaCha20Rng::from_seed([0; 32]);
        // Nobody reads it again, so that the compiler could leave the wiping out.
        std::hint::black_box(&mut self.generator);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(randomness: &Randomness, parts: [&[u8]; 4]) -> [u8; 32] {
        let mut bytes = [0; 32];
        randomness.of(parts).unwrap().fill_bytes(&mut bytes);
        bytes
    }

    #[test]
    fn sealings_hang_on_what_is_sealed_and_not_on_their_order() {
        let (one, other) = (Randomness::none(), Randomness::none());
        for randomness in [&one, &other] {
            randomness.seed(&mut ChaCha20Rng::from_seed([1; 32]));
        }
        let parts: [[&[u8]; 4]; 3] = [
            [b"key", b"info", b"", b"text"],
            [b"key", b"inf", b"o", b"text"],
            [b"key", b"info", b"", b"texts"],
        ];
        let drawn_first = parts.map(|parts| drawn(&one, parts));
        let mut backwards = parts.map(|parts| parts);
        backwards.reverse();
        let mut drawn_last = backwards.map(|parts| drawn(&other, parts));
        drawn_last.reverse();
        assert_eq!(drawn_first, drawn_last);
        assert_ne!(drawn_first[0], drawn_first[1]);
        assert_ne!(drawn_first[0], drawn_first[2]);
        one.seed(&mut ChaCha20Rng::from_seed([2; 32]));
        assert_ne!(drawn(&one, parts[0]), drawn_first[0]);
    }

    #[test]
    fn nothing_is_drawn_before_and_after_an_operation() {
        let randomness = Randomness::none();
        assert!(randomness.fill(&mut [0; 1]).is_err());
        randomness.seed(&mut ChaCha20Rng::from_seed([1; 32]));
        assert!(randomness.fill(&mut [0; 1]).is_ok());
        randomness.forget();
        assert!(randomness.fill(&mut [0; 1]).is_err());
        assert!(randomness.of([&[]; 4]).is_err());
    }
}
