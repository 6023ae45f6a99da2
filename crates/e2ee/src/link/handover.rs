//! What an old device hands to a new one.
//!
//! ```text
//! vault version 8 | bundle key is there 1 | bundle key 32 | keyring
//! ```

use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{bytes::take, keyring::Keyring, recovery::BundleKey};

/// What a new device needs to be one of the person's. `Debug` is blank where it is secret.
#[derive(Debug)]
pub struct Handover {
    /// The account key, the device list's version and the archive keys.
    pub keyring: Keyring,
    /// The newest version of the vault that the old device knows, 0 when there is none: a server
    /// that shows an older one lies.
    pub vault_version: u64,
    /// The key of the recovery bundle, when the old device keeps it.
    pub bundle_key: Option<BundleKey>,
}

impl Handover {
    pub(crate) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let keyring = self.keyring.to_bytes();
        let mut bytes = Zeroizing::new(Vec::with_capacity(8 + 1 + 32 + keyring.len()));
        bytes.extend_from_slice(&self.vault_version.to_be_bytes());
        bytes.push(self.bundle_key.is_some().into());
        match &self.bundle_key {
            Some(key) => bytes.extend_from_slice(key.to_bytes().as_slice()),
            None => bytes.extend_from_slice(&[0; 32]),
        }
        bytes.extend_from_slice(&keyring);
        bytes
    }

    /// Reads the encoding; `None` when it is not exactly one.
    pub(crate) fn from_bytes(user: Uuid, bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let vault_version = u64::from_be_bytes(take(&mut rest)?);
        let flag = take::<1>(&mut rest)?;
        let key = Zeroizing::new(take::<32>(&mut rest)?);
        let bundle_key = match flag {
            [0] if *key == [0; 32] => None,
            [1] => Some(BundleKey::from_bytes(user, &key)),
            _ => return None,
        };
        Some(Self {
            keyring: Keyring::from_bytes(rest)?,
            vault_version,
            bundle_key,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{AccountKey, ArchiveKeys};

    const USER: Uuid = Uuid::from_u128(1);

    fn handover(bundle_key: Option<BundleKey>) -> Handover {
        Handover {
            keyring: Keyring {
                account_key: AccountKey::from_bytes(&[2; 32]),
                list_version: 3,
                archive_keys: ArchiveKeys::default(),
            },
            vault_version: 4,
            bundle_key,
        }
    }

    #[test]
    fn there_is_one_encoding() {
        let key = BundleKey::from_bytes(USER, &[5; 32]);
        for handover in [handover(None), handover(Some(key))] {
            let bytes = handover.to_bytes();
            let back = Handover::from_bytes(USER, &bytes).unwrap();
            assert_eq!(back.to_bytes(), bytes);
            assert!(back.bundle_key == handover.bundle_key);
            for cut in 0..bytes.len() {
                let read = Handover::from_bytes(USER, &bytes[..cut]);
                assert!(read.is_none(), "cut at {cut}");
            }
            let mut flag = bytes.to_vec();
            flag[8] = 2;
            assert!(Handover::from_bytes(USER, &flag).is_none());
        }
        let mut hidden = handover(None).to_bytes();
        hidden[9] = 1;
        assert!(Handover::from_bytes(USER, &hidden).is_none());
    }

    #[test]
    fn secrets_are_not_printed() {
        let key = BundleKey::from_bytes(USER, &[5; 32]);
        let printed = format!("{:?}", handover(Some(key)));
        assert!(
            printed.contains("bundle_key: Some(BundleKey(…))"),
            "{printed}"
        );
        assert!(printed.contains("account_key: AccountKey(…)"), "{printed}");
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_the_same(
            flag in 0u8..2,
            bytes in proptest::collection::vec(any::<u8>(), 72..150),
        ) {
            let keys = [0, ((bytes.len() - 72) / 52) as u8];
            let (key, rest) = bytes.split_at(32);
            let (ring, rest) = rest.split_at(40);
            let mut rest = rest.to_vec();
            for key in rest.chunks_exact_mut(52) {
                key[16..20].copy_from_slice(&[0, 0, 0, 1]);
            }
            let key = if flag == 0 { &[0; 32][..] } else { key };
            let bytes = [&[0; 8][..], &[flag], key, ring, &keys, &rest].concat();
            if let Some(handover) = Handover::from_bytes(USER, &bytes) {
                prop_assert_eq!(handover.to_bytes().to_vec(), bytes);
            }
        }
    }
}
