//! Wycheproof: the corners of X25519, ChaCha20-Poly1305, XChaCha20-Poly1305 and Ed25519.

use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use openmls_traits::crypto::OpenMlsCrypto as _;
use serde::Deserialize;
use x25519_dalek::{PublicKey, StaticSecret};

use crate::key_package::check_contributory;

use super::CIPHERSUITE;
use super::{CHACHA20_POLY1305, ED25519, Hex, crypto, read};

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Valid,
    Invalid,
    /// Sound, but an implementation may refuse it.
    Acceptable,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Aead {
    tc_id: u32,
    key: Hex,
    iv: Hex,
    aad: Hex,
    msg: Hex,
    ct: Hex,
    tag: Hex,
    result: Verdict,
}

impl Aead {
    fn sealed(&self) -> Vec<u8> {
        [&*self.ct, &*self.tag].concat()
    }

    /// Compares what was sealed and opened; `None` is a failure.
    fn check(&self, sealed: Option<Vec<u8>>, opened: Option<Vec<u8>>) {
        let name = self.tc_id;
        if self.result == Verdict::Valid {
            assert_eq!(sealed, Some(self.sealed()), "{name}");
            assert_eq!(opened.as_deref(), Some(&*self.msg), "{name}");
        } else {
            assert_ne!(sealed, Some(self.sealed()), "{name}");
            assert_eq!(opened, None, "{name}");
        }
    }
}

#[test]
fn chacha20_poly1305_of_the_provider() {
    for one in read::<Aead>("wycheproof/chacha20_poly1305.json") {
        let (crypto, suite) = (crypto(), CHACHA20_POLY1305);
        let sealed = crypto.aead_encrypt(suite, &one.key, &one.msg, &one.iv, &one.aad);
        let opened = crypto.aead_decrypt(suite, &one.key, &one.sealed(), &one.iv, &one.aad);
        one.check(sealed.ok(), opened.ok());
    }
}

#[test]
fn xchacha20_poly1305_of_the_library() {
    for one in read::<Aead>("wycheproof/xchacha20_poly1305.json") {
        let cipher = XChaCha20Poly1305::new_from_slice(&one.key).unwrap();
        let (aad, sealed) = (&*one.aad, one.sealed());
        let nonce = <[u8; 24]>::try_from(&*one.iv).map(XNonce::from).ok();
        let seal = |nonce: XNonce| {
            let msg = &*one.msg;
            cipher.encrypt(&nonce, Payload { msg, aad }).ok()
        };
        let open = |nonce: XNonce| {
            let msg = sealed.as_slice();
            cipher.decrypt(&nonce, Payload { msg, aad }).ok()
        };
        one.check(nonce.and_then(seal), nonce.and_then(open));
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Agreement {
    tc_id: u32,
    public: Hex,
    private: Hex,
    shared: Hex,
    result: Verdict,
}

/// With a point of low order every secret agrees on zero (RFC 7748, section 6.1): nothing is
/// encrypted to one.
#[test]
fn x25519_and_points_of_low_order() {
    let mut low_order = 0;
    for one in read::<Agreement>("wycheproof/x25519.json") {
        let array = |bytes: &[u8]| <[u8; 32]>::try_from(bytes).unwrap();
        let shared = StaticSecret::from(array(&one.private))
            .diffie_hellman(&PublicKey::from(array(&one.public)));
        assert_eq!(*shared.as_bytes(), *one.shared, "{}", one.tc_id);
        let contributory = one.shared.iter().any(|byte| *byte != 0);
        assert_eq!(shared.was_contributory(), contributory, "{}", one.tc_id);
        let accepted = check_contributory(&one.public).is_ok();
        assert_eq!(accepted, contributory, "{}", one.tc_id);
        assert!(contributory || one.result == Verdict::Acceptable);
        let sealed = crypto().hpke_seal(CIPHERSUITE.hpke_config(), &one.public, b"", b"", b"x");
        assert_eq!(sealed.is_ok(), contributory, "{}", one.tc_id);
        low_order += usize::from(!contributory);
    }
    assert_eq!(low_order, 31);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Signature {
    tc_id: u32,
    pk: Hex,
    msg: Hex,
    sig: Hex,
    result: Verdict,
}

#[test]
fn ed25519_of_the_provider() {
    for one in read::<Signature>("wycheproof/ed25519.json") {
        let verified = crypto().verify_signature(ED25519, &one.msg, &one.pk, &one.sig);
        let valid = one.result == Verdict::Valid;
        assert_eq!(verified.is_ok(), valid, "{}", one.tc_id);
    }
}
