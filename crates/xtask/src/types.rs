//! The frontend's types, written from the crates that own them.

use std::fs;

use anyhow::{Context, bail};

use crate::{
    terminal::{output, say},
    workspace,
};

/// `cargo xtask types`: writes the generated files, or with `check` only compares them.
///
/// # Errors
/// When a file is stale (`check`) or cannot be written.
pub fn run(check: bool) -> anyhow::Result<()> {
    // The engine renders its own: as a dependency it would make every task compile MLS first.
    let engine = output(workspace::cargo().args([
        "run",
        "--quiet",
        "--package",
        "engine",
        "--features",
        "typescript",
        "--example",
        "typescript",
    ]))?;
    for (file, text) in [
        (
            "frontend/src/protocol.gen.ts",
            protocol::typescript::render(),
        ),
        ("frontend/src/core/engine.gen.ts", engine),
    ] {
        let path = workspace::path(file);
        if fs::read_to_string(&path).unwrap_or_default() == text {
            continue;
        }
        if check {
            bail!("{file} is stale; run `cargo xtask types`");
        }
        fs::write(&path, text).with_context(|| file.to_owned())?;
        say(&format!("{file} written"));
    }
    Ok(())
}
