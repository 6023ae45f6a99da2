//! The device list: which devices a person has and had, signed by the account key.
//!
//! ```text
//! version 1 | user 16 | list version 8 | count 2 | devices 16 each
//!           | count 2 | revoked 16 each | signature 64
//! ```
//! Clients keep the highest list version and refuse lower ones, so that a server can neither hide
//! nor invent a revocation.

use uuid::Uuid;

use super::{
    account::{AccountKey, AccountPublicKey},
    credential::take,
};
use crate::error::KeyFault;

const LABEL: &[u8] = b"snug/device-list/v1\0";
const VERSION: u8 = 1;

/// Which devices a person has and had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceList {
    /// The person.
    pub user: Uuid,
    /// Grows with every change, from 1.
    pub version: u64,
    /// The devices that may be written to.
    pub devices: Vec<Uuid>,
    /// The devices that may not any more.
    pub revoked: Vec<Uuid>,
}

impl DeviceList {
    /// The list's bytes with the account key's signature.
    pub fn sign(&self, account: &AccountKey) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(self.user.as_bytes());
        bytes.extend_from_slice(&self.version.to_be_bytes());
        for ids in [&self.devices, &self.revoked] {
            // A person has 20 devices at most; 65,535 revoked ones do not happen.
            let count = u16::try_from(ids.len()).unwrap_or(u16::MAX);
            bytes.extend_from_slice(&count.to_be_bytes());
            for id in ids.iter().take(usize::from(count)) {
                bytes.extend_from_slice(id.as_bytes());
            }
        }
        let signature = account.sign(&[LABEL, &bytes].concat());
        bytes.extend_from_slice(&signature);
        bytes
    }

    /// Parses a list and checks its signature.
    ///
    /// # Errors
    /// [`KeyFault::Malformed`] (also for a device that is there twice), [`KeyFault::BadSignature`].
    pub fn open(bytes: &[u8], account: &AccountPublicKey) -> Result<Self, KeyFault> {
        let (signed, signature) = bytes.split_last_chunk::<64>().ok_or(KeyFault::Malformed)?;
        account.verify(&[LABEL, signed].concat(), signature)?;
        let mut rest = signed;
        if take::<1>(&mut rest)? != [VERSION] {
            return Err(KeyFault::Malformed);
        }
        let list = Self {
            user: Uuid::from_bytes(take(&mut rest)?),
            version: u64::from_be_bytes(take(&mut rest)?),
            devices: ids(&mut rest)?,
            revoked: ids(&mut rest)?,
        };
        let mut all: Vec<_> = list.devices.iter().chain(&list.revoked).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        if !rest.is_empty() || all.len() != count {
            return Err(KeyFault::Malformed);
        }
        Ok(list)
    }
}

fn ids(rest: &mut &[u8]) -> Result<Vec<Uuid>, KeyFault> {
    let count = u16::from_be_bytes(take(rest)?);
    (0..count)
        .map(|_| take(rest).map(Uuid::from_bytes))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    #[test]
    fn round_trip_and_tampering() {
        let account = AccountKey::generate(&mut ChaCha20Rng::from_seed([1; 32]));
        let list = DeviceList {
            user: Uuid::from_u128(1),
            version: 3,
            devices: vec![Uuid::from_u128(2), Uuid::from_u128(3)],
            revoked: vec![Uuid::from_u128(4)],
        };
        let bytes = list.sign(&account);
        assert_eq!(
            DeviceList::open(&bytes, &account.public()),
            Ok(list.clone())
        );
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            assert!(
                DeviceList::open(&changed, &account.public()).is_err(),
                "byte {place}"
            );
        }
        let twice = DeviceList {
            revoked: vec![Uuid::from_u128(2)],
            ..list
        };
        assert_eq!(
            DeviceList::open(&twice.sign(&account), &account.public()),
            Err(KeyFault::Malformed)
        );
    }
}
