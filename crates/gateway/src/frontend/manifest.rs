//! The build's manifest, which others compare with what they get: it has to fit what is served.

use std::{collections::HashMap, fmt::Write as _};

use anyhow::{Context, ensure};
use serde::Deserialize;

use super::asset::Asset;

/// Served like any other file; written by `cargo xtask build-manifest`.
const NAME: &str = "build-manifest.json";

#[derive(Deserialize)]
struct Manifest {
    /// SHA-256 in hexadecimal by path.
    files: HashMap<String, String>,
}

/// Refuses files that their manifest does not name, or names with another hash: one of an older
/// build would tell everybody who looks that this server gives something else than it says.
///
/// # Errors
/// Naming the first file that does not fit. Without a manifest there is nothing to fit.
pub(super) fn check(files: &HashMap<String, Asset>) -> anyhow::Result<()> {
    let Some(manifest) = files.get(NAME) else {
        return Ok(());
    };
    let manifest: Manifest = serde_json::from_slice(manifest.plain()).context(NAME)?;
    let wrong = |name: &str| {
        format!("{NAME} does not fit {name}: write it anew by `cargo xtask build-manifest`")
    };
    for (name, asset) in files {
        let fits = name == NAME || manifest.files.get(name) == Some(&hexadecimal(asset.sha256()));
        ensure!(fits, wrong(name));
    }
    for name in manifest.files.keys() {
        ensure!(files.contains_key(name), wrong(name));
    }
    Ok(())
}

fn hexadecimal(sha256: &[u8; 32]) -> String {
    let mut text = String::with_capacity(64);
    for byte in sha256 {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::Frontend;

    /// SHA-256 of nothing (FIPS 180-4).
    const NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// What is wrong with a build of two empty files that has this manifest.
    fn fault(manifest: &str) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("assets")).unwrap();
        for name in ["index.html", "assets/a.js"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        fs::write(folder.path().join(super::NAME), manifest).unwrap();
        let loaded = Frontend::load(folder.path());
        loaded.err().map(|error| format!("{error:#}"))
    }

    #[test]
    fn a_manifest_names_what_is_there_and_nothing_else() {
        let named = |files: &[(&str, &str)]| {
            let files: serde_json::Map<String, serde_json::Value> = files
                .iter()
                .map(|(name, hash)| ((*name).to_owned(), (*hash).into()))
                .collect();
            fault(&serde_json::json!({"version": 1, "files": files}).to_string())
        };
        let (page, script) = (("index.html", NOTHING), ("assets/a.js", NOTHING));
        assert_eq!(named(&[page, script]), None);
        let missing = named(&[page]).unwrap();
        assert!(missing.contains("does not fit assets/a.js"), "{missing}");
        let wrong = NOTHING.replace('e', "f");
        let other = named(&[page, ("assets/a.js", wrong.as_str())]).unwrap();
        assert!(other.contains("does not fit assets/a.js"), "{other}");
        let more = named(&[page, script, ("assets/gone.js", NOTHING)]).unwrap();
        assert!(more.contains("does not fit assets/gone.js"), "{more}");
        assert!(fault("no JSON").unwrap().contains("build-manifest.json"));
    }
}
