//! X-Wing (draft-connolly-cfrg-xwing-kem) and HPKE with it (draft-ietf-hpke-pq-05, appendix A.5), as
//! rooms of suite 0x004F use them, but for the AEAD: the draft has none of X-Wing with AES-128-GCM.

use hpke::{
    Deserializable as _, Kem as _, OpModeS, Serializable as _, aead::ChaCha20Poly1305,
    kdf::HkdfSha256, kem::XWing,
};
use openmls_traits::{crypto::OpenMlsCrypto as _, types::HpkeCiphertext};
use serde::Deserialize;

use super::{Drawn, Hex, crypto, read};
use crate::{Suite, provider::BaseMode};

/// What the provider calls, with the vector's AEAD.
type Provider = BaseMode<XWing, ChaCha20Poly1305>;
type PublicKey = <XWing as hpke::Kem>::PublicKey;
type PrivateKey = <XWing as hpke::Kem>::PrivateKey;

#[derive(Deserialize)]
struct Kem {
    /// What the sender draws.
    eseed: Hex,
    ss: Hex,
    sk: Hex,
    pk: Hex,
    ct: Hex,
}

#[derive(Deserialize)]
struct Vector {
    info: Hex,
    #[serde(rename = "ikmR")]
    receiver_ikm: Hex,
    #[serde(rename = "skRm")]
    receiver_secret: Hex,
    #[serde(rename = "pkRm")]
    receiver_public: Hex,
    /// What the sender draws.
    #[serde(rename = "ikmE")]
    drawn: Hex,
    enc: Hex,
    shared_secret: Hex,
    encryptions: Vec<Encryption>,
    exports: Vec<Export>,
}

#[derive(Deserialize)]
struct Encryption {
    aad: Hex,
    ct: Hex,
    pt: Hex,
}

#[derive(Deserialize)]
struct Export {
    exporter_context: Hex,
    #[serde(rename = "L")]
    length: usize,
    exported_value: Hex,
}

#[test]
fn the_kem_encapsulates_and_decapsulates() {
    let vectors: Vec<Kem> = read("xwing.json");
    assert_eq!(vectors.len(), 3);
    for one in vectors {
        let secret = PrivateKey::from_bytes(&one.sk).unwrap();
        let public = XWing::sk_to_pk(&secret);
        assert_eq!(public.to_bytes().to_vec(), *one.pk);
        let rng = &mut Drawn(&one.eseed);
        let (shared, encapped) = XWing::encap_with_rng(&public, None, rng).unwrap();
        assert_eq!(encapped.to_bytes().to_vec(), *one.ct);
        assert_eq!(shared.0.to_vec(), *one.ss);
        let opened = XWing::decap(&secret, None, &encapped).unwrap();
        assert_eq!(opened.0.to_vec(), *one.ss);
    }
}

/// By the provider's own suite: what is derived does not hang on the AEAD.
#[test]
fn the_provider_derives_key_pairs() {
    for one in read::<Vector>("hpke-pq.json") {
        let config = Suite::PostQuantum.ciphersuite().hpke_config();
        let pair = crypto().derive_hpke_keypair(config, &one.receiver_ikm);
        let pair = pair.unwrap();
        assert_eq!(*pair.private, *one.receiver_secret);
        assert_eq!(pair.public, *one.receiver_public);
    }
}

#[test]
fn rooms_send_and_receive_in_base_mode() {
    for one in read::<Vector>("hpke-pq.json") {
        let (public, secret) = (&one.receiver_public, &one.receiver_secret);
        let Encryption { aad, ct, pt } = &one.encryptions[0];
        let sealed = Provider::seal(public, &one.info, aad, pt, &mut Drawn(&one.drawn)).unwrap();
        assert_eq!(sealed.kem_output.as_slice(), &*one.enc);
        assert_eq!(sealed.ciphertext.as_slice(), &**ct);
        let received = HpkeCiphertext {
            kem_output: one.enc.to_vec().into(),
            ciphertext: ct.to_vec().into(),
        };
        let open = |aad: &[u8]| Provider::open(&received, secret, &one.info, aad);
        assert_eq!(open(aad).unwrap(), **pt);
        assert!(open(b"other").is_err());

        for export in &one.exports {
            let (context, length) = (&export.exporter_context, export.length);
            let rng = &mut Drawn(&one.drawn);
            let sent = Provider::sender_export(public, &one.info, context, length, rng);
            let (encapped, sent) = sent.unwrap();
            assert_eq!(encapped, *one.enc);
            assert_eq!(*sent, *export.exported_value);
            let received = Provider::receiver_export(&one.enc, secret, &one.info, context, length);
            assert_eq!(*received.unwrap(), *export.exported_value);
        }
    }
}

/// The shared secret, and the messages behind the first, which MLS never sends.
#[test]
fn what_the_library_works_out_on_the_way() {
    for one in read::<Vector>("hpke-pq.json") {
        let public = PublicKey::from_bytes(&one.receiver_public).unwrap();
        let rng = &mut Drawn(&one.drawn);
        let (shared, _) = XWing::encap_with_rng(&public, None, rng).unwrap();
        assert_eq!(shared.0.to_vec(), *one.shared_secret);

        let (_, mut sender) = hpke::setup_sender_with_rng::<ChaCha20Poly1305, HkdfSha256, XWing>(
            &OpModeS::Base,
            &public,
            &one.info,
            &mut Drawn(&one.drawn),
        )
        .unwrap();
        for Encryption { aad, ct, pt } in &one.encryptions {
            assert_eq!(sender.seal(pt, aad).unwrap(), **ct);
        }
    }
}
