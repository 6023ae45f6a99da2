//! The Rust side: format, generated files, lints, tests.

use std::process::{Command, Stdio};

use super::Report;
use crate::{
    bench, machine,
    postgres::{Cluster, Durability},
    prepare,
    terminal::run_test as run_command,
    types, workspace,
};

/// Runs all of it against a scratch cluster.
pub(super) fn run(report: &mut Report) -> anyhow::Result<()> {
    report.step("format", || {
        run_command(workspace::cargo().args(["fmt", "--all", "--check"]))?;
        run_command(fuzz("fmt").args(["--all", "--check"]))
    })?;
    let cluster = Cluster::scratch(Durability::None)?;
    report.step("query data", || prepare::refresh(&cluster, true))?;
    report.step("lints", || {
        run_command(workspace::cargo().args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--features=e2ee/fuzzing,engine/fuzzing",
            "--quiet",
            "--",
            "-D",
            "warnings",
        ]))?;
        run_command(
            fuzz("clippy")
                .args(["--no-default-features", "--all-targets", "--quiet"])
                .arg("--target-dir")
                .arg(workspace::target())
                .args(["--", "-D", "warnings"]),
        )
    })?;
    report.step("generated types", || types::run(true))?;
    // The binaries too: system and browser tests run them.
    report.step("build", || {
        run_command(workspace::cargo().args(["build", "--workspace", "--all-targets", "--quiet"]))
    })?;
    report.step("a Redis", machine::redis)?;
    report.step("benchmarks, a moment of each", bench::smoke)?;
    report.step("Rust tests", || tests(&cluster, Run::Everything))?;
    // The same from outside: nobody may notice how many chat servers there are.
    report.step("system tests on two nodes", || {
        tests(&cluster, Run::TwoNodes)
    })?;
    // On stable Rust: seeds, changed seeds and the inputs that were kept. What the workspace built
    // already is not built again.
    report.step("fuzz targets", || {
        run_command(
            fuzz("test")
                .args(["--no-default-features", "--quiet", "--target-dir"])
                .arg(workspace::target()),
        )
    })
}

/// A command of Cargo in the workspace of the fuzz targets.
fn fuzz(command: &str) -> Command {
    let mut cargo = workspace::cargo();
    cargo.current_dir(workspace::path("fuzz")).arg(command);
    cargo
}

/// What is run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    /// Every test, one chat server.
    Everything,
    /// The system tests alone, two chat servers. With the packages and features of the whole, so
    /// that nothing is compiled again.
    TwoNodes,
}

fn tests(cluster: &Cluster, run: Run) -> anyhow::Result<()> {
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
        if run == Run::TwoNodes {
            command.env("SNUG_TEST_NODES", "2");
        }
        run_command(&mut command)
    };
    match (run, nextest) {
        (Run::Everything, true) => {
            cargo(&["nextest", "run", "--workspace", "--no-fail-fast"])?;
            cargo(&["test", "--workspace", "--doc", "--quiet"])
        }
        (Run::Everything, false) => cargo(&["test", "--workspace", "--no-fail-fast"]),
        (Run::TwoNodes, true) => cargo(&[
            "nextest",
            "run",
            "--workspace",
            "--no-fail-fast",
            "--filterset=binary(system)",
        ]),
        (Run::TwoNodes, false) => {
            cargo(&["test", "--workspace", "--test=system", "--no-fail-fast"])
        }
    }
}
