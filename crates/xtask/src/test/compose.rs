//! Whether Docker's compose, where it is there, takes our files; it asks no daemon for that.

use std::process::{Command, Stdio};

use anyhow::Context;

use crate::{
    terminal::{run, say},
    workspace,
};

/// All of Snug, and the MFA service alone. What they say is held against our promises by
/// `tests/compose.rs`.
const FILES: [&str; 2] = ["docker-compose.yml", "crates/mfa/compose.yml"];

/// Lets compose read each file, with every profile and without anybody's `.env`.
pub(super) fn check() -> anyhow::Result<()> {
    let there = Command::new("docker")
        .args(["compose", "version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !there {
        say("  (no `docker compose` here: the tests of xtask read the files themselves)");
        return Ok(());
    }
    for name in FILES {
        run(Command::new("docker")
            .current_dir(workspace::root())
            .args(["compose", "--env-file", "/dev/null", "--profile", "*"])
            .args(["-f", name, "config", "--quiet"]))
        .context(name)?;
    }
    Ok(())
}
