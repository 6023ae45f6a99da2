//! Our OpenMLS provider: our suites over well-kept crates, with randomness that the caller passes.
//!
//! OpenMLS asks its provider for entropy in the middle of an operation, so the provider holds a
//! generator; every operation of ours seeds it from the caller's generator first. That makes whole
//! conversations repeat byte for byte in simulation. It is checked against OpenMLS's own provider
//! in the tests below.

#[cfg(not(target_arch = "wasm32"))]
mod ahead;
mod base_mode;
mod dhkem;
mod randomness;

use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit,
    aead::{Aead, Payload},
};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use hmac::{Hmac, Mac};
use openmls_traits::{
    OpenMlsProvider,
    crypto::OpenMlsCrypto,
    random::OpenMlsRand,
    types::{
        AeadType, Ciphersuite, CryptoError, ExporterSecret, HashType, HpkeCiphertext, HpkeConfig,
        HpkeKemType, HpkeKeyPair, KemOutput, SignatureScheme,
    },
};
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use tls_codec::SecretVLBytes;
use zeroize::{Zeroize, Zeroizing};

use crate::{store::Store, suite::Suite};
pub(crate) use base_mode::BaseMode;
pub(crate) use dhkem::Dhkem;
pub(crate) use randomness::NoRandomness;
use randomness::Randomness;

#[cfg(feature = "post-quantum")]
type PostQuantum = BaseMode<hpke::kem::XWing, hpke::aead::AesGcm128>;
pub(crate) type Classic = BaseMode<Dhkem, hpke::aead::ChaCha20Poly1305>;

/// The functions of our suites and the generator that OpenMLS draws from.
pub(crate) struct Crypto {
    randomness: Randomness,
    #[cfg(not(target_arch = "wasm32"))]
    ahead: ahead::Ahead,
}

impl Crypto {
    /// For work that draws nothing: checking and reading. A draw fails.
    pub(crate) const fn without_randomness() -> Self {
        Self {
            randomness: Randomness::none(),
            #[cfg(not(target_arch = "wasm32"))]
            ahead: ahead::Ahead::nothing(),
        }
    }

    /// Seeds the generator for one operation. [`Crypto::forget`] ends it.
    pub(crate) fn seed(&self, rng: &mut impl CryptoRng) {
        self.randomness.seed(rng);
    }

    /// Wipes what is left of the generator, and forgets what was verified ahead.
    pub(crate) fn forget(&self) {
        self.randomness.forget();
        #[cfg(not(target_arch = "wasm32"))]
        self.ahead.forget();
    }

    /// There is one thread.
    #[cfg(target_arch = "wasm32")]
    pub(crate) fn verify_ahead(
        &self,
        _: &openmls::prelude::RatchetTreeIn,
        _: Ciphersuite,
        _: &openmls::prelude::GroupId,
    ) -> usize {
        0
    }
}

impl OpenMlsRand for Crypto {
    type Error = NoRandomness;

    fn random_array<const N: usize>(&self) -> Result<[u8; N], NoRandomness> {
        let mut bytes = [0; N];
        self.randomness.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn random_vec(&self, length: usize) -> Result<Vec<u8>, NoRandomness> {
        let mut bytes = vec![0; length];
        self.randomness.fill(&mut bytes)?;
        Ok(bytes)
    }
}

impl OpenMlsCrypto for Crypto {
    fn supports(&self, suite: Ciphersuite) -> Result<(), CryptoError> {
        Suite::of(suite)
            .map(drop)
            .ok_or(CryptoError::UnsupportedCiphersuite)
    }

    fn supported_ciphersuites(&self) -> Vec<Ciphersuite> {
        Suite::ALL.iter().map(|suite| suite.ciphersuite()).collect()
    }

    fn hkdf_extract(
        &self,
        _: HashType,
        salt: &[u8],
        ikm: &[u8],
    ) -> Result<SecretVLBytes, CryptoError> {
        let (mut prk, _) = hkdf::Hkdf::<Sha256>::extract(Some(salt), ikm);
        let secret = prk.as_slice().into();
        prk.as_mut_slice().zeroize();
        Ok(secret)
    }

