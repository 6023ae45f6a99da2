//! Our side: people and rooms in a database of their own, and the servers.

mod servers;
mod world;

pub use servers::{Servers, forgetful};
pub use world::{PAYLOAD, World};
