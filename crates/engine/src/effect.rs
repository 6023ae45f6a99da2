//! What the engine asks of its host.

use protocol::{
    Binary, RoomId,
    socket::{
        CreateRoom, DeviceProof, MarkRead, RoomCursors, SendCommit, SendMessage, SetTyping,
        WelcomeDone, client,
    },
};
use serde::{Deserialize, Serialize};

use crate::Notice;

/// One stored record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Record {
    /// A path: `state/…`, `history/…`, `index/…` or `files/…`. Compared byte by byte.
    pub key: String,
    /// The content: for the engine alone under `state/` and `index/`, an [`crate::Entry`] as JSON under
    /// `history/`, a ciphertext under `files/`.
    pub value: Binary,
}

/// What the host does next, in the order given.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Effect {
    /// Make all of this durable at once, before anything that follows.
    Persist {
        /// Written, replacing what stands.
        puts: Vec<Record>,
        /// Removed; a key that is not there is no error. Never a key that is also in `puts`.
        deletes: Vec<String>,
    },
    /// Read stored records, as they are after every effect before this one; answer with
    /// [`crate::Outcome::Records`].
    Read {
        /// Comes back in the reply.
        id: u64,
        /// What to read.
        range: ReadRange,
    },
    /// Send an HTTP request with the session; answer with [`crate::Input::Reply`].
    Request {
        /// Comes back in the reply.
        id: u64,
        /// How.
        method: Method,
        /// Below the server's root: `/api/…`.
        path: String,
        /// The JSON body.
        #[cfg_attr(feature = "typescript", ts(type = "unknown | null"))]
        body: Option<serde_json::Value>,
        /// What a 2xx answer is read as.
        response: ResponseKind,
    },
    /// Upload a ciphertext: `POST /api/messages/image`, multipart, with the parts `room_id` and
    /// `file`; answer with [`crate::Input::Reply`]. When its record is deleted meanwhile, the host
    /// breaks it off and answers all the same.
    Upload {
        /// Comes back in the reply.
        id: u64,
        /// The room whose members may fetch it.
        room_id: RoomId,
        /// The key of the record that holds it, below [`crate::FILES_PREFIX`].
        file: String,
    },
    /// Send as `multipart/form-data` what is too large for an event: `POST`, with the session, the
    /// part `head` as JSON and the others as bytes; answer with [`crate::Input::Reply`].
    Multipart {
        /// Comes back in the reply.
        id: u64,
        /// Below the server's root: `/api/…`.
        path: String,
        /// The part `head`.
        #[cfg_attr(feature = "typescript", ts(type = "unknown"))]
        head: serde_json::Value,
        /// The others.
        parts: Vec<Part>,
    },
    /// Emit a socket event with an acknowledgement; answer with [`crate::Input::Reply`]. The host
    /// drops an emit of a socket that is gone meanwhile: the engine emits anew after `Connected`.
    Emit {
        /// Comes back in the reply.
        id: u64,
        /// Name and payload.
        event: ClientEvent,
    },
    /// Tell the user interface.
    Notify {
        /// What.
        notice: Notice,
    },
    /// Step with [`crate::Input::Tick`] at this time; replaces the time asked for before.
    Wake {
        /// Milliseconds since 1970.
        at: i64,
    },
}

/// Records to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum ReadRange {
    /// Those under these keys.
    Keys {
        /// The keys; those that are not there are left out of the answer.
        keys: Vec<String>,
    },
    /// The last one of a range, if there is one.
    Last {
        /// The range's beginning, itself included.
        from: String,
        /// The range's end, itself left out.
        to: String,
    },
}

/// A part of a multipart body.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its content.
    pub value: Binary,
}

/// How a request is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Method {
    /// Without a body.
    Get,
    /// With a JSON body.
    Post,
    /// With a JSON body.
    Put,
    /// With a JSON body.
    Patch,
    /// Without a body.
    Delete,
}

impl Method {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// What a 2xx answer is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum ResponseKind {
    /// JSON, for [`crate::Outcome::Json`].
    Json,
    /// Bytes, for [`crate::Outcome::Bytes`].
    Bytes,
}

/// A socket event to emit.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "name", content = "payload", rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum ClientEvent {
    /// Proves this device.
    Device(DeviceProof),
    /// Sends to a room.
    Message(SendMessage),
    /// Makes a room.
    CreateRoom(CreateRoom),
    /// Changes a room's group.
    Commit(SendCommit),
    /// Says that this device has joined.
    WelcomeDone(WelcomeDone),
    /// Catches up.
    Sync(RoomCursors),
    /// Says what is durable here.
    Ack(RoomCursors),
    /// Says what was read.
    Read(MarkRead),
    /// Says that somebody writes.
    Typing(SetTyping),
}

impl ClientEvent {
    /// The event's name on the wire.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Device(_) => client::DEVICE,
            Self::Message(_) => client::MESSAGE,
            Self::CreateRoom(_) => client::CREATE_ROOM,
            Self::Commit(_) => client::COMMIT,
            Self::WelcomeDone(_) => client::WELCOME_DONE,
            Self::Sync(_) => client::SYNC,
            Self::Ack(_) => client::ACK,
            Self::Read(_) => client::READ,
            Self::Typing(_) => client::TYPING,
        }
    }
}
