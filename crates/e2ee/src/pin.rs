//! Pins: which account key a contact has, as it stands in the vault.
//!
//! ```text
//! account key 32 | revision 8 | verified 1 | at 8
//! ```
//! Numbers are big-endian; `verified` is 1 with the time, or 0 with a time of 0.

use crate::{bytes::take, identity::AccountPublicKey};

/// Which account key a contact has, as far as this person knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The key that is trusted.
    pub account_key: AccountPublicKey,
    /// When this key was compared with the contact's, in seconds since 1970; `None` when it never
    /// was.
    pub verified_at: Option<u64>,
    /// Grows with every change of this pin, from 1.
    pub revision: u64,
}

impl Pin {
    /// Bytes in the encoding.
    pub(crate) const SIZE: usize = 32 + 8 + 1 + 8;

    /// Of two devices' pins the higher one stands: the newer, and of two that were made at the
    /// same time the one that asks for more.
    pub(crate) fn rank(&self) -> (u64, bool, AccountPublicKey, Option<u64>) {
        let unverified = self.verified_at.is_none();
        (
            self.revision,
            unverified,
            self.account_key,
            self.verified_at,
        )
    }

    pub(crate) fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(self.account_key.as_bytes());
        bytes.extend_from_slice(&self.revision.to_be_bytes());
        bytes.push(self.verified_at.is_some().into());
        bytes.extend_from_slice(&self.verified_at.unwrap_or_default().to_be_bytes());
    }

    pub(crate) fn read(rest: &mut &[u8]) -> Option<Self> {
        let account_key = AccountPublicKey::parse(&take::<32>(rest)?).ok()?;
        let revision = u64::from_be_bytes(take(rest)?);
        let verified_at = match (take::<1>(rest)?, u64::from_be_bytes(take(rest)?)) {
            ([0], 0) => None,
            ([1], at) => Some(at),
            _ => return None,
        };
        Some(Self {
            account_key,
            verified_at,
            revision,
        })
    }
}
