//! What was measured: a section for each scenario, kept as JSON in `docs/benchmarks/`, and the page
//! `docs/benchmarks.md` with its plots, rendered from all of them.

mod fit;
mod numbers;
mod page;
mod plot;
mod row;
mod section;
mod surroundings;

pub use self::{
    fit::Fit,
    numbers::{ROUNDS, mebibytes, median, milliseconds, percentile},
    page::render,
    plot::{Axis, Plot},
    row::{Bar, Limit},
    section::Section,
};
