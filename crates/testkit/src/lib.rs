//! The whole stack for tests: three real servers on free ports, fresh databases, a throw-away CA,
//! and people with devices that run the real engine over real sockets.
//!
//! The servers are the built binaries, so that their logs can be searched and they can be killed;
//! `cargo xtask test` builds them first. `TEST_DATABASE_URL` names the cluster; `SNUG_TEST_NODES=2`
//! starts every stack with two chat servers and a Redis.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "for tests: a failure is a panic"
)]

mod certificates;
mod clients;
mod device;
mod friends;
pub mod hostile;
mod mails;
mod memory;
mod person;
mod port;
mod process;
mod raw;
mod redis;
mod relay;
mod search;
mod server;
pub mod socket;
mod stack;
mod tap;
mod wait;

pub use certificates::issue as issue_certificates;
pub use clients::clients;
pub use device::Device;
pub use friends::friends;
pub use person::Person;
pub use port::Port;
pub use raw::{Envelope, RawClient, RawDevice, fresh_id};
pub use search::{Found, Haystack};
pub use server::Server;
pub use stack::{Stack, dump_of};
pub use tap::Tap;
pub use wait::until;
