//! The Rust side: format, generated files, lints, tests.

use std::process::{Command, Stdio};

use super::Report;
use crate::{
    postgres::{Cluster, Durability},
    prepare,
    terminal::run as run_command,
    types, workspace,
};

/// Runs all of it against a scratch cluster.
pub(super) fn run(report: &mut Report) -> anyhow::Result<()> {
    report.step("format", || {
        run_command(workspace::cargo().args(["fmt", "--all", "--check"]))
    })?;
    let cluster = Cluster::scratch(Durability::None)?;
    report.step("query data", || prepare::refresh(&cluster, true))?;
    report.step("lints", || {
        run_command(workspace::cargo().args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--quiet",
            "--",
            "-D",
            "warnings",
        ]))
    })?;
    report.step("generated types", || types::run(true))?;
    // The binaries too: system and browser tests run them.
    report.step("build", || {
        run_command(workspace::cargo().args(["build", "--workspace", "--all-targets", "--quiet"]))
    })?;
    report.step("Rust tests", || tests(&cluster))
}

fn tests(cluster: &Cluster) -> anyhow::Result<()> {
    let nextest = Command::new("cargo-nextest")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    let url = cluster.scratch_url("postgres");
    let cargo = |arguments: &[&str]| {
        let mut command = workspace::cargo();
        command.args(arguments).env("TEST_DATABASE_URL", &url);
        run_command(&mut command)
    };
    if nextest {
        cargo(&["nextest", "run", "--workspace", "--no-fail-fast"])?;
        cargo(&["test", "--workspace", "--doc", "--quiet"])
    } else {
        cargo(&["test", "--workspace", "--no-fail-fast"])
    }
}
