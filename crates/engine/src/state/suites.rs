//! The experimental suite on this device.

use protocol::rest::keys::KeyPackagesRequest;
use serde::{Deserialize, Serialize};

/// How far this device has come with the experimental suite.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Experiment {
    /// New rooms are made with it where everybody can, and this device can be let into such.
    pub(crate) on: bool,
    /// When its last resort was made, in milliseconds since 1970; `None` before the first.
    pub(crate) last_resort_at: Option<i64>,
    /// Key packages that wait to be uploaded: kept so that a repeat after a crash is the same.
    pub(crate) upload: Option<KeyPackagesRequest>,
}

impl Experiment {
    /// The device that had all this is given up; the wish stays.
    pub(crate) fn begin_anew(&mut self) {
        self.last_resort_at = None;
        self.upload = None;
    }
}
