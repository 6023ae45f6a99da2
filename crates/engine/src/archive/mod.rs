//! The archive: what this device could read, sealed for my devices and kept by the server.
//!
//! [`upload`] keeps what comes, [`load`] brings what was before; [`line`] is what is sealed.

pub(crate) mod line;
mod load;
mod upload;

pub(crate) use load::{Missing, Reading};
pub(crate) use upload::{Keeping, Kept, KeptPlace};
