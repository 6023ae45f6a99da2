//! The build manifest: SHA-256 of every file of the frontend's build, so that two builds, or a build
//! and what a server gives, can be compared.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail, ensure};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{frontend, terminal::say, wasm, workspace};

/// The file's name, in the folder of the build. The gateway serves it as it serves the others.
pub const NAME: &str = "build-manifest.json";

const VERSION: u8 = 1;

/// What is written: the same for the same files, whoever built them and when.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Manifest {
    /// Of this format: 1.
    version: u8,
    /// SHA-256 in hexadecimal by the file's path below the folder, sorted by its bytes. The manifest
    /// itself is not in it.
    files: BTreeMap<String, String>,
}

/// `cargo xtask build-manifest`: builds the frontend and writes its manifest, or only writes that
/// of the build in `of`; says in what it differs from the manifest in `compare`.
///
/// # Errors
/// When the build fails, or differs from what it is compared with.
pub fn run(of: Option<&Path>, compare: Option<&Path>) -> anyhow::Result<()> {
    let folder = match of {
        Some(folder) => folder.to_owned(),
        None => build()?,
    };
    let manifest = write(&folder)?;
    let path = folder.join(NAME);
    let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
    say(&format!("{}  {}", hash(&bytes), path.display()));
    let Some(compare) = compare else {
        return Ok(());
    };
    let other = read(compare)?;
    let differences = differences(&manifest, &other);
    for line in &differences {
        say(&format!("  {line}"));
    }
    ensure!(
        differences.is_empty(),
        "{} names another build: {} of {} files differ",
        compare.display(),
        differences.len(),
        manifest.files.len()
    );
    say(&format!(
        "the same {} files as in {}",
        manifest.files.len(),
        compare.display()
    ));
    Ok(())
}

fn build() -> anyhow::Result<PathBuf> {
    frontend::packages()?;
    wasm::build()?;
    frontend::build()
}

/// Writes the manifest of a build into its folder.
///
/// # Errors
/// When the folder holds no build, or a file cannot be read or written.
pub fn refresh(folder: &Path) -> anyhow::Result<()> {
    write(folder).map(drop)
}

/// Whether two folders hold the same build.
///
/// # Errors
/// Naming the files that differ.
pub fn expect_same(one: &Path, other: &Path) -> anyhow::Result<()> {
    let differences = differences(&take(one)?, &take(other)?);
    if !differences.is_empty() {
        bail!("the two builds differ:\n{}", differences.join("\n"));
    }
    Ok(())
}

fn write(folder: &Path) -> anyhow::Result<Manifest> {
    let manifest = take(folder)?;
    let mut text = serde_json::to_string_pretty(&manifest)?;
    text.push('\n');
    let path = folder.join(NAME);
    fs::write(&path, text).with_context(|| path.display().to_string())?;
    Ok(manifest)
}

fn read(path: &Path) -> anyhow::Result<Manifest> {
    let named = || path.display().to_string();
    let bytes = fs::read(path).with_context(named)?;
    let manifest: Manifest = serde_json::from_slice(&bytes).with_context(named)?;
    ensure!(
        manifest.version == VERSION,
        "{} is a manifest of version {}, this is version {VERSION}",
        path.display(),
        manifest.version
    );
    Ok(manifest)
}

/// The manifest of the files in a folder.
fn take(folder: &Path) -> anyhow::Result<Manifest> {
    ensure!(
        folder.join("index.html").is_file(),
        "{} holds no build of the frontend",
        folder.display()
    );
    let mut paths = Vec::new();
    workspace::collect(folder, &mut paths)?;
    let mut files = BTreeMap::new();
    for path in paths {
        let name = path
            .strip_prefix(folder)?
            .to_str()
            .with_context(|| format!("{} is no UTF-8", path.display()))?;
        if name != NAME {
            let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
            files.insert(name.to_owned(), hash(&bytes));
        }
    }
    Ok(Manifest {
        version: VERSION,
        files,
    })
}

/// A line for each file that is not the same in both.
fn differences(ours: &Manifest, theirs: &Manifest) -> Vec<String> {
    let mut lines: Vec<String> = ours
        .files
        .iter()
        .filter_map(|(name, hash)| match theirs.files.get(name) {
            None => Some(format!("{name}: only in ours")),
            Some(other) if other != hash => Some(format!("{name}: {hash} here, {other} there")),
            Some(_) => None,
        })
        .collect();
    let only_there = theirs
        .files
        .keys()
        .filter(|name| !ours.files.contains_key(*name));
    lines.extend(only_there.map(|name| format!("{name}: only in theirs")));
    lines
}

fn hash(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SHA-256 of nothing (FIPS 180-4).
    const NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("assets")).unwrap();
        for (name, content) in files {
            fs::write(folder.path().join(name), content).unwrap();
        }
        folder
    }

    #[test]
    fn the_same_files_give_the_same_bytes() {
        let one = folder(&[
            ("index.html", ""),
            ("assets/b.js", "b"),
            ("assets/B.js", ""),
        ]);
        let two = folder(&[
            ("assets/B.js", ""),
            ("assets/b.js", "b"),
            ("index.html", ""),
        ]);
        for folder in [&one, &two] {
            refresh(folder.path()).unwrap();
            // What was written does not count itself.
            refresh(folder.path()).unwrap();
        }
        let [first, second] =
            [&one, &two].map(|folder| fs::read_to_string(folder.path().join(NAME)).unwrap());
        assert_eq!(first, second);
        let b = hash(b"b");
        assert_eq!(
            first,
            format!(
                "{{\n  \"version\": 1,\n  \"files\": {{\n    \"assets/B.js\": \"{NOTHING}\",\n    \
                 \"assets/b.js\": \"{b}\",\n    \"index.html\": \"{NOTHING}\"\n  }}\n}}\n"
            )
        );
        assert_eq!(
            read(&one.path().join(NAME)).unwrap(),
            take(two.path()).unwrap()
        );
    }

    #[test]
    fn every_difference_is_named() {
        let ours = folder(&[("index.html", "a"), ("assets/a.js", ""), ("theme.js", "")]);
        let theirs = folder(&[("index.html", "b"), ("theme.js", ""), ("assets/z.js", "")]);
        let lines = differences(&take(ours.path()).unwrap(), &take(theirs.path()).unwrap());
        let (a, b) = (hash(b"a"), hash(b"b"));
        assert_eq!(
            lines,
            [
                "assets/a.js: only in ours".to_owned(),
                format!("index.html: {a} here, {b} there"),
                "assets/z.js: only in theirs".to_owned(),
            ]
        );
        assert!(expect_same(ours.path(), ours.path()).is_ok());
        assert!(expect_same(ours.path(), theirs.path()).is_err());
    }

    #[test]
    fn a_server_that_gives_another_build_fails_the_comparison() {
        let ours = folder(&[("index.html", "a")]);
        let theirs = folder(&[("index.html", "b")]);
        let of = Some(ours.path());
        refresh(theirs.path()).unwrap();
        assert!(run(of, Some(&theirs.path().join(NAME))).is_err());
        fs::write(theirs.path().join("index.html"), "a").unwrap();
        refresh(theirs.path()).unwrap();
        run(of, Some(&theirs.path().join(NAME))).unwrap();
        fs::write(theirs.path().join(NAME), "{\"version\": 2, \"files\": {}}").unwrap();
        assert!(run(of, Some(&theirs.path().join(NAME))).is_err());
    }

    #[test]
    fn a_folder_without_a_page_is_no_build() {
        assert!(refresh(folder(&[("theme.js", "")]).path()).is_err());
    }
}
