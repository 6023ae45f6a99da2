//! Telegram: codes go to a chat, and a chat becomes a factor by a one-time `/start` token.

mod bot;
mod listen;
mod poller;
mod start;
mod update;

pub use bot::{Bot, Refusal};
pub use listen::{listen, webhook_secret};
pub use poller::Poller;
pub(crate) use start::{add, matches_code, open_chat, username};
pub(crate) use update::{Update, handle};
