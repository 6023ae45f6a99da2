//! System tests: the real servers, real sockets, the real engine.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod absent;
mod bad_input;
mod conversations;
mod devices;
mod failures;
mod groups;
mod hostile;
mod linking;
mod order;
mod pictures;
mod post_quantum;
mod recovery;
mod revoked;
mod secrets;
mod sessions;
mod set_back;
mod sign_up;
mod tale;
