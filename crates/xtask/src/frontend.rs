//! The frontend: its packages and its build.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::Context;

use crate::{
    machine, manifest,
    terminal::{run, step},
    workspace,
};

/// npm, in the frontend's folder.
pub fn npm(arguments: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command
        .current_dir(workspace::path("frontend"))
        .args(arguments);
    command
        .env("npm_config_fund", "false")
        .env("npm_config_audit", "false");
    command.env("npm_config_update_notifier", "false");
    command
}

/// Installs the packages of package-lock.json unless they are there.
///
/// # Errors
/// When Node is missing or npm fails.
pub fn packages() -> anyhow::Result<()> {
    machine::check_node()?;
    let frontend = workspace::path("frontend");
    let changed = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
    let installed = changed(&frontend.join("node_modules/.package-lock.json"));
    let wanted = changed(&frontend.join("package-lock.json"));
    if installed.is_some() && installed >= wanted {
        return Ok(());
    }
    step("Installing the frontend's packages", || {
        run(&mut npm(&["ci", "--no-progress"]))
    })
    .context("the frontend's packages cannot be installed; is there a network?")
}

/// Builds into frontend/dist, with its manifest, unless nothing changed since the last time; returns
/// that folder.
///
/// # Errors
/// When the build fails.
pub fn build() -> anyhow::Result<PathBuf> {
    let frontend = workspace::path("frontend");
    let dist = frontend.join("dist");
    let inputs = [
        "src",
        "build",
        "public",
        "index.html",
        "package-lock.json",
        "package.json",
        "tsconfig.json",
        "vite.config.ts",
    ]
    .map(|part| frontend.join(part));
    let state = workspace::fingerprint(&inputs, "")?;
    let stamp = workspace::target().join("frontend.stamp");
    let standing = fs::read_to_string(&stamp).unwrap_or_default();
    if standing == state && dist.join(manifest::NAME).exists() {
        return Ok(dist);
    }
    step("Building the frontend", || {
        run(npm(&["run", "build", "--silent", "--", "--logLevel", "warn"]).stdin(Stdio::null()))
    })?;
    manifest::refresh(&dist)?;
    fs::write(&stamp, state).with_context(|| stamp.display().to_string())?;
    Ok(dist)
}

/// Builds once more into a folder beside: the same sources have to give the same bytes, or nobody
/// could check a build by making it.
///
/// # Errors
/// When the build fails or differs; the files that do are named.
pub fn build_again() -> anyhow::Result<()> {
    let dist = build()?;
    let beside = tempfile::Builder::new().prefix("snug-build-").tempdir()?;
    let folder = beside.path().to_string_lossy();
    let arguments = ["run", "build", "--silent", "--", "--logLevel", "warn"];
    let into = ["--emptyOutDir", "--outDir", &folder];
    run(npm(&arguments).args(into).stdin(Stdio::null()))?;
    manifest::expect_same(&dist, beside.path())
}
