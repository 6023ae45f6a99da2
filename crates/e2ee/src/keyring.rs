//! What makes a device one of a person's: handed to a new device, kept in the recovery bundle.
//!
//! ```text
//! account key 32 | device list version 8 | archive keys
//! ```

use zeroize::Zeroizing;

use crate::{archive::ArchiveKeys, bytes::take, identity::AccountKey};

/// What makes a device one of a person's. `Debug` is blank where it is secret.
#[derive(Debug)]
pub struct Keyring {
    /// The account key, which vouches for devices.
    pub account_key: AccountKey,
    /// The newest version of the device list that is known: a server that shows an older one lies.
    pub list_version: u64,
    /// What opens the archive.
    pub archive_keys: ArchiveKeys,
}

impl Keyring {
    /// The encoding, to be sealed.
    pub(crate) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(40 + self.archive_keys.size()));
        bytes.extend_from_slice(self.account_key.to_bytes().as_slice());
        bytes.extend_from_slice(&self.list_version.to_be_bytes());
        self.archive_keys.write(&mut bytes);
        bytes
    }

    /// Reads the encoding; `None` when it is not exactly one.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let keyring = Self {
            account_key: AccountKey::from_bytes(&Zeroizing::new(take::<32>(&mut rest)?)),
            list_version: u64::from_be_bytes(take(&mut rest)?),
            archive_keys: ArchiveKeys::read(&mut rest)?,
        };
        rest.is_empty().then_some(keyring)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::*;

    #[test]
    fn there_is_one_encoding() {
        let mut archive_keys = ArchiveKeys::default();
        archive_keys.renew(&mut ChaCha20Rng::from_seed([1; 32]));
        let keyring = Keyring {
            account_key: AccountKey::from_bytes(&[2; 32]),
            list_version: 0x0102,
            archive_keys,
        };
        let bytes = keyring.to_bytes();
        assert_eq!(
            bytes[..40],
            [[2_u8; 32].as_slice(), &[0, 0, 0, 0, 0, 0, 1, 2]].concat()
        );
        assert_eq!(bytes.len(), 40 + 2 + 52);
        assert_eq!(Keyring::from_bytes(&bytes).unwrap().to_bytes(), bytes);
        for cut in 0..bytes.len() {
            assert!(Keyring::from_bytes(&bytes[..cut]).is_none(), "cut at {cut}");
        }
        assert!(Keyring::from_bytes(&[bytes.as_slice(), &[0]].concat()).is_none());
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_the_same(
            mut bytes in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            // A count and generations that can be right, so that reading gets far.
            if bytes.len() > 42 {
                bytes[40] = 0;
                bytes[41] = ((bytes.len() - 42) / 52) as u8;
                for key in bytes[42..].chunks_exact_mut(52) {
                    key[16..20].copy_from_slice(&[0, 0, 0, 1]);
                }
            }
            if let Some(keyring) = Keyring::from_bytes(&bytes) {
                prop_assert_eq!(keyring.to_bytes().to_vec(), bytes);
            }
        }
    }
}
