//! `.env.example` lists every variable that the servers read, and none that nobody reads.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::BTreeSet, fs, path::Path};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The names in `env = "NAME"` of clap's attributes below a folder.
fn declared(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            declared(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let after = text.split("env = \"").skip(1);
            let found = after.map(|rest| rest.split('"').next().unwrap().to_owned());
            names.extend(found.filter(|name| is_variable(name)));
        }
    }
}

fn is_variable(name: &str) -> bool {
    name.bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

#[test]
fn every_variable_is_listed() {
    let mut read = BTreeSet::new();
    for name in ["service", "gateway", "chat", "mfa"] {
        declared(&root().join("crates").join(name).join("src"), &mut read);
    }
    let text = fs::read_to_string(root().join(".env.example")).unwrap();
    let listed: BTreeSet<String> = text
        .lines()
        .filter_map(|line| line.trim_start_matches('#').split_once('='))
        .map(|(name, _)| name.to_owned())
        .filter(|name| {
            name.bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
        })
        .collect();
    let missing: Vec<_> = read.difference(&listed).collect();
    assert!(missing.is_empty(), "missing in .env.example: {missing:?}");

    // Those of the tasks and of the compose files.
    let read_compose = |path| fs::read_to_string(root().join(path)).unwrap();
    let compose = read_compose("docker-compose.yml") + &read_compose("crates/mfa/compose.yml");
    let unread: Vec<_> = listed
        .difference(&read)
        .filter(|name| !name.starts_with("SNUG_") && !compose.contains(&format!("${{{name}")))
        .collect();
    assert!(
        unread.is_empty(),
        "in .env.example, but nobody reads them: {unread:?}"
    );
}
