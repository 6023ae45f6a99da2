//! Our provider against OpenMLS's own.

use openmls_rust_crypto::RustCrypto;

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::*;

const CIPHERSUITE: Ciphersuite = Suite::Classic.ciphersuite();

fn ours() -> Crypto {
    let crypto = Crypto::without_randomness();
    crypto.seed(&mut ChaCha20Rng::from_seed([7; 32]));
    crypto
}

#[test]
fn primitives_agree_with_the_reference_provider() {
    let (ours, theirs) = (ours(), RustCrypto::default());
    let sha = HashType::Sha2_256;
    let prk = ours.hkdf_extract(sha, b"salt", b"input").unwrap();
    assert_eq!(prk, theirs.hkdf_extract(sha, b"salt", b"input").unwrap());
    assert_eq!(
        ours.hkdf_expand(sha, prk.as_slice(), b"info", 80).unwrap(),
        theirs
            .hkdf_expand(sha, prk.as_slice(), b"info", 80)
            .unwrap()
    );
    assert_eq!(
        ours.hmac(sha, b"key", b"m").unwrap(),
        theirs.hmac(sha, b"key", b"m").unwrap()
    );
    assert_eq!(
        ours.hash(sha, b"data").unwrap(),
        theirs.hash(sha, b"data").unwrap()
    );
}

#[test]
fn aeads_agree_with_the_reference_provider() {
    for suite in Suite::ALL {
        let (ours, theirs) = (ours(), RustCrypto::default());
        let aead = suite.ciphersuite().aead_algorithm();
        let key = vec![1; aead.key_size()];
        let sealed = ours
            .aead_encrypt(aead, &key, b"text", &[2; 12], b"aad")
            .unwrap();
        assert_eq!(
            sealed,
            theirs
                .aead_encrypt(aead, &key, b"text", &[2; 12], b"aad")
                .unwrap()
        );
        let open = |aad| ours.aead_decrypt(aead, &key, &sealed, &[2; 12], aad);
        assert_eq!(open(b"aad").unwrap(), b"text");
        assert!(open(b"bad").is_err());
    }
    let unspoken = ours().aead_encrypt(AeadType::Aes256Gcm, &[1; 32], b"", &[2; 12], b"");
    assert!(unspoken.is_err());
}

#[test]
fn signatures_agree_with_the_reference_provider() {
    let (ours, theirs) = (ours(), RustCrypto::default());
    let scheme = SignatureScheme::ED25519;
    let (secret, public) = ours.signature_key_gen(scheme).unwrap();
    let signature = ours.sign(scheme, b"message", &secret).unwrap();
    theirs
        .verify_signature(scheme, b"message", &public, &signature)
        .unwrap();
    ours.verify_signature(scheme, b"message", &public, &signature)
        .unwrap();
    assert!(
        ours.verify_signature(scheme, b"massage", &public, &signature)
            .is_err()
    );
}

#[test]
fn hpke_opens_both_ways() {
    for suite in Suite::ALL {
        opens_both_ways(*suite);
    }
}

fn opens_both_ways(suite: Suite) {
    let (ours, theirs) = (ours(), RustCrypto::default());
    let config = || suite.ciphersuite().hpke_config();
    let pair = ours.derive_hpke_keypair(config(), &[9; 32]).unwrap();
    // From a seed X-Wing's keys are made as draft-ietf-hpke-pq-03 (section 5) says; the reference
    // takes an older draft's way, and so makes others.
    let same = pair.public
        == theirs
            .derive_hpke_keypair(config(), &[9; 32])
            .unwrap()
            .public;
    assert_eq!(same, suite == Suite::Classic);
    let (secret, public) = (&pair.private, &pair.public);

    let sealed = ours
        .hpke_seal(config(), public, b"info", b"aad", b"text")
        .unwrap();
    assert_eq!(
        theirs
            .hpke_open(config(), &sealed, secret, b"info", b"aad")
            .unwrap(),
        b"text"
    );
    let sealed = theirs
        .hpke_seal(config(), public, b"info", b"aad", b"text")
        .unwrap();
    assert_eq!(
        ours.hpke_open(config(), &sealed, secret, b"info", b"aad")
            .unwrap(),
        b"text"
    );

    let (output, exported) = ours
        .hpke_setup_sender_and_export(config(), public, b"info", b"ctx", 32)
        .unwrap();
    let received = theirs
        .hpke_setup_receiver_and_export(config(), &output, secret, b"info", b"ctx", 32)
        .unwrap();
    assert_eq!(*exported, *received);
}

#[test]
fn encrypting_to_a_low_order_key_fails() {
    assert!(
        ours()
            .hpke_seal(CIPHERSUITE.hpke_config(), &[0; 32], b"", b"", b"x")
            .is_err()
    );
}

#[test]
fn without_a_seed_nothing_is_drawn() {
    let crypto = Crypto::without_randomness();
    assert!(crypto.random_vec(16).is_err());
    crypto.seed(&mut ChaCha20Rng::from_seed([7; 32]));
    assert!(crypto.random_vec(16).is_ok());
    crypto.forget();
    assert!(crypto.random_vec(16).is_err());
    assert!(
        crypto
            .hpke_seal(CIPHERSUITE.hpke_config(), &[9; 32], b"", b"", b"x")
            .is_err()
    );
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let draw = || ours().random_vec(16).unwrap();
    assert_eq!(draw(), draw());
}
