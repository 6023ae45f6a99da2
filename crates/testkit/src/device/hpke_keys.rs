//! The private keys that open what is sealed to a device in MLS (HPKE over X25519): of its leaf and
//! of the nodes above it in each room, of its key packages and of their leaves.

use std::collections::{BTreeMap, BTreeSet};

use x25519_dalek::{PublicKey, StaticSecret};

use super::Device;

/// How the records write how long a key is.
const LENGTH: u8 = 32;

impl Device {
    /// By the kind of record in which they are stored: `key-package` and `epoch-encryption-keys` at
    /// least.
    pub fn hpke_keys(&self) -> BTreeMap<String, BTreeSet<Vec<u8>>> {
        let mut keys = BTreeMap::<_, BTreeSet<_>>::new();
        for (key, value) in self.records() {
            let Some(path) = key.strip_prefix("state/mls/") else {
                continue;
            };
            let pairs = (0..path.len()).step_by(2);
            let byte = |at| u8::from_str_radix(&path[at..at + 2], 16).unwrap() as char;
            let kind: String = pairs.map(byte).take_while(|it| *it != '/').collect();
            keys.entry(kind).or_default().extend(pairs_in(&value));
        }
        keys.retain(|_, keys| !keys.is_empty());
        keys
    }
}

/// Every private key that a record holds beside its public one: such a pair is no chance.
fn pairs_in(record: &[u8]) -> BTreeSet<Vec<u8>> {
    let all: BTreeSet<[u8; 32]> = record
        .windows(1 + 32)
        .filter(|window| window[0] == LENGTH)
        .map(|window| window[1..].try_into().unwrap())
        .collect();
    let public = |private: &[u8; 32]| PublicKey::from(&StaticSecret::from(*private)).to_bytes();
    let private = all.iter().filter(|it| all.contains(&public(it)));
    private.map(|it| it.to_vec()).collect()
}
