//! Decoders of what lies behind a seal, for the fuzz targets alone: no input of theirs would open.
//! `None` is what is refused.

use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{Keyring, RoomPolicy, Vault, link::Handover, sealed};

/// The content of a recovery bundle.
pub fn keyring(bytes: &[u8]) -> Option<Keyring> {
    Keyring::from_bytes(bytes)
}

/// What [`keyring`] reads.
pub fn keyring_bytes(keyring: &Keyring) -> Zeroizing<Vec<u8>> {
    keyring.to_bytes()
}

/// The content of a vault.
pub fn vault(bytes: &[u8]) -> Option<Vault> {
    Vault::from_bytes(bytes)
}

/// What [`vault`] reads.
pub fn vault_bytes(vault: &Vault) -> Zeroizing<Vec<u8>> {
    vault.to_bytes()
}

/// What an old device hands to a new one of this person.
pub fn handover(user: Uuid, bytes: &[u8]) -> Option<Handover> {
    Handover::from_bytes(user, bytes)
}

/// What [`handover`] reads.
pub fn handover_bytes(handover: &Handover) -> Zeroizing<Vec<u8>> {
    handover.to_bytes()
}

/// What was padded, padded to the same size.
pub fn padding(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let content = sealed::unpad(Zeroizing::new(bytes.to_vec())).ok()?;
    Some(sealed::pad(&content, bytes.len()))
}

/// A room's policy in its context.
pub fn room_policy(bytes: &[u8]) -> Option<Vec<u8>> {
    RoomPolicy::parse(bytes).and_then(|policy| policy.to_bytes())
}
