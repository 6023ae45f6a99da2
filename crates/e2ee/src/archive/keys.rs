//! Archive keys: every device of a person has them all; the newest seals, each of them opens.
//!
//! ```text
//! count 2 | (id 16 | generation 4 | secret 32) each, ids rising
//! ```

use std::collections::{BTreeMap, BTreeSet};

use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::bytes::{blank_debug, take};

/// Bytes of a key in the encoding.
const ENTRY: usize = 16 + 4 + 32;

/// One key. `Debug` is blank; it is wiped when it goes.
#[derive(Clone)]
pub struct ArchiveKey {
    id: Uuid,
    /// One more than the newest key had that its maker knew.
    generation: u32,
    secret: Zeroizing<[u8; 32]>,
}

impl ArchiveKey {
    /// Its id, which stands in front of what it sealed.
    pub const fn id(&self) -> Uuid {
        self.id
    }

    pub(super) fn secret(&self) -> &[u8; 32] {
        &self.secret
    }
}

/// In constant time.
impl PartialEq for ArchiveKey {
    fn eq(&self, other: &Self) -> bool {
        let same = self.id == other.id && self.generation == other.generation;
        same && self.secret.as_slice().ct_eq(other.secret.as_slice()).into()
    }
}

impl Eq for ArchiveKey {}

/// All keys of a person's archive. With a generation all before it are here.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ArchiveKeys(BTreeMap<Uuid, ArchiveKey>);

impl ArchiveKeys {
    /// Makes a new key that seals from now on: for the first message, and whenever a device was
    /// revoked.
    pub fn renew(&mut self, rng: &mut impl CryptoRng) {
        let mut id = [0; 16];
        rng.fill_bytes(&mut id);
        let mut secret = Zeroizing::new([0; 32]);
        rng.fill_bytes(secret.as_mut());
        let id = uuid::Builder::from_random_bytes(id).into_uuid();
        let newest = self.current().map_or(0, |key| key.generation);
        let key = ArchiveKey {
            id,
            generation: newest.saturating_add(1),
            secret,
        };
        self.0.insert(id, key);
    }

    /// The key that seals: the newest, and of two that were made at the same time the one with the
    /// higher id, on every device alike. `None` before the first [`ArchiveKeys::renew`].
    pub fn current(&self) -> Option<&ArchiveKey> {
        self.0.values().max_by_key(|key| (key.generation, key.id))
    }

    /// The key of an id; `None` when it is not known here.
    pub fn find(&self, id: Uuid) -> Option<&ArchiveKey> {
        self.0.get(&id)
    }

    /// Takes in the keys that another device has; says whether one was new.
    pub fn merge(&mut self, other: &Self) -> bool {
        let before = self.0.len();
        for (id, key) in &other.0 {
            self.0.entry(*id).or_insert_with(|| key.clone());
        }
        self.0.len() > before
    }

    /// What a device stores (sealed).
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.size()));
        self.write(&mut bytes);
        bytes
    }

    /// What was stored; `None` when it is not exactly that.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let keys = Self::read(&mut rest)?;
        rest.is_empty().then_some(keys)
    }

    /// Bytes of the encoding.
    pub(crate) fn size(&self) -> usize {
        2 + self.0.len() * ENTRY
    }

    pub(crate) fn write(&self, bytes: &mut Vec<u8>) {
        // One key a revocation: 65,535 do not happen.
        let count = u16::try_from(self.0.len()).unwrap_or(u16::MAX);
        bytes.extend_from_slice(&count.to_be_bytes());
        for key in self.0.values().take(usize::from(count)) {
            bytes.extend_from_slice(key.id.as_bytes());
            bytes.extend_from_slice(&key.generation.to_be_bytes());
            bytes.extend_from_slice(key.secret.as_slice());
        }
    }

    /// Reads the encoding off the front; `None` when there is none, the ids do not rise or
    /// generations are left out: a device that was revoked could else name one so high that no
    /// later key follows it.
    pub(crate) fn read(rest: &mut &[u8]) -> Option<Self> {
        let count = u16::from_be_bytes(take(rest)?);
        let mut keys = BTreeMap::new();
        for _ in 0..count {
            let id = Uuid::from_bytes(take(rest)?);
            let key = ArchiveKey {
                id,
                generation: u32::from_be_bytes(take(rest)?),
                secret: Zeroizing::new(take(rest)?),
            };
            if keys.last_key_value().is_some_and(|(last, _)| *last >= id) {
                return None;
            }
            keys.insert(id, key);
        }
        let generations: BTreeSet<_> = keys.values().map(|key| key.generation).collect();
        let followed = (1..).zip(&generations).all(|(number, one)| number == *one);
        followed.then_some(Self(keys))
    }
}

