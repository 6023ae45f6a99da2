//! Key packages (RFC 9420, section 10): made on a device, checked by whoever takes one.

use curve25519_dalek::montgomery::MontgomeryPoint;
use openmls::prelude::{
    KeyPackage, KeyPackageIn, LeafNode, Lifetime, MlsMessageBodyIn, MlsMessageIn, MlsMessageOut,
    ProtocolVersion,
    tls_codec::{Deserialize as _, Serialize as _, VLBytes},
};
use sha2::{Digest, Sha256};

use crate::{
    error::{Error, KeyFault},
    identity::{Credential, DeviceKeys},
    provider::{Crypto, Provider, is_encryption_key},
    suite::{POLICY_EXTENSION, Suite, capabilities},
};

const DAY: u64 = 24 * 60 * 60;
/// How far the start of a lifetime lies back: a device's clock may be wrong by so much.
const BEFORE: u64 = 30 * DAY;
/// How far its end lies ahead.
const AFTER: u64 = 365 * DAY;
/// What must be left of it, in seconds, for anybody to take it: whoever opens the commit that adds
/// its device checks the lifetime once more, and may have been away.
pub const LEAST_LIFE: u64 = 60 * DAY;

/// A key package that was checked: signatures, credential, suite, capabilities, lifetime and keys.
#[derive(Clone, Debug)]
pub struct CheckedKeyPackage {
    package: KeyPackage,
    suite: Suite,
    credential: Credential,
    reference: Vec<u8>,
}

impl CheckedKeyPackage {
    /// Whose it is.
    pub const fn credential(&self) -> &Credential {
        &self.credential
    }

    /// The suite of the rooms that it can be used in.
    pub const fn suite(&self) -> Suite {
        self.suite
    }

    /// Its reference: the hash that a welcome names it by (RFC 9420, section 5.2).
    pub fn reference(&self) -> &[u8] {
        &self.reference
    }

    /// SHA-256 of the init key, which may never come twice.
    pub fn init_key_hash(&self) -> [u8; 32] {
        Sha256::digest(self.package.hpke_init_key().as_slice()).into()
    }

    /// Whether it is marked as the one that may be used again and again.
    pub fn last_resort(&self) -> bool {
        self.package.last_resort()
    }

    /// When its lifetime ends, in seconds since 1970.
    pub fn not_after(&self) -> u64 {
        self.package.life_time().not_after()
    }

    pub(crate) fn package(&self) -> &KeyPackage {
        &self.package
    }
}

/// Checks a key package as server and clients do before they store or use one. `now` is in
/// seconds since 1970. With less than [`LEAST_LIFE`] left it is refused: a server that still hands
/// it out keeps the newer ones back.
///
/// OpenMLS accepts keys of low order; one such leaf would break every later commit of its room.
///
/// # Errors
/// The first [`KeyFault`] that is found.
pub fn inspect(bytes: &[u8], now: u64) -> Result<CheckedKeyPackage, KeyFault> {
    let crypto = Crypto::without_randomness();
    let package = key_package_in(bytes)?;
    let unverified = package.unverified_credential();
    let credential =
        Credential::of_leaf(&unverified.credential, unverified.signature_key.as_slice())?;
    let package = package
        .validate(&crypto, ProtocolVersion::Mls10)
        .map_err(|error| fault_of(&error))?;
    let suite = Suite::of(package.ciphersuite()).ok_or(KeyFault::WrongSuite)?;
    let lifetime = package.life_time();
    if lifetime.not_before() > now {
        return Err(KeyFault::NotYetValid);
    }
    if lifetime.not_after() < now.saturating_add(LEAST_LIFE) {
        return Err(KeyFault::Expired);
    }
    if lifetime.not_after() - lifetime.not_before() > BEFORE + AFTER {
        return Err(KeyFault::LifetimeTooLong);
    }
    check_encryption_key(suite, package.hpke_init_key().as_slice())?;
    check_leaf(suite, package.leaf_node())?;
    let reference = package.hash_ref(&crypto).map_err(|_| KeyFault::Malformed)?;
    Ok(CheckedKeyPackage {
        suite,
        credential,
        reference: reference.as_slice().to_vec(),
        package,
    })
}

