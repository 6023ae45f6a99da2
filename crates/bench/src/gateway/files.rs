//! A frontend of two files, one of them a script as small as most are.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Context;
use flate2::{Compression, write::GzEncoder};

/// The folder, below the place that [`write`] is given.
pub const FOLDER: &str = "frontend";
/// The script, as a bundler names it.
pub const PATH: &str = "/assets/server-D4pYx0aB.js";

/// Writes the folder. The gateway compresses by itself when it starts; nginx takes the same bytes
/// from the file beside it.
///
/// # Errors
/// When a file cannot be read or written.
pub fn write(place: &Path, peers: &Path) -> anyhow::Result<PathBuf> {
    let folder = place.join(FOLDER);
    let script = folder.join(PATH.trim_start_matches('/'));
    let source = peers.join("node/server.mjs");
    let text = fs::read(&source).with_context(|| source.display().to_string())?;
    fs::create_dir_all(folder.join("assets"))?;
    fs::write(
        folder.join("index.html"),
        "<!doctype html><title>Snug</title>",
    )?;
    fs::write(&script, &text)?;
    let mut packed = GzEncoder::new(Vec::new(), Compression::new(6));
    packed.write_all(&text)?;
    fs::write(script.with_extension("js.gz"), packed.finish()?)?;
    Ok(folder)
}
