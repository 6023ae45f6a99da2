//! Linking a device: an old device hands the [`Handover`] to a new one of the same person.
//!
//! Two ways, each a machine of steps on either side that exchange short messages through the
//! server's mailbox, which is not trusted:
//!
//! - **By scan**: [`ShownCode`] on the new device shows a QR code with its fresh X25519 key and a
//!   secret; [`ScannedCode`] on the old one seals to both (HPKE, mode PSK). The screen and the
//!   camera are the channel that the server does not see, and prove each side to the other.
//! - **By digits**: [`AwaitingAnswer`] and [`ShowingDigits`] on the new device, [`AwaitingReveal`]
//!   and [`AwaitingDigits`] on the old one. The new device commits to its key, the old one answers
//!   with its own, the new one reveals; both derive 7 digits, which the person types on the old
//!   device. Who stands between has one guess in 10,000,000 (Vaudenay, CRYPTO 2005), because either
//!   key is chosen before the other is known.
//!
//! A step that fails ends the link, and so do two minutes: states are consumed. Every message is
//! `version 1 | kind 1 | body`; labels, user and link id go into every derivation.

mod digits;
mod handover;
pub(crate) mod hpke_modes;
mod new_device;
mod old_device;
mod scan;

use uuid::Uuid;

use crate::bytes::take;

pub use handover::Handover;
pub use new_device::{AwaitingAnswer, ShowingDigits, Unconfirmed};
pub use old_device::{AwaitingDigits, AwaitingReveal};
pub use scan::{ScannedCode, ShownCode};

/// How long a link lives, in seconds.
pub const LIFE: u64 = 120;

const VERSION: u8 = 1;

/// Why a link ended. The person begins anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// A text or message that is none of a link's: it was cut, belongs to something else, or bears
    /// a key of low order.
    #[error("malformed")]
    Malformed,
    /// The other device has a newer version of the application: this one has to be updated.
    #[error("made by a newer version")]
    Newer,
    /// The code was made for another account: the new device has to sign in to this one.
    #[error("the code is of another account")]
    OtherAccount,
    /// The two minutes are over.
    #[error("expired")]
    Expired,
    /// The new device's key is not the one that it committed to: somebody stands between.
    #[error("not the key that was committed to")]
    BrokenCommitment,
    /// The digits are not those that the new device shows: mistyped, or somebody stands between.
    #[error("wrong digits")]
    WrongDigits,
    /// What was handed over does not open: somebody stands between, or the other device is at
    /// fault.
    #[error("cannot be opened")]
    Undecryptable,
}

/// Which link of whom, and since when.
#[derive(Clone, Copy, Debug)]
struct Session {
    user: Uuid,
    link: Uuid,
    /// In seconds since 1970, by this device's clock.
    started: u64,
}

impl Session {
    fn check(&self, now: u64) -> Result<(), LinkError> {
        if now > self.started.saturating_add(LIFE) {
            return Err(LinkError::Expired);
        }
        Ok(())
    }

    /// A label with what every derivation of this link holds.
    fn labelled(&self, label: &[u8]) -> Vec<u8> {
        [label, self.user.as_bytes(), self.link.as_bytes()].concat()
    }
}

/// What a message is. A number is never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The hash of the new device's key.
    Commitment = 1,
    /// The old device's key.
    Answer = 2,
    /// The new device's key.
    Reveal = 3,
    /// What is handed over after digits.
    HandoverByDigits = 4,
    /// What is handed over after a scan.
    HandoverByScan = 5,
}

impl Kind {
    /// What stands in front of the message.
    const fn header(self) -> [u8; 2] {
        [VERSION, self as u8]
    }

    fn message(self, body: &[u8]) -> Vec<u8> {
        [self.header().as_slice(), body].concat()
    }

    /// The body of a message of this kind.
    fn body(self, message: &[u8]) -> Result<&[u8], LinkError> {
        check_version(message)?;
        message
            .strip_prefix(&self.header())
            .ok_or(LinkError::Malformed)
    }

    /// The body of a message of this kind that is 32 bytes.
    fn body_of_32(self, message: &[u8]) -> Result<[u8; 32], LinkError> {
        self.body(message)?
            .try_into()
            .map_err(|_| LinkError::Malformed)
    }
}

fn check_version(bytes: &[u8]) -> Result<(), LinkError> {
    let mut rest = bytes;
    match take::<1>(&mut rest) {
        Some([VERSION]) => Ok(()),
        Some([version]) if version > VERSION => Err(LinkError::Newer),
        _ => Err(LinkError::Malformed),
    }
}

#[cfg(test)]
mod tests;
