//! HPKE in our suite (RFC 9180, appendix A.2): base mode as the provider calls it, base and PSK
//! mode as the library is called.

use std::convert::Infallible;

use hpke::{
    Deserializable as _, Kem, OpModeR, OpModeS, PskBundle, Serializable as _,
    aead::{AeadCtxR, ChaCha20Poly1305},
    kdf::HkdfSha256,
    kem::X25519HkdfSha256,
};
use openmls_traits::{crypto::OpenMlsCrypto as _, types::HpkeCiphertext};
use rand_core::{TryCryptoRng, TryRng};
use serde::Deserialize;

use super::{Hex, crypto, read};
use crate::suite::CIPHERSUITE;

type PublicKey = <X25519HkdfSha256 as Kem>::PublicKey;
type PrivateKey = <X25519HkdfSha256 as Kem>::PrivateKey;
type EncappedKey = <X25519HkdfSha256 as Kem>::EncappedKey;

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
    enc: Hex,
    psk: Option<Hex>,
    psk_id: Option<Hex>,
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
    assert_eq!(modes, [0, 1]);
    vectors
}

#[test]
fn the_provider_derives_key_pairs() {
    for one in vectors() {
        let pair = crypto()
            .derive_hpke_keypair(CIPHERSUITE.hpke_config(), &one.receiver_ikm)
            .unwrap();
        assert_eq!(*pair.private, *one.receiver_secret);
        assert_eq!(pair.public, *one.receiver_public);
    }
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

#[test]
fn senders_and_receivers_of_both_modes() {
    for one in vectors() {
        let (enc, mut sender) =
            hpke::setup_sender_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
                &one.psk().map_or(OpModeS::Base, OpModeS::Psk),
                &PublicKey::from_bytes(&one.receiver_public).unwrap(),
                &one.info,
                &mut Drawn(&one.ephemeral_ikm),
            )
            .unwrap();
        assert_eq!(enc.to_bytes().to_vec(), *one.enc);
        let mut receiver = one.receive(one.psk());
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
    assert!(one.receive(Some(other)).open(ct, aad).is_err());
    assert!(one.receive(None).open(ct, aad).is_err());
    assert!(one.receive(one.psk()).open(ct, aad).is_ok());
}

impl Vector {
    fn psk(&self) -> Option<PskBundle<'_>> {
        let (psk, id) = self.psk.as_deref().zip(self.psk_id.as_deref())?;
        Some(PskBundle::new(psk, id).unwrap())
    }

    /// A receiver with this PSK, or in base mode.
    fn receive(
        &self,
        psk: Option<PskBundle<'_>>,
    ) -> AeadCtxR<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256> {
        hpke::setup_receiver(
            &psk.map_or(OpModeR::Base, OpModeR::Psk),
            &PrivateKey::from_bytes(&self.receiver_secret).unwrap(),
            &EncappedKey::from_bytes(&self.enc).unwrap(),
            &self.info,
        )
        .unwrap()
    }
}

/// A generator that gives what the vector's sender drew.
struct Drawn<'a>(&'a [u8]);

impl TryRng for Drawn<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        panic!("not drawn by HPKE")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        panic!("not drawn by HPKE")
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.copy_from_slice(self.0);
        Ok(())
    }
}

impl TryCryptoRng for Drawn<'_> {}
