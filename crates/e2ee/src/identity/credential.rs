//! Device credentials: what an MLS BasicCredential of ours holds, 169 bytes.
//!
//! ```text
//! version 1 | user 16 | device 16 | device key 32 | account key 32 | created at 8 | signature 64
//! ```
//! The account key signs everything before the signature under [`LABEL`].

use openmls::prelude::{BasicCredential, Credential as MlsCredential, CredentialType};
use uuid::Uuid;

use super::account::{AccountKey, AccountPublicKey};
use crate::error::KeyFault;

const LABEL: &[u8] = b"snug/device-credential/v1\0";
const VERSION: u8 = 1;
const SIGNED: usize = 1 + 16 + 16 + 32 + 32 + 8;
const LENGTH: usize = SIGNED + 64;

/// A device that an account key vouches for. One that exists has a signature that verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The person.
    pub user: Uuid,
    /// The device.
    pub device: Uuid,
    /// The device's Ed25519 key, which is the MLS signature key.
    pub device_key: [u8; 32],
    /// The person's account key.
    pub account_key: AccountPublicKey,
    /// When it was made, in seconds since 1970.
    pub created_at: u64,
    signature: [u8; 64],
}

impl Credential {
    pub(crate) fn issue(
        account: &AccountKey,
        user: Uuid,
        device: Uuid,
        device_key: [u8; 32],
        created_at: u64,
    ) -> Self {
        let mut credential = Self {
            user,
            device,
            device_key,
            account_key: account.public(),
            created_at,
            signature: [0; 64],
        };
        credential.signature = account.sign(&credential.labelled());
        credential
    }

    /// Parses a credential and checks the account key's signature.
    ///
    /// # Errors
    /// [`KeyFault::Malformed`], [`KeyFault::WeakKey`] or [`KeyFault::BadSignature`].
    pub fn open(bytes: &[u8]) -> Result<Self, KeyFault> {
        let credential = Self::read(bytes)?;
        // A weak device key would let anybody sign in the device's name.
        AccountPublicKey::parse(&credential.device_key)?;
        credential.signed_by_account()
    }

    fn signed_by_account(self) -> Result<Self, KeyFault> {
        self.account_key.verify(&self.labelled(), &self.signature)?;
        Ok(self)
    }

    /// The fields, with nothing checked but their places.
    fn read(bytes: &[u8]) -> Result<Self, KeyFault> {
        if bytes.len() != LENGTH {
            return Err(KeyFault::Malformed);
        }
        let mut rest = bytes;
        if take::<1>(&mut rest)? != [VERSION] {
            return Err(KeyFault::Malformed);
        }
        Ok(Self {
            user: Uuid::from_bytes(take(&mut rest)?),
            device: Uuid::from_bytes(take(&mut rest)?),
            device_key: take(&mut rest)?,
            account_key: AccountPublicKey::unchecked(take(&mut rest)?),
            created_at: u64::from_be_bytes(take(&mut rest)?),
            signature: take(&mut rest)?,
        })
    }

    /// The 169 bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.signed();
        bytes.extend_from_slice(&self.signature);
        bytes
    }

    /// The credential of an MLS leaf, checked against the leaf's own signature key: a copied
    /// credential under another key is refused.
    pub(crate) fn of_leaf(
        credential: &MlsCredential,
        signature_key: &[u8],
    ) -> Result<Self, KeyFault> {
        // A weak device key is refused with the leaf's own signature, which OpenMLS checks.
        Self::of_known_leaf(credential, signature_key)?.signed_by_account()
    }

    /// As [`Credential::of_leaf`] for a leaf of a group that this device or server is in already:
    /// the account's signature was checked when the leaf came in (`crate::policy`), and costs as
    /// much as the rest of a message.
    pub(crate) fn of_known_leaf(
        credential: &MlsCredential,
        signature_key: &[u8],
    ) -> Result<Self, KeyFault> {
        Self::read(content(credential)?)?.under(signature_key)
    }

    fn under(self, signature_key: &[u8]) -> Result<Self, KeyFault> {
        if self.device_key != signature_key {
            return Err(KeyFault::KeyMismatch);
        }
        Ok(self)
    }

    pub(crate) fn to_mls(&self) -> MlsCredential {
        BasicCredential::new(self.to_bytes()).into()
    }

    fn signed(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(LENGTH);
        bytes.push(VERSION);
        bytes.extend_from_slice(self.user.as_bytes());
        bytes.extend_from_slice(self.device.as_bytes());
        bytes.extend_from_slice(&self.device_key);
        bytes.extend_from_slice(self.account_key.as_bytes());
        bytes.extend_from_slice(&self.created_at.to_be_bytes());
        bytes
    }

    fn labelled(&self) -> Vec<u8> {
        [LABEL, &self.signed()].concat()
    }
}

/// A leaf of a room: a device and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The person.
    pub user: Uuid,
    /// The device.
    pub device: Uuid,
    /// The person's account key, to be compared with the pin.
    pub account_key: AccountPublicKey,
    /// The device's key.
    pub device_key: [u8; 32],
}

impl From<&Credential> for Member {
    fn from(credential: &Credential) -> Self {
        Self {
            user: credential.user,
            device: credential.device,
            account_key: credential.account_key,
            device_key: credential.device_key,
        }
    }
}

/// The next `N` bytes, taken off the front.
fn content(credential: &MlsCredential) -> Result<&[u8], KeyFault> {
    match credential.credential_type() {
        CredentialType::Basic => Ok(credential.serialized_content()),
        _ => Err(KeyFault::Malformed),
    }
}

pub(super) fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], KeyFault> {
    let (head, tail) = rest.split_first_chunk::<N>().ok_or(KeyFault::Malformed)?;
    *rest = tail;
    Ok(*head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    fn sample() -> Credential {
        let account = AccountKey::generate(&mut ChaCha20Rng::from_seed([1; 32]));
        let device_key = AccountKey::generate(&mut ChaCha20Rng::from_seed([2; 32])).public();
        Credential::issue(
            &account,
            Uuid::from_u128(1),
            Uuid::from_u128(2),
            *device_key.as_bytes(),
            1_700_000_000,
        )
    }

    #[test]
    fn round_trip_of_169_bytes() {
        let credential = sample();
        assert_eq!(credential.to_bytes().len(), 169);
        assert_eq!(Credential::open(&credential.to_bytes()), Ok(credential));
    }

    #[test]
    fn every_changed_byte_is_refused() {
        let bytes = sample().to_bytes();
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            assert!(Credential::open(&changed).is_err(), "byte {place}");
        }
    }

    #[test]
    fn a_copied_credential_under_another_key_is_refused() {
        let credential = sample();
        let other = AccountKey::generate(&mut ChaCha20Rng::from_seed([3; 32])).public();
        assert_eq!(
            Credential::of_leaf(&credential.to_mls(), other.as_bytes()),
            Err(KeyFault::KeyMismatch)
        );
        assert!(Credential::of_leaf(&credential.to_mls(), &credential.device_key).is_ok());
    }

    proptest! {
        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Credential::open(&bytes).is_err());
        }
    }
}
