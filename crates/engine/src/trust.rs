//! How far people's keys are trusted, as the user interface is told.

use protocol::{Base64, DeviceId, UserId};
use serde::{Deserialize, Serialize};

/// How a person's keys stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PersonTrust {
    /// Who.
    pub user_id: UserId,
    /// The known key was compared with theirs.
    pub verified: bool,
    /// Another key is claimed since.
    pub change: Option<KeyChange>,
    /// Devices of theirs that the server alone says are shut out: nothing they signed does. Nothing
    /// is sent to them.
    pub reported: Vec<DeviceId>,
}

/// Another account key than the known one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct KeyChange {
    /// The key that is claimed now, 32 bytes; goes into [`crate::Command::AcceptKeys`] and
    /// [`crate::Command::DeclineKeys`].
    pub account_key: Base64,
    /// The key known so far.
    pub previous: Base64,
    /// The known key was compared with theirs.
    pub was_verified: bool,
    /// A conversation waits for the answer.
    pub blocks: bool,
    /// The answer was no; it may still be accepted.
    pub declined: bool,
}

/// What comparing a code or number came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Comparison {
    /// Both hold the same keys: marked as verified, and accepted where the key was a claimed one.
    Same,
    /// A code of the two with another key: somebody may stand between them.
    Different,
    /// A key is claimed for the person, and their code says the one known before: the claimed one
    /// is not theirs.
    Previous,
    /// It is the code that is shown here.
    Own,
    /// A code of, or for, another person.
    OtherPerson,
    /// Made by a newer version.
    Newer,
    /// No code, or a part of one; no 60 digits.
    Unreadable,
}

/// What was seen when a room broke.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Broken {
    /// The epoch that this device was in.
    pub epoch: u64,
    /// The place of the change that was not merged; `None` where it was no place in the log.
    pub seq: Option<u64>,
    /// Why, in kebab-case: a rule of the policy, or a word of its own.
    pub reason: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
}
