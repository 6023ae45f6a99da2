//! Key packages with other keys than their owner made, correctly signed.

use ed25519_dalek::{Signer as _, SigningKey};
use tls_codec::{Serialize as _, VLBytes};

/// A key package (RFC 9420, section 10) with other keys, its two signatures made again.
pub(crate) fn forge(
    package: &[u8],
    key: &SigningKey,
    init: Option<&[u8]>,
    encryption: Option<&[u8]>,
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

    if let Some(other) = init {
        init_key = other.to_vec();
    }
    if let Some(other) = encryption {
        encryption_key = other.to_vec();
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
