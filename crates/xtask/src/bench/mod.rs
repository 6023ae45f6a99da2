//! `cargo xtask bench`: builds for speed, gets the peers, measures beside them, writes
//! `docs/benchmarks.md`.

mod peers;
mod scenario;

use std::{
    fs,
    io::Write as _,
    process::{Command, Stdio},
};

use anyhow::ensure;
use clap::{Args, Subcommand};

use self::{peers::Peer, scenario::Scenario};
use crate::{
    frontend, machine,
    postgres::{Cluster, Durability},
    signals,
    stack::Profile,
    terminal::{self, say, step},
    wasm, workspace,
};

const FILE: &str = "docs/benchmarks.md";

/// What to do.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Options {
    #[command(subcommand)]
    instead: Option<Instead>,
    /// What is measured; everything without it
    #[arg(value_enum)]
    scenarios: Vec<Scenario>,
}

#[derive(Subcommand)]
enum Instead {
    /// Only write the page from what was measured before
    Render,
    /// Search and messages in Chromium; prints their times as JSON
    Browser {
        /// A few rounds and a small room, to see that it works
        #[arg(long)]
        smoke: bool,
    },
    /// A short run of debug builds that looks at counts and order, never at times
    Smoke {
        /// What is run; some that together do all without it
        #[arg(value_enum)]
        scenarios: Vec<Scenario>,
    },
}

/// Measures on a quiet machine: everything else that runs is in the figures.
///
/// # Errors
/// When something does not build, start, answer or count as it must.
pub fn run(options: Options) -> anyhow::Result<()> {
    signals::watch();
    match options.instead {
        None => measure(&Scenario::or_all(options.scenarios)),
        Some(Instead::Render) => {
            let mut render = workspace::cargo();
            terminal::run(render.args(["run", "--quiet", "-p", "bench"]))?;
            written();
            Ok(())
        }
        Some(Instead::Browser { smoke }) => browser(smoke),
        Some(Instead::Smoke { scenarios }) => {
            build(Profile::Debug, true)?;
            match &scenarios[..] {
                [] => smoke(),
                named => smoke_of(named),
            }
        }
    }
}

/// Runs what can be run for a moment; everything is built.
///
/// # Errors
/// When something does not start, answer or count as it must.
pub fn smoke() -> anyhow::Result<()> {
    smoke_of(&Scenario::SHORT)
}

/// Prints what was measured in Chromium, and leaves it for the scenario that reads it.
fn browser(smoke: bool) -> anyhow::Result<()> {
    frontend::packages()?;
    let module = wasm::build_for_bench()?;
    let mut bench = frontend::npm(&["run", "--silent", "bench:browser"]);
    bench.env("BENCH_WASM", module).stderr(Stdio::inherit());
    if smoke {
        bench.args(["--", "--smoke"]);
    }
    if let Some(chromium) = machine::chromium() {
        bench.env("SNUG_CHROMIUM", chromium);
    }
    let measured = bench.output()?;
    ensure!(measured.status.success(), "Chromium measured nothing");
    std::io::stdout().write_all(&measured.stdout)?;
    if !smoke {
        fs::write(
            workspace::target().join("tmp/browser.json"),
            measured.stdout,
        )?;
    }
    Ok(())
}

fn measure(scenarios: &[Scenario]) -> anyhow::Result<()> {
    build(
        Profile::Release,
        scenarios.iter().any(|one| one.has_servers()),
    )?;
    let needed = |peer: &Peer| scenarios.iter().any(|one| one.peers().contains(peer));
    for peer in Peer::ALL.into_iter().filter(needed) {
        peer.install()?;
    }
    for scenario in scenarios {
        step(&format!("Measuring {}", scenario.name()), || {
            if *scenario == Scenario::Encryption {
                measure_e2ee()?;
            }
            let cluster = Cluster::scratch(Durability::Full)?;
            let mut versions = vec![cluster.version()?, peers::rust()?];
            for peer in scenario.peers() {
                versions.extend(peer.versions()?);
            }
            let mut bench = program(Profile::Release, *scenario, &cluster);
            bench
                .env(
                    "BENCH_COMMAND",
                    format!("cargo xtask bench {}", scenario.name()),
                )
                .env("BENCH_VERSIONS", versions.join("; "));
            terminal::run(&mut bench)
        })?;
    }
    written();
    Ok(())
}

/// The benchmarks that lie with the crate and with the page; the scenario reads what they leave.
fn measure_e2ee() -> anyhow::Result<()> {
    let mut criterion = workspace::cargo();
    criterion.args(["bench", "-p", "e2ee", "--", "--noplot"]);
    terminal::run(&mut criterion)?;
    browser(false)
}

fn smoke_of(scenarios: &[Scenario]) -> anyhow::Result<()> {
    for scenario in scenarios {
        // Other peers have to be got first: their part is left out.
        if scenario.peers().contains(&Peer::Node) {
            Peer::Node.install()?;
        }
        // Peers refuse a database that could lose what it acknowledged.
        let cluster = Cluster::scratch(Durability::Full)?;
        let mut bench = program(Profile::Debug, *scenario, &cluster);
        terminal::run_test(bench.arg("--smoke"))?;
    }
    Ok(())
}

fn build(profile: Profile, servers: bool) -> anyhow::Result<()> {
    let mut cargo = workspace::cargo();
    cargo.args(["build", "--bins", "-p", "bench"]);
    if servers {
        cargo.args(["-p", "chat", "-p", "gateway", "-p", "mfa"]);
    }
    step("Building what is measured", || {
        terminal::run(cargo.args(profile.flags()))
    })
}

fn program(profile: Profile, scenario: Scenario, cluster: &Cluster) -> Command {
    let mut bench = Command::new(profile.program("bench"));
    bench
        .arg(scenario.name())
        .arg("--node")
        .arg(peers::node())
        .arg("--python")
        .arg(peers::python("bench"))
        .arg("--flask")
        .arg(peers::python("bench-flask"))
        .arg("--target")
        .arg(workspace::target())
        .env("TEST_DATABASE_URL", cluster.scratch_url("postgres"))
        .current_dir(workspace::root());
    bench
}

fn written() {
    say(&format!("{FILE} is written"));
}
