//! DHKEM(X25519, HKDF-SHA256) of RFC 9180 (section 4.1) as the library computes it, but for one
//! thing: it works out the ephemeral public key twice, and a commit in a large room encapsulates
//! for every member. The test below holds the two side by side, byte for byte.

use hkdf::Hkdf;
use hpke::{
    Deserializable, HpkeError, Kem, Serializable,
    kem::{SharedSecret, X25519HkdfSha256},
};
use rand_core::CryptoRng;
use sha2::Sha256;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

/// Where a label stands in an input of the key derivation (RFC 9180, section 4).
const VERSION: &[u8] = b"HPKE-v1";
/// `"KEM" || I2OSP(kem_id, 2)`.
const SUITE: &[u8] = &[b'K', b'E', b'M', 0, 0x20];

pub(crate) struct Dhkem;

impl Kem for Dhkem {
    type PublicKey = <X25519HkdfSha256 as Kem>::PublicKey;
    type PrivateKey = <X25519HkdfSha256 as Kem>::PrivateKey;
    type EncappedKey = <X25519HkdfSha256 as Kem>::EncappedKey;
    type NSecret = <X25519HkdfSha256 as Kem>::NSecret;

    const KEM_ID: u16 = X25519HkdfSha256::KEM_ID;

    fn sk_to_pk(secret: &Self::PrivateKey) -> Self::PublicKey {
        X25519HkdfSha256::sk_to_pk(secret)
    }

    fn derive_keypair(ikm: &[u8]) -> (Self::PrivateKey, Self::PublicKey) {
        X25519HkdfSha256::derive_keypair(ikm)
    }

    fn decap(
        secret: &Self::PrivateKey,
        sender: Option<&Self::PublicKey>,
        encapped: &Self::EncappedKey,
    ) -> Result<SharedSecret<Self>, HpkeError> {
        X25519HkdfSha256::decap(secret, sender, encapped).map(|mut shared| {
            let mut ours = SharedSecret::default();
            std::mem::swap(&mut ours.0, &mut shared.0);
            ours
        })
    }

    /// MLS encrypts in base mode alone: with the key of a sender it fails.
    fn encap_with_rng(
        recipient: &Self::PublicKey,
        sender: Option<(&Self::PrivateKey, &Self::PublicKey)>,
        rng: &mut impl CryptoRng,
    ) -> Result<(SharedSecret<Self>, Self::EncappedKey), HpkeError> {
        if sender.is_some() {
            return Err(HpkeError::EncapError);
        }
        let (secret, public) = Self::gen_keypair_with_rng(rng);
        let recipient: [u8; 32] = recipient.to_bytes().into();
        let secret = Zeroizing::new(<[u8; 32]>::from(secret.to_bytes()));
        let dh = StaticSecret::from(*secret).diffie_hellman(&PublicKey::from(recipient));
        if !dh.was_contributory() {
            return Err(HpkeError::EncapError);
        }
        let public: [u8; 32] = public.to_bytes().into();
        let mut shared = SharedSecret::default();
        extract_and_expand(dh.as_bytes(), &public, &recipient, &mut shared.0)?;
        Ok((shared, Self::EncappedKey::from_bytes(&public)?))
    }
}

/// `ExtractAndExpand(dh, enc || pkRm)` (RFC 9180, section 4.1).
fn extract_and_expand(
    dh: &[u8; 32],
    encapped: &[u8; 32],
    recipient: &[u8; 32],
    shared: &mut [u8],
) -> Result<(), HpkeError> {
    let ikm = Zeroizing::new([VERSION, SUITE, b"eae_prk", dh].concat());
    let length = u16::try_from(shared.len()).map_err(|_| HpkeError::EncapError)?;
    Hkdf::<Sha256>::new(None, &ikm)
        .expand_multi_info(
            &[
                &length.to_be_bytes(),
                VERSION,
                SUITE,
                b"shared_secret",
                encapped,
                recipient,
            ],
            shared,
        )
        .map_err(|_| HpkeError::EncapError)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::*;

    proptest! {
        #[test]
        fn it_is_the_librarys_byte_for_byte(recipient in any::<[u8; 32]>(), seed in any::<[u8; 32]>()) {
            let (secret, public) = Dhkem::derive_keypair(&recipient);
            let rng = || ChaCha20Rng::from_seed(seed);
            let (shared, encapped) = Dhkem::encap_with_rng(&public, None, &mut rng()).unwrap();
            let (theirs, their_key) =
                X25519HkdfSha256::encap_with_rng(&public, None, &mut rng()).unwrap();
            prop_assert_eq!(shared.0, theirs.0);
            prop_assert_eq!(encapped.to_bytes(), their_key.to_bytes());
            let opened = Dhkem::decap(&secret, None, &encapped).unwrap();
            prop_assert_eq!(opened.0, shared.0);
        }
    }

    #[test]
    fn neither_points_of_low_order_nor_senders_are_taken() {
        let rng = &mut ChaCha20Rng::from_seed([3; 32]);
        let nothing = <Dhkem as Kem>::PublicKey::from_bytes(&[0; 32]).unwrap();
        assert!(Dhkem::encap_with_rng(&nothing, None, rng).is_err());
        let (secret, public) = Dhkem::derive_keypair(&[4; 32]);
        let sender = Some((&secret, &public));
        assert!(Dhkem::encap_with_rng(&public, sender, rng).is_err());
    }
}
