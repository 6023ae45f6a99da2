//! A vector's keys in our store, written as OpenMLS writes those that it makes: from outside it can
//! be given none.

use openmls::{
    ciphersuite::{
        HpkePublicKey,
        hash_ref::{KeyPackageRef, make_key_package_ref},
    },
    group::MlsGroup,
    prelude::{KeyPackageIn, MlsMessageBodyIn, MlsMessageIn, tls_codec::Deserialize as _},
};
use openmls_traits::{
    storage::{CURRENT_VERSION, Entity, StorageProvider as _, traits},
    types::{HpkeKeyPair, HpkePrivateKey},
};
use serde::{Deserialize, Serialize};

use super::CIPHERSUITE;
use super::encoding::KEY_PACKAGE;
use crate::provider::Provider;

/// The fields of OpenMLS's KeyPackageBundle, and so its bytes. OpenMLS would not even take the key
/// package, because its time has run out.
#[derive(Serialize, Deserialize)]
struct Bundle {
    key_package: KeyPackageIn,
    init_key: HpkePrivateKey,
    encryption_key: HpkePrivateKey,
}

impl Entity<CURRENT_VERSION> for Bundle {}
impl traits::KeyPackage<CURRENT_VERSION> for Bundle {}

/// The fields of OpenMLS's EncryptionKeyPair.
#[derive(Serialize, Deserialize)]
struct KeyPair {
    public: HpkePublicKey,
    private: HpkePrivateKey,
}

impl Entity<CURRENT_VERSION> for KeyPair {}
impl traits::HpkeKeyPair<CURRENT_VERSION> for KeyPair {}

/// Stores a key package, which is an MLSMessage, for the welcome that names its reference.
pub(super) fn add_key_package(
    provider: &Provider,
    message: &[u8],
    init_key: &[u8],
    encryption_key: &[u8],
) -> KeyPackageRef {
    let body = message.strip_prefix(&KEY_PACKAGE).unwrap();
    let reference = make_key_package_ref(body, CIPHERSUITE, &provider.crypto).unwrap();
    let message = MlsMessageIn::tls_deserialize_exact(message).unwrap();
    let MlsMessageBodyIn::KeyPackage(key_package) = message.extract() else {
        panic!("no key package");
    };
    let bundle = Bundle {
        key_package,
        init_key: init_key.into(),
        encryption_key: encryption_key.into(),
    };
    provider
        .store
        .write_key_package(&reference, &bundle)
        .unwrap();
    reference
}

/// Adds keys of nodes above this device to those that it has in the group's epoch.
pub(super) fn add_key_pairs(
    provider: &Provider,
    group: &MlsGroup,
    pairs: impl IntoIterator<Item = HpkeKeyPair>,
) {
    let (id, epoch, leaf) = (group.group_id(), group.epoch(), group.own_leaf_index());
    let mut all: Vec<KeyPair> = provider
        .store
        .encryption_epoch_key_pairs(id, &epoch, leaf.u32())
        .unwrap();
    assert_eq!(all.len(), 1, "the leaf's own");
    all.extend(pairs.into_iter().map(|pair| KeyPair {
        public: pair.public.into(),
        private: pair.private,
    }));
    provider
        .store
        .write_encryption_epoch_key_pairs(id, &epoch, leaf.u32(), &all)
        .unwrap();
}
