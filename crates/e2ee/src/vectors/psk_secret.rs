//! psk_secret: pre-shared keys on their way into an epoch (RFC 9420, section 8.4).

use openmls::{prelude::tls_codec::Serialize as _, schedule::PreSharedKeyId};
use serde::Deserialize;

use super::{
    Hex,
    labels::{NH, expand, extract},
    read,
};

#[derive(Deserialize)]
struct Vector {
    psks: Vec<Psk>,
    psk_secret: Hex,
}

#[derive(Deserialize)]
struct Psk {
    psk_id: Hex,
    psk: Hex,
    psk_nonce: Hex,
}

#[test]
fn psks_are_mixed_in_order() {
    for vector in read::<Vector>("mls/psk_secret.json") {
        let zero = vec![0u8; NH.into()];
        let count = u16::try_from(vector.psks.len()).unwrap();
        let secret = (0..)
            .zip(&vector.psks)
            .fold(zero.clone(), |secret, (index, one)| {
                let id = PreSharedKeyId::external(one.psk_id.to_vec(), one.psk_nonce.to_vec());
                let label = psk_label(&id, index, count);
                let input = expand(&extract(&zero, &one.psk), "derived psk", &label, NH);
                extract(&input, &secret)
            });
        assert_eq!(secret, *vector.psk_secret);
    }
}

/// PSKLabel, the id encoded by OpenMLS.
fn psk_label(id: &PreSharedKeyId, index: u16, count: u16) -> Vec<u8> {
    [
        id.tls_serialize_detached().unwrap().as_slice(),
        &index.to_be_bytes(),
        &count.to_be_bytes(),
    ]
    .concat()
}
