//! A device's own key: the MLS signature key, and the proof of a device id to the server.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey};
use openmls::prelude::{CredentialWithKey, SignatureScheme};
use openmls_traits::signatures::{Signer, SignerError};
use rand_core::CryptoRng;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    account::{AccountKey, verify},
    credential::{Credential, take},
};
use crate::error::KeyFault;

const PROOF_LABEL: &[u8] = b"snug/device-proof/v1\0";

/// A device's signing key with its credential. `Debug` is blank.
pub struct DeviceKeys {
    key: SigningKey,
    credential: Credential,
}

impl DeviceKeys {
    /// A new device key with a credential by the account key. `now` is in seconds since 1970.
    pub fn generate(
        user: Uuid,
        device: Uuid,
        account: &AccountKey,
        now: u64,
        rng: &mut impl CryptoRng,
    ) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut());
        let key = SigningKey::from_bytes(&seed);
        let device_key = key.verifying_key().to_bytes();
        let credential = Credential::issue(account, user, device, device_key, now);
        Self { key, credential }
    }

    /// What is stored (sealed): the seed, then the credential.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let credential = self.credential.to_bytes();
        // All of it at once: a vector that grows leaves the seed behind where it was.
        let mut bytes = Zeroizing::new(Vec::with_capacity(32 + credential.len()));
        bytes.extend_from_slice(Zeroizing::new(self.key.to_bytes()).as_slice());
        bytes.extend_from_slice(&credential);
        bytes
    }

    /// What was stored.
    ///
    /// # Errors
    /// The faults of [`Credential::open`], and [`KeyFault::KeyMismatch`] when the seed is not the
    /// credential's.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyFault> {
        let mut rest = bytes;
        let seed = Zeroizing::new(take::<32>(&mut rest)?);
        let key = SigningKey::from_bytes(&seed);
        let credential = Credential::open(rest)?;
        if credential.device_key != key.verifying_key().to_bytes() {
            return Err(KeyFault::KeyMismatch);
        }
        Ok(Self { key, credential })
    }

    /// The credential.
    pub const fn credential(&self) -> &Credential {
        &self.credential
    }

    /// The signature that proves this device to a server that sent `nonce`.
    pub fn prove(&self, nonce: &[u8]) -> [u8; 64] {
        self.key
            .sign(&proof_message(&self.credential, nonce))
            .to_bytes()
    }

    pub(crate) fn credential_with_key(&self) -> CredentialWithKey {
        CredentialWithKey {
            credential: self.credential.to_mls(),
            signature_key: self.credential.device_key.to_vec().into(),
        }
    }
}

impl Signer for DeviceKeys {
    fn sign(&self, payload: &[u8]) -> Result<Vec<u8>, SignerError> {
        Ok(self.key.sign(payload).to_bytes().to_vec())
    }

    fn signature_scheme(&self) -> SignatureScheme {
        SignatureScheme::ED25519
    }
}

impl fmt::Debug for DeviceKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceKeys({}, …)", self.credential.device)
    }
}

/// Whether `signature` proves the credential's device for `nonce`.
pub fn verify_proof(credential: &Credential, nonce: &[u8], signature: &[u8]) -> bool {
    signature.try_into().is_ok_and(|signature| {
        verify(
            &credential.device_key,
            &proof_message(credential, nonce),
            signature,
        )
        .is_ok()
    })
}

fn proof_message(credential: &Credential, nonce: &[u8]) -> Vec<u8> {
    [
        PROOF_LABEL,
        credential.user.as_bytes(),
        credential.device.as_bytes(),
        nonce,
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    #[test]
    fn a_proof_is_for_one_nonce_and_one_device() {
        let rng = &mut ChaCha20Rng::from_seed([1; 32]);
        let account = AccountKey::generate(rng);
        let one = DeviceKeys::generate(Uuid::from_u128(1), Uuid::from_u128(2), &account, 1, rng);
        let two = DeviceKeys::generate(Uuid::from_u128(1), Uuid::from_u128(3), &account, 1, rng);
        let proof = one.prove(b"nonce");
        assert!(verify_proof(one.credential(), b"nonce", &proof));
        assert!(!verify_proof(one.credential(), b"other", &proof));
        assert!(!verify_proof(two.credential(), b"nonce", &proof));
        assert!(!verify_proof(one.credential(), b"nonce", &proof[..63]));
    }

    #[test]
    fn stored_keys_read_back_and_print_nothing() {
        let rng = &mut ChaCha20Rng::from_seed([1; 32]);
        let account = AccountKey::generate(rng);
        let keys = DeviceKeys::generate(Uuid::from_u128(1), Uuid::from_u128(2), &account, 1, rng);
        let back = DeviceKeys::from_bytes(&keys.to_bytes()).unwrap();
        assert_eq!(back.credential(), keys.credential());
        assert_eq!(
            format!("{keys:?}"),
            "DeviceKeys(00000000-0000-0000-0000-000000000002, …)"
        );
        let mut mixed = keys.to_bytes();
        mixed[0] ^= 1;
        assert!(DeviceKeys::from_bytes(&mixed).is_err());
    }
}
