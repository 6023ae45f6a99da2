//! HPKE (RFC 9180) as links use it: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305.

use hpke::{
    Deserializable as _, HpkeError, Kem as _, OpModeR, OpModeS, Serializable as _,
    aead::{AeadCtxR, AeadCtxS, ChaCha20Poly1305 as HpkeAead},
    kdf::HkdfSha256 as HpkeKdf,
    kem::X25519HkdfSha256 as HpkeKem,
};
use rand_core::CryptoRng;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{Handover, Kind, LinkError};
use crate::key_package::check_contributory;

pub(crate) type PrivateKey = <HpkeKem as hpke::Kem>::PrivateKey;
pub(crate) type PublicKey = <HpkeKem as hpke::Kem>::PublicKey;
pub(crate) type EncappedKey = <HpkeKem as hpke::Kem>::EncappedKey;

/// Bytes of an encapsulated key.
const ENCAPPED: usize = 32;

/// A key pair for one link. It is wiped when it goes.
pub(super) struct KeyPair {
    pub(super) secret: PrivateKey,
    pub(super) public: PublicKey,
}

impl KeyPair {
    pub(super) fn generate(rng: &mut impl CryptoRng) -> Self {
        let (secret, public) = HpkeKem::gen_keypair_with_rng(rng);
        Self { secret, public }
    }

    pub(super) fn public_bytes(&self) -> [u8; 32] {
        self.public.to_bytes().into()
    }
}

/// A key of the other device. One of low order is refused: no secret comes of it.
pub(super) fn public_key(bytes: &[u8; 32]) -> Result<PublicKey, LinkError> {
    check_contributory(bytes).map_err(|_| LinkError::Malformed)?;
    PublicKey::from_bytes(bytes).map_err(|_| LinkError::Malformed)
}

/// The message `header 2 | encapsulated key 32 | ciphertext`. The header is authenticated.
pub(super) fn seal(
    kind: Kind,
    mode: &OpModeS<'_, HpkeKem>,
    to: &PublicKey,
    info: &[u8],
    handover: &Handover,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, LinkError> {
    let (encapped, mut context) = sender(mode, to, info, rng).map_err(|_| LinkError::Malformed)?;
    let ciphertext = context
        .seal(&handover.to_bytes(), &kind.header())
        .map_err(|_| LinkError::Malformed)?;
    Ok(kind.message(&[encapped.to_bytes().as_slice(), &ciphertext].concat()))
}

/// Opens what [`seal`] gave.
pub(super) fn open(
    kind: Kind,
    mode: &OpModeR<'_, HpkeKem>,
    keys: &KeyPair,
    info: &[u8],
    user: Uuid,
    message: &[u8],
) -> Result<Handover, LinkError> {
    let (encapped, ciphertext) = kind
        .body(message)?
        .split_first_chunk::<ENCAPPED>()
        .ok_or(LinkError::Malformed)?;
    let encapped = EncappedKey::from_bytes(encapped).map_err(|_| LinkError::Malformed)?;
    let plain = receiver(mode, &keys.secret, &encapped, info)
        .and_then(|mut context| context.open(ciphertext, &kind.header()))
        .map(Zeroizing::new)
        .map_err(|_| LinkError::Undecryptable)?;
    Handover::from_bytes(user, &plain).ok_or(LinkError::Malformed)
}

/// `SetupS` of a mode (RFC 9180, section 5.1).
pub(crate) fn sender(
    mode: &OpModeS<'_, HpkeKem>,
    to: &PublicKey,
    info: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<(EncappedKey, AeadCtxS<HpkeAead, HpkeKdf, HpkeKem>), HpkeError> {
    hpke::setup_sender_with_rng(mode, to, info, rng)
}

/// `SetupR` of a mode.
pub(crate) fn receiver(
    mode: &OpModeR<'_, HpkeKem>,
    secret: &PrivateKey,
    encapped: &EncappedKey,
    info: &[u8],
) -> Result<AeadCtxR<HpkeAead, HpkeKdf, HpkeKem>, HpkeError> {
    hpke::setup_receiver(mode, secret, encapped, info)
}
