//! This device's account.

use protocol::{
    DeviceId, UserId,
    rest::keys::{KeyPackagesRequest, KeysRequest},
};
use serde::{Deserialize, Serialize};

use crate::Failure;

/// Who this device is and how far its registration has come.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) user_id: UserId,
    pub(crate) device_id: DeviceId,
    pub(crate) registration: Registration,
    /// When the last resort was made; it is replaced monthly.
    pub(crate) last_resort_at: i64,
}

/// How far the registration of this device's keys has come.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Registration {
    /// The account key came from another device: the device list has to be fetched, to be
    /// continued.
    NeedsList,
    /// The upload is on its way.
    Sending,
    /// Another account key stands.
    Elsewhere,
    /// The server does not take the keys.
    Refused(Failure),
    /// Registered.
    Done,
}

/// A body that waits to be uploaded: kept so that a repeat after a crash is the same.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Upload {
    /// The first one.
    Keys(Box<KeysRequest>),
    /// More key packages.
    Packages(KeyPackagesRequest),
}
