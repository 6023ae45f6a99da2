//! The client of Snug without I/O: one state machine for the browser and the terminal.
//!
//! A host feeds [`Input`]s and carries out [`Effect`]s **in order**. An [`Effect::Persist`] has to
//! be durable before the next effect is begun; a crash between any two effects loses nothing and
//! repeats harmlessly. Clock and randomness are passed in: the same records, inputs, times and
//! seed give the same effects, but for the dates that OpenMLS takes from the system's clock.
//!
//! ```text
//! load(records under "state/") -> Engine
//! step(Started)                -> the whole picture as notices
//! step(Command | Connected | Event | Reply | Disconnected | Tick) -> effects, in order
//! ```

mod absent;
mod acquaintances;
mod again;
mod archive;
mod broken;
mod changes;
mod commits;
mod compose;
mod connection;
pub mod content;
mod conversation;
mod crowded;
mod direct;
mod directory;
mod dispatch;
mod document;
mod effect;
#[cfg(test)]
mod encodings;
mod engine;
mod entering;
mod entries;
mod entry;
mod experiment;
mod fading;
mod files;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod groups;
mod hold;
mod inbox;
mod input;
mod jobs;
mod large;
mod link_new;
mod link_old;
mod links;
mod lost_outgoing;
mod notice;
mod outbox;
mod own;
mod own_devices;
mod people;
mod picture;
mod pictures;
mod pins;
mod profile;
mod queue;
mod receipts;
mod recipient;
mod recovery;
mod rejoin;
mod renew;
mod revoked;
mod room_events;
mod room_picture;
mod safety;
mod server_event;
mod session;
mod set_back;
mod setup;
mod shown;
mod sign_off;
mod state;
mod suites;
mod sync;
mod table;
mod timer;
mod trust;
#[cfg(feature = "typescript")]
pub mod typescript;
mod vault;
mod welcome;
mod wishes;
mod works;

pub use engine::Engine;

pub use conversation::{Conversation, Fault, RoomMarks, Waiting};
pub use document::Document;
pub use effect::{ClientEvent, Effect, Method, Part, ReadRange, Record, ResponseKind};
pub use entry::{
    Body, Entry, EntryState, Extra, MessageRef, Quote, Reaction, Said, Text, UnopenedReason,
};
pub use input::{Command, Input, Outcome};
pub use notice::{ConversationId, Failure, NotAdded, Notice, Phase, RoomEvent};
pub use own::{
    HistoryGap, LinkFailure, LinkHow, LinkState, OwnAccount, OwnArchive, OwnDevice, OwnRecovery,
    RecoveryDue, RecoveryFailure,
};
pub use picture::{NewPicture, Picture, PictureError, PictureKind, open_picture};
pub use pictures::{FILES_PREFIX, own_file_key};
pub use recipient::Recipient;
pub use room_picture::RoomPicture;
pub use server_event::ServerEvent;
pub use trust::{Broken, Comparison, KeyChange, PersonTrust};

/// Records whose keys start with this are handed to [`Engine::load`].
pub const STATE_PREFIX: &str = "state/";
/// Records whose keys start with this are message entries: [`Entry`] as JSON under
/// `history/<conversation>/<position>`. The engine writes and never loads them.
pub const HISTORY_PREFIX: &str = "history/";
/// Records whose keys start with this are what is known of a message besides its entry, under
/// `index/<conversation>/<sender>/<id>`: its position, and what others made of it. The engine reads
/// them when it needs them ([`Effect::Read`]); a host erases them with the conversation.
pub const INDEX_PREFIX: &str = "index/";
