//! The archive: what this device could read, sealed for my devices and kept by the server.
//!
//! [`upload`] keeps what comes, [`list`] tells of rooms that were left, [`load`] brings what was
//! before, [`look`] looks at it again, [`fill`] takes through what was there before it was switched
//! on, [`answers`] hears the server;
//! [`line`] is what is sealed, [`newer`] what a later version sealed, [`marks`] tells which of two
//! lines knows more.

mod answers;
mod fill;
pub(crate) mod late;
pub(crate) mod line;
mod list;
mod load;
mod look;
mod marks;
mod missing;
mod newer;
mod upload;

pub(crate) use fill::Fill;
pub(crate) use line::Line;
pub(crate) use load::Reading;
pub(crate) use marks::Marks;
pub(crate) use missing::Missing;
pub(crate) use newer::KIND as NEWER;
pub(crate) use upload::{Keeping, Kept, KeptPlace};
