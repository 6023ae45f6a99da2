//! A vector's key package and its private keys, stored as OpenMLS stores those that it makes.

use openmls::{
    ciphersuite::hash_ref::{KeyPackageRef, make_key_package_ref},
    prelude::{KeyPackageIn, MlsMessageBodyIn, MlsMessageIn, tls_codec::Deserialize as _},
};
use openmls_traits::{
    storage::{CURRENT_VERSION, Entity, StorageProvider as _, traits},
    types::HpkePrivateKey,
};
use serde::{Deserialize, Serialize};

use super::encoding::KEY_PACKAGE;
use crate::{provider::Provider, suite::CIPHERSUITE};

/// The fields of OpenMLS's KeyPackageBundle, and so its bytes in the store. OpenMLS itself makes no
/// bundle of foreign keys, and none of a key package whose time has run out, as it has here.
#[derive(Serialize, Deserialize)]
struct Bundle {
    key_package: KeyPackageIn,
    init_key: HpkePrivateKey,
    encryption_key: HpkePrivateKey,
}

impl Entity<CURRENT_VERSION> for Bundle {}
impl traits::KeyPackage<CURRENT_VERSION> for Bundle {}

/// Stores a key package, which is an MLSMessage, for the welcome that names its reference.
pub(super) fn store(
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
