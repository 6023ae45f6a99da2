//! The keys that sign: one at a time, each published before it begins and after it ends.

use std::sync::{Arc, PoisonError, RwLock};

use anyhow::Context;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::SigningKey as Ed25519;
use jsonwebtoken::{DecodingKey, EncodingKey};
use protocol::mfa::Jwk;
use rand::CryptoRng;
use time::OffsetDateTime;
use zeroize::Zeroizing;

/// PKCS #8 around an Ed25519 seed (RFC 8410, section 7).
const PKCS8_HEAD: [u8; 16] = [
    0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
];

/// A key pair as it is stored.
pub struct KeyPair {
    /// Its name in headers and in the JWKS.
    pub kid: String,
    /// The public half.
    pub public: [u8; 32],
    /// The private half, to be sealed.
    pub seed: Zeroizing<[u8; 32]>,
}

impl KeyPair {
    /// A fresh Ed25519 key.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *seed);
        let public = Ed25519::from_bytes(&seed).verifying_key().to_bytes();
        let mut name = [0; 9];
        rng.fill_bytes(&mut name);
        Self {
            kid: URL_SAFE_NO_PAD.encode(name),
            public,
            seed,
        }
    }
}

/// A public key as the JWKS shows it.
pub fn jwk(kid: &str, public: &[u8]) -> Jwk {
    Jwk {
        kty: "OKP".to_owned(),
        crv: "Ed25519".to_owned(),
        alg: "EdDSA".to_owned(),
        usage: "sig".to_owned(),
        kid: kid.to_owned(),
        x: URL_SAFE_NO_PAD.encode(public),
    }
}

/// A key that is ready to sign and to verify.
#[derive(Clone)]
pub struct SigningKey {
    /// Its name.
    pub kid: String,
    /// From when on it signs, until one that begins later does.
    pub signs_at: OffsetDateTime,
    /// The private half.
    pub encoding: EncodingKey,
    /// The public half.
    pub decoding: DecodingKey,
}

impl SigningKey {
    /// The key behind a pair.
    pub fn new(pair: &KeyPair, signs_at: OffsetDateTime) -> anyhow::Result<Self> {
        let der = Zeroizing::new([&PKCS8_HEAD[..], &*pair.seed].concat());
        let public = URL_SAFE_NO_PAD.encode(pair.public);
        Ok(Self {
            kid: pair.kid.clone(),
            signs_at,
            encoding: EncodingKey::from_ed_der(&der),
            decoding: DecodingKey::from_ed_components(&public).context("a public key is broken")?,
        })
    }
}

/// All keys that are published. Clones share them, so that one reload reaches every request.
#[derive(Clone)]
pub struct KeySet(Arc<RwLock<Arc<[SigningKey]>>>);

impl KeySet {
    /// A set of keys.
    pub fn new(keys: Vec<SigningKey>) -> Self {
        Self(Arc::new(RwLock::new(keys.into())))
    }

    /// Takes the keys of now in place of those of before.
    pub fn replace(&self, keys: Vec<SigningKey>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = keys.into();
    }

    /// The key that signs: the newest that has begun, or the first of all where the clock is a
    /// little behind that of the node that made it.
    pub fn active(&self, now: OffsetDateTime) -> Option<SigningKey> {
        let keys = self.all();
        let begun = keys.iter().filter(|key| key.signs_at <= now);
        let newest = begun.max_by_key(|key| key.signs_at);
        newest
            .or_else(|| keys.iter().min_by_key(|key| key.signs_at))
            .cloned()
    }

    /// The key of a name.
    pub fn named(&self, kid: &str) -> Option<SigningKey> {
        self.all().iter().find(|key| key.kid == kid).cloned()
    }

    fn all(&self) -> Arc<[SigningKey]> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;

    fn key(signs_at: OffsetDateTime) -> SigningKey {
        SigningKey::new(&KeyPair::generate(&mut rand::rng()), signs_at).unwrap()
    }

    #[test]
    fn rule_12_the_newest_key_that_has_begun_signs() {
        let start = OffsetDateTime::UNIX_EPOCH;
        let (old, next) = (key(start), key(start + Duration::hours(1)));
        let set = KeySet::new(vec![next.clone(), old.clone()]);
        let active = |after| set.active(start + after).map(|key| key.kid);
        assert_eq!(active(Duration::ZERO), Some(old.kid.clone()));
        assert_eq!(active(Duration::minutes(59)), Some(old.kid.clone()));
        assert_eq!(active(Duration::hours(1)), Some(next.kid.clone()));
        assert_eq!(active(-Duration::SECOND), Some(old.kid.clone()));
        let shared = set.clone();
        set.replace(vec![next.clone()]);
        assert!(shared.named(&old.kid).is_none() && shared.named(&next.kid).is_some());
    }
}
