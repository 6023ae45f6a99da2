//! `cargo xtask test`: everything that must hold, in the order in which it fails soonest.

mod browser;
mod compose;
mod rust;
mod services;
mod web;

use std::time::{Duration, Instant};

use clap::ValueEnum;

use crate::{
    signals,
    terminal::{paint, say, took},
};

/// A part of the test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Format, lints, generated files, and all Rust tests with a database
    Rust,
    /// Running services against their OpenAPI documents, the example applications, and another
    /// implementation of MLS
    Services,
    /// The wasm build, and the frontend's format, lints, types, unit tests and build
    Web,
    /// Browsers against the real stack
    E2e,
}

/// Runs one part or all of them; stops at the first failure.
///
/// # Errors
/// The failure, after a summary.
pub fn run(part: Option<Part>) -> anyhow::Result<()> {
    signals::watch();
    // Asked for now: the build of all tests puts a new file in this one's place, after which the
    // kernel names a deleted one.
    let xtask = std::env::current_exe()?;
    let mut report = Report::default();
    let wanted = |one: Part| part.is_none_or(|part| part == one);
    let all = |report: &mut Report| {
        if wanted(Part::Rust) {
            rust::run(report)?;
        }
        if wanted(Part::Services) {
            services::run(report)?;
        }
        if wanted(Part::Web) {
            web::run(report)?;
        }
        if part.is_none() {
            report.step("compose file", compose::check)?;
        }
        if wanted(Part::E2e) {
            browser::run(report, wanted(Part::Rust), &xtask)?;
        }
        anyhow::Ok(())
    };
    let result = all(&mut report);
    report.print();
    result
}

/// What was done, how long it took, how it went.
#[derive(Default)]
pub(crate) struct Report(Vec<(String, Duration, bool)>);

impl Report {
    /// Does one step and notes it.
    pub(crate) fn step(
        &mut self,
        title: &str,
        work: impl FnOnce() -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        say(&format!("{} {title}", paint("1;36", "→")));
        let started = Instant::now();
        let result = work();
        self.0
            .push((title.to_owned(), started.elapsed(), result.is_ok()));
        result
    }

    fn print(&self) {
        say("");
        for (title, time, passed) in &self.0 {
            let mark = if *passed {
                paint("32", "passed")
            } else {
                paint("1;31", "FAILED")
            };
            say(&format!("  {mark}  {title} ({})", took(*time)));
        }
        let failed = self.0.iter().filter(|(_, _, passed)| !passed).count();
        say(&format!(
            "  {} steps passed, {failed} failed",
            self.0.len() - failed
        ));
    }
}
