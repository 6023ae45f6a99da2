//! key-schedule: the secrets of epochs (RFC 9420, section 8).

use openmls_traits::crypto::OpenMlsCrypto as _;
use serde::Deserialize;

use super::CIPHERSUITE;
use super::{
    Hex, crypto,
    encoding::group_context,
    labels::{NH, derive, expand, extract, hash},
    read,
};

/// The secrets of one epoch.
pub(super) struct Epoch {
    pub(super) joiner: Vec<u8>,
    pub(super) welcome: Vec<u8>,
    epoch: Vec<u8>,
}

impl Epoch {
    /// From the secrets of the epoch before and of the commit; `context` is the GroupContext.
    pub(super) fn new(init: &[u8], commit: &[u8], psk: &[u8], context: &[u8]) -> Self {
        let joiner = expand(&extract(init, commit), "joiner", context, NH);
        Self::from_joiner(joiner, psk, context)
    }

    /// From what a welcome tells.
    pub(super) fn from_joiner(joiner: Vec<u8>, psk: &[u8], context: &[u8]) -> Self {
        let member = extract(&joiner, psk);
        Self {
            joiner,
            welcome: derive(&member, "welcome"),
            epoch: expand(&member, "epoch", context, NH),
        }
    }

    /// A secret by its label in RFC 9420, table 4.
    pub(super) fn secret(&self, label: &str) -> Vec<u8> {
        derive(&self.epoch, label)
    }
}

#[derive(Deserialize)]
struct Vector {
    group_id: Hex,
    initial_init_secret: Hex,
    epochs: Vec<VectorEpoch>,
}

#[derive(Deserialize)]
struct VectorEpoch {
    tree_hash: Hex,
    commit_secret: Hex,
    psk_secret: Hex,
    confirmed_transcript_hash: Hex,
    group_context: Hex,
    joiner_secret: Hex,
    welcome_secret: Hex,
    init_secret: Hex,
    sender_data_secret: Hex,
    encryption_secret: Hex,
    exporter_secret: Hex,
    epoch_authenticator: Hex,
    external_secret: Hex,
    confirmation_key: Hex,
    membership_key: Hex,
    resumption_psk: Hex,
    external_pub: Hex,
    exporter: Exporter,
}

#[derive(Deserialize)]
struct Exporter {
    label: String,
    context: Hex,
    length: u16,
    secret: Hex,
}

#[test]
fn epochs_follow_from_each_other() {
    for vector in read::<Vector>("mls/key-schedule.json") {
        let mut init = vector.initial_init_secret.to_vec();
        for (number, one) in (0..).zip(&vector.epochs) {
            let context = group_context(
                &vector.group_id,
                number,
                &one.tree_hash,
                &one.confirmed_transcript_hash,
            );
            assert_eq!(context, *one.group_context);
            let epoch = Epoch::new(&init, &one.commit_secret, &one.psk_secret, &context);
            check(&epoch, one);
            init = epoch.secret("init");
        }
    }
}

fn check(epoch: &Epoch, one: &VectorEpoch) {
    assert_eq!(epoch.joiner, *one.joiner_secret);
    assert_eq!(epoch.welcome, *one.welcome_secret);
    for (label, secret) in [
        ("init", &one.init_secret),
        ("sender data", &one.sender_data_secret),
        ("encryption", &one.encryption_secret),
        ("exporter", &one.exporter_secret),
        ("authentication", &one.epoch_authenticator),
        ("external", &one.external_secret),
        ("confirm", &one.confirmation_key),
        ("membership", &one.membership_key),
        ("resumption", &one.resumption_psk),
    ] {
        assert_eq!(epoch.secret(label), **secret, "{label}");
    }
    let external = crypto()
        .derive_hpke_keypair(CIPHERSUITE.hpke_config(), &one.external_secret)
        .unwrap();
    assert_eq!(external.public, *one.external_pub);
    // MLS-Exporter (section 8.5).
    let Exporter {
        label,
        context,
        length,
        secret,
    } = &one.exporter;
    let exporter = derive(&one.exporter_secret, label);
    assert_eq!(
        expand(&exporter, "exported", &hash(context), *length),
        **secret
    );
}
