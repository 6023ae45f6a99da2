//! What this device keeps of the account beside the account key: archive keys, versions that a
//! server may not go back behind, and changes that are under way.

use std::collections::BTreeSet;

use protocol::{Base64, DeviceId};
use serde::{Deserialize, Deserializer, Serialize};

use crate::OwnRecovery;

/// One row: small, and changed as a whole.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Ring {
    /// `e2ee::ArchiveKeys`; `None` before there are any.
    pub(crate) archive_keys: Option<Base64>,
    /// `e2ee::BundleKey`, where it was made or handed over.
    pub(crate) bundle_key: Option<Base64>,
    /// The version of the bundle that this key was last seen to open; 0: none yet. A higher one may
    /// be under another key.
    pub(crate) bundle_version: u64,
    /// The highest version of the vault that was read or written here.
    pub(crate) vault: u64,
    /// What that one held: `e2ee::Vault::digest`.
    pub(crate) vault_digest: Option<Base64>,
    /// That one was sealed by a newer version of the application, and the person was told.
    pub(crate) outdated: bool,
    /// The recovery bundle, as far as it is known here.
    pub(crate) recovery: Option<OwnRecovery>,
    /// A recovery key is being stored, and was not shown yet.
    pub(crate) making_recovery: bool,
    /// The bundle is to be sealed again under the same key: what it holds has changed.
    pub(crate) bundle_stale: bool,
    /// Devices that are to be revoked.
    #[serde(deserialize_with = "one_or_more")]
    pub(crate) revoking: BTreeSet<DeviceId>,
    /// Devices that this browser was before it lost their keys: revoked once the next one is in
    /// its rooms, where that takes no factor but the one that is fresh.
    pub(crate) replaced: BTreeSet<DeviceId>,
    /// The archive of the account is on, as the server last said.
    pub(crate) archives: Option<bool>,
    /// The rooms of the archive were listed: what was before this device is known.
    pub(crate) listed: bool,
    /// When they were asked for, for the first time; milliseconds since 1970.
    pub(crate) listed_at: i64,
    /// How many of the times to list them again are over.
    pub(crate) lists: usize,
}

/// Versions before this one stored a single device, or none.
fn one_or_more<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeSet<DeviceId>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Stored {
        One(Option<DeviceId>),
        More(BTreeSet<DeviceId>),
    }
    Ok(match Stored::deserialize(from)? {
        Stored::One(device) => device.into_iter().collect(),
        Stored::More(devices) => devices,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_earlier_versions_stored_is_read() {
        let device = DeviceId::from_bytes([7; 16]);
        let revoking = |stored: serde_json::Value| {
            let ring = serde_json::json!({ "vault": 3, "revoking": stored });
            serde_json::from_value::<Ring>(ring).unwrap().revoking
        };
        assert!(revoking(serde_json::Value::Null).is_empty());
        assert_eq!(
            revoking(serde_json::json!(device)),
            BTreeSet::from([device])
        );
        assert_eq!(
            revoking(serde_json::json!([device])),
            BTreeSet::from([device])
        );
    }
}
