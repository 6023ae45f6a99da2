//! The MFA service: accounts, second factors, challenges and signed assertions for applications.
//!
//! It is a product of its own: chat is its first client application, not its owner.

mod amr;
mod answer;
pub mod app;
pub mod arguments;
pub mod assertion;
mod batch;
mod budget;
mod client;
pub mod clock;
pub mod codes;
pub mod commands;
pub mod config;
mod email_factor;
mod enrolment;
mod error;
pub mod factor_reset;
mod http;
mod idempotency;
mod identity;
pub mod keys;
mod limits;
mod methods;
pub mod notify;
mod openapi;
mod passkeys;
pub mod passwords;
mod policy;
mod puzzle;
mod reads;
mod remember;
mod router;
mod settle;
mod sign_in;
mod signing;
mod start;
mod store;
mod stuffing;
pub mod telegram;
pub mod totp;
mod try_page;
pub mod vault;
pub mod webhooks;
mod words;

pub use app::App;
pub use router::{document, router};
pub use start::{keep_house, open, serve, serve_with, worker};

/// The database's migrations.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();
