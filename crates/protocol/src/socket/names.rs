//! Names of the events.

/// Names of the events that clients send.
pub mod client {
    /// Signs the socket in with a password.
    pub const AUTHENTICATE: &str = "authenticate";
    /// Proves the socket's device.
    pub const DEVICE: &str = "device";
    /// Pages through a conversation.
    pub const LOAD_CONVERSATION: &str = "load_conversation";
    /// Sends to a contact's direct room.
    pub const SEND_PRIVATE_MESSAGE: &str = "send_private_message";
    /// Sends to a room.
    pub const MESSAGE: &str = "message";
    /// Makes a room.
    pub const CREATE_ROOM: &str = "create_room";
    /// Changes a room's group.
    pub const COMMIT: &str = "commit";
    /// Says that this device has joined.
    pub const WELCOME_DONE: &str = "welcome_done";
    /// Catches up.
    pub const SYNC: &str = "sync";
    /// Says what is durable here.
    pub const ACK: &str = "ack";
    /// Says what was read.
    pub const READ: &str = "read";
    /// Says that somebody writes.
    pub const TYPING: &str = "typing";

    /// All of them.
    pub const ALL: [&str; 12] = [
        AUTHENTICATE,
        DEVICE,
        LOAD_CONVERSATION,
        SEND_PRIVATE_MESSAGE,
        MESSAGE,
        CREATE_ROOM,
        COMMIT,
        WELCOME_DONE,
        SYNC,
        ACK,
        READ,
        TYPING,
    ];
}

/// Names of the events that the server sends.
pub mod server {
    /// The socket is open.
    pub const CONNECTED: &str = "connected";
    /// `authenticate` worked.
    pub const AUTH_SUCCESS: &str = "auth_success";
    /// `authenticate` was refused.
    pub const AUTH_ERROR: &str = "auth_error";
    /// An envelope of a direct room.
    pub const NEW_MESSAGE: &str = "new_message";
    /// An envelope of a group room.
    pub const MESSAGE: &str = "message";
    /// A page of a conversation.
    pub const CONVERSATION_LOADED: &str = "conversation_loaded";
    /// An invitation into a group for this device.
    pub const WELCOME: &str = "welcome";
    /// This device is asked to commit removals.
    pub const COMMIT_WANTED: &str = "commit_wanted";
    /// Somebody sent me a friend request.
    pub const FRIEND_REQUEST_RECEIVED: &str = "friend_request_received";
    /// Somebody accepted mine.
    pub const FRIEND_REQUEST_ACCEPTED: &str = "friend_request_accepted";
    /// A contact changed.
    pub const CONTACTS_UPDATED: &str = "contacts_updated";
    /// Somebody read up to a place.
    pub const READ: &str = "read";
    /// Somebody writes, or stopped.
    pub const TYPING: &str = "typing";
    /// A device of somebody has everything up to a place.
    pub const DELIVERED: &str = "delivered";
    /// I have a new device.
    pub const DEVICE_ADDED: &str = "device_added";
    /// A device of mine was revoked.
    pub const DEVICE_REVOKED: &str = "device_revoked";
    /// A link of mine went on, or ended.
    pub const LINK_UPDATED: &str = "link_updated";
    /// Another device of mine has replaced the vault.
    pub const VAULT_CHANGED: &str = "vault_changed";
    /// Few key packages are left.
    pub const KEY_PACKAGES_LOW: &str = "key_packages_low";
    /// A newer socket of this device took over; this one is closed.
    pub const DISPLACED: &str = "displaced";
    /// The session ended; the socket is closed.
    pub const SESSION_ENDED: &str = "session_ended";

    /// All of them.
    pub const ALL: [&str; 21] = [
        CONNECTED,
        AUTH_SUCCESS,
        AUTH_ERROR,
        NEW_MESSAGE,
        MESSAGE,
        CONVERSATION_LOADED,
        WELCOME,
        COMMIT_WANTED,
        FRIEND_REQUEST_RECEIVED,
        FRIEND_REQUEST_ACCEPTED,
        CONTACTS_UPDATED,
        READ,
        TYPING,
        DELIVERED,
        DEVICE_ADDED,
        DEVICE_REVOKED,
        LINK_UPDATED,
        VAULT_CHANGED,
        KEY_PACKAGES_LOW,
        DISPLACED,
        SESSION_ENDED,
    ];
}
