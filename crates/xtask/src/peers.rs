//! The programs that benchmarks compare with: their packages, installed under `target/`.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;

use crate::{
    frontend, machine, python,
    terminal::{run, step},
    workspace,
};

/// Where the peers are in the repository.
const SOURCES: &str = "crates/bench/peers";

/// Sees to it that every peer can be started; returns the arguments that tell `bench` where.
///
/// # Errors
/// When a package cannot be had.
pub fn install() -> anyhow::Result<Vec<OsString>> {
    let sources = workspace::path(SOURCES);
    let node = node(&sources.join("node"))?;
    let flask = python::environment("bench-flask", &sources.join("flask/requirements.txt"))?;
    programs()?;
    let pairs = [("--peers", sources), ("--node", node), ("--flask", flask)];
    let arguments = pairs.map(|(name, path)| [name.into(), path.into_os_string()]);
    Ok(arguments.into_iter().flatten().collect())
}

/// The Node server with its packages: a folder, since Node looks for packages beside the program.
fn node(source: &Path) -> anyhow::Result<PathBuf> {
    machine::check_node()?;
    let folder = workspace::target().join("bench/node");
    let marker = folder.join("snug-mark");
    let lock = source.join("package-lock.json");
    let mark = workspace::fingerprint(&[source.join("package.json"), lock], "")?;
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    for file in ["package.json", "package-lock.json", "server.mjs"] {
        fs::copy(source.join(file), folder.join(file)).with_context(|| file.to_owned())?;
    }
    if fs::read_to_string(&marker).is_ok_and(|made| made == mark) {
        return Ok(folder);
    }
    step("Getting Node packages for the benchmarks", || {
        run(frontend::npm(&["ci", "--no-progress"]).current_dir(&folder))
    })?;
    fs::write(&marker, mark).with_context(|| marker.display().to_string())?;
    Ok(folder)
}

/// nginx, and wrk that asks it and the gateway.
fn programs() -> anyhow::Result<()> {
    const ADVICE: &str = "nginx or wrk is missing: install them (Debian: nginx-light wrk)";
    // Debian puts nginx where people who are not root do not look.
    let nginx = machine::find("nginx").is_some() || Path::new("/usr/sbin/nginx").exists();
    if !nginx || machine::find("wrk").is_none() {
        machine::install(&["nginx-light", "wrk"], ADVICE)?;
    }
    Ok(())
}
