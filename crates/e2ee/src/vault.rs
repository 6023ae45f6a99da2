//! The vault: what a person's devices share beside messages, sealed for them on the server.
//!
//! ```text
//! version 1 | nonce 24 | ciphertext | tag 16
//! ```
//! XChaCha20-Poly1305 under HKDF-SHA256(account key, salt = user id, info = label); the associated
//! data is `version 1 | user 16 | vault version 8`. What is sealed has one encoding:
//!
//! ```text
//! count 4 | (user 16 | account key 32 | revision 8 | verified 1 | at 8) each, users rising
//!         | archive keys
//! ```
//! It is padded, so that the whole has 4 KiB or the next power of two: the size tells little of how
//! many people somebody knows.
//!
//! The server counts the vault's versions. A device whose version is not the next one takes in
//! what stands ([`Vault::merge`]) and seals again; it refuses versions under the highest that it
//! has seen.
//!
//! Who comes back with a recovery key alone has seen no version: the server can show an older vault
//! then, with keys of contacts that were trusted once. A device that links is told the newest.
//!
//! A revoked device knew the account key: only another account key shuts it out for good.

use std::collections::BTreeMap;

use rand_core::CryptoRng;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    archive::ArchiveKeys,
    bytes::take,
    identity::AccountKey,
    pin::Pin,
    sealed::{self, ADDED, LENGTH, SealedError},
};

const LABEL: &[u8] = b"snug/vault/v1\0";
const VERSION: u8 = 1;
/// Bytes of a person and their pin in the encoding.
const ENTRY: usize = 16 + Pin::SIZE;
/// Bytes of the smallest vault.
const LEAST: usize = 4 * 1024;
/// Version, nonce, tag and length.
const OVERHEAD: usize = 1 + ADDED + LENGTH;

/// What a person's devices share. `Debug` is blank where it is secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vault {
    /// The account keys of contacts.
    pub pins: BTreeMap<Uuid, Pin>,
    /// What opens the archive.
    pub archive_keys: ArchiveKeys,
}

impl Vault {
    /// Takes in what another device shared; says whether anything was new. In whatever order
    /// devices do so, they end with the same.
    pub fn merge(&mut self, other: &Self) -> bool {
        let mut new = self.archive_keys.merge(&other.archive_keys);
        for (user, theirs) in &other.pins {
            let ours = self.pins.get(user);
            if ours.is_none_or(|ours| ours.rank() < theirs.rank()) {
                self.pins.insert(*user, *theirs);
                new = true;
            }
        }
        new
    }

    /// What tells two vaults apart: SHA-256 of the encoding, with a label in front. It may not leave
    /// the device: who guesses a vault could check the guess.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::new()
            .chain_update(b"snug/vault-digest/v1\0")
            .chain_update(self.to_bytes().as_slice())
            .finalize()
            .into()
    }

    /// How many pins fit into a sealed vault of so many bytes, a power of two, beside these archive
    /// keys.
    #[must_use]
    pub fn pins_within(&self, bytes: usize) -> usize {
        bytes.saturating_sub(OVERHEAD + 4 + self.archive_keys.size()) / ENTRY
    }

    /// Seals the vault of this version, which the server counts from 1.
    ///
    /// # Errors
    /// [`SealedError::TooLong`], which no vault is.
    pub fn seal(
        &self,
        account: &AccountKey,
        user: Uuid,
        version: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, SealedError> {
        let content = self.to_bytes();
        let size = (OVERHEAD + content.len()).next_power_of_two().max(LEAST);
        sealed::seal(
            &key(account, user),
            &[VERSION],
            &context(user, version),
            &sealed::pad(&content, size - (OVERHEAD - LENGTH)),
            rng,
        )
    }

    /// Opens the vault of this version.
    ///
    /// # Errors
    /// [`SealedError::WrongKey`] (also for another version or a changed vault),
    /// [`SealedError::Newer`] (only for what was sealed under this key) or
    /// [`SealedError::Malformed`].
    pub fn open(
        vault: &[u8],
        account: &AccountKey,
        user: Uuid,
        version: u64,
    ) -> Result<Self, SealedError> {
        let (key, context) = (key(account, user), context(user, version));
        // Whoever carries a vault can write another number in front of it. Every later encoding
        // keeps key, context and cipher, and the number is part of what is authenticated: a device
        // believes that a vault is newer only when one of the person's devices said so.
        if let Some(later) = vault.first().copied().filter(|it| *it > VERSION) {
            sealed::open(&key, &[later], &context, vault)?;
            return Err(SealedError::Newer);
        }
        let plain = sealed::open(&key, &[VERSION], &context, vault)?;
        Self::from_bytes(&sealed::unpad(plain)?).ok_or(SealedError::Malformed)
    }

    pub(crate) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let size = 4 + self.pins.len() * ENTRY + self.archive_keys.size();
        let mut bytes = Zeroizing::new(Vec::with_capacity(size));
        // Nobody has 2^32 contacts.
        let count = u32::try_from(self.pins.len()).unwrap_or(u32::MAX);
        bytes.extend_from_slice(&count.to_be_bytes());
        for (user, pin) in self.pins.iter().take(count as usize) {
            bytes.extend_from_slice(user.as_bytes());
            pin.write(&mut bytes);
        }
        self.archive_keys.write(&mut bytes);
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let count = u32::from_be_bytes(take(&mut rest)?);
        let mut pins = BTreeMap::new();
        for _ in 0..count {
            let user = Uuid::from_bytes(take(&mut rest)?);
            if pins.last_key_value().is_some_and(|(last, _)| *last >= user) {
                return None;
            }
            pins.insert(user, Pin::read(&mut rest)?);
        }
        let archive_keys = ArchiveKeys::read(&mut rest)?;
        rest.is_empty().then_some(Self { pins, archive_keys })
    }
}

