//! What a person has of their own: devices, recovery key, archive. The types that hosts see.

use std::collections::BTreeSet;

use protocol::{DeviceId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Failure, Text};

/// What a person has of their own, as far as this device knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct OwnAccount {
    /// The devices that stand, oldest first.
    pub devices: Vec<OwnDevice>,
    /// Devices that were shut out by the server's word alone, which no list of mine revokes yet:
    /// [`crate::Command::RevokeDevice`] signs it.
    pub reported: BTreeSet<DeviceId>,
    /// The archive; `None` until the server has told.
    pub archive: Option<OwnArchive>,
    /// The recovery key; `None` when this device knows of none.
    pub recovery: Option<OwnRecovery>,
    /// Another device has a newer version of the application: what my devices share is not read
    /// here and the archive waits, until this one is updated.
    pub outdated: bool,
    /// Whether this device lets itself be added to rooms with post-quantum keys, and makes such
    /// where every device of everybody does: an experiment. `None` when the application was built
    /// without.
    pub post_quantum: Option<bool>,
}

/// A device of mine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct OwnDevice {
    /// Which.
    pub device_id: DeviceId,
    /// What I called it; the server's word.
    pub name: String,
    /// When it was registered; the server's word.
    #[cfg_attr(feature = "typescript", ts(type = "Timestamp"))]
    pub created_at: Timestamp,
    /// When it was last connected; the server's word.
    #[cfg_attr(feature = "typescript", ts(type = "Timestamp | null"))]
    pub last_seen: Option<Timestamp>,
    /// It is this one.
    pub this: bool,
}

/// The archive of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct OwnArchive {
    /// Devices keep what they read there.
    pub on: bool,
    /// It took no more when it was last asked: what is new waits.
    pub full: bool,
    /// Messages that wait to be kept, on this device.
    pub waiting: u32,
    /// Messages of before it was switched on are still being put into it.
    pub filling: bool,
}

/// The recovery key of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct OwnRecovery {
    /// Which bundle is stored on the server, counted from 1.
    pub version: u64,
    /// When it was stored; milliseconds since 1970.
    pub stored_at: i64,
    /// A new key is due, and why.
    pub due: Option<RecoveryDue>,
}

/// Why a new recovery key is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum RecoveryDue {
    /// Making one was broken off between storing and showing it: nobody has the key that stands.
    Interrupted,
    /// A device was revoked since, which may have kept what opens the bundle.
    Revoked,
}

/// How a new device is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum LinkHow {
    /// The device in use scans a code that the new one shows.
    Scan,
    /// Digits that the new one shows are typed on the device in use.
    Typed,
}

/// How linking stands, on either side. Times are milliseconds since 1970 by this device's clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum LinkState {
    /// Nothing is being linked.
    Idle,
    /// The new device: show this as a QR code. Secret.
    ShowCode {
        /// The code's text.
        text: Text,
        /// When it dies.
        expires_at: i64,
    },
    /// The new device: show these digits.
    ShowDigits {
        /// Seven digits.
        digits: Text,
        /// When they die.
        expires_at: i64,
    },
    /// The other device, or the server, has to do something.
    Waiting {
        /// When the link dies; `None` before there is one.
        expires_at: Option<i64>,
    },
    /// A device in use: a new one wants in by digits. [`crate::Command::AnswerLink`] when the
    /// person has it before them.
    Asked {
        /// When the link dies.
        expires_at: i64,
    },
    /// A device in use: the person types the digits that the new one shows.
    EnterDigits {
        /// When the link dies.
        expires_at: i64,
    },
    /// A device in use: the second factor first, then [`crate::Command::ContinueLink`]. Nothing
    /// secret has left this device.
    NeedsFactor {
        /// When the link dies.
        expires_at: i64,
    },
    /// The new device, by digits: does the other one say that it took them? Only then
    /// [`crate::Command::ConfirmLink`]: otherwise somebody else answered.
    Confirm {
        /// When the link dies.
        expires_at: i64,
    },
    /// It is done: on the device in use, all was handed over; on the new one, it sets itself up.
    Done,
    /// It ended. Begin anew.
    Failed {
        /// Why.
        reason: LinkFailure,
    },
}

/// Why a link ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum LinkFailure {
    /// The two minutes are over.
    Expired,
    /// One of the two devices, or the server, ended it.
    Ended,
    /// What was scanned or pasted is no code of a link.
    NotACode,
    /// The code was made for another account.
    OtherAccount,
    /// The other device has a newer version of the application.
    Newer,
    /// The digits are not those that the new device shows.
    WrongDigits,
    /// What came does not fit: somebody stands between, or the other device is at fault.
    Tampered,
    /// The account key that was handed over is not the one that the server shows for this account.
    OtherKeys,
    /// This device has keys already, or none to hand over.
    NotNow,
    /// The server refused.
    Refused {
        /// Why.
        failure: Failure,
    },
}

/// Why a recovery key did not help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum RecoveryFailure {
    /// Mistyped.
    Typo {
        /// The first group that is wrong, from 1 to 8; 9 when there is more text than that.
        group: u8,
    },
    /// It does not open what is kept: another key, or what is kept was changed.
    Wrong,
    /// Nothing is kept: no recovery key was made.
    None,
    /// What is kept was made by a newer version of the application.
    Newer,
    /// The account key in it is not the one that stands: the account was started over since.
    OtherKeys,
}

/// Why there is less of a conversation than there may have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum HistoryGap {
    /// The key of the archive, or of a part of it, is not here.
    NoKey,
    /// The archive is switched off.
    Off,
    /// The archive does not reach back to where the room began, as far as this device can tell.
    NotKept,
    /// The server did not answer: ask again.
    Unavailable,
    /// What the server gave does not open: it was changed.
    Damaged,
    /// A newer version of the application made it, or the server says so.
    Newer,
}
