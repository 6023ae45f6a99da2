//! What this machine has, and what can be got for it.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, bail};
use nix::unistd::geteuid;

use crate::terminal;

/// The path of a program on PATH.
pub fn find(program: &str) -> Option<PathBuf> {
    let paths = env::var_os("PATH")?;
    env::split_paths(&paths)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

/// Installs Debian packages when we may; otherwise says how.
///
/// # Errors
/// With `advice` when this is no Debian or we are not root.
pub fn install(packages: &[&str], advice: &str) -> anyhow::Result<()> {
    if !geteuid().is_root() || find("apt-get").is_none() {
        bail!("{advice}");
    }
    terminal::step(&format!("Installing {}", packages.join(", ")), || {
        let apt = |arguments: &[&str]| {
            terminal::run(
                Command::new("apt-get")
                    .args(["-q", "-o", "DPkg::Lock::Timeout=120"])
                    .args(arguments)
                    .env("DEBIAN_FRONTEND", "noninteractive")
                    .stdout(Stdio::null()),
            )
        };
        let want = [&["install", "-y", "--no-install-recommends"], packages].concat();
        // The package lists may be old or missing: a second try after fetching them.
        if apt(&want).is_err() {
            apt(&["update"]).context("apt-get update")?;
            apt(&want).with_context(|| advice.to_owned())?;
        }
        Ok(())
    })
}

/// Checks that Node is there and new enough.
///
/// # Errors
/// With how to get it.
pub fn check_node() -> anyhow::Result<()> {
    const ADVICE: &str = "install Node 20.19 or newer from https://nodejs.org";
    if find("node").is_none() || find("npm").is_none() {
        bail!("Node is missing: {ADVICE}");
    }
    let version = terminal::output(Command::new("node").arg("--version"))?;
    let mut parts = version
        .trim()
        .trim_start_matches('v')
        .split('.')
        .map(str::parse::<u32>);
    let (Some(Ok(major)), Some(Ok(minor))) = (parts.next(), parts.next()) else {
        bail!("node --version says {}; {ADVICE}", version.trim());
    };
    if (major, minor) < (20, 19) {
        bail!("Node {} is too old: {ADVICE}", version.trim());
    }
    Ok(())
}

/// Sees to it that there is a Redis for tests.
///
/// # Errors
/// With how to install it.
pub fn redis() -> anyhow::Result<()> {
    const PROGRAM: &str = "redis-server";
    const ADVICE: &str = "Redis is missing: install it with `sudo apt install redis-server` \
                          (Debian, Ubuntu) or `brew install redis` (macOS)";
    if find(PROGRAM).is_none() {
        install(&[PROGRAM], ADVICE)?;
    }
    Ok(())
}

/// A Chromium for browser tests: the system's, or none when Playwright brings its own.
pub fn chromium() -> Option<PathBuf> {
    find("chromium")
        .or_else(|| find("chromium-browser"))
        .filter(|path| !is_snap(path))
}

/// Ubuntu's `chromium` is a script that wants snapd.
fn is_snap(path: &Path) -> bool {
    std::fs::read(path).is_ok_and(|bytes| {
        bytes.len() < 20_000
            && String::from_utf8_lossy(&bytes).contains("snap")
            && !String::from_utf8_lossy(&bytes).contains("/usr/lib/chromium")
    })
}
