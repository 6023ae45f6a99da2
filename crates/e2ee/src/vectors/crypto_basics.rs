//! crypto-basics: the labelled functions, and references through OpenMLS.

use openmls::ciphersuite::hash_ref::HashReference;
use openmls_traits::{crypto::OpenMlsCrypto as _, types::HpkeCiphertext};
use serde::Deserialize;

use super::CIPHERSUITE;
use super::{
    Hex, crypto,
    labels::{derive, derive_tree_secret, expand, labelled, sign, verifies},
    read,
};

#[derive(Deserialize)]
struct Vector {
    ref_hash: Reference,
    expand_with_label: Expansion,
    derive_secret: Derivation,
    derive_tree_secret: TreeDerivation,
    sign_with_label: Signature,
    encrypt_with_label: Encryption,
}

#[derive(Deserialize)]
struct Reference {
    label: String,
    value: Hex,
    out: Hex,
}

#[derive(Deserialize)]
struct Expansion {
    secret: Hex,
    label: String,
    context: Hex,
    length: u16,
    out: Hex,
}

#[derive(Deserialize)]
struct Derivation {
    secret: Hex,
    label: String,
    out: Hex,
}

#[derive(Deserialize)]
struct TreeDerivation {
    secret: Hex,
    label: String,
    generation: u32,
    length: u16,
    out: Hex,
}

#[derive(Deserialize)]
struct Signature {
    r#priv: Hex,
    r#pub: Hex,
    content: Hex,
    label: String,
    signature: Hex,
}

#[derive(Deserialize)]
struct Encryption {
    r#priv: Hex,
    r#pub: Hex,
    label: String,
    context: Hex,
    plaintext: Hex,
    kem_output: Hex,
    ciphertext: Hex,
}

fn vectors() -> Vec<Vector> {
    read("mls/crypto-basics.json")
}

#[test]
fn references_are_hashed() {
    for Vector { ref_hash: one, .. } in vectors() {
        let reference =
            HashReference::new(&one.value, CIPHERSUITE, &crypto(), one.label.as_bytes()).unwrap();
        assert_eq!(*reference.as_slice(), *one.out);
    }
}

#[test]
fn secrets_are_derived() {
    for vector in vectors() {
        let one = vector.expand_with_label;
        let out = expand(&one.secret, &one.label, &one.context, one.length);
        assert_eq!(out, *one.out);
        let one = vector.derive_secret;
        assert_eq!(derive(&one.secret, &one.label), *one.out);
        let one = vector.derive_tree_secret;
        let out = derive_tree_secret(&one.secret, &one.label, one.generation, one.length);
        assert_eq!(out, *one.out);
    }
}

#[test]
fn signatures_verify_and_come_out_the_same() {
    for Vector {
        sign_with_label: one,
        ..
    } in vectors()
    {
        assert!(verifies(
            &one.r#pub,
            &one.label,
            &one.content,
            &one.signature
        ));
        assert!(!verifies(&one.r#pub, "Other", &one.content, &one.signature));
        // Ed25519 is deterministic.
        assert_eq!(sign(&one.r#priv, &one.label, &one.content), *one.signature);
    }
}

#[test]
fn ciphertexts_open() {
    for Vector {
        encrypt_with_label: one,
        ..
    } in vectors()
    {
        let config = || CIPHERSUITE.hpke_config();
        let info = labelled(&one.label, &one.context);
        let theirs = HpkeCiphertext {
            kem_output: one.kem_output.to_vec().into(),
            ciphertext: one.ciphertext.to_vec().into(),
        };
        let ours = crypto()
            .hpke_seal(config(), &one.r#pub, &info, &[], &one.plaintext)
            .unwrap();
        for sealed in [theirs, ours] {
            let opened = crypto().hpke_open(config(), &sealed, &one.r#priv, &info, &[]);
            assert_eq!(opened.unwrap(), *one.plaintext);
            let other = labelled("Other", &one.context);
            assert!(
                crypto()
                    .hpke_open(config(), &sealed, &one.r#priv, &other, &[])
                    .is_err()
            );
        }
    }
}
