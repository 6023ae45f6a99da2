//! The recovery key and the bundle that it opens: the way back for who lost every device.
//!
//! The key is 160 random bits; [`RecoveryKey::to_text`] shows how it is written. The bundle is a
//! [`Keyring`], sealed:
//!
//! ```text
//! version 1 | nonce 24 | keyring | tag 16
//! ```
//! XChaCha20-Poly1305 under HKDF-SHA256(key, salt = user id, info = label); the associated data is
//! `version 1 | user 16 | bundle version 8`. The server counts the bundle's versions: it cannot
//! pass off an older bundle under a newer number.

mod text;

use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    bytes::blank_debug,
    keyring::Keyring,
    sealed::{self, SealedError},
};

const LABEL: &[u8] = b"snug/recovery-bundle/v1\0";
const VERSION: u8 = 1;
const LENGTH: usize = 20;

/// Where the text of a recovery key is wrong: the person looks there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("group {group} of the recovery key is wrong")]
pub struct WrongGroup {
    /// The first of the 8 groups that does not check or is not there, from 1; 9 when there is more
    /// text than they have.
    pub group: usize,
}

/// The key in a person's recovery kit. `Debug` is blank; it is wiped when it goes.
pub struct RecoveryKey(Zeroizing<[u8; LENGTH]>);

impl RecoveryKey {
    /// A new key.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut key = Zeroizing::new([0; LENGTH]);
        rng.fill_bytes(key.as_mut());
        Self(key)
    }

    /// Reads a key as a person typed or pasted it: look-alikes are folded, white space and dashes
    /// do not matter.
    ///
    /// # Errors
    /// [`WrongGroup`].
    pub fn parse(text: &str) -> Result<Self, WrongGroup> {
        text::read(text).map(Self)
    }

    /// The key as text: 8 groups of 4 characters of Crockford's base 32 and a check character,
    /// with dashes between.
    pub fn to_text(&self) -> Zeroizing<String> {
        text::write(&self.0)
    }

    /// The key of this person's bundles.
    pub fn bundle_key(&self, user: Uuid) -> BundleKey {
        BundleKey {
            user,
            key: sealed::derive(self.0.as_slice(), user.as_bytes(), LABEL),
        }
    }
}

/// What opens and seals a person's bundles. A device may keep it, to seal later versions without
/// the recovery key; it does not tell the recovery key.
///
/// Whoever keeps it can open later bundles, too: when a device is revoked because somebody else
/// has it, a new recovery key is due.
#[derive(Clone)]
pub struct BundleKey {
    user: Uuid,
    key: Zeroizing<[u8; 32]>,
}

impl BundleKey {
    /// What was stored.
    pub fn from_bytes(user: Uuid, key: &[u8; 32]) -> Self {
        Self {
            user,
            key: Zeroizing::new(*key),
        }
    }

    /// What is stored (sealed).
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.key.clone()
    }

    /// Seals the bundle of this version, which the server counts from 1.
    ///
    /// # Errors
    /// [`SealedError::TooLong`], which no keyring is.
    pub fn seal(
        &self,
        keyring: &Keyring,
        version: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, SealedError> {
        let plain = keyring.to_bytes();
        sealed::seal(&self.key, &[VERSION], &self.context(version), &plain, rng)
    }

    /// Opens the bundle of this version.
    ///
    /// # Errors
    /// [`SealedError::WrongKey`] (also for another version or a changed bundle),
    /// [`SealedError::Newer`] or [`SealedError::Malformed`].
    pub fn open(&self, bundle: &[u8], version: u64) -> Result<Keyring, SealedError> {
        let plain = sealed::open(&self.key, &[VERSION], &self.context(version), bundle)?;
        Keyring::from_bytes(&plain).ok_or(SealedError::Malformed)
    }

    fn context(&self, version: u64) -> Vec<u8> {
        [self.user.as_bytes().as_slice(), &version.to_be_bytes()].concat()
    }
}

/// In constant time.
impl PartialEq for BundleKey {
    fn eq(&self, other: &Self) -> bool {
        self.user == other.user && self.key.as_slice().ct_eq(other.key.as_slice()).into()
    }
}

impl Eq for BundleKey {}

blank_debug!(RecoveryKey, BundleKey);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::*;
    use crate::{AccountKey, ArchiveKeys};

    const USER: Uuid = Uuid::from_u128(1);

    fn rng() -> ChaCha20Rng {
        ChaCha20Rng::from_seed([1; 32])
    }

    fn keyring() -> Keyring {
        let mut archive_keys = ArchiveKeys::default();
        archive_keys.renew(&mut rng());
        archive_keys.renew(&mut ChaCha20Rng::from_seed([2; 32]));
        Keyring {
            account_key: AccountKey::generate(&mut rng()),
            list_version: 7,
            archive_keys,
        }
    }

    #[test]
    fn a_bundle_opens_with_the_key_alone() {
        let key = RecoveryKey::generate(&mut rng());
        let bundle = key
            .bundle_key(USER)
            .seal(&keyring(), 3, &mut rng())
            .unwrap();
        let typed = RecoveryKey::parse(&key.to_text().to_lowercase()).unwrap();
        let opened = typed.bundle_key(USER).open(&bundle, 3).unwrap();
        assert_eq!(opened.to_bytes(), keyring().to_bytes());

        let other = RecoveryKey::generate(&mut ChaCha20Rng::from_seed([9; 32]));
        let refused = |key: &RecoveryKey, user, version| {
            key.bundle_key(user).open(&bundle, version).unwrap_err()
        };
        assert_eq!(refused(&other, USER, 3), SealedError::WrongKey);
        assert_eq!(refused(&key, USER, 2), SealedError::WrongKey);
        assert_eq!(refused(&key, Uuid::from_u128(2), 3), SealedError::WrongKey);
    }

    #[test]
    fn a_device_seals_later_bundles_with_the_bundle_key() {
        let key = RecoveryKey::generate(&mut rng());
        let kept = BundleKey::from_bytes(USER, &key.bundle_key(USER).to_bytes());
        assert!(kept == key.bundle_key(USER));
        assert!(kept != key.bundle_key(Uuid::from_u128(2)));
        let later = kept.seal(&keyring(), 4, &mut rng()).unwrap();
        assert!(key.bundle_key(USER).open(&later, 4).is_ok());
        // A new recovery key ends it.
        let renewed = RecoveryKey::generate(&mut ChaCha20Rng::from_seed([9; 32]));
        let bundle = renewed.bundle_key(USER).seal(&keyring(), 5, &mut rng());
        assert_eq!(
            kept.open(&bundle.unwrap(), 5).unwrap_err(),
            SealedError::WrongKey
        );
    }

    #[test]
    fn every_changed_byte_is_refused() {
        let key = RecoveryKey::generate(&mut rng()).bundle_key(USER);
        let bundle = key.seal(&keyring(), 1, &mut rng()).unwrap();
        for place in 0..bundle.len() {
            let mut changed = bundle.clone();
            changed[place] ^= 1;
            assert!(key.open(&changed, 1).is_err(), "byte {place}");
        }
        let mut newer = bundle;
        newer[0] = 2;
        assert_eq!(key.open(&newer, 1).unwrap_err(), SealedError::Newer);
    }

    proptest! {
        #[test]
        fn garbage_is_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let key = BundleKey::from_bytes(USER, &[1; 32]);
            prop_assert!(key.open(&bytes, 1).is_err());
            prop_assert!(key.open(&[&[VERSION], bytes.as_slice()].concat(), 1).is_err());
        }
    }
}
