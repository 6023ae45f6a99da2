//! HPKE in our suite (RFC 9180, appendix A.2): mode Base as rooms send and receive it, with our own
//! encapsulation; Base, PSK and Auth by the functions that links are sealed with.

use hpke::{
    Deserializable as _, Kem as _, OpModeR, OpModeS, PskBundle, Serializable as _,
    aead::{AeadCtxR, ChaCha20Poly1305},
    kdf::HkdfSha256,
    kem::X25519HkdfSha256,
};
use openmls_traits::{crypto::OpenMlsCrypto as _, types::HpkeCiphertext};
use serde::Deserialize;

use super::{CIPHERSUITE, Drawn, Hex, crypto, read};
use crate::{
    link::hpke_modes::{self, EncappedKey, PrivateKey, PublicKey},
    provider::{Classic, Dhkem},
};

type Receives<'a> = OpModeR<'a, X25519HkdfSha256>;

#[derive(Deserialize)]
struct Vector {
    mode: u8,
    info: Hex,
    #[serde(rename = "ikmR")]
    receiver_ikm: Hex,
    #[serde(rename = "skRm")]
    receiver_secret: Hex,
    #[serde(rename = "pkRm")]
    receiver_public: Hex,
    #[serde(rename = "ikmE")]
    ephemeral_ikm: Hex,
    #[serde(rename = "skEm")]
    ephemeral_secret: Hex,
    #[serde(rename = "pkEm")]
    ephemeral_public: Hex,
    enc: Hex,
    shared_secret: Hex,
    psk: Option<Hex>,
    psk_id: Option<Hex>,
    #[serde(rename = "skSm")]
    sender_secret: Option<Hex>,
    #[serde(rename = "pkSm")]
    sender_public: Option<Hex>,
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

fn vectors() -> Vec<Vector> {
    let vectors: Vec<Vector> = read("rfc9180.json");
    let modes: Vec<u8> = vectors.iter().map(|one| one.mode).collect();
    assert_eq!(modes, [0, 1, 2]);
    vectors
}

#[test]
fn the_provider_derives_key_pairs() {
    for one in vectors() {
        let pair = crypto()
            .derive_hpke_keypair(CIPHERSUITE.hpke_config(), &one.receiver_ikm)
            .unwrap();
        assert_eq!(*pair.private, clamped(&one.receiver_secret));
        assert_eq!(pair.public, *one.receiver_public);
    }
}

/// What SerializePrivateKey makes of a key (section 7.1.2; RFC 7748, section 5); the vectors hold
/// it as it was derived.
fn clamped(key: &[u8]) -> Vec<u8> {
    let mut key = key.to_vec();
    key[0] &= 248;
    key[31] = key[31] & 127 | 64;
    key
}

#[test]
fn the_provider_receives_in_base_mode() {
    let vectors = vectors();
    let one = &vectors[0];
    let Encryption { aad, ct, pt } = &one.encryptions[0];
    let sealed = HpkeCiphertext {
        kem_output: one.enc.to_vec().into(),
        ciphertext: ct.to_vec().into(),
    };
    let open = |aad: &[u8], info: &[u8]| {
        let config = CIPHERSUITE.hpke_config();
        crypto().hpke_open(config, &sealed, &one.receiver_secret, info, aad)
    };
    assert_eq!(open(aad, &one.info).unwrap(), **pt);
    assert!(open(b"other", &one.info).is_err());
    assert!(open(aad, b"other").is_err());

    for export in &one.exports {
        let exported = crypto()
            .hpke_setup_receiver_and_export(
                CIPHERSUITE.hpke_config(),
                &one.enc,
                &one.receiver_secret,
                &one.info,
                &export.exporter_context,
                export.length,
            )
            .unwrap();
        assert_eq!(*exported, *export.exported_value);
    }
}

/// Encap and DeriveKeyPair by our own KEM (sections 4.1 and 7.1.3).
#[test]
fn our_kem_encapsulates_with_the_ephemeral_key_of_the_vector() {
    let vectors = vectors();
    let one = &vectors[0];
    let (secret, public) = Dhkem::derive_keypair(&one.ephemeral_ikm);
    assert_eq!(secret.to_bytes().to_vec(), clamped(&one.ephemeral_secret));
    assert_eq!(public.to_bytes().to_vec(), *one.ephemeral_public);

    let recipient = PublicKey::from_bytes(&one.receiver_public).unwrap();
    let rng = &mut Drawn(&one.ephemeral_ikm);
    let (shared, enc) = Dhkem::encap_with_rng(&recipient, None, rng).unwrap();
    assert_eq!(enc.to_bytes().to_vec(), *one.enc);
    assert_eq!(shared.0.to_vec(), *one.shared_secret);

    let secret = PrivateKey::from_bytes(&one.receiver_secret).unwrap();
    let shared = Dhkem::decap(&secret, None, &enc).unwrap();
    assert_eq!(shared.0.to_vec(), *one.shared_secret);
}

/// As OpenMLS has it sealed, but for where the randomness comes from.
#[test]
fn rooms_send_in_base_mode() {
    let vectors = vectors();
    let one = &vectors[0];
    let Encryption { aad, ct, pt } = &one.encryptions[0];
    let rng = &mut Drawn(&one.ephemeral_ikm);
    let sealed = Classic::seal(&one.receiver_public, &one.info, aad, pt, rng).unwrap();
    assert_eq!(sealed.kem_output.as_slice(), &*one.enc);
    assert_eq!(sealed.ciphertext.as_slice(), &**ct);

    for export in &one.exports {
        let (enc, exported) = Classic::sender_export(
            &one.receiver_public,
            &one.info,
            &export.exporter_context,
            export.length,
            &mut Drawn(&one.ephemeral_ikm),
        )
        .unwrap();
        assert_eq!(enc, *one.enc);
        assert_eq!(*exported, *export.exported_value);
    }

    // The messages behind the first, which MLS never sends.
    let recipient = PublicKey::from_bytes(&one.receiver_public).unwrap();
    let (_, mut sender) = hpke::setup_sender_with_rng::<ChaCha20Poly1305, HkdfSha256, Dhkem>(
        &OpModeS::Base,
        &recipient,
        &one.info,
        &mut Drawn(&one.ephemeral_ikm),
    )
    .unwrap();
    for Encryption { aad, ct, pt } in &one.encryptions {
        assert_eq!(sender.seal(pt, aad).unwrap(), **ct);
    }
}

#[test]
fn senders_and_receivers_of_all_modes() {
    for one in vectors() {
        let (enc, mut sender) = hpke_modes::sender(
            &one.sends(),
            &PublicKey::from_bytes(&one.receiver_public).unwrap(),
            &one.info,
            &mut Drawn(&one.ephemeral_ikm),
        )
        .unwrap();
        assert_eq!(enc.to_bytes().to_vec(), *one.enc);
        let mut receiver = one.receive(&one.receives());
        for Encryption { aad, ct, pt } in &one.encryptions {
            assert_eq!(sender.seal(pt, aad).unwrap(), **ct);
            assert_eq!(receiver.open(ct, aad).unwrap(), **pt);
        }
        for export in &one.exports {
            let mut out = vec![0; export.length];
            sender.export(&export.exporter_context, &mut out).unwrap();
            assert_eq!(out, *export.exported_value);
            receiver.export(&export.exporter_context, &mut out).unwrap();
            assert_eq!(out, *export.exported_value);
        }
    }
}

#[test]
fn another_psk_opens_nothing() {
    let vectors = vectors();
    let one = &vectors[1];
    let Encryption { aad, ct, .. } = &one.encryptions[0];
    let id = one.psk_id.as_deref().unwrap();
    let other = PskBundle::new(&[1; 32], id).unwrap();
    let open = |mode: &Receives<'_>| one.receive(mode).open(ct, aad);
    assert!(open(&OpModeR::Psk(other)).is_err());
    assert!(open(&OpModeR::Base).is_err());
    assert!(open(&one.receives()).is_ok());
}

#[test]
fn another_sender_opens_nothing() {
    let vectors = vectors();
    let one = &vectors[2];
    let Encryption { aad, ct, .. } = &one.encryptions[0];
    let other = PublicKey::from_bytes(&one.receiver_public).unwrap();
    let open = |mode: &Receives<'_>| one.receive(mode).open(ct, aad);
    assert!(open(&OpModeR::Auth(other)).is_err());
    assert!(open(&OpModeR::Base).is_err());
    assert!(open(&one.receives()).is_ok());
}

impl Vector {
    fn psk(&self) -> PskBundle<'_> {
        let (psk, id) = (self.psk.as_deref(), self.psk_id.as_deref());
        PskBundle::new(psk.unwrap(), id.unwrap()).unwrap()
    }

    fn sender_public(&self) -> PublicKey {
        PublicKey::from_bytes(self.sender_public.as_deref().unwrap()).unwrap()
    }

    /// The sender's mode.
    fn sends(&self) -> OpModeS<'_, X25519HkdfSha256> {
        match self.mode {
            0 => OpModeS::Base,
            1 => OpModeS::Psk(self.psk()),
            _ => {
                let secret = PrivateKey::from_bytes(self.sender_secret.as_deref().unwrap());
                OpModeS::Auth((secret.unwrap(), self.sender_public()))
            }
        }
    }

    /// The receiver's mode.
    fn receives(&self) -> Receives<'_> {
        match self.mode {
            0 => OpModeR::Base,
            1 => OpModeR::Psk(self.psk()),
            _ => OpModeR::Auth(self.sender_public()),
        }
    }

    fn receive(
        &self,
        mode: &Receives<'_>,
    ) -> AeadCtxR<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256> {
        hpke_modes::receiver(
            mode,
            &PrivateKey::from_bytes(&self.receiver_secret).unwrap(),
            &EncappedKey::from_bytes(&self.enc).unwrap(),
            &self.info,
        )
        .unwrap()
    }
}
