//! `cargo xtask bench`: builds for speed, measures beside the peers, writes `docs/benchmarks.md`.

use std::{fs, process::Command};

use anyhow::Context;

use crate::{
    machine,
    postgres::{Cluster, Durability},
    python, signals,
    terminal::{self, output, say},
    workspace,
};

const FILE: &str = "docs/benchmarks.md";

/// Measures on a quiet machine: everything else that runs is in the figures.
///
/// # Errors
/// When something does not build, start or answer as it must.
pub fn run() -> anyhow::Result<()> {
    signals::watch();
    let python = python::environment(
        "bench",
        &workspace::path("crates/bench/peers/requirements.txt"),
    )?;
    let packages = ["-p", "mfa", "-p", "bench"];
    terminal::run(
        workspace::cargo()
            .args(["build", "--release", "--bins"])
            .args(packages),
    )?;
    let cluster = Cluster::scratch(Durability::Full)?;
    let table = output(
        Command::new(workspace::target().join("release/bench"))
            .arg("--python")
            .arg(python)
            .env("TEST_DATABASE_URL", cluster.scratch_url("postgres"))
            .current_dir(workspace::root()),
    )?;
    let date = output(Command::new("date").args(["-u", "+%Y-%m-%d"]))?;
    let text = format!(
        "# Benchmarks\n\n\
         `cargo xtask bench` wrote this page. Peers and Snug take turns, five rounds each: medians, \
         with the smallest and the largest in brackets. The servers are the released binaries over \
         TLS on loopback, with a PostgreSQL that syncs every commit to disk; client and server \
         share the machine.\n\n\
         Measured on {}: {}.\n\n## Accounts and codes\n\n{table}",
        date.trim(),
        machine::description(),
    );
    fs::write(workspace::path(FILE), text).context(FILE)?;
    say(&format!("{FILE} is written"));
    Ok(())
}