    fn hmac(&self, _: HashType, key: &[u8], message: &[u8]) -> Result<SecretVLBytes, CryptoError> {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key)
            .map_err(|_| CryptoError::InvalidLength)?;
        mac.update(message);
        Ok(mac.finalize().into_bytes().as_slice().into())
    }

    fn hkdf_expand(
        &self,
        _: HashType,
        prk: &[u8],
        info: &[u8],
        length: usize,
    ) -> Result<SecretVLBytes, CryptoError> {
        let hkdf = hkdf::Hkdf::<Sha256>::from_prk(prk)
            .map_err(|_| CryptoError::HkdfOutputLengthInvalid)?;
        let mut okm = vec![0; length];
        hkdf.expand(info, &mut okm)
            .map_err(|_| CryptoError::HkdfOutputLengthInvalid)?;
        Ok(okm.into())
    }

    fn hash(&self, _: HashType, data: &[u8]) -> Result<Vec<u8>, CryptoError> {
        Ok(Sha256::digest(data).to_vec())
    }

    fn aead_encrypt(
        &self,
        aead: AeadType,
        key: &[u8],
        data: &[u8],
        nonce: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        let text = Payload { msg: data, aad };
        match aead {
            AeadType::ChaCha20Poly1305 => encrypt::<ChaCha20Poly1305>(key, nonce, text),
            #[cfg(feature = "post-quantum")]
            AeadType::Aes128Gcm => encrypt::<aes_gcm::Aes128Gcm>(key, nonce, text),
            _ => Err(CryptoError::UnsupportedAeadAlgorithm),
        }
    }

    fn aead_decrypt(
        &self,
        aead: AeadType,
        key: &[u8],
        ciphertext: &[u8],
        nonce: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        let sealed = Payload {
            msg: ciphertext,
            aad,
        };
        match aead {
            AeadType::ChaCha20Poly1305 => decrypt::<ChaCha20Poly1305>(key, nonce, sealed),
            #[cfg(feature = "post-quantum")]
            AeadType::Aes128Gcm => decrypt::<aes_gcm::Aes128Gcm>(key, nonce, sealed),
            _ => Err(CryptoError::UnsupportedAeadAlgorithm),
        }
    }

    fn signature_key_gen(&self, _: SignatureScheme) -> Result<(Vec<u8>, Vec<u8>), CryptoError> {
        let seed = self
            .random_array::<32>()
            .map_err(|_| CryptoError::InsufficientRandomness)?;
        let seed = Zeroizing::new(seed);
        let key = SigningKey::from_bytes(&seed);
        Ok((seed.to_vec(), key.verifying_key().to_bytes().to_vec()))
    }

    fn verify_signature(
        &self,
        _: SignatureScheme,
        data: &[u8],
        key: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        #[cfg(not(target_arch = "wasm32"))]
        if self.ahead.knows(data, key, signature) {
            return Ok(());
        }
        verify_signature(data, key, signature)
    }

    fn sign(&self, _: SignatureScheme, data: &[u8], key: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let key = SigningKey::try_from(key).map_err(|_| CryptoError::InvalidLength)?;
        Ok(key.sign(data).to_bytes().to_vec())
    }

    fn hpke_seal(
        &self,
        config: HpkeConfig,
        recipient: &[u8],
        info: &[u8],
        aad: &[u8],
        plaintext: &[u8],
    ) -> Result<HpkeCiphertext, CryptoError> {
        let rng = &mut self.randomness.of([recipient, info, aad, plaintext])?;
        match config.0 {
            HpkeKemType::DhKem25519 => Classic::seal(recipient, info, aad, plaintext, rng),
            #[cfg(feature = "post-quantum")]
            HpkeKemType::XWingKemDraft6 => PostQuantum::seal(recipient, info, aad, plaintext, rng),
            _ => Err(CryptoError::UnsupportedCiphersuite),
        }
    }

    fn hpke_open(
        &self,
        config: HpkeConfig,
        input: &HpkeCiphertext,
        secret: &[u8],
        info: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        match config.0 {
            HpkeKemType::DhKem25519 => Classic::open(input, secret, info, aad),
            #[cfg(feature = "post-quantum")]
            HpkeKemType::XWingKemDraft6 => PostQuantum::open(input, secret, info, aad),
            _ => Err(CryptoError::UnsupportedCiphersuite),
        }
    }