fn key(account: &AccountKey, user: Uuid) -> Zeroizing<[u8; 32]> {
    sealed::derive(account.to_bytes().as_slice(), user.as_bytes(), LABEL)
}

fn context(user: Uuid, version: u64) -> Vec<u8> {
    [user.as_bytes().as_slice(), &version.to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::*;

    const USER: Uuid = Uuid::from_u128(1);

    fn rng(seed: u8) -> ChaCha20Rng {
        ChaCha20Rng::from_seed([seed; 32])
    }

    fn account(seed: u8) -> AccountKey {
        AccountKey::generate(&mut rng(seed))
    }

    fn pin(seed: u8, verified_at: Option<u64>, revision: u64) -> Pin {
        Pin {
            account_key: account(seed).public(),
            verified_at,
            revision,
        }
    }

    fn vault() -> Vault {
        let mut vault = Vault::default();
        vault.archive_keys.renew(&mut rng(1));
        vault
            .pins
            .insert(Uuid::from_u128(3), pin(3, Some(1_700_000_000), 2));
        vault.pins.insert(Uuid::from_u128(2), pin(2, None, 1));
        vault
    }

    #[test]
    fn own_devices_open_it_and_nobody_else() {
        let sealed = vault().seal(&account(1), USER, 5, &mut rng(9)).unwrap();
        let open =
            |account: &AccountKey, user, version| Vault::open(&sealed, account, user, version);
        assert_eq!(open(&account(1), USER, 5), Ok(vault()));
        let wrong = Err(SealedError::WrongKey);
        assert_eq!(open(&account(2), USER, 5), wrong);
        assert_eq!(open(&account(1), Uuid::from_u128(2), 5), wrong);
        assert_eq!(open(&account(1), USER, 4), wrong);
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            let opened = Vault::open(&changed, &account(1), USER, 5);
            assert!(opened.is_err(), "byte {place}");
        }
    }

    #[test]
    fn only_an_own_device_makes_it_newer() {
        let (key, context) = (key(&account(1), USER), context(USER, 5));
        let newer = sealed::seal(&key, &[2], &context, b"of later", &mut rng(9)).unwrap();
        let open = |vault: &[u8]| Vault::open(vault, &account(1), USER, 5).unwrap_err();
        assert_eq!(open(&newer), SealedError::Newer);
        for version in [3, 255] {
            let changed = [&[version], &newer[1..]].concat();
            assert_eq!(open(&changed), SealedError::WrongKey);
        }
        let called = [
            &[2],
            &vault().seal(&account(1), USER, 5, &mut rng(9)).unwrap()[1..],
        ];
        assert_eq!(open(&called.concat()), SealedError::WrongKey);
        assert_eq!(open(&[2]), SealedError::Malformed);
    }

    #[test]
    fn its_size_tells_little() {
        let mut vault = vault();
        let size = |vault: &Vault| {
            let sealed = vault.seal(&account(1), USER, 1, &mut rng(9));
            sealed.unwrap().len()
        };
        assert_eq!(size(&Vault::default()), 4 * 1024);
        assert_eq!(size(&vault), 4 * 1024);
        for user in 0..100 {
            vault.pins.insert(Uuid::from_u128(user), pin(2, None, 1));
        }
        assert_eq!(size(&vault), 8 * 1024);
    }

    #[test]
    fn there_is_one_encoding() {
        let bytes = vault().to_bytes();
        assert_eq!(Vault::from_bytes(&bytes), Some(vault()));
        for cut in 0..bytes.len() {
            assert_eq!(Vault::from_bytes(&bytes[..cut]), None, "cut at {cut}");
        }
        assert_eq!(Vault::from_bytes(&[bytes.as_slice(), &[0]].concat()), None);
        let end = 4 + 2 * ENTRY;
        let (one, two) = bytes[4..end].split_at(ENTRY);
        let turned = [&bytes[..4], two, one, &bytes[end..]].concat();
        assert_eq!(Vault::from_bytes(&turned), None);
        // The first pin is not verified: another flag, or a time without one.
        for (place, value) in [(4 + ENTRY - 9, 2), (4 + ENTRY - 1, 1)] {
            let mut changed = bytes.to_vec();
            changed[place] = value;
            assert_eq!(Vault::from_bytes(&changed), None, "byte {place}");
        }
        let mut weak = bytes.to_vec();
        weak[20..52].fill(0);
        assert_eq!(Vault::from_bytes(&weak), None);
    }

    #[test]
    fn the_newer_pin_stands_and_the_stricter_of_two() {
        let merged = |ours, theirs| {
            let mut vault = Vault::default();
            vault.pins.insert(USER, ours);
            let mut other = Vault::default();
            other.pins.insert(USER, theirs);
            vault.merge(&other);
            vault.pins[&USER]
        };
        for (lower, higher) in [
            (pin(2, Some(9), 1), pin(3, None, 2)),
            (pin(2, None, 1), pin(2, Some(9), 2)),
            (pin(2, Some(9), 2), pin(2, None, 2)),
            (pin(2, Some(8), 2), pin(2, Some(9), 2)),
        ] {
            assert_eq!(merged(lower, higher), higher);
            assert_eq!(merged(higher, lower), higher);
        }
        assert!(!vault().merge(&vault()));
        assert_eq!(vault().digest(), vault().digest());
        assert_ne!(vault().digest(), Vault::default().digest());
        assert!(Vault::default().merge(&vault()));
    }

    prop_compose! {
        fn some_vault()(
            pins in proptest::collection::vec(
                (0u128..4, 1u8..4, proptest::option::of(0u64..3), 1u64..3),
                0..4,
            ),
            // The same seed makes the same keys: devices that share some.
            (seed, keys) in (0u8..3, 0u8..3),
        ) -> Vault {
            let mut vault = Vault::default();
            for (user, seed, verified_at, revision) in pins {
                vault.pins.insert(Uuid::from_u128(user), pin(seed, verified_at, revision));
            }
            let rng = &mut rng(seed);
            for _ in 0..keys {
                vault.archive_keys.renew(rng);
            }
            vault
        }
    }

    fn merge(one: &Vault, two: &Vault) -> Vault {
        let mut merged = one.clone();
        merged.merge(two);
        merged
    }

    proptest! {
        #[test]
        fn devices_end_with_the_same_whatever_the_order(
            one in some_vault(),
            two in some_vault(),
            three in some_vault(),
        ) {
            prop_assert_eq!(merge(&one, &two), merge(&two, &one));
            let (left, right) = (merge(&one, &two), merge(&two, &three));
            prop_assert_eq!(merge(&left, &three), merge(&one, &right));
        }

        #[test]
        fn every_vault_comes_back(vault in some_vault()) {
            let bytes = vault.to_bytes();
            prop_assert_eq!(Vault::from_bytes(&bytes), Some(vault));
        }

        #[test]
        fn garbage_is_refused(
            count in 0u8..3,
            bytes in proptest::collection::vec(any::<u8>(), 0..250),
        ) {
            let plain = [&[0, 0, 0, count], bytes.as_slice()].concat();
            if let Some(vault) = Vault::from_bytes(&plain) {
                prop_assert_eq!(vault.to_bytes().to_vec(), plain);
            }
            prop_assert!(Vault::open(&bytes, &account(1), USER, 1).is_err());
        }
    }
}
