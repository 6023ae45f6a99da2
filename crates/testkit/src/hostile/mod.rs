//! Hostile clients: what tests hold servers against, and what benchmarks measure.

mod flood;
mod strangers;
mod wire;

use std::time::Duration;

pub use flood::{Flood, flood, flood_unread};
pub use strangers::{Way, strangers};
pub use wire::Wire;

use crate::Server;

/// Servers that strangers reach.
const OUTSIDE: [Server; 2] = [Server::Gateway, Server::Chat];
/// Far beyond what anything here takes.
const PATIENCE: Duration = Duration::from_secs(300);
