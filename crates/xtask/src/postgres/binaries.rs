//! Where PostgreSQL's programs are, on PATH or in the usual places; installed when we may.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, bail};

use crate::{machine, terminal::output};

const ADVICE: &str = "PostgreSQL is missing: install it with `sudo apt install postgresql` \
                      (Debian, Ubuntu) or `brew install postgresql@17` (macOS)";
/// Below this some of our SQL does not work.
const OLDEST: u32 = 15;

/// The folder with `initdb` and `postgres`: of `version` when the data has one, else the newest.
///
/// # Errors
/// With how to install it.
pub(super) fn find(version: Option<u32>) -> anyhow::Result<PathBuf> {
    if let Some(folder) = newest(version) {
        return Ok(folder);
    }
    if let Some(version) = version
        && newest(None).is_some()
    {
        bail!(
            "the data was made by PostgreSQL {version}, which is not here any more: install it, or \
             move the data away"
        );
    }
    machine::install(&["postgresql"], ADVICE)?;
    newest(version).context(ADVICE)
}

fn newest(version: Option<u32>) -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = candidates()
        .into_iter()
        .filter(|folder| folder.join("initdb").exists())
        .filter_map(|folder| Some((major(&folder)?, folder)))
        .filter(|(major, _)| *major >= OLDEST && version.is_none_or(|wanted| wanted == *major))
        .collect();
    found.sort();
    found.pop().map(|(_, folder)| folder)
}

fn candidates() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = Vec::new();
    // Debian's /usr/bin has none of them; elsewhere PATH does.
    folders.extend(
        machine::find("initdb")
            .as_deref()
            .and_then(Path::parent)
            .map(Path::to_owned),
    );
    for (parent, inner) in [
        ("/usr/lib/postgresql", "bin"),
        ("/opt/homebrew/opt", "bin"),
        ("/usr/local/opt", "bin"),
    ] {
        let Ok(entries) = fs::read_dir(parent) else {
            continue;
        };
        folders.extend(entries.flatten().map(|entry| entry.path().join(inner)));
    }
    for folder in [
        "/opt/homebrew/bin",
        "/usr/local/bin",
        "/usr/local/pgsql/bin",
        "/usr/pgsql/bin",
    ] {
        folders.push(folder.into());
    }
    folders
}

/// `postgres (PostgreSQL) 15.7 (Debian …)` → 15.
fn major(folder: &Path) -> Option<u32> {
    let text = output(Command::new(folder.join("postgres")).arg("--version")).ok()?;
    parse(&text)
}

fn parse(text: &str) -> Option<u32> {
    let version = text.split_once(") ")?.1;
    version
        .split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_any_build() {
        assert_eq!(
            parse("postgres (PostgreSQL) 15.7 (Debian 15.7-0+deb12u1)\n"),
            Some(15)
        );
        assert_eq!(parse("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(parse("nonsense"), None);
    }
}
