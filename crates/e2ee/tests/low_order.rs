//! Key packages with X25519 points of low order, correctly signed: OpenMLS takes them, we do not
//! (RFC 7748, section 6.1).

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::{SystemTime, UNIX_EPOCH};

use e2ee::{AccountKey, Client, DeviceKeys, KeyFault, key_package};
use ed25519_dalek::{Signer as _, SigningKey};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use tls_codec::{Serialize as _, VLBytes};
use uuid::Uuid;

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

/// A key package (RFC 9420, section 10) with other keys, its two signatures made again.
fn forge(
    package: &[u8],
    key: &SigningKey,
    init: Option<[u8; 32]>,
    encryption: Option<[u8; 32]>,
) -> Vec<u8> {
    let mut at = 4;
    let versions = &package[at..at + 4];
    at += 4;
    let mut init_key = vector(package, &mut at);
    let mut encryption_key = vector(package, &mut at);
    let signature_key = vector(package, &mut at);
    let middle = at;
    at += 2; // credential type
    vector(package, &mut at); // credential
    for _ in 0..5 {
        vector(package, &mut at); // capabilities
    }
    at += 1 + 16; // leaf node source, lifetime
    vector(package, &mut at); // leaf extensions
    let middle = &package[middle..at];
    vector(package, &mut at); // leaf signature
    let extensions = at;
    vector(package, &mut at);
    let extensions = &package[extensions..at];

    if let Some(point) = init {
        init_key = point.to_vec();
    }
    if let Some(point) = encryption {
        encryption_key = point.to_vec();
    }
    let mut leaf = prefixed(&encryption_key);
    leaf.extend(prefixed(&signature_key));
    leaf.extend(middle);
    let signature = sign(key, "LeafNodeTBS", &leaf);
    leaf.extend(prefixed(&signature));
    let mut signed = [versions, &prefixed(&init_key), &leaf, extensions].concat();
    let signature = sign(key, "KeyPackageTBS", &signed);
    signed.extend(prefixed(&signature));
    [&package[..4], &signed].concat()
}

/// SignWithLabel (RFC 9420, section 5.1.2).
fn sign(key: &SigningKey, label: &str, content: &[u8]) -> Vec<u8> {
    let mut message = prefixed(format!("MLS 1.0 {label}").as_bytes());
    message.extend(prefixed(content));
    key.sign(&message).to_bytes().to_vec()
}

fn prefixed(bytes: &[u8]) -> Vec<u8> {
    VLBytes::new(bytes.to_vec())
        .tls_serialize_detached()
        .unwrap()
}

fn vector(bytes: &[u8], at: &mut usize) -> Vec<u8> {
    let first = bytes[*at];
    let (head, length) = match first >> 6 {
        0 => (1, usize::from(first & 63)),
        1 => (
            2,
            usize::from(first & 63) << 8 | usize::from(bytes[*at + 1]),
        ),
        _ => panic!("longer than any field of a key package"),
    };
    let start = *at + head;
    *at = start + length;
    bytes[start..*at].to_vec()
}
