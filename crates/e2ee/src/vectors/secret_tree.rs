//! secret-tree: the keys of messages and of sender data (RFC 9420, section 9).

use serde::Deserialize;

use super::{
    Hex,
    labels::{NH, derive_tree_secret, expand},
    read, tree_math,
};

/// Bytes of an AEAD key in our suite.
const NK: u16 = 32;
/// Bytes of an AEAD nonce in our suite.
const NN: u16 = 12;

/// A key with its nonce.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sealing {
    pub(super) key: Vec<u8>,
    pub(super) nonce: Vec<u8>,
}

/// The key of a welcome's group info, from its welcome secret (section 12.4.3.1).
pub(super) fn welcome_key(welcome_secret: &[u8]) -> Sealing {
    Sealing {
        key: expand(welcome_secret, "key", &[], NK),
        nonce: expand(welcome_secret, "nonce", &[], NN),
    }
}

/// The key of a message's sender data (section 6.3.2).
pub(super) fn sender_data_key(sender_data_secret: &[u8], ciphertext: &[u8]) -> Sealing {
    let sample = &ciphertext[..ciphertext.len().min(NH.into())];
    Sealing {
        key: expand(sender_data_secret, "key", sample, NK),
        nonce: expand(sender_data_secret, "nonce", sample, NN),
    }
}

/// The key of a leaf's message; `ratchet` is "handshake" or "application".
pub(super) fn message_key(
    encryption_secret: &[u8],
    leaves: u32,
    leaf: u32,
    ratchet: &str,
    generation: u32,
) -> Sealing {
    let leaf = node_secret(encryption_secret, leaves, 2 * leaf);
    let secret = (0..generation).fold(expand(&leaf, ratchet, &[], NH), |secret, passed| {
        derive_tree_secret(&secret, "secret", passed, NH)
    });
    Sealing {
        key: derive_tree_secret(&secret, "key", generation, NK),
        nonce: derive_tree_secret(&secret, "nonce", generation, NN),
    }
}

fn node_secret(encryption_secret: &[u8], leaves: u32, node: u32) -> Vec<u8> {
    let Some(parent) = tree_math::parent(node, leaves) else {
        return encryption_secret.to_vec();
    };
    let side: &[u8] = if tree_math::left(parent) == Some(node) {
        b"left"
    } else {
        b"right"
    };
    let above = node_secret(encryption_secret, leaves, parent);
    expand(&above, "tree", side, NH)
}

#[derive(Deserialize)]
struct Vector {
    encryption_secret: Hex,
    sender_data: SenderData,
    leaves: Vec<Vec<Generation>>,
}

#[derive(Deserialize)]
struct SenderData {
    sender_data_secret: Hex,
    ciphertext: Hex,
    key: Hex,
    nonce: Hex,
}

#[derive(Deserialize)]
struct Generation {
    generation: u32,
    application_key: Hex,
    application_nonce: Hex,
    handshake_key: Hex,
    handshake_nonce: Hex,
}

fn sealing(key: &Hex, nonce: &Hex) -> Sealing {
    Sealing {
        key: key.to_vec(),
        nonce: nonce.to_vec(),
    }
}

#[test]
fn sender_data_has_a_key_for_each_ciphertext() {
    for Vector {
        sender_data: one, ..
    } in read("mls/secret-tree.json")
    {
        assert_eq!(
            sender_data_key(&one.sender_data_secret, &one.ciphertext),
            sealing(&one.key, &one.nonce)
        );
    }
}

#[test]
fn every_leaf_ratchets_twice() {
    for vector in read::<Vector>("mls/secret-tree.json") {
        let leaves = u32::try_from(vector.leaves.len()).unwrap();
        for (leaf, generations) in (0..).zip(&vector.leaves) {
            for one in generations {
                let key = |ratchet| {
                    let secret = &vector.encryption_secret;
                    message_key(secret, leaves, leaf, ratchet, one.generation)
                };
                let application = sealing(&one.application_key, &one.application_nonce);
                assert_eq!(key("application"), application);
                let handshake = sealing(&one.handshake_key, &one.handshake_nonce);
                assert_eq!(key("handshake"), handshake);
            }
        }
    }
}
