//! Whole rooms: devices on one side, the server's public group on the other.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod absent;
mod conversation;
mod groups;
mod invitations;
mod policy;
#[cfg(feature = "post-quantum")]
mod post_quantum;
mod support;
