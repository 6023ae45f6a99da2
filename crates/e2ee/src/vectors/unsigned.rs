//! Our provider, but that it takes any signature of a group info: some vectors have a tree and no
//! private key that could sign for it. Every other call goes through.

use openmls_traits::{
    OpenMlsProvider,
    crypto::OpenMlsCrypto,
    types::{
        AeadType, Ciphersuite, CryptoError, ExporterSecret, HashType, HpkeCiphertext, HpkeConfig,
        HpkeKeyPair, KemOutput, SignatureScheme,
    },
};
use tls_codec::SecretVLBytes;

use super::{crypto, encoding::opaque};
use crate::{provider::Crypto, store::Store};

type Result<T> = std::result::Result<T, CryptoError>;

/// The functions.
pub(super) struct Unsigned(Crypto);

/// The functions with a store.
pub(super) struct UnsignedProvider {
    crypto: Unsigned,
    store: Store,
}

impl Default for UnsignedProvider {
    fn default() -> Self {
        Self {
            crypto: Unsigned(crypto()),
            store: Store::new([]),
        }
    }
}

impl OpenMlsProvider for UnsignedProvider {
    type CryptoProvider = Unsigned;
    type RandProvider = Crypto;
    type StorageProvider = Store;

    fn storage(&self) -> &Store {
        &self.store
    }

    fn crypto(&self) -> &Unsigned {
        &self.crypto
    }

    fn rand(&self) -> &Crypto {
        &self.crypto.0
    }
}

impl OpenMlsCrypto for Unsigned {
    fn verify_signature(
        &self,
        scheme: SignatureScheme,
        data: &[u8],
        key: &[u8],
        signature: &[u8],
    ) -> Result<()> {
        if data.starts_with(&opaque(b"MLS 1.0 GroupInfoTBS")) {
            return Ok(());
        }
        self.0.verify_signature(scheme, data, key, signature)
    }

    fn supports(&self, suite: Ciphersuite) -> Result<()> {
        self.0.supports(suite)
    }

    fn supported_ciphersuites(&self) -> Vec<Ciphersuite> {
        self.0.supported_ciphersuites()
    }

    fn hkdf_extract(&self, hash: HashType, salt: &[u8], ikm: &[u8]) -> Result<SecretVLBytes> {
        self.0.hkdf_extract(hash, salt, ikm)
    }

    fn hmac(&self, hash: HashType, key: &[u8], message: &[u8]) -> Result<SecretVLBytes> {
        self.0.hmac(hash, key, message)
    }

    fn hkdf_expand(
        &self,
        hash: HashType,
        prk: &[u8],
        info: &[u8],
        length: usize,
    ) -> Result<SecretVLBytes> {
        self.0.hkdf_expand(hash, prk, info, length)
    }

    fn hash(&self, hash: HashType, data: &[u8]) -> Result<Vec<u8>> {
        self.0.hash(hash, data)
    }

    fn aead_encrypt(
        &self,
        aead: AeadType,
        key: &[u8],
        data: &[u8],
        nonce: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>> {
        self.0.aead_encrypt(aead, key, data, nonce, aad)
    }

    fn aead_decrypt(
        &self,
        aead: AeadType,
        key: &[u8],
        ciphertext: &[u8],
        nonce: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>> {
        self.0.aead_decrypt(aead, key, ciphertext, nonce, aad)
    }

    fn signature_key_gen(&self, scheme: SignatureScheme) -> Result<(Vec<u8>, Vec<u8>)> {
        self.0.signature_key_gen(scheme)
    }

    fn sign(&self, scheme: SignatureScheme, data: &[u8], key: &[u8]) -> Result<Vec<u8>> {
        self.0.sign(scheme, data, key)
    }

    fn hpke_seal(
        &self,
        config: HpkeConfig,
        recipient: &[u8],
        info: &[u8],
        aad: &[u8],
        plaintext: &[u8],
    ) -> Result<HpkeCiphertext> {
        self.0.hpke_seal(config, recipient, info, aad, plaintext)
    }

    fn hpke_open(
        &self,
        config: HpkeConfig,
        input: &HpkeCiphertext,
        secret: &[u8],
        info: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>> {
        self.0.hpke_open(config, input, secret, info, aad)
    }

    fn hpke_setup_sender_and_export(
        &self,
        config: HpkeConfig,
        recipient: &[u8],
        info: &[u8],
        context: &[u8],
        length: usize,
    ) -> Result<(KemOutput, ExporterSecret)> {
        self.0
            .hpke_setup_sender_and_export(config, recipient, info, context, length)
    }

    fn hpke_setup_receiver_and_export(
        &self,
        config: HpkeConfig,
        encapped: &[u8],
        secret: &[u8],
        info: &[u8],
        context: &[u8],
        length: usize,
    ) -> Result<ExporterSecret> {
        self.0
            .hpke_setup_receiver_and_export(config, encapped, secret, info, context, length)
    }

    fn derive_hpke_keypair(&self, config: HpkeConfig, ikm: &[u8]) -> Result<HpkeKeyPair> {
        self.0.derive_hpke_keypair(config, ikm)
    }
}
