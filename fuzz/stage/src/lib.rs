//! A device of the engine's simulation with its records, and what comes to it: the stage of the
//! targets `state` and `steps`. The simulated world itself is the one of the engine's tests.

// It has more than is played here.
#![allow(dead_code, missing_docs, unused_imports, clippy::unwrap_used)]

#[path = "../../../crates/engine/tests/simulation/acts.rs"]
mod acts;
#[path = "../../../crates/engine/tests/simulation/chaos.rs"]
mod chaos;
mod device;
mod line;
#[path = "../../../crates/engine/tests/simulation/node.rs"]
mod node;
mod play;
#[path = "../../../crates/engine/tests/simulation/server/mod.rs"]
mod server;
#[path = "../../../crates/engine/tests/simulation/wire.rs"]
mod wire;
#[path = "../../../crates/engine/tests/simulation/world.rs"]
mod world;

pub use device::{Device, Disk, state_of};
pub use line::Line;
pub use play::{Play, play};
