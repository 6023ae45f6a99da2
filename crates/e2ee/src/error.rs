//! What can go wrong, by who can mend it.

use thiserror::Error;

use crate::policy::Rule;

/// Why a key, credential, device list or key package was refused. Its owner has to make a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyFault {
    /// The bytes are not what they should be.
    #[error("malformed")]
    Malformed,
    /// A public key is a weak point: signatures under it prove nothing.
    #[error("weak-key")]
    WeakKey,
    /// An X25519 key is of low order: what is encrypted to it is no secret (RFC 7748, section 6.1).
    #[error("low-order")]
    LowOrder,
    /// A signature does not verify.
    #[error("bad-signature")]
    BadSignature,
    /// The credential's device key is not the key of the leaf that shows it.
    #[error("key-mismatch")]
    KeyMismatch,
    /// The key belongs to another person.
    #[error("wrong-user")]
    WrongUser,
    /// The key belongs to another device.
    #[error("wrong-device")]
    WrongDevice,
    /// The credential was signed by another account key.
    #[error("wrong-account-key")]
    WrongAccountKey,
    /// The device list does not hold the device, or holds it as revoked.
    #[error("not-in-device-list")]
    NotInDeviceList,
    /// Another ciphersuite or protocol version.
    #[error("wrong-suite")]
    WrongSuite,
    /// The leaf does not support what our rooms need.
    #[error("missing-capability")]
    MissingCapability,
    /// Its time is over, or nearly: see [`crate::key_package::LEAST_LIFE`].
    #[error("expired")]
    Expired,
    /// Its time has not come.
    #[error("not-yet-valid")]
    NotYetValid,
    /// It is valid for longer than we allow.
    #[error("lifetime-too-long")]
    LifetimeTooLong,
    /// The last resort is not marked as one, or another package is.
    #[error("last-resort")]
    LastResort,
}

impl KeyFault {
    /// The kebab-case reason for problems and logs.
    pub fn reason(self) -> String {
        self.to_string()
    }
}

/// Why a device could not do something with a room.
#[derive(Debug, Error)]
pub enum Error {
    /// The bytes are no MLS message of the expected kind.
    #[error("malformed MLS message")]
    Malformed,
    /// The room was made with a suite that this build does not speak: a newer one may.
    #[error("unknown suite")]
    UnknownSuite,
    /// This device has no state for the room.
    #[error("unknown room")]
    UnknownRoom,
    /// This device is no member any more.
    #[error("not a member of the room any more")]
    Removed,
    /// The message belongs to another epoch: catch up, or fetch it again.
    #[error("message of epoch {message}, room at {room}")]
    WrongEpoch {
        /// The message's epoch.
        message: u64,
        /// The room's epoch here.
        room: u64,
    },
    /// The message was opened before, or its key is gone.
    #[error("message key already used")]
    KeyUsed,
    /// This device's own message came back: there is nothing to open.
    #[error("own message")]
    OwnMessage,
    /// The envelope names another sender than the message proves.
    #[error("the sender is not who the envelope names")]
    ForgedSender,
    /// The message does not decrypt or its signature is wrong.
    #[error("undecryptable: {0}")]
    Undecryptable(String),
    /// The change breaks a rule: it is not merged and the room must be held.
    #[error("refused by policy: {}", .0.name())]
    Policy(Rule),
    /// A key was refused.
    #[error("key refused: {0}")]
    Key(#[from] KeyFault),
    /// A commit of this device waits for the server's answer already.
    #[error("a commit is pending")]
    CommitPending,
    /// Stored state does not read, or OpenMLS failed in a way that no input explains.
    #[error("state: {0}")]
    State(String),
}

/// Why the server refuses a room or a commit.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The bytes are no commit, group info or tree of this room, or do not verify.
    #[error("malformed: {0}")]
    Malformed(String),
    /// The commit starts from another epoch than the room is in.
    #[error("stale epoch, the room is at {epoch}")]
    StaleEpoch {
        /// The room's epoch.
        epoch: u64,
    },
    /// The commit or the room breaks a rule.
    #[error("policy: {}", .0.name())]
    Policy(Rule),
}
