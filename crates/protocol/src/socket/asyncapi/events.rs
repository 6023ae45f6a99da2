//! Every event on one page: what it carries and what it can be refused with.

use serde_json::Value;

use super::{Needs, Schemas};
use crate::{
    Code, Problem,
    rest::people::FriendRequest,
    socket::{
        AuthError, AuthSuccess, Authenticate, BinaryEnvelope, CommitAck, CommitWanted, Connected,
        ContactsUpdated, ConversationLoaded, CreateRoom, DeviceAck, DeviceEvent, DeviceProof, Done,
        KeyPackagesLow, LinkEvent, LoadConversation, MarkRead, MessageAck, Receipt, RoomCursors,
        SendCommit, SendMessage, SendPrivateMessage, SetTyping, SyncAck, TypingEvent, VaultEvent,
        WelcomeDone, WelcomeEvent, client as c, server as s,
    },
};

/// What a client sends.
pub(super) struct ClientEvent {
    pub(super) name: &'static str,
    pub(super) summary: &'static str,
    pub(super) needs: Needs,
    pub(super) payload: Value,
    pub(super) reply: Value,
    pub(super) problems: Vec<Code>,
}

/// What the server sends.
pub(super) struct ServerEvent {
    pub(super) name: &'static str,
    pub(super) summary: &'static str,
    pub(super) payload: Value,
}

/// Name, who may, payload, acknowledgement, what it does, problems of its own.
macro_rules! client_events {
    ($schemas:ident, $($name:expr, $needs:ident, $payload:ty => $reply:ty, $summary:literal,
        [$($problem:ident)*];)*) => {
        vec![$(ClientEvent {
            name: $name,
            summary: $summary,
            needs: Needs::$needs,
            payload: $schemas.add::<$payload>(),
            reply: $schemas.add::<$reply>(),
            problems: {
                let mut problems = vec![$(Code::$problem),*];
                problems.extend(Needs::$needs.problems());
                problems
            },
        }),*]
    };
}

macro_rules! server_events {
    ($schemas:ident, $($name:expr, $payload:ty, $summary:literal;)*) => {
        vec![$(ServerEvent {
            name: $name,
            summary: $summary,
            payload: $schemas.add::<$payload>(),
        }),*]
    };
}

pub(super) fn client(schemas: &mut Schemas) -> Vec<ClientEvent> {
    client_events! { schemas,
        c::AUTHENTICATE, Nothing, Authenticate => AuthSuccess,
            "Signs the socket in with a password and a second factor.",
            [InvalidBody InvalidCredentials MfaRequired InvalidCode CodeUsed ChallengeExpired
             ChallengeUsed EmailUnverified EnrolmentRequired AccountDeactivated Locked RateLimited
             Forbidden MfaUnavailable NotFound];
        c::DEVICE, Session, DeviceProof => DeviceAck,
            "Proves the socket's device; open welcomes follow. An older socket of the device is \
             displaced.",
            [Forbidden DeviceProofInvalid];
        c::LOAD_CONVERSATION, Device, LoadConversation => ConversationLoaded,
            "Pages back through a conversation; sent as `conversation_loaded` as well.",
            [InvalidBody NotAContact NotAMember];
        c::SEND_PRIVATE_MESSAGE, Device, SendPrivateMessage => MessageAck,
            "Sends to a contact's direct room; acknowledged when it is on disk.",
            [BodyTooLarge InvalidMessage NotAContact NotAMember RoomClosed StaleEpoch];
        c::MESSAGE, Device, SendMessage => MessageAck,
            "Sends to a room; acknowledged when it is on disk.",
            [BodyTooLarge InvalidMessage NotAMember RoomClosed StaleEpoch];
        c::CREATE_ROOM, Device, CreateRoom => CommitAck,
            "Makes a room.",
            [UseRest InvalidMessage Policy NotAContact RoomExists StaleEpoch];
        c::COMMIT, Device, SendCommit => CommitAck,
            "Changes a room's group: one commit an epoch.",
            [UseRest InvalidMessage Policy NotAContact NotAMember RoomClosed StaleEpoch
             RemovalRequired];
        c::WELCOME_DONE, Device, WelcomeDone => Done,
            "Says that this device has joined; live delivery starts.",
            [NotAMember];
        c::SYNC, Device, RoomCursors => SyncAck,
            "Asks for a page of what this device has not seen; live delivery starts with the last.",
            [];
        c::ACK, Device, RoomCursors => Done,
            "Says what is durable here; the server may drop what all have.",
            [CursorAhead NotAMember];
        c::READ, Device, MarkRead => Done,
            "Says up to where the person has read.",
            [CursorAhead NotAMember];
        c::TYPING, Device, SetTyping => Done,
            "Says that the person writes, or stopped; never stored.",
            [NotAMember];
    }
}

pub(super) fn server(schemas: &mut Schemas) -> Vec<ServerEvent> {
    let mut events = server_events! { schemas,
        s::CONNECTED, Connected, "The socket is open.";
        s::AUTH_SUCCESS, AuthSuccess, "`authenticate` worked.";
        s::AUTH_ERROR, AuthError, "`authenticate` was refused.";
        s::CONVERSATION_LOADED, ConversationLoaded, "A page of a conversation.";
        s::WELCOME, WelcomeEvent, "An invitation into a room for this device, until `welcome_done`.";
        s::COMMIT_WANTED, CommitWanted, "This device is asked to commit removals within 10 seconds.";
        s::FRIEND_REQUEST_RECEIVED, FriendRequest, "Somebody asks to be a contact.";
        s::FRIEND_REQUEST_ACCEPTED, FriendRequest, "Somebody accepted my request.";
        s::CONTACTS_UPDATED, ContactsUpdated, "A contact came, went or changed.";
        s::READ, Receipt, "Somebody has read up to a place.";
        s::TYPING, TypingEvent, "Somebody writes, or stopped.";
        s::DELIVERED, Receipt, "A device of somebody has everything up to a place.";
        s::DEVICE_ADDED, DeviceEvent, "I have a new device.";
        s::DEVICE_REVOKED, DeviceEvent, "A device of mine was revoked.";
        s::LINK_UPDATED, LinkEvent, "A step of a link of mine was written, or the link has ended.";
        s::VAULT_CHANGED, VaultEvent, "Another device of mine has replaced the vault.";
        s::KEY_PACKAGES_LOW, KeyPackagesLow, "Few key packages of this device are left.";
        s::DISPLACED, Done, "A newer socket of this device took over; this one is closed.";
        s::SESSION_ENDED, Problem, "The session is over; the socket is closed.";
    };
    // One type in two forms: the named one is that of arrays.
    for (name, summary) in [
        (s::NEW_MESSAGE, "An envelope of a direct room."),
        (s::MESSAGE, "An envelope of a group."),
    ] {
        events.push(ServerEvent {
            name,
            summary,
            payload: schemas.inline::<BinaryEnvelope>(),
        });
    }
    events
}
