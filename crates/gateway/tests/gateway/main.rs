//! The gateway from outside: pages, forwarded requests, tunnels, limits, drain.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod debug_log;
mod forwarding;
mod http2;
mod limits;
mod nodes;
mod pages;
mod tunnels;
mod wire;
mod world;

const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);
