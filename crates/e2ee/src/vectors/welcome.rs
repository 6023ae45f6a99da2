//! welcome: the way into a group, by hand and by OpenMLS (RFC 9420, section 12.4.3.1).

use openmls::{
    messages::group_info::VerifiableGroupInfo,
    prelude::{
        MlsMessageBodyIn, MlsMessageIn, OpenMlsSignaturePublicKey, ProcessedWelcome,
        Verifiable as _, Welcome,
        tls_codec::{Deserialize as _, Serialize as _},
    },
};
use openmls_traits::{crypto::OpenMlsCrypto as _, types::HpkeCiphertext};
use serde::Deserialize;

use super::{
    CHACHA20_POLY1305, CIPHERSUITE, ED25519, Hex, crypto,
    encoding::{take, take_opaque},
    key_schedule::Epoch,
    labels::{labelled, mac},
    provider, read,
    secret_tree::welcome_key,
    stored::add_key_package,
};
use crate::{suite::join_config, welcome::split};

#[derive(Deserialize)]
struct Vector {
    init_priv: Hex,
    key_package: Hex,
    signer_pub: Hex,
    welcome: Hex,
}

impl Vector {
    fn signer(&self) -> OpenMlsSignaturePublicKey {
        OpenMlsSignaturePublicKey::new(self.signer_pub.to_vec().into(), ED25519).unwrap()
    }
}

/// The Welcome in an MLSMessage.
pub(super) fn parse(message: &[u8]) -> Welcome {
    let message = MlsMessageIn::tls_deserialize_exact(message).unwrap();
    match message.extract() {
        MlsMessageBodyIn::Welcome(welcome) => welcome,
        _ => panic!("no welcome"),
    }
}

#[test]
fn openmls_reads_the_group_info() {
    for vector in read::<Vector>("mls/welcome.json") {
        let provider = provider();
        // The vector has no encryption key: nothing is decrypted with it before joining.
        let reference =
            add_key_package(&provider, &vector.key_package, &vector.init_priv, &[0; 32]);
        let parts = split(&vector.welcome).unwrap();
        let part = parts
            .iter()
            .find(|part| part.reference == reference.as_slice())
            .unwrap();
        let processed =
            ProcessedWelcome::new_from_welcome(&provider, &join_config(), parse(&part.welcome))
                .unwrap();
        let info = processed.unverified_group_info();
        info.verify_no_out(&crypto(), &vector.signer()).unwrap();
    }
}

#[test]
fn secrets_and_group_info_open_by_hand() {
    for vector in read::<Vector>("mls/welcome.json") {
        let mut rest = &vector.welcome[6..];
        let (secrets, sealed_info) = (take_opaque(&mut rest), take_opaque(&mut rest));
        assert!(rest.is_empty());
        let epoch = |context: &[u8]| {
            let joiner = joiner_secret(&vector.init_priv, &secrets, &sealed_info);
            Epoch::from_joiner(joiner, &[0; 32], context)
        };

        // The key of the group info needs no GroupContext.
        let sealing = welcome_key(&epoch(&[]).welcome);
        let plain = crypto()
            .aead_decrypt(
                CHACHA20_POLY1305,
                &sealing.key,
                &sealed_info,
                &sealing.nonce,
                &[],
            )
            .unwrap();
        let info = VerifiableGroupInfo::tls_deserialize_exact(&plain).unwrap();
        let context = info.group_context().tls_serialize_detached().unwrap();
        assert_eq!(info.ciphersuite(), CIPHERSUITE);

        let mut rest = plain.strip_prefix(context.as_slice()).unwrap();
        take_opaque(&mut rest); // extensions
        let confirmation_key = epoch(&context).secret("confirm");
        let hash = info.group_context().confirmed_transcript_hash();
        assert_eq!(take_opaque(&mut rest), mac(&confirmation_key, hash));
        info.verify_no_out(&crypto(), &vector.signer()).unwrap();
    }
}

/// Opens the only EncryptedGroupSecrets.
fn joiner_secret(init_key: &[u8], secrets: &[u8], sealed_info: &[u8]) -> Vec<u8> {
    let mut rest = secrets;
    take_opaque(&mut rest); // the reference
    let sealed = HpkeCiphertext {
        kem_output: take_opaque(&mut rest).into(),
        ciphertext: take_opaque(&mut rest).into(),
    };
    assert!(rest.is_empty());
    let info = labelled("Welcome", sealed_info);
    let opened = crypto()
        .hpke_open(CIPHERSUITE.hpke_config(), &sealed, init_key, &info, &[])
        .unwrap();
    let mut rest = opened.as_slice();
    let joiner = take_opaque(&mut rest);
    if take::<1>(&mut rest) == [1] {
        take_opaque(&mut rest); // the path secret
    }
    assert_eq!(rest, [0], "no PSKs");
    joiner
}
