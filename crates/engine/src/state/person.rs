//! What is known of a person's keys.

use std::collections::BTreeSet;

use protocol::{Base64, DeviceId};
use serde::{Deserialize, Serialize};

/// A person's pinned account key and devices.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Person {
    /// The pin: 32 bytes, trusted on first use.
    pub(crate) account_key: Base64,
    /// Another key that was claimed since: nothing is sealed for the person until it is accepted.
    pub(crate) changed: Option<Base64>,
    /// The highest version of the device list that was seen.
    pub(crate) list_version: u64,
    /// The devices of that list that the server vouches for.
    pub(crate) devices: BTreeSet<DeviceId>,
}

impl Person {
    /// A person seen for the first time.
    pub(crate) fn new(account_key: &[u8; 32]) -> Self {
        Self {
            account_key: account_key.to_vec().into(),
            changed: None,
            list_version: 0,
            devices: BTreeSet::new(),
        }
    }

    /// Whether this is the pinned key and nothing else is claimed.
    pub(crate) fn trusts(&self, account_key: &[u8]) -> bool {
        self.changed.is_none() && self.account_key.as_ref() == account_key
    }
}