    fn hpke_setup_sender_and_export(
        &self,
        config: HpkeConfig,
        recipient: &[u8],
        info: &[u8],
        context: &[u8],
        length: usize,
    ) -> Result<(KemOutput, ExporterSecret), CryptoError> {
        let rng = &mut self.randomness.of([recipient, info, context, &[]])?;
        match config.0 {
            HpkeKemType::DhKem25519 => {
                Classic::sender_export(recipient, info, context, length, rng)
            }
            #[cfg(feature = "post-quantum")]
            HpkeKemType::XWingKemDraft6 => {
                PostQuantum::sender_export(recipient, info, context, length, rng)
            }
            _ => Err(CryptoError::UnsupportedCiphersuite),
        }
    }

    fn hpke_setup_receiver_and_export(
        &self,
        config: HpkeConfig,
        encapped: &[u8],
        secret: &[u8],
        info: &[u8],
        context: &[u8],
        length: usize,
    ) -> Result<ExporterSecret, CryptoError> {
        match config.0 {
            HpkeKemType::DhKem25519 => {
                Classic::receiver_export(encapped, secret, info, context, length)
            }
            #[cfg(feature = "post-quantum")]
            HpkeKemType::XWingKemDraft6 => {
                PostQuantum::receiver_export(encapped, secret, info, context, length)
            }
            _ => Err(CryptoError::UnsupportedCiphersuite),
        }
    }

    fn derive_hpke_keypair(
        &self,
        config: HpkeConfig,
        ikm: &[u8],
    ) -> Result<HpkeKeyPair, CryptoError> {
        match config.0 {
            HpkeKemType::DhKem25519 => Ok(Classic::derive_keypair(ikm)),
            #[cfg(feature = "post-quantum")]
            HpkeKemType::XWingKemDraft6 => Ok(PostQuantum::derive_keypair(ikm)),
            _ => Err(CryptoError::UnsupportedCiphersuite),
        }
    }
}

/// Whether anything can be sealed to a key, as the library reads it: the numbers of an ML-KEM key
/// have to be below its modulus (FIPS 203, section 7.2).
pub(crate) fn is_encryption_key(suite: Suite, key: &[u8]) -> bool {
    match suite {
        Suite::Classic => Classic::is_public_key(key),
        #[cfg(feature = "post-quantum")]
        Suite::PostQuantum => PostQuantum::is_public_key(key),
    }
}

/// Ed25519, strictly: keys of small order are refused.
fn verify_signature(data: &[u8], key: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
    let key = VerifyingKey::try_from(key).map_err(|_| CryptoError::InvalidLength)?;
    let signature = Signature::from_slice(signature).map_err(|_| CryptoError::InvalidLength)?;
    key.verify_strict(data, &signature)
        .map_err(|_| CryptoError::InvalidSignature)
}

fn encrypt<A: Aead + KeyInit>(
    key: &[u8],
    nonce: &[u8],
    text: Payload<'_, '_>,
) -> Result<Vec<u8>, CryptoError> {
    A::new_from_slice(key)
        .map_err(|_| CryptoError::InvalidLength)?
        .encrypt(
            nonce.try_into().map_err(|_| CryptoError::InvalidLength)?,
            text,
        )
        .map_err(|_| CryptoError::CryptoLibraryError)
}

fn decrypt<A: Aead + KeyInit>(
    key: &[u8],
    nonce: &[u8],
    sealed: Payload<'_, '_>,
) -> Result<Vec<u8>, CryptoError> {
    A::new_from_slice(key)
        .map_err(|_| CryptoError::InvalidLength)?
        .decrypt(
            nonce.try_into().map_err(|_| CryptoError::InvalidLength)?,
            sealed,
        )
        .map_err(|_| CryptoError::AeadDecryptionError)
}

/// Crypto and records together, as OpenMLS wants them.
pub(crate) struct Provider {
    pub(crate) crypto: Crypto,
    pub(crate) store: Store,
}

impl OpenMlsProvider for Provider {
    type CryptoProvider = Crypto;
    type RandProvider = Crypto;
    type StorageProvider = Store;

    fn storage(&self) -> &Store {
        &self.store
    }

    fn crypto(&self) -> &Crypto {
        &self.crypto
    }

    fn rand(&self) -> &Crypto {
        &self.crypto
    }
}

#[cfg(test)]
mod tests;
