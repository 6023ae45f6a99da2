//! The whole stack for tests: three real servers on free ports, fresh databases, a throw-away CA,
//! and people with devices that run the real engine over real sockets.
//!
//! The servers are the built binaries, so that their logs can be searched and they can be killed;
//! `cargo xtask test` builds them first. `TEST_DATABASE_URL` names the cluster.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "for tests: a failure is a panic"
)]

mod certificates;
mod device;
mod person;
mod port;
mod process;
mod raw;
pub mod socket;
mod stack;
mod wait;

pub use device::Device;
pub use person::Person;
pub use raw::{RawDevice, fresh_id};
pub use stack::{Server, Stack};
pub use wait::until;
