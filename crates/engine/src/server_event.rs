//! What the server tells over the socket.

use protocol::socket::{
    BinaryEnvelope, CommitWanted, ContactsUpdated, DeviceEvent, KeyPackagesLow, LinkEvent, Receipt,
    TypingEvent, VaultEvent, WelcomeEvent,
};
use serde::{Deserialize, Serialize};

/// The socket events that the engine handles; hosts pass no others. An event whose payload does
/// not fit is dropped by the host: what it stood for is found by the next `sync`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "name", content = "payload", rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum ServerEvent {
    /// An envelope of a direct room.
    NewMessage(BinaryEnvelope),
    /// An envelope of a group room.
    Message(BinaryEnvelope),
    /// An invitation into a group for this device.
    Welcome(WelcomeEvent),
    /// This device is asked to commit removals.
    CommitWanted(CommitWanted),
    /// A contact changed.
    ContactsUpdated(ContactsUpdated),
    /// Somebody read up to a place.
    Read(Receipt),
    /// Somebody writes, or stopped.
    Typing(TypingEvent),
    /// A device of somebody has everything up to a place.
    Delivered(Receipt),
    /// I have a new device.
    DeviceAdded(DeviceEvent),
    /// A device of mine was revoked.
    DeviceRevoked(DeviceEvent),
    /// A link of mine went on, or ended.
    LinkUpdated(LinkEvent),
    /// Another device of mine has replaced the vault.
    VaultChanged(VaultEvent),
    /// Few key packages are left.
    KeyPackagesLow(KeyPackagesLow),
    /// A newer socket of this device took over.
    Displaced(#[cfg_attr(feature = "typescript", ts(type = "unknown"))] serde_json::Value),
    /// The session ended.
    SessionEnded(#[cfg_attr(feature = "typescript", ts(type = "unknown"))] serde_json::Value),
}

impl ServerEvent {
    /// The names that the engine handles, as on the wire.
    pub const NAMES: [&'static str; 15] = {
        use protocol::socket::server as name;
        [
            name::NEW_MESSAGE,
            name::MESSAGE,
            name::WELCOME,
            name::COMMIT_WANTED,
            name::CONTACTS_UPDATED,
            name::READ,
            name::TYPING,
            name::DELIVERED,
            name::DEVICE_ADDED,
            name::DEVICE_REVOKED,
            name::LINK_UPDATED,
            name::VAULT_CHANGED,
            name::KEY_PACKAGES_LOW,
            name::DISPLACED,
            name::SESSION_ENDED,
        ]
    };
}
