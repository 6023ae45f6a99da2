//! Key packages with X25519 points of low order, correctly signed: OpenMLS takes them, we do not
//! (RFC 7748, section 6.1).

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::{SystemTime, UNIX_EPOCH};

use e2ee::{AccountKey, Client, DeviceKeys, KeyFault, key_package};
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

#[test]
fn points_of_low_order_are_refused_in_both_places() {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let rng = &mut ChaCha20Rng::from_seed([1; 32]);
    let account = AccountKey::generate(rng);
    let keys = DeviceKeys::generate(Uuid::from_u128(1), Uuid::from_u128(2), &account, now, rng);
    let key = SigningKey::from_bytes(keys.to_bytes()[..32].try_into().unwrap());
    let good = Client::new(keys, [])
        .key_package(e2ee::Suite::Classic, now, rng)
        .unwrap();

    // The surgery itself is sound: nothing replaced, everything signed again.
    assert!(key_package::inspect(&forge(&good, &key, None, None), now).is_ok());
    for point in low_order_points() {
        for (init, encryption) in [(Some(point), None), (None, Some(point))] {
            let forged = forge(&good, &key, init, encryption);
            assert_eq!(
                key_package::inspect(&forged, now).unwrap_err(),
                KeyFault::LowOrder
            );
        }
    }
}
