//! Published test vectors against our provider, and through OpenMLS with our provider under it.
//!
//! The vectors lie in `tests/vectors`, with a README that says where they come from and what is
//! proved by which. They run in here because the provider is private.

mod crypto_basics;
mod encoding;
mod key_schedule;
mod labels;
mod message_protection;
mod messages;
mod passive_client;
mod peer;
mod psk_secret;
mod ratchet_tree;
mod rfc5869;
mod rfc9180;
mod secret_tree;
mod stored;
mod transcript_hashes;
mod tree_math;
mod tree_validation;
mod treekem;
mod unsigned;
mod welcome;
mod wycheproof;
#[cfg(feature = "post-quantum")]
mod xwing;

use std::{convert::Infallible, fmt, fs, ops::Deref};

use openmls_traits::types::{AeadType, Ciphersuite, HashType, SignatureScheme};
use rand_chacha::ChaCha20Rng;
use rand_core::{SeedableRng, TryCryptoRng, TryRng};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    provider::{Crypto, Provider},
    store::Store,
    suite::Suite,
};

/// The published vectors that we look at are of this one.
const CIPHERSUITE: Ciphersuite = Suite::Classic.ciphersuite();
const SUITE: u16 = Suite::Classic.number();

const SHA256: HashType = HashType::Sha2_256;
const CHACHA20_POLY1305: AeadType = AeadType::ChaCha20Poly1305;
const ED25519: SignatureScheme = SignatureScheme::ED25519;

/// The vectors of a file under `tests/vectors`.
fn read<T: DeserializeOwned>(name: &str) -> Vec<T> {
    let file = format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    let vectors: Vec<T> = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    assert!(!vectors.is_empty(), "{name} is empty");
    vectors
}

/// The functions that are tested.
fn crypto() -> Crypto {
    let crypto = Crypto::without_randomness();
    crypto.seed(&mut ChaCha20Rng::from_seed([7; 32]));
    crypto
}

/// A device without any state.
fn provider() -> Provider {
    Provider {
        crypto: crypto(),
        store: Store::new([]),
    }
}

/// A generator that gives what the vector's sender drew.
struct Drawn<'a>(&'a [u8]);

impl TryRng for Drawn<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        panic!("not drawn by HPKE")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        panic!("not drawn by HPKE")
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.copy_from_slice(self.0);
        Ok(())
    }
}

impl TryCryptoRng for Drawn<'_> {}

/// Bytes that a file holds in hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
struct Hex(Vec<u8>);

impl TryFrom<String> for Hex {
    type Error = String;

    fn try_from(digits: String) -> Result<Self, String> {
        let value = |digit: u8| char::from(digit).to_digit(16);
        let byte = |pair: &[u8]| match pair {
            [high, low] => u8::try_from(value(*high)? << 4 | value(*low)?).ok(),
            _ => None,
        };
        let bytes: Option<Vec<u8>> = digits.as_bytes().chunks(2).map(byte).collect();
        bytes.map(Self).ok_or(digits)
    }
}

impl Deref for Hex {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
