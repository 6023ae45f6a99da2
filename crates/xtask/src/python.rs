//! Python programs of this repository: each set has an environment of its own under `target/`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::Context;

use crate::{machine, terminal, workspace};

const ADVICE: &str = "install Python 3 with its venv module (Debian: python3 python3-venv)";

/// The interpreter of an environment with what a requirements file lists; made when it is missing
/// or the file has changed.
///
/// # Errors
/// When Python is missing, or a package cannot be had.
pub fn environment(name: &str, requirements: &Path) -> anyhow::Result<PathBuf> {
    let mark = workspace::fingerprint(&[requirements.to_owned()], "")?;
    let folder = workspace::target().join("python").join(name);
    let (python, marker) = (folder.join("bin/python"), folder.join("snug-mark"));
    if fs::read_to_string(&marker).is_ok_and(|made| made == mark) && python.exists() {
        return Ok(python);
    }
    terminal::step(&format!("Getting Python packages for {name}"), || {
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
        }
        if make(&folder).is_err() {
            machine::install(&["python3", "python3-venv"], ADVICE)?;
            make(&folder).context(ADVICE)?;
        }
        let pip = [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ];
        terminal::run(Command::new(&python).args(pip).arg("-r").arg(requirements))?;
        fs::write(&marker, &mark).with_context(|| marker.display().to_string())
    })?;
    Ok(python)
}

fn make(folder: &Path) -> anyhow::Result<()> {
    terminal::run(
        Command::new("python3")
            .args(["-m", "venv"])
            .arg(folder)
            .stdout(Stdio::null()),
    )
}
