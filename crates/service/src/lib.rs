//! What the three servers share: the accept loop, TLS, problem replies, request ids, logs, metrics,
//! health, configuration and shutdown.
//!
//! A server builds its `axum::Router`, wraps it by [`layers()`] and hands it to [`serve()`].

pub mod admin;
pub mod config;
#[cfg(feature = "database")]
pub mod database;
mod extract;
mod fallback;
mod idle_body;
mod json;
mod layers;
mod memory;
pub mod metrics;
#[cfg(feature = "openapi")]
pub mod openapi;
mod peer;
mod problem;
mod request_id;
mod serve;
pub mod shutdown;
pub mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
pub mod tls;
mod trace;
mod written;

pub use extract::{Path, Query};
pub use fallback::{fallback, method_not_allowed};
pub use idle_body::{IdleBody, Rest};
pub use json::Json;
pub use layers::{Stack, guard, layers};
pub use peer::Peer;
pub use problem::Problem;
pub use request_id::{REQUEST_ID, RequestId};
pub use serve::{Limits, serve};
pub use written::Written;
