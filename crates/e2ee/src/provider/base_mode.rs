//! HPKE in base mode (RFC 9180, section 5.1.1), as MLS uses it, for any KEM and AEAD.

use std::marker::PhantomData;

use hpke::{
    Deserializable, Kem, OpModeR, OpModeS, Serializable,
    aead::{Aead, AeadCtxR, AeadCtxS},
    kdf::HkdfSha256,
};
use openmls_traits::types::{CryptoError, ExporterSecret, HpkeCiphertext, HpkeKeyPair, KemOutput};
use rand_core::CryptoRng;

type Sender<K, A> = (<K as Kem>::EncappedKey, AeadCtxS<A, HkdfSha256, K>);

/// HPKE with the KEM `K`, HKDF-SHA256 and the AEAD `A`.
pub(crate) struct BaseMode<K, A>(PhantomData<(K, A)>);

impl<K: Kem, A: Aead> BaseMode<K, A> {
    pub(crate) fn seal(
        recipient: &[u8],
        info: &[u8],
        aad: &[u8],
        plaintext: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<HpkeCiphertext, CryptoError> {
        let (encapped, mut context) = Self::sender(recipient, info, rng)?;
        let ciphertext = context
            .seal(plaintext, aad)
            .map_err(|_| CryptoError::HpkeEncryptionError)?;
        Ok(HpkeCiphertext {
            kem_output: encapped.to_bytes().to_vec().into(),
            ciphertext: ciphertext.into(),
        })
    }

    pub(crate) fn open(
        input: &HpkeCiphertext,
        secret: &[u8],
        info: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        Self::receiver(input.kem_output.as_slice(), secret, info)?
            .open(input.ciphertext.as_slice(), aad)
            .map_err(|_| CryptoError::HpkeDecryptionError)
    }

    pub(crate) fn sender_export(
        recipient: &[u8],
        info: &[u8],
        exporter_context: &[u8],
        length: usize,
        rng: &mut impl CryptoRng,
    ) -> Result<(KemOutput, ExporterSecret), CryptoError> {
        let (encapped, context) = Self::sender(recipient, info, rng)?;
        let mut secret = vec![0; length];
        context
            .export(exporter_context, &mut secret)
            .map_err(|_| CryptoError::ExporterError)?;
        Ok((encapped.to_bytes().to_vec(), secret.into()))
    }

    pub(crate) fn receiver_export(
        encapped: &[u8],
        secret: &[u8],
        info: &[u8],
        exporter_context: &[u8],
        length: usize,
    ) -> Result<ExporterSecret, CryptoError> {
        let mut exported = vec![0; length];
        Self::receiver(encapped, secret, info)?
            .export(exporter_context, &mut exported)
            .map_err(|_| CryptoError::ExporterError)?;
        Ok(exported.into())
    }

    pub(super) fn derive_keypair(ikm: &[u8]) -> HpkeKeyPair {
        let (secret, public) = K::derive_keypair(ikm);
        HpkeKeyPair {
            private: secret.to_bytes().to_vec().into(),
            public: public.to_bytes().to_vec(),
        }
    }

    /// Whether anything can be sealed to it.
    pub(super) fn is_public_key(key: &[u8]) -> bool {
        K::PublicKey::from_bytes(key).is_ok()
    }

    fn sender(
        recipient: &[u8],
        info: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<Sender<K, A>, CryptoError> {
        let recipient =
            K::PublicKey::from_bytes(recipient).map_err(|_| CryptoError::InvalidLength)?;
        hpke::setup_sender_with_rng(&OpModeS::Base, &recipient, info, rng)
            .map_err(|_| CryptoError::SenderSetupError)
    }

    fn receiver(
        encapped: &[u8],
        secret: &[u8],
        info: &[u8],
    ) -> Result<AeadCtxR<A, HkdfSha256, K>, CryptoError> {
        let secret = K::PrivateKey::from_bytes(secret).map_err(|_| CryptoError::InvalidLength)?;
        let encapped =
            K::EncappedKey::from_bytes(encapped).map_err(|_| CryptoError::InvalidLength)?;
        hpke::setup_receiver(&OpModeR::Base, &secret, &encapped, info)
            .map_err(|_| CryptoError::ReceiverSetupError)
    }
}