/// What every leaf must have beside a good credential: our capabilities and a key of the room's
/// suite that is no point of low order.
pub(crate) fn check_leaf(suite: Suite, leaf: &LeafNode) -> Result<(), KeyFault> {
    let supported = leaf.capabilities();
    let policy = openmls::prelude::ExtensionType::Unknown(POLICY_EXTENSION);
    if !supported.extensions().contains(&policy) {
        return Err(KeyFault::MissingCapability);
    }
    let key = leaf
        .encryption_key()
        .tls_serialize_detached()
        .map_err(|_| KeyFault::Malformed)?;
    let key = VLBytes::tls_deserialize_exact(key).map_err(|_| KeyFault::Malformed)?;
    check_encryption_key(suite, key.as_slice())
}

/// One key that nothing can be sealed to, and nobody could renew the room's secrets or come in. With
/// X-Wing a point of low order leaves what ML-KEM agrees on: still a secret, but not the two that
/// were promised.
fn check_encryption_key(suite: Suite, key: &[u8]) -> Result<(), KeyFault> {
    check_contributory(&suite.x25519_of(key).ok_or(KeyFault::Malformed)?)?;
    is_encryption_key(suite, key)
        .then_some(())
        .ok_or(KeyFault::Malformed)
}

/// Refuses points of low order (RFC 7748, section 6.1): with them the shared secret is zero.
pub(crate) fn check_contributory(key: &[u8]) -> Result<(), KeyFault> {
    let key: [u8; 32] = key.try_into().map_err(|_| KeyFault::Malformed)?;
    // Eight times a point of low order is nothing, on the curve and on its twist. A whole exchange
    // of keys would answer the same (RFC 7748, section 6.1) in ten times the time.
    let eight = [true, false, false, false];
    let times_eight = MontgomeryPoint(key).mul_bits_be(eight.into_iter());
    (times_eight != MontgomeryPoint([0; 32]))
        .then_some(())
        .ok_or(KeyFault::LowOrder)
}

fn key_package_in(bytes: &[u8]) -> Result<KeyPackageIn, KeyFault> {
    match MlsMessageIn::tls_deserialize_exact(bytes)
        .map_err(|_| KeyFault::Malformed)?
        .extract()
    {
        MlsMessageBodyIn::KeyPackage(package) => Ok(package),
        _ => Err(KeyFault::Malformed),
    }
}

fn fault_of(error: &openmls::prelude::KeyPackageVerifyError) -> KeyFault {
    use openmls::{prelude::KeyPackageVerifyError as E, treesync::errors::LifetimeError};
    match error {
        E::InvalidLeafNodeSignature | E::InvalidSignature => KeyFault::BadSignature,
        E::UnsupportedExtension => KeyFault::MissingCapability,
        E::InvalidProtocolVersion => KeyFault::WrongSuite,
        E::LifetimeError(LifetimeError::NotValidYet { .. }) => KeyFault::NotYetValid,
        E::LifetimeError(_) => KeyFault::Expired,
        _ => KeyFault::Malformed,
    }
}

/// Makes a key package; its private half goes into the provider's store.
pub(crate) fn make(
    provider: &Provider,
    keys: &DeviceKeys,
    suite: Suite,
    now: u64,
    last_resort: bool,
) -> Result<Vec<u8>, Error> {
    let mut builder = KeyPackage::builder()
        .leaf_node_capabilities(capabilities())
        .key_package_lifetime(Lifetime::init(now.saturating_sub(BEFORE), now + AFTER));
    if last_resort {
        builder = builder.mark_as_last_resort();
    }
    let bundle = builder
        .build(
            suite.ciphersuite(),
            provider,
            keys,
            keys.credential_with_key(),
        )
        .map_err(|error| Error::State(error.to_string()))?;
    MlsMessageOut::from(bundle.into_key_package())
        .to_bytes()
        .map_err(|error| Error::State(error.to_string()))
}