blank_debug!(ArchiveKey, ArchiveKeys);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::*;

    fn renewed(keys: &ArchiveKeys, seed: u8) -> ArchiveKeys {
        let mut keys = keys.clone();
        keys.renew(&mut ChaCha20Rng::from_seed([seed; 32]));
        keys
    }

    fn written(keys: &ArchiveKeys) -> Vec<u8> {
        let mut bytes = Vec::new();
        keys.write(&mut bytes);
        assert_eq!(bytes.len(), keys.size());
        bytes
    }

    #[test]
    fn the_newest_key_seals_on_every_device_alike() {
        let none = ArchiveKeys::default();
        assert_eq!(none.current(), None);
        let first = renewed(&none, 1);
        let (one, two) = (renewed(&first, 2), renewed(&first, 3));
        let (mut here, mut there) = (one.clone(), two.clone());
        assert!(here.merge(&two) && there.merge(&one));
        assert!(here == there && !here.merge(&one));
        let current = here.current().unwrap().id();
        let made = [&one, &two].map(|keys| keys.current().unwrap().id());
        assert_eq!(Some(&current), made.iter().max());
        // The next key is newer than both, whatever its id.
        for seed in 4..20 {
            let next = renewed(&here, seed);
            assert!(here.find(next.current().unwrap().id()).is_none());
        }
    }

    #[test]
    fn keys_come_back_in_one_encoding() {
        let keys = renewed(&renewed(&ArchiveKeys::default(), 1), 2);
        let bytes = written(&keys);
        let read = |mut bytes: &[u8]| ArchiveKeys::read(&mut bytes);
        assert_eq!(*keys.to_bytes(), bytes);
        assert_eq!(ArchiveKeys::from_bytes(&bytes).as_ref(), Some(&keys));
        assert_eq!(ArchiveKeys::from_bytes(&[&bytes[..], &[0]].concat()), None);
        assert_eq!(read(&bytes), Some(keys));
        for cut in 0..bytes.len() {
            assert_eq!(read(&bytes[..cut]), None, "cut at {cut}");
        }
        let (one, two) = bytes[2..].split_at(ENTRY);
        let turned = [&bytes[..2], two, one].concat();
        assert_eq!(read(&turned), None);
        let twice = [&bytes[..2], one, one].concat();
        assert_eq!(read(&twice), None);
        for generation in [0, 3, u32::MAX] {
            let mut beyond = bytes.clone();
            // Of the key with the highest generation, wherever its id put it.
            let place = bytes[2 + 16..].chunks(ENTRY).position(|key| key[3] == 2);
            let start = 2 + 16 + place.unwrap() * ENTRY;
            beyond[start..start + 4].copy_from_slice(&generation.to_be_bytes());
            assert_eq!(read(&beyond), None, "generation {generation}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_the_same(
            keys in proptest::collection::vec((any::<[u8; 16]>(), 0u32..4, any::<[u8; 32]>()), 0..4),
            more in proptest::collection::vec(any::<u8>(), 0..4),
        ) {
            let mut bytes = vec![0, keys.len() as u8];
            for (id, generation, secret) in keys {
                bytes.extend([&id[..], &generation.to_be_bytes(), &secret].concat());
            }
            bytes.extend(more);
            let mut rest = bytes.as_slice();
            if let Some(keys) = ArchiveKeys::read(&mut rest) {
                let read = &bytes[..bytes.len() - rest.len()];
                prop_assert_eq!(written(&keys), read);
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..220)) {
            let _ = ArchiveKeys::read(&mut bytes.as_slice());
        }
    }
}
