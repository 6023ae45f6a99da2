//! Telegram: codes go to a chat, and a chat becomes a factor by a one-time `/start` token.

mod bot;
mod handle;
mod listen;
mod poller;
mod reply;
mod start;
mod update;

pub use bot::Bot;
pub(crate) use handle::handle;
pub use listen::{listen, webhook_secret};
pub use poller::Poller;
pub use reply::Refusal;
pub(crate) use start::{add, matches_code, open_chat, username};
pub(crate) use update::Update;
