//! What is known of a person's keys.

use std::collections::BTreeSet;

use protocol::{Base64, DeviceId};
use serde::{Deserialize, Serialize};

/// A person's pinned account key and devices.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Person {
    /// The pin: 32 bytes, trusted on first use.
    pub(crate) account_key: Base64,
    /// Another key that was claimed since: nothing is sealed for it until it is accepted.
    pub(crate) changed: Option<Base64>,
    /// The person in front said no to it.
    #[serde(default)]
    pub(crate) declined: bool,
    /// When the pin was compared with the person's own, in seconds since 1970.
    #[serde(default)]
    pub(crate) verified_at: Option<u64>,
    /// Grows with every change of the pin or its mark: see [`e2ee::Pin`].
    #[serde(default = "first")]
    pub(crate) revision: u64,
    /// The highest version of the device list that was seen.
    pub(crate) list_version: u64,
    /// The devices of that list that the server vouches for.
    pub(crate) devices: BTreeSet<DeviceId>,
    /// All the devices that the list names as living.
    #[serde(default)]
    pub(crate) listed: BTreeSet<DeviceId>,
    /// Devices that a list of this account key ever named as revoked: for good.
    #[serde(default)]
    pub(crate) revoked: BTreeSet<DeviceId>,
    /// Devices that the server alone says are shut out.
    #[serde(default)]
    pub(crate) reported: BTreeSet<DeviceId>,
}

const fn first() -> u64 {
    1
}

impl Person {
    /// A person seen for the first time.
    pub(crate) fn new(account_key: &[u8; 32]) -> Self {
        Self {
            account_key: account_key.to_vec().into(),
            changed: None,
            declined: false,
            verified_at: None,
            revision: first(),
            list_version: 0,
            devices: BTreeSet::new(),
            listed: BTreeSet::new(),
            revoked: BTreeSet::new(),
            reported: BTreeSet::new(),
        }
    }

    /// Whether this is the pinned key and nothing else is claimed.
    pub(crate) fn trusts(&self, account_key: &[u8]) -> bool {
        self.changed.is_none() && self.account_key.as_ref() == account_key
    }

    /// Whether a group goes on with a leaf under this key: of the pin, or of a claimed key when
    /// the pin was never compared, so that first use was all that stood behind it.
    pub(crate) fn passes(&self, account_key: &[u8]) -> bool {
        let claimed = self.changed.as_ref().map(Base64::as_ref);
        self.account_key.as_ref() == account_key
            || self.verified_at.is_none() && claimed == Some(account_key)
    }

    /// Whether the device may not be written to any more.
    pub(crate) fn shut_out(&self, device: DeviceId) -> bool {
        self.revoked.contains(&device) || self.reported.contains(&device)
    }
}
