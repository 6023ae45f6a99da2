//! Measures Snug beside its peers, on this machine, in one run: `cargo xtask bench` starts it.
//!
//! Peer and candidate take turns, five rounds each; what is reported are medians and ratios. The
//! servers are the real binaries over the real protocol on a PostgreSQL with `fsync`.

mod figures;
#[expect(dead_code, reason = "the scenarios that use all of it follow")]
mod load;
mod mfa;
#[expect(
    dead_code,
    unused_imports,
    reason = "the scenarios that use all of it follow"
)]
mod peers;
#[expect(dead_code, reason = "the scenarios that use all of it follow")]
mod snug;
#[expect(dead_code, reason = "the scenarios that use all of it follow")]
mod system;

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Measures and writes the figures as Markdown to standard output.
#[derive(Parser)]
struct Arguments {
    /// A Python with argon2-cffi
    #[arg(long, default_value = "python3")]
    python: PathBuf,
    /// The folder of the peers' programs
    #[arg(long, default_value = "crates/bench/peers")]
    peers: PathBuf,
    /// One scenario; all of them without it
    scenario: Option<Scenario>,
}

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scenario {
    /// Password hashes, beside argon2-cffi
    Hashes,
    /// Checks of time-based codes
    Codes,
    /// Checks of codes while people, or guessers, log in
    Flood,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut report = figures::Report::default();
    let wanted = |one| arguments.scenario.is_none_or(|scenario| scenario == one);
    if wanted(Scenario::Hashes) {
        mfa::hashes::run(&arguments.python, &arguments.peers, &mut report)?;
    }
    if wanted(Scenario::Codes) {
        mfa::codes::run(&mut report).await?;
    }
    if wanted(Scenario::Flood) {
        mfa::flood::run(&mut report).await?;
    }
    print!("{report}");
    Ok(())
}
