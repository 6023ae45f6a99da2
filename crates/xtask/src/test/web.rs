//! The browser side: the engine as wasm, and the frontend's own checks.

use super::Report;
use crate::{
    frontend::{self, npm},
    terminal::run_test as run_command,
    wasm,
};

/// Runs all of it.
pub(super) fn run(report: &mut Report) -> anyhow::Result<()> {
    report.step("frontend packages", frontend::packages)?;
    report.step("engine for browsers", wasm::build)?;
    for (title, script) in [
        ("frontend format", "format:check"),
        ("frontend lints", "lint"),
        ("frontend types", "typecheck"),
        ("frontend unit tests", "test"),
    ] {
        report.step(title, || {
            run_command(&mut npm(&["run", "--silent", script]))
        })?;
    }
    report.step("frontend build", || frontend::build().map(drop))?;
    report.step(
        "frontend build, the same bytes again",
        frontend::build_again,
    )
}
