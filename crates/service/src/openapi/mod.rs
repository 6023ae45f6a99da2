//! The OpenAPI document of a server: finished from what its handlers declare, and served.
//!
//! A handler declares what is its own: success, scopes and, as `x-problems`, the problem codes it
//! refuses with. What follows from the kind of request is added here, so that it is never
//! forgotten: parameters inside the path, problems of bodies and of the server itself.

mod finish;
mod page;

pub use finish::{Common, Operation, finish};
pub use page::{routes, routes_below};
