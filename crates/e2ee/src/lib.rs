//! End-to-end encryption for Snug: MLS (RFC 9420) by OpenMLS, with our identities and our policy.
//!
//! Nothing in here reads a clock, draws entropy or touches a disk. Times are parameters (seconds
//! since 1970), randomness is a generator that the caller passes, state is a set of records that
//! the caller keeps. The one exception is OpenMLS itself, which reads the system clock when it
//! checks the lifetime of a key package; our lifetimes leave 30 days of slack on the near side.
//!
//! Two kinds of caller: devices hold keys and use [`Client`]; the chat server holds none and uses
//! [`PublicRoom`]. Both run the same [`policy`] on every change of a group.
//!
//! Beside rooms, for a person's own devices: [`link`] lets a new one in, [`RecoveryKey`] is the way
//! back without any, [`Vault`] and [`archive`] are what they keep sealed on the server. [`safety`]
//! is how two people compare their keys.

#![cfg_attr(not(test), deny(clippy::panic, clippy::indexing_slicing))]

pub mod archive;
mod base32;
mod bytes;
mod client;
mod code;
#[cfg(test)]
mod encodings;
mod error;
pub mod file;
pub mod framing;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
pub mod identity;
pub mod key_package;
mod keyring;
pub mod link;
mod pin;
pub mod policy;
mod provider;
mod public;
mod recovery;
pub mod safety;
mod sealed;
mod store;
mod suite;
mod vault;
#[cfg(test)]
mod vectors;
pub mod welcome;

pub use archive::{ArchiveKey, ArchiveKeys};
pub use client::{Change, Client, Commit, NewRoom, Opened, Plan, Standing};
pub use error::{Error, KeyFault, Refusal};
pub use identity::{
    AccountKey, AccountPublicKey, Credential, DeviceKeys, DeviceList, Member, verify_proof,
};
pub use key_package::CheckedKeyPackage;
pub use keyring::Keyring;
pub use pin::Pin;
pub use policy::{Kind, RoomPolicy, Rule};
pub use public::PublicRoom;
pub use recovery::{BundleKey, RecoveryKey, WrongGroup};
pub use sealed::SealedError;
pub use suite::Suite;
pub use vault::Vault;
