//! Measures Snug beside its peers, on this machine, in one run: `cargo xtask bench` starts it, a
//! process for each scenario.
//!
//! Peer and candidate take turns, five rounds each; what is reported are medians and ratios. The
//! servers are the real binaries over the real protocol on a PostgreSQL with `fsync`.

mod chat;
mod encryption;
mod gateway;
mod hostile;
mod load;
mod mfa;
mod peers;
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "the scenarios that use all of it follow")
)]
mod report;
mod scenario;
mod snug;
mod system;

use std::path::PathBuf;

use clap::{Args, Parser};
use tokio::{
    runtime::{Builder, Runtime},
    task::LocalSet,
};

use scenario::Scenario;

/// Measures, and writes the figures to docs/benchmarks/ and the page.
#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    places: Places,
    /// A short run that looks at counts and order, never at times, and writes nothing
    #[arg(long)]
    smoke: bool,
    /// What is measured; without it, only the page is written from what was measured before
    scenario: Option<Scenario>,
}

/// Where a run finds what it needs.
#[derive(Args)]
pub struct Places {
    /// Peers of the same job as ours
    #[command(flatten)]
    pub installed: peers::Installed,
    /// A Python with argon2-cffi
    #[arg(long, default_value = "target/python/bench/bin/python")]
    pub python: PathBuf,
    /// Cargo's folder, in which benchmarks of single crates leave their figures
    #[arg(long, default_value = "target")]
    pub target: PathBuf,
    /// The folder of the page, with a folder for the figures
    #[arg(long, default_value = "docs")]
    docs: PathBuf,
}

fn main() -> anyhow::Result<()> {
    let Arguments {
        places,
        smoke,
        scenario,
    } = Arguments::parse();
    if let Some(scenario) = scenario {
        let run = scenario.run(&places, smoke);
        let section = runtime(scenario)?.block_on(LocalSet::new().run_until(run))?;
        if smoke {
            return Ok(());
        }
        if let Some(section) = section {
            section.save(&places.docs.join("benchmarks"))?;
        }
    }
    report::render(&places.docs)
}

/// One thread for a load generator, so that its cost can be told; all cores for clients that only
/// have to be fast.
fn runtime(scenario: Scenario) -> anyhow::Result<Runtime> {
    let mut builder = if scenario.is_on_one_thread() {
        Builder::new_current_thread()
    } else {
        Builder::new_multi_thread()
    };
    Ok(builder.enable_all().build()?)
}
