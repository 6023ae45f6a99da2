//! Key packages with keys that nothing, or nothing secret, can be sealed to, correctly signed: OpenMLS
//! takes them, we do not. Points of low order: RFC 7748, section 6.1; numbers that are not below
//! ML-KEM's modulus: FIPS 203, section 7.2.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::{SystemTime, UNIX_EPOCH};

use e2ee::{AccountKey, Client, DeviceKeys, KeyFault, Suite, key_package};
use ed25519_dalek::SigningKey;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use uuid::Uuid;

mod forge;

use forge::forge;

/// Points of small order (Wycheproof, X25519): orders 1 and 2, the zero point and one of order 8.
fn low_order_points() -> [[u8; 32]; 4] {
    let mut one = [0; 32];
    one[0] = 1;
    let mut minus_one = [0xff; 32];
    (minus_one[0], minus_one[31]) = (0xec, 0x7f);
    let order_eight = [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4,
        0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49,
        0xb8, 0x00,
    ];
    [[0; 32], one, minus_one, order_eight]
}

/// What a device makes, and what becomes of it with other keys in it.
struct Forger {
    package: Vec<u8>,
    key: SigningKey,
    now: u64,
}

impl Forger {
    fn new(suite: Suite) -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = since.unwrap().as_secs();
        let rng = &mut ChaCha20Rng::from_seed([1; 32]);
        let account = AccountKey::generate(rng);
        let keys = DeviceKeys::generate(Uuid::from_u128(1), Uuid::from_u128(2), &account, now, rng);
        let key = SigningKey::from_bytes(keys.to_bytes()[..32].try_into().unwrap());
        let package = Client::new(keys, []).key_package(suite, now, rng).unwrap();
        Self { package, key, now }
    }

    fn inspect(&self, init: Option<&[u8]>, encryption: Option<&[u8]>) -> Result<(), KeyFault> {
        let forged = forge(&self.package, &self.key, init, encryption);
        key_package::inspect(&forged, self.now).map(drop)
    }

    /// With a key in either place; the surgery itself is sound, when nothing is replaced.
    fn in_both_places(&self, key: &[u8]) -> [Result<(), KeyFault>; 2] {
        assert_eq!(self.inspect(None, None), Ok(()));
        [self.inspect(Some(key), None), self.inspect(None, Some(key))]
    }
}

#[test]
fn points_of_low_order_are_refused_in_both_places() {
    let forger = Forger::new(Suite::Classic);
    for point in low_order_points() {
        let refused = [Err(KeyFault::LowOrder); 2];
        assert_eq!(forger.in_both_places(&point), refused);
    }
}

#[test]
fn keys_of_another_length_are_refused_in_both_places() {
    let forger = Forger::new(Suite::Classic);
    for length in [0, 31, 33] {
        let refused = [Err(KeyFault::Malformed); 2];
        assert_eq!(forger.in_both_places(&vec![9; length]), refused);
    }
}

#[cfg(feature = "post-quantum")]
mod post_quantum {
    use super::*;

    /// ML-KEM-768's part of an X-Wing key: 768 numbers of 12 bits, then a seed.
    const MLKEM: usize = 1184;
    const NUMBERS: usize = 1152;

    /// The device's own init key, changed.
    fn changed(forger: &Forger, change: impl FnOnce(&mut [u8])) -> Vec<u8> {
        // Version, wire format, version and suite; then its length in two bytes.
        let mut key = forger.package[10..][..MLKEM + 32].to_vec();
        change(&mut key);
        key
    }

    #[test]
    fn points_of_low_order_are_refused_beside_a_good_key_of_mlkem() {
        let forger = Forger::new(Suite::PostQuantum);
        for point in low_order_points() {
            let key = changed(&forger, |key| key[MLKEM..].copy_from_slice(&point));
            let refused = [Err(KeyFault::LowOrder); 2];
            assert_eq!(forger.in_both_places(&key), refused);
        }
    }

    #[test]
    fn numbers_from_the_modulus_on_are_refused() {
        let forger = Forger::new(Suite::PostQuantum);
        // The last number of all, in the upper 12 bits of 24, at the edge.
        for (number, expected) in [
            (3328_u16, Ok(())),
            (3329, Err(KeyFault::Malformed)),
            (4095, Err(KeyFault::Malformed)),
        ] {
            let key = changed(&forger, |key| {
                let [low, high] = number.to_le_bytes();
                key[NUMBERS - 2] = key[NUMBERS - 2] & 0x0f | low << 4;
                key[NUMBERS - 1] = high << 4 | low >> 4;
            });
            assert_eq!(forger.in_both_places(&key), [expected; 2], "{number}");
        }
    }

    #[test]
    fn keys_of_another_length_are_refused() {
        let forger = Forger::new(Suite::PostQuantum);
        for length in [0, 32, MLKEM, MLKEM + 31, MLKEM + 33] {
            let refused = [Err(KeyFault::Malformed); 2];
            assert_eq!(forger.in_both_places(&vec![9; length]), refused, "{length}");
        }
    }
}
